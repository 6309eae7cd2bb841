/* SPDX-License-Identifier: Apache-2.0 */
/* What all threads of the front share: made by front.c before the first connection, and never replaced. */
#pragma once
#include "base/keyring.h"
#include "base/metrics.h"
#include "facts/hintindex.h"
#include "front/memfile.h"
#include "front/pool.h"
#include "front/rulebook.h"
#include "front/unfinished.h"
#include "journal/writer.h"
#include "ship/peers.h"
#include <stdatomic.h>

typedef struct Fate Fate;

typedef struct {
    Rulebooks *rulebooks;
    JudgePool *judges;
    MemPool *files[JUDGE_CLASSES];
    Keyring *keyring;
    JournalWriter *journal;
    Unfinished *unfinished;
    HintIndex *hints; /* knows nothing while its file cannot be opened */
    Shipper *shipper; /* NULL: could not be started */
    Peers *peers;     /* NULL: could not be started */
    Fate *fate; /* NULL: could not be started */
    Metrics *metrics;
    int listener;             /* libmilter's socket */
    atomic_bool hints_behind; /* the index lacks entries that are in the journal */
    atomic_bool peers_behind; /* it lacks what another gateway has learnt */
    atomic_uint in_flight;    /* messages at their end: judged, journalled, answered */
    unsigned generation;      /* of the last policy that was loaded; control thread alone */
} Front;
