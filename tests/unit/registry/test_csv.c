/* SPDX-License-Identifier: Apache-2.0 */
/* The CSV reader: cells, lines, and everything it must refuse. */
#include "registry/csv.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *text;
    const char *rows; /* "line:cell|cell" for each row, "line!" for a bad one, joined by spaces */
} CsvCase;

static const CsvCase cases[] = {
    {"a,b\n1,2\n", "1:a|b 2:1|2"},
    {"\xef\xbb\xbf"
     "a,b\r\n1,2\r\n",
     "1:a|b 2:1|2"},
    {"a\n\n\n1", "1:a 4:1"},
    {"a,,\n,,c\n", "1:a|| 2:||c"},
    {"\"a,b\",\"say \"\"x\"\"\"\n", "1:a,b|say\"x\""},
    {"a , b\n", "1:a|b"},
    {"\"\"\n", "1:"},
    {"a\"b\nc\n", "1! 2:c"},
    {"\"a\"b\nc\n", "1! 2:c"},
    {"\"a\nb\n", "1! 2:b"},
    {"a\nx\"\ny\nz\n", "1:a 2! 3:y 4:z"},
    {"a\xff\nb\n", "1! 2:b"},
    {"a\tb\x01\nb\n", "1! 2:b"},
    {"\"a\nb\"\nc\n", "1! 2! 3:c"},
    {"", ""},
};

static char *read_all(const char *text, size_t length) {
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
    GString *out = g_string_new(NULL);
    CsvReader reader = csv_reader(text, length);
    unsigned line;
    const char *why;
    for (CsvResult result; (result = csv_next(&reader, cells, &line, &why)) != CSV_END;) {
        g_string_append_printf(out, out->len ? " %u%s" : "%u%s", line, result == CSV_BAD ? "!" : ":");
        for (guint i = 0; result == CSV_ROW && i < cells->len; i++) {
            g_auto(GStrv) words = g_strsplit(cells->pdata[i], " ", -1);
            g_autofree char *joined = g_strjoinv("", words);
            g_string_append_printf(out, i ? "|%s" : "%s", joined);
        }
    }
    return g_string_free(out, FALSE);
}

static void rows_have_cells_and_lines(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rows = read_all(cases[i].text, strlen(cases[i].text));
        assert_string_equal(rows, cases[i].rows);
    }
}

static void a_nul_byte_is_refused(void **state) {
    g_autofree char *rows = read_all("a,b\0c\nd\n", 8);
    assert_string_equal(rows, "1! 2:d");
}

static void a_huge_cell_is_refused(void **state) {
    g_autofree char *text = g_strnfill(70000, 'x');
    g_autofree char *rows = read_all(text, strlen(text));
    assert_string_equal(rows, "1!");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_cells_and_lines),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(a_huge_cell_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
