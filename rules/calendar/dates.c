/* SPDX-License-Identifier: Apache-2.0 */
/* Instants and dates as people read them, in a calendar's own zone. */
#include "calendar/calendar.h"
#include "calendar/expand.h"

static const char *const weekdays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

char *calendar_say(const Calendar *cal, Instant t) {
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    int year, month, day;
    int64_t wall;
    if (t.us < 0 || t.us >= LAST_US)
        return g_strdup("never");
    LocalDate date = zone_to_local(cal->zone, instant_seconds(t), &wall);
    date_to_parts(date, &year, &month, &day);
    return g_strdup_printf("%s %d %s %d, %02d:%02d", weekdays[date_weekday(date)], day, months[month - 1], year,
                           (int)(wall / 3600), (int)(wall / 60 % 60));
}

static void write_day(LocalDate date, char day[CALENDAR_DAY]) {
    int year, month, of_month;
    date_to_parts(date, &year, &month, &of_month);
    g_snprintf(day, CALENDAR_DAY, "%04d-%02d-%02d", year, month, of_month);
}

char *calendar_day(const Calendar *cal, Instant t, char day[CALENDAR_DAY]) {
    int64_t wall;
    write_day(zone_to_local(cal->zone, instant_seconds(t), &wall), day);
    return day;
}

const char *calendar_zone(const Calendar *cal) {
    return g_time_zone_get_identifier(cal->zone);
}

/* What is open within the date, whichever date its shift began on. */
static GArray *opens_within(const Calendar *cal, LocalDate date) {
    GArray *hours = g_array_new(FALSE, FALSE, sizeof(CalendarHours));
    int64_t start = zone_to_utc(cal->zone, date, 0) * SECOND_US, end = zone_to_utc(cal->zone, date + 1, 0) * SECOND_US;
    for (int64_t now = MAX(start, 0); now < end;) {
        g_autoptr(Timetable) own = NULL;
        const Timetable *table = chunk_at(cal, now, &own);
        const Open *open;
        while (now < end && (open = timetable_open_after(table, now)) && open->start < end) {
            CalendarHours one = {{MAX(open->start, now)}, {MIN(open->end, end)}};
            CalendarHours *last = hours->len ? &g_array_index(hours, CalendarHours, hours->len - 1) : NULL;
            if (last && last->end.us == one.start.us) /* two chunks meet here */
                last->end = one.end;
            else
                g_array_append_val(hours, one);
            now = one.end.us;
        }
        now = MAX(now, table->to);
    }
    return hours;
}

bool calendar_date(const Calendar *cal, Instant t, int later, CalendarDate *out) {
    int64_t wall;
    if (t.us < 0 || t.us + later * DAY_US >= LAST_US)
        return false;
    LocalDate date = zone_to_local(cal->zone, instant_seconds(t), &wall) + later;
    DayHours day = day_hours(cal->firm ? cal->firm : cal, date);
    *out = (CalendarDate){.weekday = weekdays[date_weekday(date)], .kind = day.kind, .name = day.why};
    write_day(date, out->day);
    out->hours = opens_within(cal, date);
    return true;
}
