/* SPDX-License-Identifier: Apache-2.0 */
/* Where the present comes from. Nobody but timesource.c asks the operating system for the time of day.
 *
 * A TimeSource is a plain value; copies are equal. The system source may be used from any thread. */
#pragma once
#include "base/instant.h"
#include <time.h>

typedef struct TimeSource {
    Instant (*now)(void *state);
    void *state; /* borrowed */
} TimeSource;

TimeSource timesource_system(void);

/* Always *at: a test moves *at to move the clock. `at` is borrowed and must outlive the source. */
TimeSource timesource_fixed(Instant *at);

Instant timesource_now(const TimeSource *source);

/* For measuring and time-outs only: never jumps, says nothing of the time of day. */
Instant monotonic_now(void);
int64_t monotonic_ms(void);
struct timespec monotonic_after(Duration wait); /* from now, for conditions that go by CLOCK_MONOTONIC */
