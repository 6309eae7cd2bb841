/* SPDX-License-Identifier: Apache-2.0 */
/* iCalendar as the internet serves it, for the holidays of a calendar: whatever is taken keeps the laws of business
 * time, and what is not is refused in one line. */
#include "calendar/calendar.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16384, ASKED = 40 };

static Calendar *open_calendar(const CalendarFile *file, Instant reference, GError **error) {
    g_autoptr(GPtrArray) hours = g_ptr_array_new(), holidays = g_ptr_array_new();
    g_ptr_array_add(hours, (char *)"09:00-12:00");
    g_ptr_array_add(hours, (char *)"22:00-06:00");
    g_ptr_array_add(holidays, (CalendarFile *)file);
    CalendarSpec spec = {.name = "fuzz", .timezone = "Europe/London", .holidays = holidays};
    for (int day = 0; day < 7; day++)
        spec.weekday[day] = hours;
    return calendar_new(&spec, reference, error);
}

static void look(const Calendar *calendar, Instant from) {
    Instant due, next;
    Duration budget = duration_seconds(30000);
    if (calendar_due(calendar, from, budget, &due) && calendar_elapsed(calendar, from, due).us != budget.us)
        abort();
    if (calendar_next_open(calendar, from, &next) &&
        (instant_compare(next, from) < 0 || calendar_elapsed(calendar, from, next).us != 0))
        abort();
    CalendarDate date;
    if (!calendar_date(calendar, from, 0, &date))
        return;
    if (date.name && !g_utf8_validate(date.name, -1, NULL))
        abort();
    g_array_unref(date.hours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Instant from = instant_from_seconds(1795428000); /* 2026-11-23 */
    if (size > INPUT_MAX)
        return 0;
    g_autoptr(GError) error = NULL;
    CalendarFile file = {"fuzz.ics", (const char *)data, size};
    g_autoptr(Calendar) calendar = open_calendar(&file, from, &error);
    if (!calendar && (!error || strchr(error->message, '\n') || !g_utf8_validate(error->message, -1, NULL)))
        abort();
    for (int i = 0; calendar && i < ASKED; i++)
        look(calendar, instant_add(from, duration_seconds(i * INT64_C(123456))));
    return 0;
}
