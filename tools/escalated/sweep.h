/* SPDX-License-Identifier: Apache-2.0 */
/* Looks again and again, a little at a time, for what should have fired and did not: a deadline that no reminder is
 * planned for, a place in Redis that does not fit the record, a job that nobody claims. What follows from the record is
 * journalled and mended; what is gone is named, since only `lexgate rebuild` brings it back. */
#pragma once
#include "escalated/daemon.h"
#include "store/audit.h"

#define SWEEP_LASTS_S 3600 /* once through everything */

typedef struct {
    Instant began;            /* of this pass */
    Instant up_since;         /* Redis has answered since then */
    Instant claims_looked_at; /* the last look for jobs that nobody claims */
    bool unclaimed;           /* that look found some */
    uint64_t expected;        /* places to look at in this pass, as far as can be known */
    GPtrArray *sets;          /* of this pass, NULL: none has begun */
    GHashTable *known;        /* those among them that were found on the way */
    guint at;                 /* in `sets` */
    char *cursor;
    GPtrArray *faults; /* StoreFault: to be mended */
    StoreSweep result; /* of this pass so far */
} Sweep;

void sweep_clear(Sweep *sweep);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sweep, sweep_clear)

/* To be called after each round of steps; does what is due by now, some milliseconds of it. `store_up`: how the round
 * went. Gives how many faults were mended. */
unsigned sweep_some(Sweep *sweep, Daemon *daemon, Store *store, bool store_up);
