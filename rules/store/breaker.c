/* SPDX-License-Identifier: Apache-2.0 */
/* A refused connection costs nothing and is tried ten times a second; a time-out of a second is tried every five. */
#include "store/breaker.h"
#include <glib.h>
#include <stdatomic.h>

#define FAILURES_MAX 3
#define REST_FACTOR 5
#define REST_LEAST_MS 100
#define REST_MOST_MS 5000

/* Of all breakers of this process, for its metrics. */
static atomic_uint resting;
static atomic_uint_fast64_t not_tried;

BreakerTotals breaker_totals(void) {
    return (BreakerTotals){atomic_load(&resting), atomic_load(&not_tried)};
}

void breaker_clear(Breaker *breaker) {
    breaker_succeeded(breaker);
    g_free(breaker->why);
    *breaker = (Breaker){0};
}

bool breaker_lets(Breaker *breaker, Instant now) {
    bool lets = breaker->failures < FAILURES_MAX || instant_compare(now, breaker->until) >= 0;
    breaker->not_tried += !lets;
    atomic_fetch_add(&not_tried, !lets);
    return lets;
}

void breaker_succeeded(Breaker *breaker) {
    atomic_fetch_sub(&resting, breaker->failures >= FAILURES_MAX);
    breaker->failures = 0;
}

void breaker_failed(Breaker *breaker, Instant now, Duration took, const char *why) {
    int64_t rest = CLAMP(took.us / 1000 * REST_FACTOR, REST_LEAST_MS, REST_MOST_MS);
    breaker->failures++;
    atomic_fetch_add(&resting, breaker->failures == FAILURES_MAX);
    breaker->until = instant_add(now, duration_ms(rest));
    g_free(breaker->why);
    breaker->why = g_strdup(why);
}
