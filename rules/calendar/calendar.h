/* SPDX-License-Identifier: Apache-2.0 */
/* Business time: when is a promise due, and how much working time lies between two instants?
 *
 * A Calendar never changes after loading and may be shared by threads; what a far instant needs is made once and kept. All instants are UTC; local time and DST
 * exist only while a calendar is expanded (RFC 5545 dates, IANA zones). */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>

typedef struct Calendar Calendar;

/* What a configuration says of one calendar, all borrowed during calendar_new(). */
typedef struct {
    const char *name;
    const char *timezone;          /* IANA, "Europe/London" */
    const GPtrArray *weekday[7];   /* Monday first; texts "09:00-13:00", "22:00-06:00", "00:00-24:00"; NULL: closed */
    const GPtrArray *exceptions;   /* CalendarException */
    const GPtrArray *holidays;     /* CalendarFile: iCalendar texts */
    const GPtrArray *breaks;       /* texts, taken out of every day's hours, exceptional ones too; NULL: none */
} CalendarSpec;

typedef struct {
    char *date;       /* "2026-12-24" */
    GPtrArray *hours; /* texts; empty: closed all day */
} CalendarException;

typedef struct {
    const char *path; /* for errors */
    const char *text;
    size_t length;
} CalendarFile;

/* Can holidays be read from it? Else false, with a sentence. One thread at a time (libical). */
bool calendar_check_file(const CalendarFile *file, GError **error);

/* NULL with a sentence for people: unknown zone, bad interval, bad date, unreadable iCalendar, or no working time within 400
 * days of `reference`. Repeating holidays are known to 50 years after `reference`. Opens the zone's file, nothing is opened
 * later. One thread at a time (libical). */
Calendar *calendar_new(const CalendarSpec *spec, Instant reference, GError **error);
void calendar_free(Calendar *cal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Calendar, calendar_free)

/* The hours that two calendars have in common: working time is when both are open. Zone and dates are those of `firm`; a working
 * day is one of `firm` whose shifts have something in common with `client`. Both stay borrowed and must live longer. NULL with a
 * sentence when nothing is common within 400 days of `reference`. */
Calendar *calendar_common(const Calendar *firm, const Calendar *client, Instant reference, GError **error);

const char *calendar_name(const Calendar *cal); /* of common hours: "london & newyork" */
const char *calendar_zone(const Calendar *cal); /* "Europe/London" */

/* The first instant at which `budget` of working time has passed since `from`; exactly at closing time the answer is
 * closing time. A zero (or negative) budget outside hours is the next opening. False when on the way more than 400 days in a row
 * have no working time, *due is then untouched. */
bool calendar_due(const Calendar *cal, Instant from, Duration budget, Instant *due);

/* Working time in [from, to); zero when to <= from. */
Duration calendar_elapsed(const Calendar *cal, Instant from, Instant to);

/* `from` itself inside working hours, else the next opening. False: none within 400 days. */
bool calendar_next_open(const Calendar *cal, Instant from, Instant *open);

/* The same wall time `days` working days later (a local time in a DST gap moves later by the gap). A working day is a date on
 * which a shift starts. `from` itself when days <= 0. False: none within 400 days. */
bool calendar_add_days(const Calendar *cal, Instant from, int days, Instant *result);

/* Local wall time of the calendar's zone for people: "Monday 23 November 2026, 14:00". Caller owns. */
char *calendar_say(const Calendar *cal, Instant t);

/* The date there in the calendar's zone, "2026-11-23"; writes CALENDAR_DAY bytes into `day` and returns it. */
#define CALENDAR_DAY 32
char *calendar_day(const Calendar *cal, Instant t, char day[CALENDAR_DAY]);

typedef enum { CALENDAR_WEEKDAY, CALENDAR_HOLIDAY, CALENDAR_EXCEPTION } CalendarDayKind;

typedef struct {
    Instant start, end; /* half-open */
} CalendarHours;

/* One date of a calendar, for people. */
typedef struct {
    char day[CALENDAR_DAY]; /* "2026-11-23" */
    const char *weekday;    /* "Monday" */
    CalendarDayKind kind;   /* of common hours: the firm's */
    const char *name;       /* of the holiday, also where an exception beats it; NULL: none. Borrowed */
    GArray *hours;          /* CalendarHours between its midnights, whichever date the shift began on; caller owns */
} CalendarDate;

/* The date of `t`, or one some days later. False outside the years 1970 to 9998. */
bool calendar_date(const Calendar *cal, Instant t, int later, CalendarDate *out);
