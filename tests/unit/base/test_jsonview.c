/* SPDX-License-Identifier: Apache-2.0 */
/* JSON read in place, beside jansson: what one takes the other takes as well, with the same meaning. */
#include "base/jsonview.h"
#include "base/json.h"
#include "base/jsontext.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void a_member_of_the_wrong_type_is_absent(void **state) {
    static const char text[] =
        " {\"t\":\"x\",\"n\":-7,\"f\":true,\"l\":[\"a\",[2],null,\"b\"],\"o\":{\"n\":0}, \"e\":[]} ";
    g_autoptr(JsonDocument) document = jsonview_parse(text, strlen(text), NULL);
    const JsonView *o = jsonview_root(document), *list = view_list(o, "l");
    assert_string_equal(view_text(o, "t"), "x");
    assert_null(view_text(o, "n"));
    assert_null(view_text(o, "absent"));
    assert_null(view_text(NULL, "t"));
    assert_null(view_text(list, "t"));
    assert_string_equal(view_text_or(o, "l", "y"), "y");
    assert_int_equal(view_number(o, "n", 1), -7);
    assert_int_equal(view_number(o, "t", 1), 1);
    assert_int_equal(view_number(view_member(o, "o"), "n", 1), 0);
    assert_true(view_flag(o, "f", false));
    assert_true(view_flag(o, "n", true));
    assert_null(view_list(o, "o"));
    assert_null(view_member(o, "l"));
    assert_null(view_first(view_list(o, "e")));
    assert_null(view_first(o));
    assert_int_equal(view_count(list), 4);
    const JsonView *second = view_next(list, view_first(list));
    assert_int_equal(view_count(second), 1);
    assert_null(view_string(second));
    assert_null(view_next(second, view_first(second)));
    g_autoptr(GPtrArray) texts = view_texts(list), none = view_texts(NULL);
    assert_int_equal(texts->len, 2);
    assert_string_equal(g_ptr_array_index(texts, 1), "b");
    assert_int_equal(none->len, 0);
}

static void what_is_no_json_is_refused_without_quoting_it(void **state) {
    static const char *const bad[] = {"",
                                      " ",
                                      "{",
                                      "[",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\":1",
                                      "{\"secret\" 1}",
                                      "{\"a\":1}x",
                                      "{,}",
                                      "{\"a\":1,}",
                                      "[1,]",
                                      "[1 2]",
                                      "[1}",
                                      "{\"secret\":1,\"secret\":2}",
                                      "{\"a\":{},\"b\":[1,{\"x\":1}],\"a\":1}",
                                      "{1:2}",
                                      "nul",
                                      "truE",
                                      "-",
                                      "01",
                                      "+1",
                                      "1.5",
                                      "1e3",
                                      "9223372036854775808",
                                      "\"",
                                      "\"a",
                                      "\"\\",
                                      "\"\\u",
                                      "\"\\u12",
                                      "\"\\u123g\"",
                                      "\"\\x\"",
                                      "\"\\u0000\"",
                                      "\"\\ud800\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\udc00\"",
                                      "\"\xff\"",
                                      "\"\xc3\"",
                                      "\"\xed\xa0\x80\"",
                                      "{\"a\":secret}",
                                      "[\"secret\n\"]",
                                      "'a'",
                                      "[\"a\" \"b\"]",
                                      "{\"a\":1:2}"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *exact = g_memdup2(bad[i], strlen(bad[i]) + 1); /* for the sanitizer: no byte behind the text */
        g_autoptr(JsonDocument) document = jsonview_parse(exact, strlen(bad[i]), &error);
        if (document)
            fail_msg("taken: %s", bad[i]);
        if (!strstr(error->message, "byte") || strstr(error->message, "secret"))
            fail_msg("%s", error->message);
    }
    assert_null(jsonview_parse("{}\0", 3, NULL));
    assert_null(jsonview_parse("\"a\0b\"", 5, NULL));
}

static void what_would_cost_much_is_refused(void **state) {
    g_autofree char *deep = g_strnfill(1000000, '[');
    assert_null(jsonview_parse(deep, 1000000, NULL));
    GString *wide = g_string_new("{");
    for (int i = 0; i < 65; i++)
        g_string_append_printf(wide, "%s\"m%d\":0", i ? "," : "", i);
    g_string_append_c(wide, '}');
    assert_null(jsonview_parse(wide->str, wide->len, NULL));
    g_string_free(wide, TRUE);
}

static void numbers_of_64_bits_are_whole(void **state) {
    static const char text[] = "[9223372036854775807,-9223372036854775808,0,-0,12]";
    g_autoptr(JsonDocument) document = jsonview_parse(text, strlen(text), NULL);
    const JsonView *list = jsonview_root(document);
    assert_int_equal(view_count(list), 5);
    g_autofree char *object = g_strdup_printf("{\"a\":%s,\"b\":%s}", "9223372036854775807", "-9223372036854775808");
    g_autoptr(JsonDocument) both = jsonview_parse(object, strlen(object), NULL);
    assert_true(view_number(jsonview_root(both), "a", 0) == INT64_MAX);
    assert_true(view_number(jsonview_root(both), "b", 0) == INT64_MIN);
    assert_null(jsonview_parse("-9223372036854775809", 20, NULL));
}

/* Many values, so that the array grows and moves while it is filled. */
static void texts_mean_what_jansson_reads_in_them(void **state) {
    static const char *const texts[] = {"\"\"",
                                        "\"plain\"",
                                        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                        "\"\\u00e9\\u20ac\\ud83d\\ude00\"",
                                        "\"\xc3\xa9\xf0\x9f\x98\x80\"",
                                        "\"\\u007f\""};
    GString *out = g_string_new("[");
    for (int i = 0; i < 600; i++)
        g_string_append_printf(out, "%s%s", i ? "," : "", texts[(size_t)i % G_N_ELEMENTS(texts)]);
    g_string_append_c(out, ']');
    g_autoptr(json_t) tree = json_parse(out->str, out->len, NULL);
    g_autoptr(JsonDocument) document = jsonview_parse(out->str, out->len, NULL);
    const JsonView *list = jsonview_root(document), *item = view_first(list);
    for (size_t i = 0; i < 600; i++, item = view_next(list, item)) {
        assert_string_equal(view_string(item), json_string_value(json_array_get(tree, i)));
        assert_int_equal(view_length(item), json_string_length(json_array_get(tree, i)));
    }
    assert_null(item);
    g_string_free(out, TRUE);
}

static void what_is_written_can_be_read(void **state) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_ptr_array_add(list, (char *)"a \"quoted\" \\ [");
    g_ptr_array_add(list, (char *)"line\n\x01 {");
    g_ptr_array_add(list, (char *)"wrong \xff");
    jsontext_open(out, NULL, '{');
    jsontext_texts(out, "l", list);
    jsontext_texts(out, "none", NULL);
    jsontext_open(out, "o", '{');
    jsontext_number(out, "n", -12);
    jsontext_flag(out, "f", false);
    jsontext_close(out, '}');
    jsontext_json(out, "j", "[1]");
    jsontext_open(out, "e", '[');
    jsontext_open(out, NULL, '{');
    jsontext_close(out, '}');
    jsontext_number(out, NULL, 1);
    jsontext_close(out, ']');
    jsontext_close(out, '}');
    assert_string_equal(
        out->str, "{\"l\":[\"a \\\"quoted\\\" \\\\ [\",\"line\\u000a\\u0001 {\",\"wrong \xef\xbf\xbd\"],\"none\":[],"
                  "\"o\":{\"n\":-12,\"f\":false},\"j\":[1],\"e\":[{},1]}");
    g_autoptr(JsonDocument) document = jsonview_parse(out->str, out->len, NULL);
    g_autoptr(GPtrArray) read = view_texts(view_list(jsonview_root(document), "l"));
    assert_string_equal(g_ptr_array_index(read, 0), g_ptr_array_index(list, 0));
    assert_string_equal(g_ptr_array_index(read, 1), g_ptr_array_index(list, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_of_the_wrong_type_is_absent),
        cmocka_unit_test(what_is_no_json_is_refused_without_quoting_it),
        cmocka_unit_test(what_would_cost_much_is_refused),
        cmocka_unit_test(numbers_of_64_bits_are_whole),
        cmocka_unit_test(texts_mean_what_jansson_reads_in_them),
        cmocka_unit_test(what_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
