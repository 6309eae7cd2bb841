/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns against a stranger's text: they match, and they end. */
#include "policy/barepattern.h"
#include "policy/condition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static pcre2_code *compile(const char *text, bool jit) {
    int code;
    PCRE2_SIZE at;
    pcre2_code *pattern = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS,
                                        &code, &at, NULL);
    assert_non_null(pattern);
    if (jit)
        pcre2_jit_compile(pattern, PCRE2_JIT_COMPLETE);
    return pattern;
}

static void patterns_answer_in_three_ways(void **state) {
    static const struct {
        const char *pattern, *text;
        Match answer;
    } cases[] = {
        {"bank", "New BANK details", MATCH_YES},
        {"\\bbank\\b", "banker", MATCH_NO},
        {"é", "É", MATCH_YES},
        {"^$", "", MATCH_YES},
        {"a", "broken \xff a", MATCH_UNKNOWN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (int jit = 0; jit < 2; jit++) {
            pcre2_code *pattern = compile(cases[i].pattern, jit);
            assert_int_equal(pattern_match(pattern, cases[i].text), cases[i].answer);
            pcre2_code_free(pattern);
        }
}

static void a_text_that_makes_a_pattern_explode_is_unknown(void **state) {
    g_autofree char *many = g_strnfill(5000, 'a');
    g_autofree char *text = g_strconcat(many, "!", NULL);
    for (int jit = 0; jit < 2; jit++) {
        pcre2_code *pattern = compile("(a+)+(b+)+\\1x", jit);
        pcre2_code *nested = compile("^(?:(a|aa)+)+$", jit);
        assert_int_not_equal(pattern_match(pattern, text), MATCH_YES);
        assert_int_equal(pattern_match(nested, text), MATCH_UNKNOWN);
        pcre2_code_free(pattern);
        pcre2_code_free(nested);
    }
}

static void a_pattern_is_rewritten_for_text_without_white_space(void **state) {
    static const char *const cases[][2] = {
        {"secret", NULL},
        {"\\bwire +transfer\\b", "wiretransfer"},
        {"top\\s{1,3}?secret", "topsecret"},
        {"top[ -]secret", "top[ -]?secret"},
        {"top[\\s_]+secret", "top[\\s_]*secret"},
        {"top[^ ]secret", NULL},
        {"top[] ]secret", "top[] ]?secret"},
        {"a[[:space:]]{2}b", "a[[:space:]]*b"},
        {"a\\ b", NULL}, /* an escaped space stays: rare, and never wrong */
        {"(?x) top secret", NULL},
        {"\\Qtop secret\\E", NULL},
        {"(?i)top secret", "(?i)topsecret"},
        {"\\\\ b", "\\\\b"},
        {"x{,2} y{z", "x{,2}y{z"},
        {"[", NULL},
        {"a \\", "a\\"},
        {" {", "{"},
        {"", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *bare = bare_pattern(cases[i][0]);
        if (cases[i][1] == NULL)
            assert_null(bare);
        else
            assert_string_equal(bare, cases[i][1]);
    }
}

static void the_table_of_conditions_is_whole(void **state) {
    bool seen[TEST_COUNT] = {false};
    for (size_t i = 0; i < condition_type_count; i++) {
        const ConditionType *type = &condition_types[i];
        assert_true(type->value != VALUE_WORDS || type->words);
        assert_true(strlen(type->help) > 10);
        seen[type->test] = true;
        for (size_t k = 0; k < i; k++)
            assert_false(condition_types[k].group == type->group && strcmp(condition_types[k].name, type->name) == 0);
    }
    for (int test = 0; test < TEST_COUNT; test++)
        assert_true(seen[test]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_answer_in_three_ways),
        cmocka_unit_test(a_text_that_makes_a_pattern_explode_is_unknown),
        cmocka_unit_test(a_pattern_is_rewritten_for_text_without_white_space),
        cmocka_unit_test(the_table_of_conditions_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
