/* SPDX-License-Identifier: Apache-2.0 */
/* Wall time comes from calendar_say(), whose text ends with it: zones live in calendar/ alone. */
#include "escalated/quiet.h"

#include <stdio.h>
#include <string.h>

#define DAY 1440 /* minutes */

/* Minutes since local midnight; -1: unknown. */
static int minute_of_day(const Calendar *calendar, Instant t) {
    g_autofree char *said = calendar_say(calendar, t);
    int hour, minute;
    size_t length = strlen(said);
    if (length < 5 || sscanf(said + length - 5, "%2d:%2d", &hour, &minute) != 2)
        return -1;
    return hour * 60 + minute;
}

/* "20:00-07:00"; what cannot be read is no quiet time. */
static bool parse(const char *text, int *from, int *to) {
    int from_hour, from_minute, to_hour, to_minute;
    if (sscanf(text, "%2d:%2d-%2d:%2d", &from_hour, &from_minute, &to_hour, &to_minute) != 4)
        return false;
    *from = from_hour * 60 + from_minute;
    *to = to_hour * 60 + to_minute;
    return *from >= 0 && *from <= DAY && *to >= 0 && *to <= DAY && *from != *to;
}

/* [from, to), over midnight when to < from. */
static bool is_within(int minute, int from, int to) {
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* The whole minute at which the wall clock shows `to`. A change of summer time on the way is made good once. */
static Instant end_of(const Calendar *calendar, Instant t, int minute, int to) {
    int64_t start = instant_seconds(t) - instant_seconds(t) % 60;
    int ahead = (to % DAY - minute + DAY) % DAY;
    Instant end = instant_from_seconds(start + (int64_t)ahead * 60);
    int shown = minute_of_day(calendar, end);
    int off = shown < 0 ? 0 : (to % DAY - shown + DAY + DAY / 2) % DAY - DAY / 2;
    return instant_add(end, duration_seconds((int64_t)off * 60));
}

bool quiet_at(const Policy *policy, const Staff *person, Instant t, Instant *end) {
    const GPtrArray *hours = policy_settings(policy)->escalation_quiet_hours;
    const Calendar *calendar = policy_calendar(policy, person->calendar[0] != '\0' ? person->calendar : NULL);
    if (!calendar)
        calendar = policy_calendar(policy, NULL);
    if (!hours || hours->len == 0 || !calendar)
        return false;
    int minute = minute_of_day(calendar, t);
    for (guint i = 0; minute >= 0 && i < hours->len; i++) {
        int from, to;
        if (!parse(hours->pdata[i], &from, &to) || !is_within(minute, from, to))
            continue;
        *end = end_of(calendar, t, minute, to);
        return instant_compare(*end, t) > 0;
    }
    return false;
}
