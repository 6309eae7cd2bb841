/* SPDX-License-Identifier: Apache-2.0 */
/* Carries one writer's journal into Redis and into the local hints, in order, each entry once, for ever.
 *
 * Runs in a thread of its own. Hints do not wait for Redis. When Redis is away it tries again with back-off; when the
 * mark does not fit (wiped, rolled back) it reads the mark and resumes there. Nothing of it can delay an append. */
#pragma once
#include "base/keyring.h"
#include "facts/hintindex.h"
#include "journal/writer.h"
#include "store/store.h"

typedef struct Shipper Shipper;

typedef struct {
    const char *folder;    /* the journal's */
    JournalWriter *writer; /* borrowed: wakes the shipper, says what is synced */
    Store *store;          /* given to the shipper */
    HintIndex *hints;      /* borrowed, may be NULL */
    Keyring *keyring;      /* borrowed; NULL: nothing is taught to peers */
    TimeSource clock;
    Duration checkpoint_every; /* 0: no checkpoints are made (journal/checkpoint.h) */
} ShipperSettings;

Shipper *shipper_start(const ShipperSettings *settings, GError **error);

/* Ends its threads, once, and frees nothing: for a process that ends while others may still ask for its state. */
void shipper_halt(Shipper *shipper);
void shipper_stop(Shipper *shipper); /* ends its threads, frees the store; nobody may use it any more */

/* From now on each batch takes along what it teaches, for the hints of peers (ship/peers.h), or no longer. Any thread.
 */
void shipper_teach(Shipper *shipper, bool teach);

typedef struct {
    uint64_t synced, in_hints, in_store;
    bool store_up;
    uint64_t reconnects, refused_marks;
    uint64_t read;            /* entries that were read and carried to Redis */
    Instant checkpoint_made;  /* INSTANT_NEVER: there is none */
    uint64_t checkpoint_matters; /* entries by it */
} ShipperState;

void shipper_state(Shipper *shipper, ShipperState *state); /* any thread */

/* Waits until everything synced so far is in the store; false: time-out. */
bool shipper_wait(Shipper *shipper, int timeout_ms);
