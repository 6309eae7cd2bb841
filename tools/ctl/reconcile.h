/* SPDX-License-Identifier: Apache-2.0 */
/* Journals against Redis: which deadlines are in one and not in the other, or stand otherwise there. */
#pragma once
#include "ctl/ledger.h"
#include "store/inventory.h"

typedef enum {
    DIFFERS_MISSING,     /* the journals have it, and it waits; Redis lacks it */
    DIFFERS_END_MISSING, /* the same of one that is over and must still be kept */
    DIFFERS_UNKNOWN,     /* Redis has it; no journal that was read knows it */
    DIFFERS_STATE,       /* it stands otherwise */
    DIFFERS_FATE,        /* the mail server's log says something else of its answer */
    DIFFERS_UNLISTED,    /* it waits, and the queue does not show it */
    DIFFERS_BROKEN,      /* its record cannot be read */
    DIFFERENCE_KINDS
} DifferenceKind;

typedef struct {
    DifferenceKind kind;
    char *id, *client, *matter; /* client and matter may be "" */
    char *what;                 /* a sentence, without its end */
} Difference;

const char *difference_name(DifferenceKind kind); /* "missing", … */
const char *difference_remedy(DifferenceKind kind);

/* How the deadlines that began in the period stand, by Redis. */
typedef struct {
    uint64_t waiting, late, provisional, answered,
        closed;    /* late ones are among those that wait; a snoozed one waits */
    uint64_t gone; /* questions that are over by the journals, and no longer kept */
} Standing;

typedef struct Reconciliation Reconciliation;

/* `ledger` is borrowed, and holds what the journals had when this begins. */
Reconciliation *reconciliation_new(Ledger *ledger, Instant now, Duration retention);
void reconciliation_free(Reconciliation *reconciliation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reconciliation, reconciliation_free)

/* Looks through Redis. What was journalled until this ends is to be given to the ledger then, as late. */
bool reconciliation_look(Reconciliation *reconciliation, Store *store, GError **error);

/* Then: the differences (Difference; the reconciliation's), in the order of their ids; *more: how many there are
 * besides. Mails beyond the cap are counted as such from here on. */
const GPtrArray *reconciliation_end(Reconciliation *reconciliation, Store *store, uint64_t *more, GError **error);
const Standing *reconciliation_standing(const Reconciliation *reconciliation);
