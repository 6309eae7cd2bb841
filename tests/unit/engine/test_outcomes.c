/* SPDX-License-Identifier: Apache-2.0 */
/* What rules do beside letting on or not: marks, other people, another promise, and who is excepted until when. */
#include "firm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"
#define STRANGER "x@else.test"

static const HeaderEdit *edit_of(const Judged *judged, const char *op, const char *name) {
    for (guint i = 0; i < judged->decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, i);
        if (!strcmp(edit->op, op) && !strcmp(edit->name, name))
            return edit;
    }
    return NULL;
}

#define TAG_RULE "rules: ( { id = \"tag\"; when: { direction = \"incoming\"; }; subject_tag = \"[External]\"; } );"

static void a_subject_is_tagged_once(void **state) {
    static const struct {
        const char *raw, *text, *becomes; /* becomes NULL: left alone */
    } cases[] = {
        {"When?", "When?", "[External] When?"},
        {"Re: [external] When?", "Re: [external] When?", NULL},
        {"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße", "[External] =?utf-8?q?Gr=C3=BC=C3=9Fe?="},
        {"=?utf-8?q?=5BExternal=5D_?= x", "[External] x", NULL},
        {"Grüße", "Grüße", "[External] =?UTF-8?B?R3LDvMOfZQ==?="},
        {"", "", "[External] "},
    };
    g_autoptr(Firm) firm = firm_new(TAG_RULE);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = {.from = STRANGER, .rcpt = ALICE, .subject = cases[i].text, .header = {{"Subject", cases[i].raw}}};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const HeaderEdit *edit = edit_of(judged, "replace", "Subject");
        HeaderFact *fact = g_ptr_array_index(judged->facts->headers, judged->facts->headers->len - 1);
        assert_string_equal(fact->raw, cases[i].raw);
        if (cases[i].becomes)
            assert_string_equal(edit ? edit->value : "left alone", cases[i].becomes);
        else
            assert_null(edit);
    }
}

static void without_a_subject_the_tag_is_one(void **state) {
    g_autoptr(Firm) firm = firm_new(TAG_RULE);
    g_autoptr(Judged) judged = firm_judge(firm, &(Mail){.from = STRANGER, .rcpt = ALICE});
    assert_string_equal(judged_header(judged, "Subject"), "[External]");
}

static void a_subject_too_long_keeps_its_end_and_goes_without(void **state) {
    g_autoptr(Firm) firm = firm_new(TAG_RULE);
    g_autofree char *subject = g_strnfill(895, 's');
    g_autoptr(Judged) judged = firm_judge(
        firm, &(Mail){.from = STRANGER, .rcpt = ALICE, .subject = subject, .header = {{"Subject", subject}}});
    assert_null(edit_of(judged, "replace", "Subject"));
}

static void marks_add_up_and_replace_what_a_stranger_wrote(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( { id = \"one\"; when: { direction = \"incoming\"; }; banner = \"Not from "
                                    "{firm}: {sender}.\"; priority = "
                                    "\"low\"; },\n"
                                    " { id = \"two\"; when: { direction = \"incoming\"; }; priority = \"high\"; "
                                    "disclaimer: { text = \"Grüße\"; form = "
                                    "\"header\"; }; },\n"
                                    " { id = \"three\"; mode = \"observe\"; banner = \"never seen\"; } );");
    Mail mail = {.from = STRANGER, .rcpt = ALICE, .header = {{"Importance", "low"}, {"X-Lexgate-Banner", "Trust me."}}};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_string_equal(judged_header(judged, "X-Lexgate-Banner"), "Not from Aldous & Partners: x@else.test.");
    assert_string_equal(judged_header(judged, "X-Lexgate-Disclaimer"), "=?UTF-8?B?R3LDvMOfZQ==?=");
    assert_string_equal(judged_header(judged, "Importance"), "high");
    assert_string_equal(judged_header(judged, "X-Priority"), "1");
    assert_non_null(edit_of(judged, "delete", "Importance"));
    assert_non_null(edit_of(judged, "delete", "X-Lexgate-Banner"));
}

static void without_a_rule_a_stranger_may_be_important(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    Mail mail = {.from = STRANGER, .rcpt = ALICE, .header = {{"Importance", "high"}}};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_null(edit_of(judged, "delete", "Importance"));
}

static char *joined(const GPtrArray *list) {
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(all, "%s%s", i ? " " : "", (const char *)g_ptr_array_index(list, i));
    return g_string_free(all, FALSE);
}

static void a_redirected_message_goes_to_the_policys_addresses_alone(void **state) {
    static const struct {
        const char *rcpt, *subject, *added, *removed, *action;
    } cases[] = {
        {JANE " " STRANGER, NULL, "desk@aldous.test sam@aldous.test", JANE " " STRANGER, "accept"},
        {JANE " sam@aldous.test", NULL, "desk@aldous.test", JANE, "accept"},
    };
    g_autoptr(Firm) firm = firm_new("rules: ( { id = \"r\"; when: { direction = \"outgoing\"; }; redirect = "
                                    "[\"desk@aldous.test\", \"SAM@aldous.test\"]; } );");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = {.from = ALICE,
                     .login = "alice",
                     .rcpt = cases[i].rcpt,
                     .thread = "q@harbour.test",
                     .deadline_in_thread = "abc",
                     .client_in_thread = "harbour"};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autofree char *added = joined(judged->decision->add_recipients);
        g_autofree char *removed = joined(judged->decision->remove_recipients);
        assert_string_equal(added, cases[i].added);
        assert_string_equal(removed, cases[i].removed);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
        assert_int_equal(judged->decision->deadlines->len, 0); /* the client has no answer yet */
    }
}

static void a_message_that_may_be_redirected_to_nobody_is_held(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"r\"; when: { direction = \"outgoing\"; }; redirect = \"carol@aldous.test\"; } );");
    Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE, .subject = "[2026-0117]"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_string_equal(action_name(judged->decision->action), "hold");
    assert_int_equal(judged->decision->remove_recipients->len, 0);
    assert_int_equal(judged->decision->add_recipients->len, 0);
}

static void who_is_notified_may_see_the_matter(void **state) {
    g_autoptr(Firm) firm = firm_new(
        "rules: ( { id = \"r\"; when: { direction = \"outgoing\"; }; do = \"reject\"; notify = [\"mia@aldous.test\", "
        "\"carol@aldous.test\", \"box@aldous.test\"]; }, { id = \"s\"; notify = \"mia@aldous.test\"; },\n"
        " { id = \"t\"; mode = \"observe\"; notify = \"sam@aldous.test\"; } );");
    Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE, .subject = "[2026-0117]"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    g_autofree char *told = joined(judged->decision->notify);
    assert_string_equal(told, "mia@aldous.test box@aldous.test"); /* Carol is behind a wall */
    assert_string_equal(action_name(judged->decision->action), "reject");
}

static void a_service_level_overrides_what_client_and_matter_have(void **state) {
    static const struct {
        const char *rules, *level;
    } cases[] = {
        {"", NULL},
        {"{ id = \"q\"; deadline = \"standard\"; }", "standard"},
        {"{ id = \"q\"; deadline = \"standard\"; }, { id = \"u\"; service_level = \"fast\"; }", "fast"},
        {"{ id = \"q\"; deadline = \"fast\"; }, { id = \"u\"; service_level = \"standard\"; }", "standard"},
        {"{ id = \"u\"; service_level = \"fast\"; }", NULL},
        {"{ id = \"q\"; deadline = \"standard\"; }, { id = \"u\"; mode = \"observe\"; service_level = \"fast\"; }",
         "standard"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rules = g_strdup_printf("rules: ( %s );", cases[i].rules);
        g_autoptr(Firm) firm = firm_new(rules);
        g_autoptr(Judged) judged = firm_judge(firm, &(Mail){.from = "x@beta.test", .rcpt = ALICE});
        const DeadlineOp *op = judged->decision->deadlines->len ? judged_op(judged, 0) : NULL;
        if (cases[i].level)
            assert_string_equal(op ? op->service_level : "no deadline", cases[i].level);
        else
            assert_null(op);
    }
}

static void an_exception_holds_until_its_last_day_and_only_where_it_is_certain(void **state) {
    static const struct {
        const char *rcpt, *at, *action;
        bool unreadable;
    } cases[] = {
        {JANE, "2027-01-31T23:59:59Z", "accept", false},
        {JANE, "2027-02-01T00:00:00Z", "hold", false},
        {STRANGER, "2026-11-16T10:00:00Z", "hold", false},
        {JANE, "2026-11-16T10:00:00Z", "hold", true},
    };
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"r\"; when: { direction = \"outgoing\"; }; do = \"hold\";\n"
                 " except: ( { when: { recipient: { is = \"client\"; }; not: { text = \"never\"; }; }; owner = "
                 "\"mia@aldous.test\"; until = \"2027-01-31\"; why = \"the move to the new system\"; } ); } );");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = {.from = ALICE,
                     .login = "alice",
                     .rcpt = cases[i].rcpt,
                     .at = cases[i].at,
                     .unreadable = cases[i].unreadable};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
        const GPtrArray *why = judged_rule(judged, "r")->why;
        const char *last = g_ptr_array_index(why, why->len - 1);
        if (i == 0)
            assert_non_null(strstr(last, "mia@aldous.test answers applies until 2027-01-31: the move"));
        if (i == 1)
            assert_non_null(strstr(last, "ended on 2027-01-31"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subject_is_tagged_once),
        cmocka_unit_test(without_a_subject_the_tag_is_one),
        cmocka_unit_test(a_subject_too_long_keeps_its_end_and_goes_without),
        cmocka_unit_test(marks_add_up_and_replace_what_a_stranger_wrote),
        cmocka_unit_test(without_a_rule_a_stranger_may_be_important),
        cmocka_unit_test(a_redirected_message_goes_to_the_policys_addresses_alone),
        cmocka_unit_test(a_message_that_may_be_redirected_to_nobody_is_held),
        cmocka_unit_test(who_is_notified_may_see_the_matter),
        cmocka_unit_test(a_service_level_overrides_what_client_and_matter_have),
        cmocka_unit_test(an_exception_holds_until_its_last_day_and_only_where_it_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
