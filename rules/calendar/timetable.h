/* SPDX-License-Identifier: Apache-2.0 */
/* Working time as half-open intervals, with the working time before each beside it: what is due is found by binary
 * search. Used by calendar/ alone. Microseconds since 1970. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t start, end; /* half-open */
    int64_t before;     /* working time in earlier intervals of this timetable */
} Open;

/* All working time in [from, to), nothing else. */
typedef struct {
    int64_t from, to;
    GArray *open; /* Open, by time, apart from each other */
} Timetable;

Timetable *timetable_new(int64_t from, int64_t to);
void timetable_free(Timetable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Timetable, timetable_free)

/* After intervals were appended in any order: merges what touches, cuts at the ends, and counts. */
void timetable_settle(Timetable *table);

/* What is in both; they have the same ends. Caller owns. */
Timetable *timetable_common(const Timetable *a, const Timetable *b);

/* Working time before `us`. */
int64_t timetable_before(const Timetable *table, int64_t us);

/* The first interval that ends after `us`; NULL when none does. */
const Open *timetable_open_after(const Timetable *table, int64_t us);

/* The first moment at which `budget` has passed since `from`: at closing time exactly, it is that; without a budget the
 * next moment that is open, which closing time is not. False when it is not in here. */
bool timetable_due(const Timetable *table, int64_t from, int64_t budget, int64_t *due);
