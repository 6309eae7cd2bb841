/* SPDX-License-Identifier: Apache-2.0 */
/* A case asks for a part of a decision. */
#include "ctl/likeness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *expected, *got, *where; /* where NULL: alike */
} LikeCase;

static const LikeCase cases[] = {
    {"{}", "{'a': 1}", NULL},
    {"{'a': 1}", "{'a': 1, 'b': 2}", NULL},
    {"{'a': 1}", "{'a': 2}", "a: expected 1, got 2"},
    {"{'a': {'b': 'x'}}", "{'a': {'b': 'y'}}", "a.b: expected \"x\", got \"y\""},
    {"{'a': 1}", "{}", "a: expected 1, got nothing"},
    {"{'a': null}", "{'a': null}", NULL},
    {"{'a': null}", "{}", "a: expected null, got nothing"},
    {"{'l': ['x']}", "{'l': ['y', 'x']}", NULL},
    {"{'l': [{'id': 'r'}]}", "{'l': [{'id': 'q'}, {'id': 'r', 'm': 1}]}", NULL},
    {"{'l': ['z']}", "{'l': ['y', 'x']}", "l: expected \"z\", got [\"y\",\"x\"]"},
    {"{'l': []}", "{'l': []}", NULL},
    {"{'l': []}", "{'l': ['y']}", "l: expected [], got [\"y\"]"},
    {"{'l': ['y']}", "{'l': 'y'}", "l: expected [\"y\"], got \"y\""},
};

static json_t *parse(const char *text) {
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    return json_parse(json, strlen(json), NULL);
}

static void what_is_expected_must_be_there_and_nothing_else_matters(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) expected = parse(cases[i].expected), got = parse(cases[i].got);
        g_autofree char *difference = likeness_difference(expected, got);
        if (cases[i].where)
            assert_string_equal(difference ? difference : "alike", cases[i].where);
        else
            assert_null(difference);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_expected_must_be_there_and_nothing_else_matters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
