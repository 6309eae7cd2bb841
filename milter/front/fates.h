/* SPDX-License-Identifier: Apache-2.0 */
/* What became of the messages that went out: kept for each until the MTA is done with it.
 *
 * A message is known from the decision in the journal; what the MTA's log says is told line by line and gathered into
 * reports. Under which queue ids the MTA has it is followed: copies, aliases that forward, content filters on this
 * host, postsuper -r. Lines that come before their message is known wait for it, the newest few thousand. Pure but for
 * memory, which is bounded; not for threads. */
#pragma once
#include "front/fatemessage.h"
#include "front/mtaline.h"
#include <stdbool.h>

typedef struct Fates Fates;

Fates *fates_new(void);
void fates_free(Fates *fates);

/* A message that the gateway let pass or held. Taken over; the oldest goes where there are too many. */
void fates_add(Fates *fates, FateMessage *message);

/* It goes on as copies: this one is for the recipients at `places` (unsigned). */
void fates_add_copy(Fates *fates, FateMessage *message, const char *queue_id, const GArray *places);

FateMessage *fates_find(Fates *fates, const char *track); /* NULL: not there */
void fates_drop(Fates *fates, const char *track);
unsigned fates_count(const Fates *fates);

/* One line of the log; its `tls` is set. */
void fates_line(Fates *fates, MtaLine *line);

/* Gives each report that is to be made, and forgets those of whom nothing is left to say. False from `report`: it could
 * not be journalled and is to be made again. */
typedef struct {
    Instant now;
    Duration unqueued_after, deferred_after;
    uint64_t lines; /* of the log that were read; */
    bool at_end;    /* and there is no more now */
    bool (*report)(const FateMessage *message, FateReport what, void *state);
    void *state;
} FateRound;
void fates_report(Fates *fates, const FateRound *round);

/* Tracks of messages that the MTA has not shown yet (char *, borrowed); caller owns the array. */
GPtrArray *fates_unseen(const Fates *fates);
