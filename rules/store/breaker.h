/* SPDX-License-Identifier: Apache-2.0 */
/* A circuit breaker: after some failures in a row nothing is tried for a while, so that what hangs costs its time-out
 * once in a while and not at each call. Then one call is the probe: success ends it, failure begins the while again. */
#pragma once
#include "base/instant.h"

typedef struct {
    unsigned failures; /* in a row */
    Instant until;     /* monotonic: nothing is tried before */
    char *why;         /* of the last failure */
    uint64_t not_tried;
} Breaker;

void breaker_clear(Breaker *breaker);

/* May a call be made now? Counts it when not. */
bool breaker_lets(Breaker *breaker, Instant now);

void breaker_succeeded(Breaker *breaker);
/* `took`: how long it took to fail; the longer, the longer nothing is tried. */
void breaker_failed(Breaker *breaker, Instant now, Duration took, const char *why);

/* Of all connections of this process, for its metrics and `lexgate doctor`; any thread. */
typedef struct {
    unsigned resting; /* at least three failures, and no success since */
    uint64_t not_tried;
} BreakerTotals;
BreakerTotals breaker_totals(void);

#define BREAKER_RESTING "lexgate_redis_connections_resting"
#define BREAKER_NOT_TRIED "lexgate_redis_calls_not_tried"
