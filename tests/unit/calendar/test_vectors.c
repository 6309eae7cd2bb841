/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of the reference, by name and in its order: published by the test suites of other schedulers, each
 * recomputed. */
#include "firm.h"

#define H INT64_C(3600)
#define K1 "mon 09:00-17:00; wed 09:00-17:00; fri 09:00-17:00; tue 10:00-16:00; thu 10:00-16:00; sat 11:00-14:30"
#define K1_HOLIDAYS "20060116 20060118"
#define OFFICE "mon-fri 09:00-18:00"
#define BERLIN                                                                                                         \
    {                                                                                                                  \
        "Europe/Berlin", "mon-fri 08:00-21:00",                                                                        \
            "20000101;FREQ=YEARLY 20000501;FREQ=YEARLY 20001224;FREQ=YEARLY 20001225;FREQ=YEARLY "                     \
            "20001226;FREQ=YEARLY "                                                                                    \
            "20001231;FREQ=YEARLY"                                                                                     \
    }

static void a_promise_is_due(void **state) {
    static const struct {
        const char *name;
        Firm firm;
        const char *from;
        int64_t seconds;
        const char *due;
    } vectors[] = {
        {"K1 90 s to closing time", {"UTC", K1}, "2006-01-04T15:58:30Z", 90, "2006-01-04T16:00:00Z"},
        {"New York", {"America/New_York", OFFICE}, "2007-01-01T22:00:00Z", 2 * H, "2007-01-02T15:00:00Z"},
        {"Moscow", {"Europe/Moscow", OFFICE}, "2007-01-01T22:00:00Z", 2 * H, "2007-01-02T08:00:00Z"},
        {"over New Year", {"UTC", OFFICE, "20090101"}, "2008-12-31T15:00:00Z", 8 * H, "2009-01-02T14:00:00Z"},
        {"Berlin, end of summer time", BERLIN, "2007-10-26T18:12:23+02:00", 5 * H + 1800, "2007-10-29T09:42:23Z"},
        {"Berlin, begin of summer time", BERLIN, "2007-03-23T18:12:23+01:00", 5 * H + 1800, "2007-03-26T08:42:23Z"},
        {"Berlin, over New Year", BERLIN, "2006-12-29T10:15:00+01:00", 11 * H, "2007-01-02T08:15:00+01:00"},
        {"Berlin, over a weekend", BERLIN, "2013-03-16T10:00:00+01:00", 13 * H, "2013-03-18T21:00:00+01:00"},
        {"Monday 17:00", {"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T17:00:00Z", 4 * H, "2026-11-24T11:00:00Z"},
        {"its warning", {"UTC", "mon-fri 08:00-18:00"}, "2026-11-23T17:00:00Z", 3 * H, "2026-11-24T10:00:00Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(Calendar) cal = firm_with_days(&vectors[i].firm);
        Instant due = {-1};
        assert_true(calendar_due(cal, at(vectors[i].from), duration_seconds(vectors[i].seconds), &due));
        if (instant_compare(due, at(vectors[i].due)) != 0)
            fail_msg("%s: %s, not %s", vectors[i].name, show(due), show(at(vectors[i].due)));
    }
    assert_int_equal(instant_seconds(at("2007-10-29T09:42:23Z")), 1193650943);
    assert_int_equal(instant_seconds(at("2007-03-26T08:42:23Z")), 1174898543);
}

static void working_time_is_counted(void **state) {
    static const struct {
        const char *name;
        Firm firm;
        const char *from, *to;
        int64_t seconds;
    } vectors[] = {
        {"K1 a week", {"UTC", K1}, "2006-01-01T00:00:00Z", "2006-01-08T00:00:00Z", 39 * H + 1800},
        {"K1 reversed", {"UTC", K1}, "2006-01-08T00:00:00Z", "2006-01-01T00:00:00Z", 0},
        {"K1 from noon to noon", {"UTC", K1}, "2006-01-05T12:00:00Z", "2006-01-06T12:00:00Z", 7 * H},
        {"Los Angeles, a week",
         {"America/Los_Angeles",
          "mon 09:00-17:00; wed 09:00-17:00; tue 00:00-24:00; thu 09:00-12:00 13:00-17:00; sat 10:00-14:00"},
         "2015-01-10T10:00:00-08:00",
         "2015-01-17T10:00:00-08:00",
         51 * H},
        {"Berlin, Christmas", BERLIN, "2005-12-21T10:00:00+01:00", "2005-12-31T10:00:00+01:00", 89 * H},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(Calendar) cal = firm_with_days(&vectors[i].firm);
        int64_t got = calendar_elapsed(cal, at(vectors[i].from), at(vectors[i].to)).us;
        if (got != vectors[i].seconds * 1000000)
            fail_msg("%s: %f h, not %f h", vectors[i].name, got / 3.6e9, vectors[i].seconds / 3600.0);
    }
}

/* The hours of some days, as "2006-01-14T11:00:00Z/2006-01-14T14:30:00Z …". */
static void hours_are_expanded(void **state) {
    static const struct {
        const char *name;
        Firm firm;
        const char *from;
        int days;
        const char *open;
    } vectors[] = {
        {"K1 with holidays",
         {"UTC", K1, K1_HOLIDAYS},
         "2006-01-14T00:00:00Z",
         6,
         "2006-01-14T11:00:00Z/2006-01-14T14:30:00Z 2006-01-17T10:00:00Z/2006-01-17T16:00:00Z "
         "2006-01-19T10:00:00Z/2006-01-19T16:00:00Z"},
        {"a break",
         {"UTC", "mon 17:00-19:00 20:00-22:00", NULL, NULL, "18:00-21:00"},
         "2024-01-01T00:00:00Z",
         1,
         "2024-01-01T17:00:00Z/2024-01-01T18:00:00Z 2024-01-01T21:00:00Z/2024-01-01T22:00:00Z"},
        {"nothing but a gap", {"America/Los_Angeles", "sun 02:30-03:15"}, "2006-04-02T10:00:00Z", 1, ""},
        {"a gap",
         {"America/Los_Angeles", "sun 02:30-04:00"},
         "2014-03-09T09:00:00Z",
         1,
         "2014-03-09T10:30:00Z/2014-03-09T11:00:00Z"},
        {"a time that comes twice",
         {"America/Los_Angeles", "sun 01:30-04:00"},
         "2014-11-02T09:00:00Z",
         1,
         "2014-11-02T08:30:00Z/2014-11-02T12:00:00Z"},
        {"24:00 in a gap",
         {"America/Sao_Paulo", "sat 20:00-24:00"},
         "2015-10-17T12:00:00Z",
         1,
         "2015-10-17T23:00:00Z/2015-10-18T03:00:00Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(Calendar) cal = firm_with_days(&vectors[i].firm);
        g_autoptr(GString) open = g_string_new(NULL);
        for (int day = 0; day < vectors[i].days; day++) {
            CalendarDate date;
            assert_true(calendar_date(cal, at(vectors[i].from), day, &date));
            g_autoptr(GArray) hours = date.hours;
            for (guint k = 0; k < hours->len; k++) {
                const CalendarHours *one = &g_array_index(hours, CalendarHours, k);
                g_string_append_printf(open, "%s%s/%s", open->len ? " " : "", show(one->start), show(one->end));
            }
        }
        if (strcmp(open->str, vectors[i].open) != 0)
            fail_msg("%s: \"%s\"", vectors[i].name, open->str);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_promise_is_due),
        cmocka_unit_test(working_time_is_counted),
        cmocka_unit_test(hours_are_expanded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
