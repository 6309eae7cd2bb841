/* SPDX-License-Identifier: Apache-2.0 */
/* The checkpoints of one writer's journal: made now and then from what Redis says still matters, and gone by when Redis
 * has nothing of this writer any more. Belongs to the shipper's store thread. */
#pragma once
#include "journal/checkpoint.h"
#include "ship/batch.h"
#include "store/fill.h"

typedef struct Upkeep Upkeep;

typedef struct {
    const char *folder;    /* borrowed */
    JournalWriter *writer; /* borrowed */
    Store *store;          /* borrowed */
    TimeSource clock;
    Duration every; /* between two checkpoints; 0: none is made */
} UpkeepSettings;

Upkeep *upkeep_new(const UpkeepSettings *settings);
void upkeep_free(Upkeep *upkeep);

/* How to go on behind the mark. *only: NULL, or what the entries up to its end are chosen by, until it is placed again.
 * False with STORE_MARK: Redis was emptied, since all has to be read; read the mark again. */
bool upkeep_place(Upkeep *upkeep, uint64_t mark, const Checkpoint **only, GError **error);

/* Nothing that Redis said so far is believed: it was lost, or refused the mark. */
void upkeep_doubt(Upkeep *upkeep);

/* A piece of the work, some milliseconds; `at`: all up to here is in Redis, and its mark was just seen there. True:
 * there is more to do at once. */
bool upkeep_some(Upkeep *upkeep, uint64_t at);

typedef struct {
    Instant made; /* of the last checkpoint; INSTANT_NEVER: there is none */
    uint64_t through, matters;
} UpkeepState;
UpkeepState upkeep_state(const Upkeep *upkeep);
