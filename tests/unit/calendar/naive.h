/* SPDX-License-Identifier: Apache-2.0 */
/* Business time a second time, for tests: a byte for each minute of some years, counted one after the other.
 *
 * Written from the rules of deadlines.md alone, with libc's time zones in place of GLib's. Slow, and hardly able to be
 * wrong in the same way. Times are whole minutes of the window, counted from its start, unless they are called seconds. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int start, end; /* minutes of a day; an end at or before the start is in the night after */
} NaiveHours;

typedef struct {
    NaiveHours hours[4];
    int count;
} NaiveDay;

typedef struct {
    const char *zone;
    NaiveDay week[7], breaks;
    GArray *exceptions; /* NaiveException */
    GArray *holidays;   /* NaiveHoliday */
} NaiveSpec;

typedef struct {
    int date; /* days since 1970 */
    NaiveDay day;
} NaiveException;

typedef struct {
    int date;
    bool yearly;
} NaiveHoliday;

/* A window of days from the UTC midnight of `first` on (days since 1970). */
typedef struct {
    int first, minutes;
    int first_local;  /* in minutes since 1970, of the first place in utc_of */
    GArray *utc_of;   /* int: a local minute's minute of the window */
    GArray *local_of; /* int64_t: the other way, minutes since 1970 */
    char *open;       /* by minute: 0 or 1 */
    char *worked_on;  /* by date since `first`: does a shift start there? */
} Naive;

Naive *naive_new(const NaiveSpec *spec, int first, int days);
Naive *naive_common(const Naive *firm, const Naive *client, const NaiveSpec *firm_spec);
void naive_free(Naive *naive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Naive, naive_free)

/* All in seconds since 1970; -1: not within the window. */
int64_t naive_due(const Naive *naive, int64_t from, int64_t budget);
int64_t naive_elapsed(const Naive *naive, int64_t from, int64_t to);
int64_t naive_add_days(const Naive *naive, int64_t from, int days);

void naive_date(int date, int *year, int *month, int *day);
