/* SPDX-License-Identifier: Apache-2.0 */
/* Business time in the corners where other schedulers failed: midnight, changes of clocks, closing time, far years. */
#include "firm.h"
#include <stdio.h>

#define H INT64_C(3600)
#define BERLIN "mon-fri 08:00-21:00"

typedef struct {
    Firm firm;
    const char *from;
    int64_t seconds;
    const char *due;
} DueCase;

static const DueCase due_cases[] = {
    /* closing time is in time; a moment more is the next opening and a moment */
    {{"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T10:00:00Z", 8 * H, "2026-11-23T18:00:00Z"},
    {{"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T10:00:00Z", 8 * H + 1, "2026-11-24T08:00:01Z"},
    {{"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T18:00:00Z", 0, "2026-11-24T08:00:00Z"},
    {{"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T17:59:59Z", 0, "2026-11-23T17:59:59Z"},
    {{"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T17:00:00Z", -5, "2026-11-23T17:00:00Z"},
    /* round the clock: no minute is missing at midnight */
    {{"Europe/London", "mon-sun 00:00-24:00"}, "2024-02-28T23:00:00Z", 50 * H, "2024-03-02T01:00:00Z"},
    /* over midnight: the night belongs to Saturday, and one of seven hours has seven */
    {{"Europe/London", "sat 22:00-06:00"}, "2024-03-30T21:00:00Z", 7 * H, "2024-03-31T05:00:00Z"},
    {{"Europe/London", "sat 22:00-06:00"}, "2024-03-31T00:30:00Z", 1 * H, "2024-03-31T01:30:00Z"},
    {{"Europe/London", "sat 22:00-06:00"}, "2024-10-26T20:00:00Z", 9 * H, "2024-10-27T06:00:00Z"},
    {{"Europe/London", "sat 22:00-06:00; sun 06:00-07:00"}, "2024-01-06T22:00:00Z", 9 * H, "2024-01-07T07:00:00Z"},
    {{"Europe/London", "sat 22:00-06:00"},
     "2034-01-08T00:30:00Z",
     1 * H,
     "2034-01-08T01:30:00Z"}, /* expanded when asked */
    /* a holiday drops the date on which the shift starts, not the one on which it ends */
    {{"Europe/London", "sat 22:00-06:00", "20240107"}, "2024-01-06T20:00:00Z", 3 * H, "2024-01-07T01:00:00Z"},
    {{"Europe/London", "sat 22:00-06:00", "20240106"}, "2024-01-06T20:00:00Z", 3 * H, "2024-01-14T01:00:00Z"},
    /* exceptional hours replace the weekday's and beat a holiday; none: closed */
    {{"UTC", "mon-fri 09:00-17:00", "20241224", "2024-12-24 09:00-12:00"},
     "2024-12-24T08:00:00Z",
     4 * H,
     "2024-12-25T10:00:00Z"},
    {{"UTC", "mon-fri 09:00-17:00", NULL, "2024-12-24"}, "2024-12-24T08:00:00Z", 1 * H, "2024-12-25T10:00:00Z"},
    /* breaks, in the night too, and in exceptional hours */
    {{"UTC", "mon 00:00-24:00", NULL, NULL, "23:00-01:00"}, "2024-01-01T00:00:00Z", 22 * H, "2024-01-01T23:00:00Z"},
    {{"UTC", "sat 22:00-06:00", NULL, NULL, "02:00-03:00"}, "2024-01-06T22:00:00Z", 5 * H, "2024-01-07T04:00:00Z"},
    {{"UTC", "mon 09:00-17:00", NULL, "2024-01-02 11:00-14:00", "12:00-13:00"},
     "2024-01-02T00:00:00Z",
     2 * H,
     "2024-01-02T14:00:00Z"},
    /* a moment after a midnight that a change of clocks skips */
    {{"America/Sao_Paulo", "sat 20:00-24:00"}, "2015-10-17T22:00:00-03:00", 2 * H + 1, "2015-10-24T22:00:01Z"},
    /* Samoa had no 30 December 2011: its hours fall together with those of the 31st */
    {{"Pacific/Apia", "mon-sun 09:00-17:00"}, "2011-12-30T01:00:00Z", 4 * H, "2011-12-30T21:00:00Z"},
    {{"Pacific/Apia", "mon-sun 22:00-06:00"}, "2011-12-30T10:30:00Z", 1 * H, "2011-12-30T11:30:00Z"},
    /* far from the reference, before and after, and across the edge of what is kept */
    {{"Europe/Berlin", BERLIN}, "1970-01-02T00:00:00Z", 1 * H, "1970-01-02T08:00:00Z"},
    {{"Europe/Berlin", BERLIN}, "2090-07-03T20:00:00Z", 13 * H, "2090-07-04T19:00:00Z"},
    {{"UTC", "mon-sun 00:00-24:00"}, "2023-11-20T00:00:00Z", 10000 * H, "2025-01-09T16:00:00Z"},
    {{"UTC", "mon 10:00-11:00"}, "2024-01-01T00:00:00Z", 520 * H, "2033-12-12T11:00:00Z"},
};

static void a_promise_is_due_when_its_working_time_has_passed(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(due_cases); i++) {
        const DueCase *c = &due_cases[i];
        g_autoptr(Calendar) cal = firm_with_days(&c->firm);
        Instant due = {-1};
        assert_true(calendar_due(cal, at(c->from), duration_seconds(c->seconds), &due));
        if (instant_compare(due, at(c->due)) != 0)
            fail_msg("case %zu: %s + %ld s: %s, not %s", i, c->from, (long)c->seconds, show(due), show(at(c->due)));
    }
}

typedef struct {
    Firm firm;
    const char *from, *to;
    int64_t seconds;
} ElapsedCase;

static const ElapsedCase elapsed_cases[] = {
    {{"Europe/London", "mon-sun 00:00-24:00"}, "2024-03-31T00:00:00Z", "2024-03-31T23:00:00Z", 23 * H},
    {{"America/Los_Angeles", "sun 02:30-03:15"}, "2006-04-02T00:00:00Z", "2006-04-04T00:00:00Z", 0},
    {{"UTC", "mon-sun 00:00-24:00"}, "1980-01-01T00:00:00Z", "2050-01-01T00:00:00Z", 25568 * 24 * H},
    {{"UTC", "mon-sun 00:00-24:00"}, "2023-11-01T00:00:00Z", "2025-06-01T00:00:00Z", 578 * 24 * H},
};

static void working_time_between_two_instants_is_counted(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(elapsed_cases); i++) {
        const ElapsedCase *c = &elapsed_cases[i];
        g_autoptr(Calendar) cal = firm_with_days(&c->firm);
        int64_t got = calendar_elapsed(cal, at(c->from), at(c->to)).us;
        if (got != c->seconds * 1000000)
            fail_msg("case %zu: %f h, not %f h", i, got / 3.6e9, c->seconds / 3600.0);
    }
}

/* What due() promises, elapsed() must find again, wherever one begins. */
static void due_and_elapsed_agree_everywhere(void **state) {
    static const Firm firms[] = {
        {"Europe/London", "mon-thu 09:00-13:00 14:00-17:30; fri 09:00-16:00; sat 22:00-06:00"},
        {"America/Sao_Paulo", "mon-sun 22:00-02:00", NULL, NULL, NULL, "2015-10-01T00:00:00Z"},
        {"Australia/Lord_Howe", "sun 01:45-02:15 12:00-13:00"},
    };
    for (size_t f = 0; f < G_N_ELEMENTS(firms); f++) {
        g_autoptr(Calendar) cal = firm_open(&firms[f]);
        Instant from = at(f == 1 ? "2015-09-01T00:00:00Z" : "2023-10-01T00:00:00Z");
        for (int i = 0; i < 4000; i++, from = instant_add(from, duration_seconds(9876))) {
            Duration budget = duration_seconds(1 + i * 37 % 100000);
            Instant due;
            assert_true(calendar_due(cal, from, budget, &due));
            assert_int_equal(calendar_elapsed(cal, from, due).us, budget.us);
            assert_int_equal(calendar_elapsed(cal, from, instant_add(due, (Duration){-1})).us, budget.us - 1);
        }
    }
}

static void days_are_working_days_at_the_same_wall_time(void **state) {
    static const struct {
        Firm firm;
        const char *from;
        int days;
        const char *result;
    } cases[] = {
        {{"Europe/London", "mon-fri 09:00-17:00"}, "2024-03-28T15:30:00Z", 2, "2024-04-01T15:30:00+01:00"},
        {{"Europe/London", "mon-fri 09:00-17:00", "20240329 20240401"},
         "2024-03-28T15:30:00Z",
         1,
         "2024-04-02T15:30:00+01:00"},
        {{"Europe/London", "mon-fri 09:00-17:00"}, "2024-01-06T23:10:00Z", 1, "2024-01-08T23:10:00Z"},
        {{"Europe/London", "mon-fri 09:00-17:00"}, "2024-01-06T23:10:00Z", 0, "2024-01-06T23:10:00Z"},
        {{"Europe/London", "sat 22:00-06:00"}, "2024-01-07T01:00:00Z", 1, "2024-01-13T01:00:00Z"},
        {{"Europe/London", "mon-sun 09:00-17:00"}, "2024-03-30T01:30:00Z", 1, "2024-03-31T01:30:00Z"},
        {{"America/Los_Angeles", "mon-sun 09:00-17:00"}, "2014-03-08T02:30:00-08:00", 1, "2014-03-09T10:30:00Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Calendar) cal = firm_with_days(&cases[i].firm);
        Instant result = {-1};
        assert_true(calendar_add_days(cal, at(cases[i].from), cases[i].days, &result));
        assert_string_equal(show(result), show(at(cases[i].result)));
    }
}

static void a_bad_calendar_is_refused_in_words(void **state) {
    static const struct {
        Firm firm;
        const char *words;
    } cases[] = {
        {{"Europe/Londn", "mon 09:00-17:00"}, "\"Europe/Londn\" is no time zone"},
        {{NULL, "mon 09:00-17:00"}, "no time zone"},
        {{"", "mon 09:00-17:00"}, "no time zone"},
        {{"../../etc/passwd", "mon 09:00-17:00"}, "no time zone"},
        {{"/etc/localtime", "mon 09:00-17:00"}, "no time zone"},
        {{"UTC", "mon 9-17"}, "\"9-17\" is no interval"},
        {{"UTC", "mon 09:00-25:00"}, "no interval"},
        {{"UTC", "mon 09:60-10:00"}, "no interval"},
        {{"UTC", "mon 09:00-09:00"}, "no interval"},
        {{"UTC", "mon 24:00-02:00"}, "no interval"},
        {{"UTC", "mon 09:00-24:01"}, "no interval"},
        {{"UTC", "mon 09:00-17:00x"}, "no interval"},
        {{"UTC", "mon 09:00-17:00", NULL, "2026-02-30 09:00-10:00"}, "no date of an exception"},
        {{"UTC", "mon 09:00-17:00", NULL, "2026-2-3 09:00-10:00"}, "no date of an exception"},
        {{"UTC", "mon 09:00-17:00", NULL, "2026-02-03; 2026-02-03"}, "two exceptions"},
        {{"UTC", "mon 09:00-17:00", "hello"}, "no iCalendar"},
        {{"UTC", ""}, "no working hours in the next 400 days"},
        {{"UTC", "mon 09:00-17:00", NULL, NULL, "00:00-24:00"}, "no working hours"},
        {{"UTC", "", NULL, "2025-02-05 09:00-10:00"}, "no working hours"}, /* 401 days on */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(firm_calendar(&cases[i].firm, &error));
        if (!strstr(error->message, cases[i].words) || !strstr(error->message, "calendar \"test\""))
            fail_msg("case %zu: %s", i, error->message);
    }
    g_autoptr(Calendar) cal = firm_open(&(Firm){"UTC", "", NULL, "2025-02-03 09:00-10:00"});
    Instant due = at("2030-01-01T00:00:00Z"), before = due;
    assert_false(calendar_due(cal, at("2025-02-03T09:30:00Z"), duration_seconds(3600), &due));
    assert_false(calendar_add_days(cal, at("2025-02-03T09:30:00Z"), 1, &due));
    assert_false(calendar_due(cal, INSTANT_NEVER, duration_seconds(0), &due));
    assert_false(calendar_due(cal, (Instant){INT64_MIN}, duration_seconds(0), &due));
    assert_int_equal(due.us, before.us);
    assert_int_equal(calendar_elapsed(cal, (Instant){INT64_MIN}, at("2027-01-01T00:00:00Z")).us,
                     3600 * INT64_C(1000000));
}

/* From the end of the only hour of 3 February 2025. */
static void without_hours_for_400_days_it_is_answered_and_a_minute_longer_it_is_not(void **state) {
    static const struct {
        const char *exceptions;
        const char *due, *day; /* NULL: none */
    } cases[] = {
        {"2025-02-03 09:00-10:00; 2026-03-10 10:00-11:00", "2026-03-10T10:00:01Z", "2026-03-10T09:00:00Z"},
        {"2025-02-03 09:00-10:00; 2026-03-10 10:01-11:00", NULL, "2026-03-10T09:00:00Z"},
        {"2025-02-03 09:00-10:00; 2026-03-11 00:00-11:00", NULL, NULL},
        {"2025-02-03 09:00-10:00; 2025-12-31 00:00-00:01; 2026-03-11 00:00-11:00", "2026-03-11T00:00:01Z",
         "2025-12-31T09:00:00Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Calendar) cal =
            firm_open(&(Firm){"UTC", "", NULL, cases[i].exceptions, NULL, "2025-02-03T00:00:00Z"});
        Instant from = at("2025-02-03T09:00:00Z"), due = {-1}, day = {-1};
        Duration budget = duration_seconds(i == 3 ? H + 61 : H + 1);
        assert_int_equal(calendar_due(cal, from, budget, &due), cases[i].due != NULL);
        assert_int_equal(calendar_add_days(cal, from, 1, &day), cases[i].day != NULL);
        if (cases[i].due)
            assert_string_equal(show(due), cases[i].due);
        if (cases[i].day)
            assert_string_equal(show(day), cases[i].day);
    }
}

static void people_read_local_time(void **state) {
    g_autoptr(Calendar) cal = firm_open(&(Firm){"Europe/Berlin", BERLIN});
    g_autofree char *winter = calendar_say(cal, at("2026-11-23T13:00:00Z"));
    g_autofree char *summer = calendar_say(cal, at("2026-07-05T22:05:00Z"));
    assert_string_equal(winter, "Monday 23 November 2026, 14:00");
    assert_string_equal(summer, "Monday 6 July 2026, 00:05");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_promise_is_due_when_its_working_time_has_passed),
        cmocka_unit_test(working_time_between_two_instants_is_counted),
        cmocka_unit_test(due_and_elapsed_agree_everywhere),
        cmocka_unit_test(days_are_working_days_at_the_same_wall_time),
        cmocka_unit_test(a_bad_calendar_is_refused_in_words),
        cmocka_unit_test(without_hours_for_400_days_it_is_answered_and_a_minute_longer_it_is_not),
        cmocka_unit_test(people_read_local_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
