/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand beside encrypted files is what the policy lists, line by line, and nothing hidden between. */
#include "message/harmless.h"
#include "facts/owntext.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <time.h>

static GPtrArray *lines, *footers;

static const struct {
    const char *text;
    bool harmless;
} cases[] = {
    {"", true},
    {"\n \t\n-- \n____\n", true},
    {"Please find the papers attached.", true},
    {"  please FIND the papers attached.\r\n", true},
    {"Please find the papers attached", false},
    {"Please find the papers attached. Two million.", false},
    {"Dear Nora,\nPlease find the papers attached.\n", true},
    {"Dear Nora,\nTwo million.\nPlease find the papers attached.\n", false},
    {"> Please find the papers attached.\n", false},
    {"Gr\xc3\xbc\xc3\x9f"
     "e aus K\xc3\xb6ln",
     true},
    {"GR\xc3\x9cSSE AUS K\xc3\x96LN", true},
    {"Aldous & Partners is a partnership\nof solicitors.", true},
    {"Aldous & Partners is a partnership of thieves.", false},
    {"\xff\xfe", true},
    {"two \xff", false},
};

static void only_listed_lines_are_harmless(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (harmless_text(cases[i].text, lines, footers) != cases[i].harmless)
            fail_msg("%s", cases[i].text);
    assert_false(harmless_text("Please find the papers attached.", NULL, NULL));
}

static void long_texts_and_lines_are_letters(void **state) {
    g_autoptr(GString) text = g_string_new("Dear ");
    for (int i = 0; i < 600; i++)
        g_string_append_c(text, 'x');
    g_string_append_c(text, ',');
    assert_false(harmless_text(text->str, lines, footers));
    g_string_truncate(text, 0);
    for (int i = 0; i < 1000; i++)
        g_string_append(text, "Dear Nora,\n");
    assert_false(harmless_text(text->str, lines, footers));
}

static void stars_cost_no_more_than_the_line(void **state) {
    g_autoptr(GPtrArray) stars = g_ptr_array_new();
    g_ptr_array_add(stars, "*a*a*a*a*a*a*a*a*a*b");
    g_autofree char *line = g_strnfill(500, 'a');
    clock_t before = clock();
    assert_false(harmless_line(line, stars));
    assert_true(clock() - before < CLOCKS_PER_SEC / 10);
}

static int list(void **state) {
    lines = g_ptr_array_new();
    footers = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(lines, "Please find the papers attached.");
    g_ptr_array_add(lines, "Dear *,");
    g_ptr_array_add(lines, "gr\xc3\xbc\xc3\x9f"
                           "e aus *");
    g_ptr_array_add(footers, owntext_footer("Aldous & Partners is a partnership of solicitors."));
    return 0;
}

static int forget(void **state) {
    g_ptr_array_unref(lines);
    g_ptr_array_unref(footers);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_listed_lines_are_harmless),
        cmocka_unit_test(long_texts_and_lines_are_letters),
        cmocka_unit_test(stars_cost_no_more_than_the_line),
    };
    return cmocka_run_group_tests(tests, list, forget);
}
