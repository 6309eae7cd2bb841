/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths of time and ladders, as a policy writes them. */
#include "firm.h"
#include "calendar/ladder.h"

#define OFFICE "mon-fri 08:00-18:00"

static Span span(const char *text) {
    Span s;
    if (!span_parse(text, &s, NULL))
        fail_msg("no span: %s", text);
    return s;
}

static void lengths_of_time_are_read_strictly(void **state) {
    static const struct {
        const char *text;
        int days;
        int64_t business, wall; /* seconds */
    } good[] = {
        {"8h", 0, 28800, 0},
        {"30m", 0, 1800, 0},
        {"45s", 0, 45, 0},
        {"1d", 1, 0, 0},
        {"2hw", 0, 0, 7200},
        {"1dw", 0, 0, 86400},
        {"1d+2h+30mw", 1, 7200, 1800},
        {"28800s", 0, 28800, 0},
        {"1h+1h+1d+1d", 2, 7200, 0},
    };
    static const char *const bad[] = {"",    "8",  "h",    "8x",   "8H",     "-8h", "+8h",       "8h+",  "8h30m",
                                      "8 h", "1w", "8hww", "1.5h", "8h++8h", " 8h", "99999999h", "1h+w", "1d\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        Span s = span(good[i].text);
        assert_int_equal(s.days, good[i].days);
        assert_int_equal(s.business.us, good[i].business * 1000000);
        assert_int_equal(s.wall.us, good[i].wall * 1000000);
        assert_false(span_is_zero(s));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        Span s;
        if (span_parse(bad[i], &s, &error) || !strstr(error->message, "no length of time"))
            fail_msg("\"%s\" was read", bad[i]);
    }
    assert_false(span_parse(NULL, &(Span){0}, NULL));
    assert_true(span_is_zero(span("0h")));
}

static void a_length_is_added_in_its_own_kind_of_time(void **state) {
    static const struct {
        const char *from, *length, *result;
    } cases[] = {
        {"2026-11-23T17:00:00Z", "4h", "2026-11-24T11:00:00Z"},
        {"2026-11-27T17:00:00Z", "1d", "2026-11-30T17:00:00Z"},
        {"2026-11-27T17:00:00Z", "2hw", "2026-11-27T19:00:00Z"},
        {"2026-11-27T17:00:00Z", "1dw", "2026-11-28T17:00:00Z"},
        {"2026-11-27T17:00:00Z", "1d+2h", "2026-12-01T09:00:00Z"},
        {"2026-11-28T03:00:00Z", "0h", "2026-11-28T03:00:00Z"},
        {"2026-11-28T03:00:00Z", "1d+1h", "2026-11-30T09:00:00Z"},
    };
    g_autoptr(Calendar) cal = firm_open(&(Firm){"UTC", OFFICE});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Instant result;
        assert_true(span_add(cal, at(cases[i].from), span(cases[i].length), &result));
        assert_string_equal(show(result), cases[i].result);
    }
}

static void places_on_a_ladder_are_read_strictly(void **state) {
    static const char *const bad[] = {"",       "50",    "%",      "50 %", "1001%",  "-1%",
                                      "100%4h", "100%+", "100%+x", "+4h",  "10000%", "100%-4h"};
    Rung *rung = rung_new();
    assert_true(rung_parse_at("50%", rung, NULL));
    assert_int_equal(rung->percent, 50);
    assert_true(span_is_zero(rung->plus));
    assert_true(rung_parse_at("100%+1d+2h", rung, NULL));
    assert_int_equal(rung->percent, 100);
    assert_int_equal(rung->plus.days, 1);
    assert_int_equal(rung->plus.business.us, 7200 * INT64_C(1000000));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        if (rung_parse_at(bad[i], rung, &error) || !error)
            fail_msg("\"%s\" was read", bad[i]);
    }
    assert_int_equal(rung->percent, 100); /* untouched by what was refused */
    rung_free(rung);
}

static GPtrArray *ladder(const char *places) {
    GPtrArray *rungs = g_ptr_array_new_with_free_func((GDestroyNotify)rung_free);
    g_autoptr(GPtrArray) words = firm_texts(places);
    for (guint i = 0; i < words->len; i++) {
        Rung *rung = rung_new();
        assert_true(rung_parse_at(g_ptr_array_index(words, i), rung, NULL));
        g_ptr_array_add(rung->tell, g_strdup("owner"));
        g_ptr_array_add(rungs, rung);
    }
    return rungs;
}

static void steps_stand_in_working_time(void **state) {
    static const struct {
        const char *start, *promise, *places, *steps;
    } cases[] = {
        {"2026-11-23T09:00:00Z", "8h", "50% 100% 100%+4h 100%+1d",
         "0 2026-11-23T13:00:00Z, 1 2026-11-23T17:00:00Z, 2 2026-11-24T11:00:00Z, 3 2026-11-24T17:00:00Z"},
        {"2026-11-23T17:00:00Z", "4h", "75% 100%", "0 2026-11-24T10:00:00Z, 1 2026-11-24T11:00:00Z"},
        /* written in any order */
        {"2026-11-23T09:00:00Z", "8h", "100% 50%", "1 2026-11-23T13:00:00Z, 0 2026-11-23T17:00:00Z"},
        /* a day is worth the working time up to its end */
        {"2026-11-23T17:00:00Z", "1d", "50% 100% 150%",
         "0 2026-11-24T12:00:00Z, 1 2026-11-24T17:00:00Z, 2 2026-11-25T12:00:00Z"},
        /* wall time, and a promise that lies in closed hours altogether */
        {"2026-11-27T17:00:00Z", "48hw", "50% 100% 200%",
         "0 2026-11-28T17:00:00Z, 1 2026-11-29T17:00:00Z, 2 2026-12-01T17:00:00Z"},
        {"2026-11-28T04:00:00Z", "1d", "50% 100%", "0 2026-11-29T04:00:00Z, 1 2026-11-30T04:00:00Z"},
        {"2026-11-28T04:00:00Z", "8h", "0% 100%", "0 2026-11-30T08:00:00Z, 1 2026-11-30T16:00:00Z"},
    };
    g_autoptr(Calendar) cal = firm_open(&(Firm){"UTC", OFFICE});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) rungs = ladder(cases[i].places);
        g_autoptr(GPtrArray) steps = ladder_steps(cal, at(cases[i].start), span(cases[i].promise), rungs);
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint k = 0; k < steps->len; k++) {
            const LadderStep *step = g_ptr_array_index(steps, k);
            g_string_append_printf(text, "%s%u %s", k ? ", " : "", step->rung, show(step->at));
            assert_int_equal(step->tell->len, 1);
        }
        assert_string_equal(text->str, cases[i].steps);
    }
}

static void only_a_last_rung_that_repeats_repeats(void **state) {
    g_autoptr(Calendar) cal = firm_open(&(Firm){"UTC", OFFICE});
    g_autoptr(GPtrArray) rungs = ladder("100% 100%+1d");
    Instant next = {0};
    assert_false(ladder_repeat(cal, rungs, 1, at("2026-11-27T17:00:00Z"), &next));
    ((Rung *)g_ptr_array_index(rungs, 1))->repeat = span("1d");
    assert_true(ladder_repeat(cal, rungs, 1, at("2026-11-27T17:00:00Z"), &next));
    assert_string_equal(show(next), "2026-11-30T17:00:00Z");
    assert_false(ladder_repeat(cal, rungs, 0, at("2026-11-27T17:00:00Z"), &next));
    assert_false(ladder_repeat(cal, rungs, 2, at("2026-11-27T17:00:00Z"), &next));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_of_time_are_read_strictly),
        cmocka_unit_test(a_length_is_added_in_its_own_kind_of_time),
        cmocka_unit_test(places_on_a_ladder_are_read_strictly),
        cmocka_unit_test(steps_stand_in_working_time),
        cmocka_unit_test(only_a_last_rung_that_repeats_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
