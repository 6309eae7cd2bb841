/* SPDX-License-Identifier: Apache-2.0 */
/* The judges as the front sees them: sockets that come from the keeper, lent to one message at a time.
 *
 * Two classes, so that a stranger's mail never meets a judge that has seen a colleague's: JUDGE_INSIDE for sessions that are
 * authenticated or from inside, JUDGE_OUTSIDE for all others. */
#pragma once
#include "front/memfile.h"
#include "wire/wire.h"

typedef enum { JUDGE_INSIDE, JUDGE_OUTSIDE, JUDGE_CLASSES } JudgeClass;

typedef struct JudgePool JudgePool;

/* `keeper` is the control socket, over which dead or hung judges are reported; borrowed. */
JudgePool *pool_new(int keeper);
void pool_free(JudgePool *pool);

/* A judge from the keeper: takes socket and answer file over. Judges of an older generation are let go when idle. */
void pool_add(JudgePool *pool, JudgeClass class, unsigned generation, unsigned slot, int socket, int answer_file);

typedef enum { JUDGED, JUDGED_BY_ENVELOPE, UNJUDGED } JudgeOutcome;

typedef struct {
    JudgeClass class;
    WireRequest *request;   /* headers_only is set by the pool when it comes to that */
    MemFile *file;
    int64_t judge_ms;       /* for one try, by the clock on the wall */
    unsigned *generation;   /* out: of the policy that judged */
} JudgeTask;

/* Blocks. A fresh judge is tried once more after a crash or hang, then one gets envelope and headers only, then UNJUDGED. The
 * answer is a new reference or NULL. *spoiled tells whether the file must not be reused. */
JudgeOutcome pool_judge(JudgePool *pool, JudgeTask *task, json_t **answer, bool *spoiled);
