/* SPDX-License-Identifier: Apache-2.0 */
/* The judges as the front sees them: sockets that come from the keeper, lent to one message at a time.
 *
 * Two classes, so that a stranger's mail never meets a judge that has seen a colleague's: JUDGE_INSIDE for sessions
 * that are authenticated or from inside, JUDGE_OUTSIDE for all others. Safe for threads. */
#pragma once
#include "front/memfile.h"
#include "wire/output.h"
#include "wire/wire.h"

typedef enum { JUDGE_INSIDE, JUDGE_OUTSIDE, JUDGE_CLASSES } JudgeClass;

typedef struct JudgePool JudgePool;

/* `keeper` is the control socket, over which dead or hung judges are reported; borrowed. `wait_ms`: how long a message
 * waits for a judge to be free. */
JudgePool *pool_new(int keeper, int64_t wait_ms);
void pool_free(JudgePool *pool);

/* A judge from the keeper: takes socket and answer file over. Judges of an older generation are let go when idle. */
void pool_add(JudgePool *pool, JudgeClass class, unsigned generation, unsigned slot, int socket, int answer_file);

typedef enum {
    JUDGED,
    JUDGED_BY_ENVELOPE,
    UNJUDGED,   /* no judge survived the message */
    JUDGE_NONE, /* no judge was to be had: nothing is wrong with the message, it may come again */
} JudgeOutcome;

/* Is the answer (taken over) of that generation's policy fit to be applied? False: the judge is
 * replaced and the try counts as a crash. */
typedef bool (*JudgeCheck)(void *state, unsigned generation, JsonDocument *answer);

typedef struct {
    JudgeClass class;
    WireRequest *request; /* the file and headers_only are set by the pool */
    MemFile *file;
    int64_t judge_ms; /* for one try, by the clock on the wall */
    JudgeCheck check; /* may set the length of `output`, which is then had from the judge */
    WireOutput *output;
    void *state;
} JudgeTask;

/* Blocks. A fresh judge is tried once more after a crash or hang, then one gets envelope and headers only, then
 * UNJUDGED. *spoiled tells whether the file must not be reused. */
JudgeOutcome pool_judge(JudgePool *pool, JudgeTask *task, bool *spoiled);

/* How many judges were given up so far. */
unsigned long pool_replaced(JudgePool *pool);
