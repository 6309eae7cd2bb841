/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that may be hostile. */
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void a_member_of_the_wrong_type_is_absent(void **state) {
    static const char text[] = "{\"t\":\"x\",\"n\":7,\"f\":true,\"l\":[\"a\",1,null,\"b\"],\"o\":{\"n\":1.5}}";
    g_autoptr(json_t) o = json_parse(text, strlen(text), NULL);
    assert_string_equal(json_text(o, "t"), "x");
    assert_null(json_text(o, "n"));
    assert_null(json_text(o, "absent"));
    assert_null(json_text(NULL, "t"));
    assert_string_equal(json_text_or(o, "l", "y"), "y");
    assert_int_equal(json_number(o, "n", 1), 7);
    assert_int_equal(json_number(o, "t", 1), 1);
    assert_int_equal(json_number(json_member(o, "o"), "n", 1), 1); /* no integer */
    assert_true(json_flag(o, "f", false));
    assert_true(json_flag(o, "n", true));
    assert_null(json_list(o, "o"));
    assert_null(json_member(o, "l"));
    g_autoptr(GPtrArray) texts = json_texts(json_list(o, "l")), none = json_texts(NULL);
    assert_int_equal(texts->len, 2);
    assert_int_equal(none->len, 0);
    g_autoptr(json_t) list = json_from_texts(texts), empty = json_from_texts(NULL);
    char *compact = json_compact(list), *whole = json_compact(o), *nothing = json_compact(empty);
    assert_string_equal(compact, "[\"a\",\"b\"]");
    assert_string_equal(whole, text);
    assert_string_equal(nothing, "[]");
    free(compact);
    free(whole);
    free(nothing);
}

static void what_is_no_json_is_refused_without_quoting_it(void **state) {
    static const char *const bad[] = {"",
                                      "{",
                                      "{\"secret\" 1}",
                                      "{\"a\":1}x",
                                      "{\"secret\":1,\"secret\":2}",
                                      "[1,]",
                                      "nul",
                                      "\"\\u0000\"",
                                      "\"\xff\"",
                                      "{\"a\":secret}",
                                      "[\"secret\n\"]"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(json_parse(bad[i], strlen(bad[i]), &error));
        if (!strstr(error->message, "line") || strstr(error->message, "secret"))
            fail_msg("%s", error->message);
    }
    g_autofree char *deep = g_strnfill(1000000, '[');
    assert_null(json_parse(deep, 1000000, NULL));
    assert_null(json_parse("{}\0", 3, NULL));
}

int main(void) {
    json_prepare();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_of_the_wrong_type_is_absent),
        cmocka_unit_test(what_is_no_json_is_refused_without_quoting_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
