/* SPDX-License-Identifier: Apache-2.0 */
/* Templates say what they are given, escaped where HTML needs it, and never guess. */
#include "notice/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char VALUES[] =
    "{\"name\": \"<Ann> & \\\"Bob's\\\"\", \"n\": 3, \"yes\": true, \"no\": false, \"empty\": \"\", \"none\": [],"
    " \"list\": [{\"x\": \"1\"}, {\"x\": \"2\", \"name\": \"inner\"}], \"words\": [\"a\", \"b\"],"
    " \"who\": {\"x\": \"me\"}, \"nothing\": null}";

static void a_pattern_becomes_text(void **state) {
    static const struct {
        const char *pattern, *text;
        bool html;
    } cases[] = {
        {"plain } } { text", "plain } } { text", true},
        {"{{name}}", "<Ann> & \"Bob's\"", false},
        {"{{name}}", "&lt;Ann&gt; &amp; &quot;Bob&#39;s&quot;", true},
        {"{{{name}}}", "<Ann> & \"Bob's\"", true},
        {"{{ n }}{{nothing}}", "3", false},
        {"{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{^no}}c{{/no}}{{^yes}}d{{/yes}}", "ac", false},
        {"{{#empty}}a{{/empty}}{{^empty}}b{{/empty}}{{^none}}c{{/none}}{{#none}}{{/none}}", "bc", false},
        {"{{#list}}{{x}},{{#no}}{{x}}{{/no}}{{/list}}", "1,2,", false},
        {"{{#list}}[{{{name}}}]{{/list}}", "[<Ann> & \"Bob's\"][inner]", true},
        {"{{#words}}{{.}} {{/words}}", "a b ", false},
        {"{{#who}}{{x}}{{/who}}", "me", false},
        {"{{#no}}{{#list}}{{unseen}}{{/list}}{{/no}}ok", "ok", false},
        {"a{{! a comment }}b", "ab", false},
        {"a\n  {{#yes}}  \nb\n{{/yes}}\nc\n{{! alone }}\nd", "a\nb\nc\nd", false},
        {"a {{#yes}}\nb{{/yes}}\nc", "a \nb\nc", false},
    };
    g_autoptr(json_t) values = json_parse(VALUES, strlen(VALUES), NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = template_fill(cases[i].pattern, values, cases[i].html, &error);
        assert_null(error);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_wrong_pattern_is_named_with_its_line(void **state) {
    static const struct {
        const char *pattern, *line, *name;
    } cases[] = {
        {"a\n{{unseen}}", "line 2", "unseen"},
        {"{{#unseen}}x{{/unseen}}", "line 1", "unseen"},
        {"a\n\n{{#yes}}x", "line 3", "yes"},
        {"x{{/yes}}", "line 1", "yes"},
        {"{{#yes}}{{#no}}{{/yes}}{{/no}}", "line 1", "yes"},
        {"a {{name", "line 1", "{{"},
        {"{{list}}", "line 1", "list"},
        {"{{{name}}", "line 1", "{{"},
    };
    g_autoptr(json_t) values = json_parse(VALUES, strlen(VALUES), NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(template_fill(cases[i].pattern, values, false, &error));
        assert_non_null(strstr(error->message, cases[i].line));
        assert_non_null(strstr(error->message, cases[i].name));
    }
}

static void nesting_has_an_end(void **state) {
    GString *deep = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(deep, "{{#yes}}");
    g_autoptr(json_t) values = json_pack("{s:b}", "yes", true);
    g_autoptr(GError) error = NULL;
    assert_null(template_fill(deep->str, values, false, &error));
    assert_non_null(strstr(error->message, "deep"));
    g_string_free(deep, TRUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_becomes_text),
        cmocka_unit_test(a_wrong_pattern_is_named_with_its_line),
        cmocka_unit_test(nesting_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
