/* SPDX-License-Identifier: Apache-2.0 */
/* The ladder of a service level: who is told when, before and after an answer is due.
 *
 * A rung stands at a percentage of the promise plus a span ("50%", "100%+4h", "100%+1d"). Rungs are immutable values. */
#pragma once
#include "calendar/span.h"

typedef struct {
    int percent; /* 0 to 1000, of the promise's working time */
    Span plus;
    GPtrArray *tell;  /* char *: owner, cover, supervisor, managers, handler, responsible, team, or an address */
    Span repeat;      /* zero: once */
    char *file;       /* where it is written, for people; NULL: nowhere */
    unsigned line;
} Rung;

typedef struct {
    Instant at;
    unsigned rung;    /* index into the ladder */
    GPtrArray *tell;  /* borrowed from the rung */
} LadderStep;

Rung *rung_new(void);
void rung_free(Rung *rung);

/* "50%", "100%+4h". False with a sentence otherwise. */
bool rung_parse_at(const char *text, Rung *rung, GError **error);

/* Due for the promise made at `start`. Same as span_add. */
bool ladder_due(const Calendar *cal, Instant start, Span promise, Instant *due);

/* Steps in order of time (LadderStep, freed with the array). 100% is due, and a percentage is one of the working time from `start`
 * to due; where there is none (a promise in wall time, or kept within closed hours) one of the wall time. A rung that the
 * calendar cannot reach is left out. */
GPtrArray *ladder_steps(const Calendar *cal, Instant start, Span promise, const GPtrArray *rungs);

/* When the last rung repeats: the step after one sent at `sent`. False when it does not, or `rung` is not the last. */
bool ladder_repeat(const Calendar *cal, const GPtrArray *rungs, unsigned rung, Instant sent, Instant *next);
