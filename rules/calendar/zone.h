/* SPDX-License-Identifier: Apache-2.0 */
/* Local dates and wall times, and the way from them to UTC and back. Used by calendar/ alone.
 *
 * A date is a count of days since 1970-01-01; a wall time is seconds since its midnight and may be 24 hours or more. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DAY_SECONDS INT64_C(86400)

typedef int32_t LocalDate;

/* Loads the zone whole: no file is opened later. NULL when `name` is no IANA zone. */
GTimeZone *zone_load(const char *name);

/* "2026-12-24". False on anything else. */
bool date_parse(const char *text, LocalDate *date);
bool date_from_parts(int year, int month, int day, LocalDate *date);
void date_to_parts(LocalDate date, int *year, int *month, int *day);
unsigned date_weekday(LocalDate date); /* 0: Monday */

/* Seconds since 1970. A wall time that a change of clocks skips moves later by what was skipped; one that comes twice is its
 * first. */
int64_t zone_to_utc(GTimeZone *zone, LocalDate date, int64_t wall);

/* The same for many dates in a row: where the clocks are steady, an offset serves all times of a date. Begin with {zone}. */
typedef struct {
    GTimeZone *zone;
    LocalDate date;
    int64_t offset[5]; /* at the UTC midnights from the day before to three days after */
    bool filled, steady;
} ZoneCursor;

void zone_cursor_move(ZoneCursor *cursor, LocalDate date);
int64_t zone_cursor_to_utc(const ZoneCursor *cursor, int64_t wall); /* wall up to 48 hours */

/* The date and the wall time (0 to 86399) at an instant in seconds since 1970. */
LocalDate zone_to_local(GTimeZone *zone, int64_t utc, int64_t *wall);
