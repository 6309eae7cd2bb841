/* SPDX-License-Identifier: Apache-2.0 */
/* The one file that asks for the time of day; a clock that cannot be read would make every promise wrong, so it ends
 * the process. */
#include "base/timesource.h"
#include <stdlib.h>
#include <time.h>

static Instant read_clock(clockid_t which) {
    struct timespec ts;
    if (clock_gettime(which, &ts) != 0)
        abort();
    return instant_add(instant_from_seconds(ts.tv_sec), (Duration){ts.tv_nsec / 1000});
}

static Instant system_now(void *state) {
    return read_clock(CLOCK_REALTIME);
}

static Instant fixed_now(void *state) {
    return *(const Instant *)state;
}

TimeSource timesource_system(void) {
    return (TimeSource){system_now, NULL};
}

TimeSource timesource_fixed(Instant *at) {
    return (TimeSource){fixed_now, at};
}

Instant timesource_now(const TimeSource *source) {
    return source->now(source->state);
}

Instant monotonic_now(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t monotonic_ms(void) {
    return monotonic_now().us / 1000;
}

struct timespec monotonic_after(Duration wait) {
    Instant until = instant_add(monotonic_now(), wait);
    return (struct timespec){.tv_sec = until.us / 1000000, .tv_nsec = until.us % 1000000 * 1000};
}
