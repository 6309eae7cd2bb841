/* SPDX-License-Identifier: Apache-2.0 */
/* mta-log.json in paths.state: where the reader of the MTA's log is, for its next start and for `lexgate doctor`. */
#pragma once
#include "front/mtalog.h"

typedef struct {
    char *source; /* the setting mta.log */
    bool has_place;
    MtaPlace place;    /* in a file */
    char *cursor;      /* in systemd's journal; NULL */
    uint64_t seq;      /* the gateway's journal was read up to here */
    GPtrArray *unseen; /* char *: tracks of messages that the MTA has not shown */
    Instant at;        /* of the last line; {0}: none */
    char *trouble;     /* NULL: none */
} FatePlace;

void fateplace_clear(FatePlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FatePlace, fateplace_clear)

bool fateplace_write(const char *path, const FatePlace *place, GError **error);

/* False: there is none, or it makes no sense. */
bool fateplace_read(const char *path, FatePlace *place);
