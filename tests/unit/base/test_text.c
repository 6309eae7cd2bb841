/* SPDX-License-Identifier: Apache-2.0 */
/* Words from strangers: each table ends with what an enemy would write. */
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void an_address_is_compared_without_case_and_brackets(void **state) {
    static const char *const cases[][2] = {
        {" <Alice@Firm.TEST> ", "alice@firm.test"},
        {"<>", ""},
        {"", ""},
        {"a@b", "a@b"},
        {"\t<A@B>\r\n", "a@b"},
        {"Ä@B", "ä@b"},
        {"<<a@b>>", "a@b"},
        {"x@exämple.test", "x@xn--exmple-cua.test"},
        {"X@EXÄMPLE.Test", "x@xn--exmple-cua.test"},
        {"x@exa\xcc\x88mple.test", "x@xn--exmple-cua.test"},
        {"@exämple.test", "@xn--exmple-cua.test"},
        {"x@straße.test", "x@xn--strae-oqa.test"}, /* not strasse.test, which is another's */
        {"x@XN--STRAE-OQA.test", "x@xn--strae-oqa.test"},
        {"x@exämple。test", "x@xn--exmple-cua.test"},
        {"x@ＥＸämple.test", "x@xn--exmple-cua.test"},
        {"x@i❤.test", "x@xn--i-7iq.test"},
        {"ja\xcc\x88n@B.test", "jän@b.test"},
        {"Ä", "ä"},
        {"\xff@B.test", "\xff@b.test"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = address_normalise(cases[i][0]);
        assert_string_equal(got, cases[i][1]);
    }
    assert_string_equal(address_domain("\"a@b\"@c.test"), "c.test");
    assert_string_equal(address_domain("nobody"), "");
    assert_string_equal(address_domain(NULL), "");
}

static void only_plausible_addresses_pass(void **state) {
    static const char *const good[] = {
        "a@b.test",    "a+b-c_d=e'f@b.test", "\"a@b\"@c.test",       "jörg@büro.test",
        "a..b@c.test", "a@[192.0.2.1]",      "a@[IPv6:2001:db8::1]", "a@xn--bro-hoa.test"};
    static const char *const bad[] = {
        "",         "a",       "@b",     "a@",          "a b@c",   "a@b c",           "a@b\n",      "a\r\nX: y@b",
        "a@.b",     "a@b.",    "a@b..c", "a,b@c",       "a;b@c",   "<a@b>",           "a@b,c@d",    "a@b@c",
        "a@b/../c", "a\x7f@b", "\xff@b", "a@b\xc2\x85", "a@[x y]", "a\xe2\x80\xa8@b", "a\xc2\xa0@b"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        if (!address_is_plausible(good[i]))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (address_is_plausible(bad[i]))
            fail_msg("passed: %s", bad[i]);
    g_autofree char *local = g_strnfill(314, 'a');
    g_autofree char *longest = g_strconcat(local, "@b.com", NULL), *longer = g_strconcat("a", longest, NULL);
    assert_true(address_is_plausible(longest));
    assert_false(address_is_plausible(longer));
    assert_false(address_is_plausible(NULL));
}

static void the_detail_of_an_address_comes_off(void **state) {
    static const char *const cases[][3] = {
        {"alice+2026-0117@firm.test", "alice@firm.test", "2026-0117"},
        {"alice@firm.test", "alice@firm.test", NULL},
        {"alice+@firm.test", "alice@firm.test", ""},
        {"+x@firm.test", "+x@firm.test", NULL},
        {"a@b+c", "a@b+c", NULL},
        {"a+b+c@d", "a@d", "b+c"},
        {"a+b", "a+b", NULL},
        {"\"a+b\"@d", "\"a+b\"@d", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *detail = NULL;
        g_autofree char *base = address_without_detail(cases[i][0], &detail);
        assert_string_equal(base, cases[i][1]);
        assert_true(text_equal(detail, cases[i][2]));
    }
}

static void words_split_at_blanks_and_commas(void **state) {
    g_autoptr(GPtrArray) words = text_words(" a, b\t\tc,,d ");
    assert_int_equal(words->len, 4);
    assert_string_equal(g_ptr_array_index(words, 3), "d");
    g_autoptr(GPtrArray) none = text_words(NULL);
    assert_int_equal(none->len, 0);
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal(NULL, ""));
    assert_true(text_equal_nocase("Reply-BY", "reply-by"));
    assert_false(text_equal_nocase("a", NULL));
}

static void a_typing_mistake_finds_its_word(void **state) {
    static const char *const known[] = {"timezone", "hours", "exceptions", "holidays", "otherwise", "to", NULL};
    static const char *const cases[][2] = {
        {"timezon", "timezone"},
        {"timezoen", "timezone"},
        {"Timezone", "timezone"},
        {"huors", "hours"},
        {"houres", "hours"},
        {"holliday", "holidays"},
        {"tmzn", NULL},
        {"ot", NULL},
        {"", NULL},
        {"colour", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (!text_equal(text_suggest(cases[i][0], known), cases[i][1]))
            fail_msg("%s: %s", cases[i][0], text_suggest(cases[i][0], known));
    g_autofree char *endless = g_strnfill(1000000, 'a');
    assert_null(text_suggest(endless, known));
    assert_null(text_suggest(NULL, known));
}

static char *lookup(const char *name, void *state) {
    return strcmp(name, "matter") == 0 ? g_strdup("{level}") : strcmp(name, "empty") == 0 ? g_strdup("") : NULL;
}

static void names_in_braces_are_filled_once(void **state) {
    static const char *const cases[][2] = {
        {"a {matter} b", "a {level} b"}, {"{empty}{other}", "{other}"}, {"{", "{"}, {"}", "}"},
        {"{{matter}}", "{{level}}"},     {"{matter", "{matter"},        {"", ""},   {"{}", "{}"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = text_fill(cases[i][0], lookup, NULL);
        assert_string_equal(got, cases[i][1]);
    }
}

static void what_is_shown_cannot_break_a_line_or_turn_it(void **state) {
    static const struct {
        const char *text;
        size_t length, max;
        const char *shown;
    } cases[] = {
        {"plain", 5, 99, "plain"},
        {"a\nb\rc\td", 7, 99, "a?b?c?d"},
        {"a\0b", 3, 99, "a?b"},
        {"\xc3\xa4", 2, 2, "ä"},
        {"\xc3\xa4", 2, 1, ""},
        {"\xc3", 1, 99, "?"},
        {"\xff\xfe", 2, 99, "??"},
        {"a\xc2\x85z", 4, 99, "a?z"},
        {"a\xe2\x80\xae"
         "b",
         5, 99, "a?b"},
        {"a\xe2\x80\xa8"
         "b",
         5, 99, "a?b"},
        {"abcdef", 6, 3, "abc"},
        {"\x1b[31m", 5, 99, "?[31m"},
        {"\xed\xa0\x80", 3, 99, "???"},
        {"", 0, 9, ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = text_printable(cases[i].text, cases[i].length, cases[i].max);
        assert_string_equal(shown, cases[i].shown);
    }
}

static void an_id_is_safe_as_a_file_name(void **state) {
    static const char *const good[] = {"2026-0117", "harbour", "_firm", "a.b", "-"};
    static const char *const bad[] = {"", ".", "..", ".hidden", "a/b", "a b", "ä", "a\n", "a:b"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        assert_true(text_is_id(good[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_false(text_is_id(bad[i]));
    g_autofree char *full = g_strnfill(64, 'a'), *over = g_strnfill(65, 'a');
    assert_true(text_is_id(full));
    assert_false(text_is_id(over));
    assert_false(text_is_id(NULL));
}

static void base64_has_one_spelling(void **state) {
    static const char *const bad[] = {
        "a", "ab", "abc", "ab=c", "=abc", "a===", "ab\n=", "ab==ab==", "YR==", "YWJ=", "****", "ab c", "_-_-"};
    for (size_t n = 0; n < 50; n++) {
        unsigned char data[50];
        memset(data, (int)(n * 37 + 200), sizeof data);
        size_t length = 99;
        g_autofree char *text = base64_encode(data, n);
        g_autofree unsigned char *again = base64_decode(text, &length);
        assert_non_null(again);
        assert_int_equal(length, n);
        assert_memory_equal(again, data, n);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_null(base64_decode(bad[i], &(size_t){0}));
    assert_null(base64_decode(NULL, &(size_t){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_compared_without_case_and_brackets),
        cmocka_unit_test(only_plausible_addresses_pass),
        cmocka_unit_test(the_detail_of_an_address_comes_off),
        cmocka_unit_test(words_split_at_blanks_and_commas),
        cmocka_unit_test(a_typing_mistake_finds_its_word),
        cmocka_unit_test(names_in_braces_are_filled_once),
        cmocka_unit_test(what_is_shown_cannot_break_a_line_or_turn_it),
        cmocka_unit_test(an_id_is_safe_as_a_file_name),
        cmocka_unit_test(base64_has_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
