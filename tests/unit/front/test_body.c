/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge that was taken over may do to the body of a message: no more than sentences of the policy need. */
#include "front/body.h"
#include "rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define MESSAGE "Subject: x\r\n\r\nHello\r\n"
enum { BODY_AT = 14, LENGTH = sizeof MESSAGE - 1 };

static int setup(void **state) {
    return rules_load("{ id = \"b\"; banner: { text = \"Take care.\"; form = \"text\"; }; disclaimer = \"x\"; }, "
                      "{ id = \"no\"; banner: { text = \"Take care.\"; form = \"text\"; }; }, "
                      "{ id = \"seen\"; banner: { text = \"Take care.\"; form = \"text\"; }; }, "
                      "{ id = \"h\"; banner = \"Take care.\"; }");
}

#define REMARK(kind, rule, form)                                                                                       \
    "{\"kind\":\"" kind "\",\"rule\":\"" rule "\",\"form\":\"" form "\",\"text\":\"Take care.\",\"why\":\"1\"}"
#define TEXT REMARK("banner", "b", "text")
#define RULES                                                                                                          \
    "\"rules\":[{\"id\":\"b\",\"applies\":true,\"observed\":false},{\"id\":\"h\",\"applies\":true,\"observed\":false}" \
    ","                                                                                                                \
    "{\"id\":\"no\",\"applies\":false,\"observed\":false},{\"id\":\"seen\",\"applies\":true,\"observed\":true}]"
#define EDIT(at, removed, added) "{\"at\":" #at ",\"removed\":" #removed ",\"added\":" #added "}"

static const struct {
    const char *remarks, *body;
    bool fixed, good;
} cases[] = {
    {"", "", false, true},
    {TEXT, EDIT(14, 0, 20), false, true},
    {TEXT, EDIT(14, 7, 20), false, true},
    {TEXT, EDIT(14, 7, 65606), false, true}, /* a text of one byte a letter may become ten times as long */
    {TEXT, EDIT(14, 7, 65607), false, false},
    {TEXT, EDIT(14, 0, 20) "," EDIT(21, 0, 5), false, true},
    {REMARK("banner", "b", "header"), "", true, true},
    {REMARK("banner", "b", "there"), "", false, true},
    /* Not so. */
    {TEXT, EDIT(14, 0, 20), true, false}, /* the MTA lets nobody, or its end is missing */
    {TEXT, "", false, false},             /* written, and nothing is */
    {"", EDIT(14, 0, 20), false, false},  /* nobody asked for it */
    {REMARK("banner", "b", "there"), EDIT(14, 0, 20), false, false},
    {REMARK("banner", "h", "text"), EDIT(14, 0, 20), false, false}, /* that rule wants a header */
    {REMARK("disclaimer", "b", "text"), EDIT(14, 0, 20), false, false},
    {REMARK("banner", "no", "text"), EDIT(14, 0, 20), false, false},   /* that rule does not apply */
    {REMARK("banner", "seen", "text"), EDIT(14, 0, 20), false, false}, /* and that one is observed only */
    {TEXT "," TEXT, EDIT(14, 0, 20), false, false},
    {"{\"kind\":\"banner\",\"rule\":\"b\",\"form\":\"header\",\"text\":\"a\\u0001b\",\"why\":\"\"}", "", false, false},
    {REMARK("banner", "none", "text"), EDIT(14, 0, 20), false, false},
    {REMARK("letter", "b", "text"), EDIT(14, 0, 20), false, false},
    {REMARK("banner", "b", "shout"), "", false, false},
    {"{\"kind\":\"banner\",\"rule\":\"b\",\"form\":\"header\",\"text\":\"a\\nb\",\"why\":\"\"}", "", false, false},
    {"{\"kind\":\"banner\",\"rule\":\"b\",\"form\":\"header\",\"text\":\"a\"}", "", false, false},
    {TEXT, EDIT(13, 0, 20), false, false}, /* in the header */
    {TEXT, EDIT(0, 0, 20), false, false},
    {TEXT, EDIT(22, 0, 20), false, false}, /* behind the end */
    {TEXT, EDIT(14, 8, 20), false, false},
    {TEXT, EDIT(14, 9223372036854775807, 20), false, false},
    {TEXT, EDIT(-1, 0, 20), false, false},
    {TEXT, EDIT(14, -1, 20), false, false},
    {TEXT, EDIT(14, 0, -1), false, false},
    {TEXT, EDIT(14, 0, 0), false, false},
    {TEXT, EDIT(14, 7, 0), false, false},                    /* taking away alone */
    {TEXT, EDIT(14, 3, 5) "," EDIT(16, 0, 5), false, false}, /* one over the other */
    {TEXT, EDIT(21, 0, 5) "," EDIT(14, 0, 5), false, false},
    {TEXT, EDIT(14, 0, 65537), false, false}, /* more than a sentence */
    {TEXT, EDIT(14, 0, 9223372036854775807), false, false},
    {TEXT, "{\"removed\":0,\"added\":5}", false, false},
    {TEXT, "7", false, false},
};

static void only_sentences_of_the_policy_are_written_and_only_into_the_body(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *json =
            g_strdup_printf("{" RULES ",\"remarks\":[%s],\"body\":[%s]}", cases[i].remarks, cases[i].body);
        JsonDocument *document = jsonview_parse(json, strlen(json), NULL);
        g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
        BodyExtent extent = {.at = BODY_AT, .length = LENGTH, .fixed = cases[i].fixed};
        size_t added;
        assert_non_null(document);
        if (body_check(jsonview_root(document), view_list(jsonview_root(document), "rules"), policy, &extent, SEAL_NONE,
                       changes, &added) != cases[i].good)
            fail_msg("%s", json);
        jsonview_free(document);
    }
}

static void too_many_changes_are_none(void **state) {
    g_autoptr(GString) json = g_string_new("{" RULES ",\"remarks\":[" TEXT "],\"body\":[" EDIT(14, 0, 1));
    for (int i = 0; i < 64; i++)
        g_string_append(json, "," EDIT(14, 0, 1));
    g_string_append(json, "]}");
    JsonDocument *document = jsonview_parse(json->str, json->len, NULL);
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    BodyExtent extent = {.at = BODY_AT, .length = LENGTH};
    size_t added;
    assert_false(body_check(jsonview_root(document), view_list(jsonview_root(document), "rules"), policy, &extent,
                            SEAL_NONE, changes, &added));
    jsonview_free(document);
}

static void headers_change_with_the_body_as_a_new_encoding_needs(void **state) {
    static const struct {
        char op;
        const char *name, *value;
        unsigned index;
        bool good;
    } rows[] = {
        {'=', "Content-Type", "text/plain; charset=utf-8", 1, true},
        {'+', "content-type", "TEXT/plain; charset=utf-8", 1, true},
        {'=', "Content-Transfer-Encoding", "quoted-printable", 1, true},
        {'+', "MIME-Version", "1.0", 1, true},
        {'=', "Content-Type", "text/html; charset=utf-8", 1, false},
        {'=', "Content-Type", "multipart/mixed; boundary=b", 1, false},
        {'=', "Content-Type", "text/plain; charset=utf-8", 2, false},
        {'-', "Content-Type", "", 1, false},
        {'=', "Content-Transfer-Encoding", "base64", 1, false},
        {'=', "MIME-Version", "1.0", 1, false},
        {'+', "Content-Disposition", "inline", 1, false},
        {'=', "From", "text/plain;", 1, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        HeaderChange change = {.op = rows[i].op, .name = rows[i].name, .value = rows[i].value, .index = rows[i].index};
        if (body_allows_header(&change) != rows[i].good)
            fail_msg("row %zu: %s", i, rows[i].value);
    }
}

static void the_digests_are_of_the_body_alone_before_and_after(void **state) {
    BodyExtent extent = {.data = MESSAGE, .at = BODY_AT, .length = LENGTH};
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    ByteEdit top = {BODY_AT, 0, 5}, middle = {BODY_AT + 5, 2, 3};
    g_array_append_val(changes, top);
    g_array_append_val(changes, middle);
    g_autofree char *before = body_digest(&extent, NULL, NULL), *after = body_digest(&extent, changes, "TOP\r\n!\r\n");
    g_autofree char *was = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "Hello\r\n", -1);
    g_autofree char *is = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "TOP\r\nHello!\r\n", -1);
    assert_string_equal(before, was);
    assert_string_equal(after, is);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_sentences_of_the_policy_are_written_and_only_into_the_body),
        cmocka_unit_test(too_many_changes_are_none),
        cmocka_unit_test(headers_change_with_the_body_as_a_new_encoding_needs),
        cmocka_unit_test(the_digests_are_of_the_body_alone_before_and_after),
    };
    return cmocka_run_group_tests(tests, setup, rules_drop);
}
