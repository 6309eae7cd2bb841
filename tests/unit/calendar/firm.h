/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars for tests, written in one line: "mon-fri 09:00-17:00; sat 11:00-14:30". */
#pragma once
#include "calendar/calendar.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* tables name only what a case is about */

typedef struct {
    const char *zone, *hours, *holidays, *exceptions, *breaks; /* exceptions: "2026-12-24 09:00-12:00; 2026-12-31" */
    const char *reference;                                     /* NULL: 2024-01-01 */
} Firm;

static inline Instant at(const char *text) {
    Instant t;
    if (!instant_parse(text, &t))
        fail_msg("no instant: %s", text);
    return t;
}

static inline const char *show(Instant t) {
    static char text[4][INSTANT_TEXT];
    static unsigned next;
    return instant_format(t, text[next++ % 4]);
}

static inline GPtrArray *firm_texts(const char *words) {
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) split = g_strsplit_set(words ? words : "", " ,", -1);
    for (char **word = split; *word; word++)
        if (**word)
            g_ptr_array_add(texts, g_strdup(*word));
    return texts;
}

static inline int firm_day(const char *name) {
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++)
        if (strncmp(name, names[i], 3) == 0)
            return i;
    fail_msg("no weekday: %s", name);
    return 0;
}

static inline void firm_exception_free(gpointer data) {
    CalendarException *exception = data;
    g_free(exception->date);
    g_ptr_array_unref(exception->hours);
    g_free(exception);
}

static inline Calendar *firm_calendar(const Firm *firm, GError **error) {
    GPtrArray *week[7] = {NULL};
    CalendarSpec spec = {.name = "test", .timezone = firm->zone};
    g_auto(GStrv) lines = g_strsplit(firm->hours, ";", -1);
    for (char **line = lines; *line; line++) {
        char *text = g_strstrip(*line), *hours = strchr(text, ' ');
        if (!hours)
            continue;
        int first = firm_day(text), last = text[3] == '-' ? firm_day(text + 4) : first;
        for (int day = first; day <= last; day++)
            spec.weekday[day] = week[day] = firm_texts(hours);
    }
    g_autoptr(GPtrArray) exceptions = g_ptr_array_new_with_free_func(firm_exception_free);
    g_auto(GStrv) dates = g_strsplit(firm->exceptions ? firm->exceptions : "", ";", -1);
    for (char **date = dates; *date; date++) {
        char *text = g_strstrip(*date), *hours = strchr(text, ' ');
        if (!*text)
            continue;
        CalendarException *exception = g_new0(CalendarException, 1);
        exception->hours = firm_texts(hours);
        exception->date = hours ? g_strndup(text, (gsize)(hours - text)) : g_strdup(text);
        g_ptr_array_add(exceptions, exception);
    }
    g_autoptr(GPtrArray) breaks = firm_texts(firm->breaks);
    g_autoptr(GPtrArray) holidays = g_ptr_array_new();
    CalendarFile file = {"test.ics", firm->holidays, firm->holidays ? strlen(firm->holidays) : 0};
    if (firm->holidays)
        g_ptr_array_add(holidays, &file);
    spec.exceptions = exceptions;
    spec.breaks = breaks;
    spec.holidays = holidays;
    Calendar *cal = calendar_new(&spec, at(firm->reference ? firm->reference : "2024-01-01T00:00:00Z"), error);
    for (int i = 0; i < 7; i++)
        g_clear_pointer(&week[i], g_ptr_array_unref);
    return cal;
}

static inline Calendar *firm_open(const Firm *firm) {
    g_autoptr(GError) error = NULL;
    Calendar *cal = firm_calendar(firm, &error);
    if (!cal)
        fail_msg("%s", error->message);
    return cal;
}

/* An iCalendar of whole days: "20060116 20060118", each may carry ";FREQ=YEARLY" for its RRULE. */
static inline char *firm_ics(const char *days) {
    GString *text = g_string_new("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n");
    g_autoptr(GPtrArray) words = firm_texts(days);
    for (guint i = 0; i < words->len; i++) {
        g_auto(GStrv) parts = g_strsplit(g_ptr_array_index(words, i), ";", 2);
        g_string_append_printf(text, "BEGIN:VEVENT\r\nUID:%u@test\r\nDTSTART;VALUE=DATE:%s\r\n", i, parts[0]);
        if (parts[1])
            g_string_append_printf(text, "RRULE:%s\r\n", parts[1]);
        g_string_append(text, "END:VEVENT\r\n");
    }
    g_string_append(text, "END:VCALENDAR\r\n");
    return g_string_free(text, FALSE);
}

/* The same with the days of firm_ics() for holidays. */
static inline Calendar *firm_with_days(const Firm *written) {
    Firm firm = *written;
    g_autofree char *ics = firm.holidays ? firm_ics(firm.holidays) : NULL;
    firm.holidays = ics;
    return firm_open(&firm);
}
