/* SPDX-License-Identifier: Apache-2.0 */
/* A case asks for a part of a decision. */
#include "ctl/likeness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *expected, *got, *differences; /* "" : alike; of several one a line */
} LikeCase;

static const LikeCase cases[] = {
    {"{}", "{'a': 1}", ""},
    {"{'a': 1}", "{'a': 1, 'b': 2}", ""},
    {"{'a': 1}", "{'a': 2}", "a: 1, got 2\n"},
    {"{'a': 1, 'b': 2}", "{'a': 2, 'b': 1}", "a: 1, got 2\nb: 2, got 1\n"},
    {"{'a': {'b': 'x'}}", "{'a': {'b': 'y'}}", "a.b: \"x\", got \"y\"\n"},
    {"{'a': 1}", "{}", "a: 1, got nothing\n"},
    {"{'a': null}", "{'a': null}", ""},
    {"{'a': null}", "{}", "a: null, got nothing\n"},
    {"{'l': ['x']}", "{'l': ['y', 'x']}", ""},
    {"{'l': [{'id': 'r'}]}", "{'l': [{'id': 'q'}, {'id': 'r', 'm': 1}]}", ""},
    {"{'l': [{'id': 'r', 'm': 2}]}", "{'l': [{'id': 'q', 'm': 2}, {'id': 'r', 'm': 1}]}", "l[r].m: 2, got 1\n"},
    {"{'l': [{'name': 'r', 'm': 2}]}", "{'l': [{'name': 'r'}, {'name': 'r', 'm': 1}]}",
     "l: {\"name\":\"r\",\"m\":2}, got [{\"name\":\"r\"},{\"name\":\"r\",\"m\":1}]\n"},
    {"{'l': ['z']}", "{'l': ['y', 'x']}", "l: \"z\", got [\"y\",\"x\"]\n"},
    {"{'l': []}", "{'l': []}", ""},
    {"{'l': []}", "{'l': ['y']}", "l: [], got [\"y\"]\n"},
    {"{'l': ['y']}", "{'l': 'y'}", "l: [\"y\"], got \"y\"\n"},
};

static json_t *parse(const char *text) {
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    return json_parse(json, strlen(json), NULL);
}

static void what_is_expected_must_be_there_and_nothing_else_matters(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) expected = parse(cases[i].expected), got = parse(cases[i].got);
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)difference_free);
        g_autoptr(GString) said = g_string_new(NULL);
        likeness_compare(expected, got, found);
        for (guint d = 0; d < found->len; d++) {
            const Difference *one = g_ptr_array_index(found, d);
            g_string_append_printf(said, "%s: %s, got %s\n", one->path, one->expected, one->got);
        }
        assert_string_equal(said->str, cases[i].differences);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_expected_must_be_there_and_nothing_else_matters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
