/* SPDX-License-Identifier: Apache-2.0 */
/* Holiday files as the internet serves them, and as an enemy would. */
#include "firm.h"

#define BEGIN "BEGIN:VCALENDAR\nVERSION:2.0\n"
#define END "END:VCALENDAR\n"
#define EVENT(body) BEGIN "BEGIN:VEVENT\nUID:a@x\nSUMMARY:Some day\n" body "END:VEVENT\n" END

/* A working day of 24 hours that is not one hour less is no holiday. */
static bool is_closed(const Calendar *cal, const char *date) {
    g_autofree char *noon = g_strconcat(date, "T12:00:00Z", NULL);
    return calendar_elapsed(cal, at(noon), instant_add(at(noon), duration_seconds(1))).us == 0;
}

static void whole_days_are_read_however_they_are_written(void **state) {
    static const struct {
        const char *ics, *closed, *open;
    } cases[] = {
        {EVENT("DTSTART;VALUE=DATE:20241225\n"), "2024-12-25", "2024-12-24 2024-12-26 2025-12-25"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nDTEND;VALUE=DATE:20241227\n"), "2024-12-25 2024-12-26", "2024-12-27"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nDTEND;VALUE=DATE:20241225\n"), "2024-12-25", "2024-12-24 2024-12-26"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nDURATION:P2D\n"), "2024-12-25 2024-12-26", "2024-12-27"},
        {EVENT("DTSTART:20241225T000000\nDTEND:20241226T000000\n"), "2024-12-25", "2024-12-24 2024-12-26"},
        {EVENT("DTSTART;TZID=Europe/London:20241225T000000\n"), "2024-12-25", "2024-12-24 2024-12-26"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nTRANSP:TRANSPARENT\nLOCATION:\n"), "2024-12-25", "2024-12-26"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nSTATUS:CANCELLED\n"), "", "2024-12-25"},
        {EVENT("DTSTART;VALUE=DATE:20001225\nRRULE:FREQ=YEARLY\n"), "2001-12-25 2024-12-25 2060-12-25", "2024-12-26"},
        {EVENT("DTSTART;VALUE=DATE:16011225\nRRULE:FREQ=YEARLY\n"), "2001-12-25 2024-12-25 2060-12-25", "2024-12-26"},
        {EVENT("DTSTART;VALUE=DATE:20001225\nRRULE:FREQ=YEARLY;UNTIL=20231225\n"), "2023-12-25", "2024-12-25"},
        {EVENT("DTSTART;VALUE=DATE:20001225\nRRULE:FREQ=YEARLY;COUNT=2\n"), "2001-12-25", "2002-12-25"},
        {EVENT("DTSTART;VALUE=DATE:20000501\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO\n"), "2024-05-06 2025-05-05",
         "2024-05-13"},
        {EVENT("DTSTART;VALUE=DATE:20001225\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20241225\n"), "2025-12-25",
         "2024-12-25"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nRDATE;VALUE=DATE:20241230,20241231\n"), "2024-12-25 2024-12-30 2024-12-31",
         "2024-12-29"},
        {EVENT("DTSTART;VALUE=DA\n TE:202412\n 25\n"), "2024-12-25", "2024-12-24"},
        {"\xef\xbb\xbf" EVENT("DTSTART;VALUE=DATE:20241225\n"), "2024-12-25", "2024-12-24"},
        {EVENT("DTSTART;VALUE=DATE:20241225\n") EVENT("DTSTART;VALUE=DATE:20241227\n"), "2024-12-25 2024-12-27",
         "2024-12-26"},
        {BEGIN
         "BEGIN:VEVENT\nUID:m@x\nDTSTART;VALUE=DATE:20200525\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
         "BEGIN:VEVENT\nUID:m@x\nRECURRENCE-ID;VALUE=DATE:20240525\nDTSTART;VALUE=DATE:20240527\nEND:VEVENT\n" END,
         "2023-05-25 2024-05-27 2025-05-25", "2024-05-25"},
        {BEGIN
         "BEGIN:VEVENT\nUID:m@x\nDTSTART;VALUE=DATE:20200525\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
         "BEGIN:VEVENT\nUID:m@x\nRECURRENCE-ID;VALUE=DATE:20240525\nDTSTART;VALUE=DATE:20240525\nEND:VEVENT\n" END,
         "2024-05-25", "2024-05-27"}, /* renamed, not moved */
        {BEGIN "BEGIN:VTODO\nDTSTART;VALUE=DATE:20241225\nEND:VTODO\n" END, "", "2024-12-25"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Calendar) cal = firm_open(&(Firm){"UTC", "mon-sun 00:00-24:00", cases[i].ics});
        g_autoptr(GPtrArray) closed = firm_texts(cases[i].closed), open = firm_texts(cases[i].open);
        for (guint k = 0; k < closed->len; k++)
            if (!is_closed(cal, g_ptr_array_index(closed, k)))
                fail_msg("case %zu: open on %s", i, (char *)g_ptr_array_index(closed, k));
        for (guint k = 0; k < open->len; k++)
            if (is_closed(cal, g_ptr_array_index(open, k)))
                fail_msg("case %zu: closed on %s", i, (char *)g_ptr_array_index(open, k));
    }
}

static void what_cannot_be_understood_is_an_error_and_no_working_day(void **state) {
    static const struct {
        const char *ics, *words;
    } cases[] = {
        {"", "no iCalendar"},
        {"PK\x03\x04", "no iCalendar"},
        {EVENT("DTSTART;VALUE=DATE:20240231\n"), "Some day"},
        {EVENT("DTSTART;VALUE=DATE:Christmas\n"), "Some day"},
        {EVENT("DTSTART:20241225T090000\n"), "time of day"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nDTEND:20241225T120000\n"), "time of day"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nDTEND;VALUE=DATE:20991225\n"), "more than a year"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=SOMETIMES\n"), "Some day"},
        {EVENT("DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=SECONDLY\n"), "within a day"},
        {EVENT("DESCRIPTION:no date\n"), "no DTSTART"},
        {BEGIN "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20241225\nEND:VEVENT\n", "cut off"},
        {BEGIN "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20241225\n", "cut off"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Calendar) cal = firm_calendar(&(Firm){"UTC", "mon-sun 00:00-24:00", cases[i].ics}, &error);
        if (cal || !strstr(error->message, cases[i].words) || !strstr(error->message, "test.ics"))
            fail_msg("case %zu: %s", i, error ? error->message : "was accepted");
    }
}

static char *repeated(const char *before, const char *middle, unsigned times, const char *after) {
    GString *text = g_string_new(before);
    while (times--)
        g_string_append(text, middle);
    g_string_append(text, after);
    return g_string_free(text, FALSE);
}

static void a_hostile_file_costs_little(void **state) {
    const struct {
        char *ics;
        const char *words; /* NULL: whatever it says, it says it soon */
    } files[] = {
        {repeated("", "BEGIN:VCALENDAR\n", 100000, ""), "deeply nested"},
        {repeated("", "BEG\n IN:VEVENT\n", 100000, ""), "deeply nested"},
        {repeated(BEGIN, "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20241225\nEND:VEVENT\n", 20000, END), "too many events"},
        {repeated(BEGIN "X:", "a", 3000000, "\n" END), "too large"},
        {repeated(BEGIN "X:", "a\n ", 100000, "\n" END), "too large"},
        {repeated(BEGIN "X", ";A=b", 10000, ":\n" END), "too large"},
        {repeated(EVENT("DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n"), "", 0, ""), NULL},
        {repeated(EVENT("DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY;INTERVAL=0\n"), "", 0, ""), "Some day"},
        {repeated(EVENT("DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY\n"), "", 0, ""), "too often"},
        {repeated(BEGIN, "BEGIN:VEVENT\nDTSTART;VALUE=DATE:19700101\nRRULE:FREQ=DAILY\nEND:VEVENT\n", 5000, END),
         "too often"},
        {repeated(EVENT("DTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;BYSETPOS=-366;BYMONTH=2\n"), "", 0, ""), NULL},
        {repeated(EVENT("DTSTART;VALUE=DATE:20240101\nRRULE:FREQ=YEARLY;BYDAY=53MO,-53TU;BYWEEKNO=53,-53\n"), "", 0,
                  ""),
         NULL},
        {repeated(BEGIN "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=YEARLY;BYYEARDAY=1", ",366", 15000,
                  "\nEND:VEVENT\n" END),
         NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *ics = files[i].ics;
        g_autoptr(GError) error = NULL;
        g_autoptr(Calendar) cal = firm_calendar(&(Firm){"UTC", "mon-sun 00:00-24:00", ics}, &error);
        assert_true(cal || error);
        if (files[i].words && (cal || !strstr(error->message, files[i].words)))
            fail_msg("case %zu: %s", i, error ? error->message : "was accepted");
    }
    static const char with_nul[] = BEGIN "\0" END;
    CalendarFile file = {"nul.ics", with_nul, sizeof with_nul - 1};
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_ptr_array_add(list, &file);
    g_autoptr(GError) error = NULL;
    assert_null(calendar_new(&(CalendarSpec){.timezone = "UTC", .holidays = list}, at("2024-01-01T00:00:00Z"), &error));
    assert_non_null(strstr(error->message, "nul.ics"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_days_are_read_however_they_are_written),
        cmocka_unit_test(what_cannot_be_understood_is_an_error_and_no_working_day),
        cmocka_unit_test(a_hostile_file_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
