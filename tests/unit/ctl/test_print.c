/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves `lexgate` for spreadsheets and people. */
#include "ctl/print.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *cell, *line;
} CellCase;

static const CellCase cell_cases[] = {
    {"plain", "plain\n"},
    {"a,b", "\"a,b\"\n"},
    {"say \"x\"", "\"say \"\"x\"\"\"\n"},
    {"=1+1", "'=1+1\n"},
    {"+44", "'+44\n"},
    {"-2", "'-2\n"},
    {"@SUM(A1)", "'@SUM(A1)\n"},
    {"=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\"\n"},
    {"a=b", "a=b\n"},
    {NULL, "\n"},
};

static void no_cell_is_taken_for_a_formula_or_breaks_its_line(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cell_cases); i++) {
        g_autofree char *line = csv_line(&cell_cases[i].cell, 1);
        assert_string_equal(line, cell_cases[i].line);
    }
    const char *cells[] = {"a", "b"};
    g_autofree char *two = csv_line(cells, 2);
    assert_string_equal(two, "a,b\n");
}

static void a_length_of_time_has_two_units_at_most(void **state) {
    static const struct {
        int64_t seconds;
        const char *words;
    } cases[] = {{-5, "0s"},      {59, "59s"},        {60, "1m"},       {3599, "59m"},
                 {3660, "1h 1m"}, {86399, "23h 59m"}, {100800, "1d 4h"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = duration_words(duration_seconds(cases[i].seconds));
        assert_string_equal(words, cases[i].words);
    }
}

static void no_time_is_null(void **state) {
    g_autoptr(json_t) never = json_instant(INSTANT_NEVER);
    g_autoptr(json_t) none = json_instant((Instant){0});
    g_autoptr(json_t) some = json_instant(instant_from_seconds(1795442400));
    assert_true(json_is_null(never));
    assert_true(json_is_null(none));
    assert_string_equal(json_string_value(some), "2026-11-23T14:00:00Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cell_is_taken_for_a_formula_or_breaks_its_line),
        cmocka_unit_test(a_length_of_time_has_two_units_at_most),
        cmocka_unit_test(no_time_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
