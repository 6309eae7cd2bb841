/* SPDX-License-Identifier: Apache-2.0 */
/* What a Calendar is made of, and how it becomes intervals; for the files of this folder alone. */
#pragma once
#include "calendar/calendar.h"
#include "calendar/hours.h"
#include "calendar/timetable.h"
#include "calendar/zone.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (DAY_SECONDS * SECOND_US)
#define IDLE_DAYS 400 /* without any hours: a mistake, not a long holiday */
#define LAST_US (INT64_C(253370764800) * SECOND_US) /* 9999-01-01 */

typedef struct {
    const char *why; /* NULL: as every week */
    const GArray *hours; /* Hours of the shifts that start on the date */
    CalendarDayKind kind;
} DayHours;

struct Calendar {
    char *name;
    GTimeZone *zone;
    GArray *weekday[7];             /* Hours, breaks already taken out */
    GHashTable *exceptions;         /* LocalDate → GArray of Hours */
    GHashTable *holidays;           /* LocalDate → char *, the day's name */
    const Calendar *firm, *client;  /* borrowed, of hours that are common to two; else NULL, and the hours are those above */
    Timetable **chunks;             /* each NULL until somebody asks */
};

/* What is between calendar_begin() and a Calendar that may be used. */
Calendar *calendar_begin(const char *name);

DayHours day_hours(const Calendar *cal, LocalDate day);

/* The timetable that holds `us` (0 to LAST_US). Those of two centuries are kept once they were asked for, by whichever
 * thread; any other is left in *own for the caller to free. */
const Timetable *chunk_at(const Calendar *cal, int64_t us, Timetable **own);

/* The intervals of shifts that start on this date, uncut and unmerged. */
void expand_day(const Calendar *cal, ZoneCursor *cursor, LocalDate day, GArray *open);
