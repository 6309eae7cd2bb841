/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients alone can be named, and whoever is named is in the sealed part. */
#include "front/inclear.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static JsonDocument *parse(const char *member) {
    g_autofree char *json = g_strdup_printf("{'decision':{%s}}", member);
    g_strdelimit(json, "'", '"');
    JsonDocument *document = jsonview_parse(json, strlen(json), NULL);
    assert_non_null(document);
    return document;
}

static void recipients_alone_are_named(void **state) {
    static const struct {
        const char *member;
        bool passes;
    } cases[] = {
        {"", true},
        {"'in_clear':{'is':'','to':[]}", true},
        {"'in_clear':{'is':'yes','to':['nora@harbour.test']}", true},
        {"'in_clear':{'is':'unknown','to':['olaf@harbour.test','nora@harbour.test']}", true},
        {"'in_clear':{'is':'yes','to':[]}", false},
        {"'in_clear':{'to':['nora@harbour.test']}", false},
        {"'in_clear':{'is':'no','to':['nora@harbour.test']}", false},
        {"'in_clear':{'is':'yes','to':['eve@else.test']}", false},
        {"'in_clear':{'is':'yes','to':['nora@harbour.test','nora@harbour.test']}", false},
        {"'in_clear':{'is':'yes','to':[7]}", false},
    };
    Envelope *envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("<Nora@Harbour.test>"));
    g_ptr_array_add(envelope->recipients, g_strdup("olaf@harbour.test"));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        JsonDocument *document = parse(cases[i].member);
        if (inclear_check(view_member(jsonview_root(document), "decision"), envelope) != cases[i].passes)
            fail_msg("%s", cases[i].member);
        jsonview_free(document);
    }
    envelope_free(envelope);
}

static void the_record_says_whom_apart_from_that(void **state) {
    JsonDocument *document = parse("'in_clear':{'is':'yes','to':['nora@harbour.test']}");
    g_autoptr(GString) clear = g_string_new(NULL), sealed = g_string_new(NULL);
    Answer answer = {.action = ACTION_HOLD, .json = jsonview_root(document)};
    inclear_record(clear, &answer);
    inclear_record_to(sealed, jsonview_root(document));
    assert_non_null(strstr(clear->str, "\"in_clear\":\"yes\""));
    assert_null(strstr(clear->str, "nora"));
    assert_non_null(strstr(sealed->str, "\"in_clear\":[\"nora@harbour.test\"]"));
    jsonview_free(document);
}

/* What is held and says nothing was held by a gateway that did not know. */
static void mail_that_is_held_says_so_when_nobody_is_concerned(void **state) {
    static const struct {
        Action action;
        const char *written;
    } cases[] = {{ACTION_HOLD, "\"in_clear\":\"no\""}, {ACTION_CONFIRM, "\"in_clear\":\"no\""}, {ACTION_ACCEPT, ""}};
    JsonDocument *document = parse("'in_clear':{'is':'','to':[]}");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) clear = g_string_new(NULL);
        Answer answer = {.action = cases[i].action, .json = jsonview_root(document)};
        inclear_record(clear, &answer);
        assert_string_equal(clear->str, cases[i].written);
    }
    jsonview_free(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipients_alone_are_named),
        cmocka_unit_test(the_record_says_whom_apart_from_that),
        cmocka_unit_test(mail_that_is_held_says_so_when_nobody_is_concerned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
