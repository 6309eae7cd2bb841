/* SPDX-License-Identifier: Apache-2.0 */
/* Banners and disclaimers: in a header, or asked for in the text, and whose quoted copy counts. */
#include "engine/remarks.h"
#include "engine/explain.h"
#include "firm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"
#define OPPOSING "opp@other.test"
#define STRANGER "x@else.test"
#define IN_TEXT(more)                                                                                                  \
    "rules: ( { id = \"b\"; banner: { text = \"From {sender}, take care.\"; form = \"text\"; " more " }; } );"

static RemarkResult *remark_of(const Judged *judged, guint index) {
    assert_true(index < judged->decision->remarks->len);
    return g_ptr_array_index(judged->decision->remarks, index);
}

static void a_sentence_for_the_text_is_asked_for_and_is_in_no_header(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"one\"; banner: { text = \"From {sender}, take care.\"; form = \"text\"; }; },\n"
                 " { id = \"two\"; disclaimer: { text = \"{firm} is a partnership.\"; form = \"text\"; }; banner = "
                 "\"short\"; },\n"
                 " { id = \"again\"; disclaimer: { text = \"{firm} is a partnership.\"; form = \"text\"; }; },\n"
                 " { id = \"watched\"; mode = \"observe\"; banner: { text = \"Never seen.\"; form = \"text\"; }; } );");
    g_autoptr(Judged) judged = firm_judge(firm, &(Mail){.from = STRANGER, .rcpt = ALICE});
    assert_int_equal(judged->decision->remarks->len, 2);
    assert_true(remark_of(judged, 0)->banner);
    assert_string_equal(remark_of(judged, 0)->text, "From x@else.test, take care.");
    assert_int_equal(remark_of(judged, 0)->pieces->len, 1);
    assert_false(remark_of(judged, 1)->banner);
    assert_string_equal(remark_of(judged, 1)->text, "Aldous & Partners is a partnership.");
    assert_string_equal(judged_header(judged, "X-Lexgate-Banner"), "short");
    assert_null(judged_header(judged, "X-Lexgate-Disclaimer"));
    assert_string_equal(g_ptr_array_index(remark_of(judged, 1)->pieces, 0), "");
    assert_string_equal(g_ptr_array_index(remark_of(judged, 1)->pieces, 1), " is a partnership.");
}

static void a_sentence_of_placeholders_alone_is_known_as_it_is_now(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"b\"; banner: { text = \"{sender}: {client}\"; form = \"text\"; }; } );");
    g_autoptr(Judged) judged = firm_judge(firm, &(Mail){.from = JANE, .rcpt = ALICE});
    assert_int_equal(remark_of(judged, 0)->pieces->len, 1);
    assert_string_equal(g_ptr_array_index(remark_of(judged, 0)->pieces, 0), "ceo@harbour.test: Harbour Ltd");
}

typedef struct {
    const char *why;
    Mail mail;
    const char *more;
    bool anywhere;
} Quoted;

static const Quoted quoted[] = {
    {"a stranger may write anything", {.from = STRANGER, .rcpt = ALICE, .thread = "a@b"}, "", false},
    {"a client, but nobody wrote to them",
     {.from = JANE, .rcpt = ALICE, .thread = "a@b", .client_in_thread = "harbour"},
     "",
     false},
    {"a client in a conversation",
     {.from = JANE, .rcpt = ALICE, .thread = "a@b", .client_in_thread = "harbour", .owner_in_thread = ALICE},
     "",
     true},
    {"somebody else in their conversation",
     {.from = STRANGER, .rcpt = ALICE, .thread = "a@b", .client_in_thread = "harbour", .owner_in_thread = ALICE},
     "",
     false},
    {"another client",
     {.from = JANE, .rcpt = ALICE, .thread = "a@b", .client_in_thread = "beta", .owner_in_thread = ALICE},
     "",
     false},
    {"a party to the matter that it is about",
     {.from = OPPOSING, .rcpt = ALICE, .thread = "a@b", .matter_in_thread = "2026-0117", .owner_in_thread = ALICE},
     "",
     true},
    {"no conversation", {.from = JANE, .rcpt = ALICE}, "", false},
    {"a warning that each must bear",
     {.from = JANE, .rcpt = ALICE, .thread = "a@b", .client_in_thread = "harbour", .owner_in_thread = ALICE},
     "repeat = true;",
     false},
    {"our own mail", {.from = ALICE, .login = "alice", .rcpt = JANE}, "", true},
    {"mail among colleagues", {.from = ALICE, .login = "alice", .rcpt = "sam@aldous.test"}, "", true},
};

static void quoted_words_count_where_a_stranger_cannot_have_written_them(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(quoted); i++) {
        g_autofree char *rules = g_strdup_printf(
            "rules: ( { id = \"b\"; banner: { text = \"From {sender}, take care.\"; form = \"text\"; %s }; } );",
            quoted[i].more);
        g_autoptr(Firm) firm = firm_new(rules);
        g_autoptr(Judged) judged = firm_judge(firm, &quoted[i].mail);
        bool any_words = remark_of(judged, 0)->pieces->len == 2;
        bool ours = quoted[i].mail.login != NULL;
        if (remark_of(judged, 0)->anywhere != quoted[i].anywhere || any_words != (quoted[i].anywhere || ours))
            fail_msg("%s", quoted[i].why);
    }
}

static void what_is_signed_with_dkim_and_goes_out_keeps_its_text(void **state) {
    g_autoptr(Firm) firm = firm_new(IN_TEXT(""));
    static const Mail out = {.from = ALICE, .login = "alice", .rcpt = JANE, .header = {{"DKIM-Signature", "v=1"}}};
    static const Mail in = {.from = STRANGER, .rcpt = ALICE, .header = {{"DKIM-Signature", "v=1"}}};
    g_autoptr(Judged) outgoing = firm_judge(firm, &out), incoming = firm_judge(firm, &in);
    assert_int_equal(remark_of(outgoing, 0)->form, REMARK_IN_HEADER);
    assert_string_equal(judged_header(outgoing, "X-Lexgate-Banner"), "From alice@aldous.test, take care.");
    assert_null(judged_header(incoming, "X-Lexgate-Banner"));
}

static void a_refused_or_merely_observed_message_is_left_alone(void **state) {
    g_autoptr(Firm) refused =
        firm_new("rules: ( { id = \"b\"; do = \"reject\"; banner: { text = \"x\"; form = \"text\"; }; } );");
    g_autoptr(Firm) observed = firm_new("mode = \"observe\";\n" IN_TEXT(""));
    Mail mail = {.from = STRANGER, .rcpt = ALICE};
    g_autoptr(Judged) one = firm_judge(refused, &mail), two = firm_judge(observed, &mail);
    assert_int_equal(one->decision->remarks->len + two->decision->remarks->len, 0);
}

static void the_firms_own_sentence_is_not_what_the_writer_wrote(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"b\"; banner: { text = \"It speaks of new bank details: ask before you "
                 "pay.\"; form = \"text\"; }; },\n"
                 " { id = \"bank\"; when: { own_text = \"bank details\"; }; do = \"hold\"; } );");
    static const char passed_on[] = "It speaks of new bank details:\nask before you pay.\n\nDear all, see below.\n";
    g_autoptr(Judged) ours = firm_judge(firm, &(Mail){.from = STRANGER, .rcpt = ALICE, .text = passed_on});
    g_autoptr(Judged) theirs = firm_judge(firm, &(Mail){.from = STRANGER, .rcpt = ALICE, .text = "My bank details.\n"});
    assert_int_equal(judged_rule(ours, "bank")->match, MATCH_NO);
    assert_int_equal(judged_rule(theirs, "bank")->match, MATCH_YES);
}

static void the_page_and_the_json_say_what_became_of_it(void **state) {
    static const struct {
        RemarkForm form;
        const char *why, *line;
    } rows[] = {
        {REMARK_IN_BODY, "1, 2",
         "  writes above the text (parts 1, 2) the banner of rule b:\n    From x@else.test, take care.\n"},
        {REMARK_THERE, "", "  the banner of rule b is there already\n"},
        {REMARK_IN_HEADER, "it is signed",
         "  the banner of rule b goes into a header, since the text cannot be changed: it is signed\n"},
    };
    g_autoptr(Firm) firm = firm_new(IN_TEXT(""));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Judged) judged = firm_judge(firm, &(Mail){.from = STRANGER, .rcpt = ALICE});
        RemarkResult *remark = remark_of(judged, 0);
        remark->form = rows[i].form;
        g_free(remark->why);
        remark->why = g_strdup(rows[i].why);
        ByteEdit edit = {10, 0, 30};
        g_array_append_val(judged->decision->body_edits, edit);
        g_autofree char *page = explain_text(judged->decision, judged->facts);
        assert_non_null(strstr(page, rows[i].line));
        g_autoptr(json_t) json = decision_to_json(judged->decision, judged->facts);
        const json_t *decision = json_member(json, "decision");
        const json_t *told = json_array_get(json_list(decision, "remarks"), 0);
        assert_string_equal(json_text(told, "form"), remark_form_name(rows[i].form));
        assert_string_equal(json_text(told, "why"), rows[i].why);
        assert_int_equal(json_array_size(json_list(decision, "body")), 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_for_the_text_is_asked_for_and_is_in_no_header),
        cmocka_unit_test(a_sentence_of_placeholders_alone_is_known_as_it_is_now),
        cmocka_unit_test(quoted_words_count_where_a_stranger_cannot_have_written_them),
        cmocka_unit_test(what_is_signed_with_dkim_and_goes_out_keeps_its_text),
        cmocka_unit_test(a_refused_or_merely_observed_message_is_left_alone),
        cmocka_unit_test(the_firms_own_sentence_is_not_what_the_writer_wrote),
        cmocka_unit_test(the_page_and_the_json_say_what_became_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
