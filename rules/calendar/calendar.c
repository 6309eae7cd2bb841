/* SPDX-License-Identifier: Apache-2.0 */
/* Business time is found chunk by chunk, each by binary search: a promise costs the same today, in ten years, and in
 * hours that are common to two calendars. */
#include "calendar/calendar.h"
#include "calendar/expand.h"

static bool is_in_range(int64_t us) {
    return us >= 0 && us < LAST_US;
}

bool calendar_due(const Calendar *cal, Instant from, Duration budget, Instant *due) {
    int64_t left = MAX(budget.us, 0), idle_since = from.us, found;
    for (int64_t now = from.us; is_in_range(now);) {
        g_autoptr(Timetable) own = NULL;
        const Timetable *table = chunk_at(cal, now, &own);
        const Open *next = timetable_open_after(table, now);
        if ((next ? next->start : table->to) - idle_since > IDLE_DAYS * DAY_US)
            return false;
        if (timetable_due(table, now, left, &found)) {
            due->us = found;
            return true;
        }
        if (next)
            idle_since = g_array_index(table->open, Open, table->open->len - 1).end;
        left -= timetable_before(table, table->to) - timetable_before(table, now);
        now = table->to;
    }
    return false;
}

Duration calendar_elapsed(const Calendar *cal, Instant from, Instant to) {
    int64_t worked = 0;
    for (int64_t now = MAX(from.us, 0); now < to.us && is_in_range(now);) {
        g_autoptr(Timetable) own = NULL;
        const Timetable *table = chunk_at(cal, now, &own);
        int64_t until = MIN(to.us, table->to);
        worked += timetable_before(table, until) - timetable_before(table, now);
        now = until;
    }
    return (Duration){worked};
}

bool calendar_next_open(const Calendar *cal, Instant from, Instant *open) {
    return calendar_due(cal, from, (Duration){0}, open);
}

/* Does a shift start on this date, of which something is left in the hours that count? */
static bool is_working_day(const Calendar *cal, LocalDate day) {
    const Calendar *firm = cal->firm ? cal->firm : cal;
    ZoneCursor cursor = {.zone = firm->zone};
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(Open));
    expand_day(firm, &cursor, day, open);
    if (!cal->client)
        return open->len > 0;
    for (guint i = 0; i < open->len; i++) {
        const Open *shift = &g_array_index(open, Open, i);
        if (calendar_elapsed(cal->client, (Instant){shift->start}, (Instant){shift->end}).us > 0)
            return true;
    }
    return false;
}

bool calendar_add_days(const Calendar *cal, Instant from, int days, Instant *result) {
    int64_t wall, seconds = instant_seconds(from);
    if (!is_in_range(from.us))
        return false;
    LocalDate day = zone_to_local(cal->zone, seconds, &wall);
    if (days <= 0) {
        *result = from;
        return true;
    }
    for (int idle = 0; days > 0; idle++) {
        if (idle >= IDLE_DAYS || !is_in_range(++day * DAY_US))
            return false;
        if (is_working_day(cal, day)) {
            days--;
            idle = -1;
        }
    }
    *result = (Instant){zone_to_utc(cal->zone, day, wall) * SECOND_US + from.us - seconds * SECOND_US};
    return true;
}

const char *calendar_name(const Calendar *cal) {
    return cal->name;
}
