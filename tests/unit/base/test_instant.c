/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 in and out, and arithmetic that does not wrap. */
#include "base/instant.h"
#include "base/timesource.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <glib.h>
#include <cmocka.h>

static void rfc_3339_is_read_strictly(void **state) {
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T14:00:00Z", INT64_C(1795442400000000)},
        {"2026-11-23T15:00:00.250+01:00", INT64_C(1795442400250000)},
        {"2026-11-23t08:30:00.1234567-05:30", INT64_C(1795442400123456)},
        {"2000-02-29T00:00:00z", INT64_C(951782400000000)},
        {"1970-01-01T01:00:00+01:00", 0},
        {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
    };
    static const char *const bad[] = {
        "",
        "2026-11-23",
        "2026-11-23T14:00Z",
        "2026-11-23 14:00:00Z",
        "2026-11-23T14:00:00",
        "2026-11-23T14:00:00+0100",
        "2026-11-23T14:00:00+24:00",
        "2026-11-23T14:00:00+01:60",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T23:60:00Z",
        "2026-11-23T23:59:60Z",
        "2026-11-23T14:00:00.Z",
        "2026-11-23T14:00:00ZZ",
        " 2026-11-23T14:00:00Z",
        "+026-11-23T14:00:00Z",
        "2026-11-23T14:00:00Z\n",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:59:59+01:00",
        "9999-12-31T23:59:59-00:01",
        "1795442400",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        Instant t = {-7};
        assert_true(instant_parse(good[i].text, &t));
        assert_int_equal(t.us, good[i].us);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        Instant t = {-7};
        if (instant_parse(bad[i], &t) || t.us != -7)
            fail_msg("\"%s\" was read", bad[i]);
    }
    assert_false(instant_parse(NULL, &(Instant){0}));
}

static void every_day_is_written_as_the_c_library_writes_it(void **state) {
    char ours[INSTANT_TEXT], theirs[INSTANT_TEXT];
    for (int64_t seconds = -62167219200; seconds < INT64_C(253402300800); seconds += 86400 * 11 + 12345) {
        time_t unix_time = (time_t)seconds;
        struct tm parts;
        gmtime_r(&unix_time, &parts);
        g_snprintf(theirs, sizeof theirs, "%04d-%02d-%02dT%02d:%02d:%02dZ", (parts.tm_year + 1900) % 10000,
                   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
        assert_string_equal(instant_format(instant_from_seconds(seconds), ours), theirs);
        Instant again;
        if (seconds >= 0) {
            assert_true(instant_parse(ours, &again));
            assert_int_equal(instant_seconds(again), seconds);
        }
    }
    assert_string_equal(instant_format((Instant){999999}, ours), "1970-01-01T00:00:00Z");
    assert_string_equal(instant_format((Instant){-1}, ours), "1969-12-31T23:59:59Z");
    assert_string_equal(instant_format(INSTANT_NEVER, ours), "9999-12-31T23:59:59Z");
    assert_string_equal(instant_format((Instant){INT64_MIN}, ours), "0000-01-01T00:00:00Z");
}

static void a_date_in_mail_has_english_names(void **state) {
    static const struct {
        int64_t seconds;
        const char *date;
    } cases[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 +0000"},          {-1, "Wed, 31 Dec 1969 23:59:59 +0000"},
        {1795442400, "Mon, 23 Nov 2026 14:00:00 +0000"}, {1709164799, "Wed, 28 Feb 2024 23:59:59 +0000"},
        {1709164800, "Thu, 29 Feb 2024 00:00:00 +0000"},
    };
    char date[INSTANT_MAIL_DATE];
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_string_equal(instant_mail_date(instant_from_seconds(cases[i].seconds), date), cases[i].date);
    assert_string_equal(instant_mail_date(INSTANT_NEVER, date), "Fri, 31 Dec 9999 23:59:59 +0000");
}

static void arithmetic_stops_at_the_ends(void **state) {
    Instant late = {INT64_MAX - 5};
    assert_int_equal(instant_add(late, duration_seconds(1)).us, INT64_MAX);
    assert_int_equal(instant_add((Instant){INT64_MIN + 5}, duration_seconds(-1)).us, INT64_MIN);
    assert_int_equal(instant_add(INSTANT_NEVER, duration_seconds(-1)).us, INT64_MAX);
    assert_int_equal(duration_seconds(INT64_MAX).us, INT64_MAX);
    assert_int_equal(duration_ms(INT64_MIN).us, INT64_MIN);
    assert_int_equal(instant_since(late, (Instant){-100}).us, INT64_MAX);
    assert_int_equal(instant_since((Instant){-100}, late).us, INT64_MIN);
    assert_int_equal(instant_since((Instant){7000000}, (Instant){5000000}).us, 2000000);
    assert_true(instant_compare(late, INSTANT_NEVER) < 0);
    assert_int_equal(instant_seconds((Instant){-1}), -1);
    assert_int_equal(instant_seconds((Instant){-1000000}), -1);
}

static void a_test_moves_the_clock(void **state) {
    Instant now = instant_from_seconds(5);
    TimeSource fixed = timesource_fixed(&now), real = timesource_system();
    assert_int_equal(timesource_now(&fixed).us, 5000000);
    now = instant_add(now, duration_ms(1));
    assert_int_equal(timesource_now(&fixed).us, 5001000);
    assert_true(timesource_now(&real).us > INT64_C(1700000000000000));
    Instant before = monotonic_now();
    assert_true(instant_compare(monotonic_now(), before) >= 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_3339_is_read_strictly),
        cmocka_unit_test(every_day_is_written_as_the_c_library_writes_it),
        cmocka_unit_test(a_date_in_mail_has_english_names),
        cmocka_unit_test(arithmetic_stops_at_the_ends),
        cmocka_unit_test(a_test_moves_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
