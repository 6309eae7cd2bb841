/* SPDX-License-Identifier: Apache-2.0 */
/* What a firm decides of deadlines: soft ones, holding replies, urgency, shared mailboxes, caps. */
#include "firm.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/explain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"
#define QUESTION                                                                                                       \
    "{ id = \"question\"; when: { direction = \"incoming\"; sender: { is = \"client\"; }; }; deadline = "              \
    "\"standard\"; }"
#define HOLDING                                                                                                        \
    "{ id = \"holding\"; when: { direction = \"outgoing\"; sender: { is = \"staff\"; }; puts_off = true; }; holding "  \
    "= "                                                                                                               \
    "\"fast\"; }"

static const char *shown(Instant t) {
    static char text[4][INSTANT_TEXT];
    static unsigned next;
    return instant_format(t, text[next++ % 4]);
}

static const DeadlineOp *op_named(const Judged *judged, const char *name) {
    for (guint i = 0; i < judged->decision->deadlines->len; i++)
        if (text_equal(judged_op(judged, i)->op, name))
            return judged_op(judged, i);
    return NULL;
}

/* What takes the place of the subject; NULL: nothing. */
static const char *new_subject(const Judged *judged) {
    for (guint i = 0; i < judged->decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, i);
        if (text_equal(edit->name, "Subject") && text_equal(edit->op, "replace"))
            return edit->value;
    }
    return NULL;
}

static void what_wants_no_answer_is_told_on_the_next_working_day_and_ends_by_silence(void **state) {
    static const struct {
        const char *at, *told, *closed;
    } cases[] = {
        {"2026-11-16T10:00:00Z", "2026-11-17T09:00:00Z", "2026-11-23T10:00:00Z"},
        {"2026-11-20T23:30:00Z", "2026-11-23T09:00:00Z", "2026-11-27T23:30:00Z"},
        {"2026-10-23T15:00:00Z", "2026-10-26T09:00:00Z", "2026-10-30T16:00:00Z"}, /* summer time ends between */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION " );");
        const Mail mail = {.from = JANE, .rcpt = ALICE, .asks = ASKS_NO, .at = cases[i].at};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const DeadlineOp *op = judged_op(judged, 0);
        const DeadlineStep *told = op->steps->pdata[0], *closed = op->steps->pdata[1];
        assert_true(op->soft);
        assert_string_equal(op->soft_why, SOFT_NO_ANSWER);
        assert_string_equal(shown(told->at), cases[i].told);
        assert_string_equal(told->tell, "owner");
        assert_string_equal(shown(closed->at), cases[i].closed);
        assert_string_equal(closed->tell, DEADLINE_SILENCE);
        assert_string_equal(shown(op->due), cases[i].closed);
        g_autofree char *page = explain_text(judged->decision, judged->facts);
        assert_non_null(strstr(page, "tells owner, among others in one mail"));
        assert_non_null(strstr(page, "closed by silence"));
        assert_non_null(strstr(page, "soft: it wants no answer"));
    }
}

/* Monday 2026-11-16, 10:00; work ends at 17:00. The level is of two hours. */
static const struct {
    const char *what;
    Mail mail;
    const char *due; /* NULL: no second deadline */
    const char *level, *subject, *why;
} replies[] = {
    {"by rule, a day in its text",
     {.text = "I will come back to you on Friday."},
     "2026-11-20T17:00:00Z",
     "fast",
     NULL,
     "a holding reply by rule holding (\"i will come back to you on friday.\")"},
    {"by rule, in German",
     {.text = "Ich melde mich bis zum 24.11."},
     "2026-11-24T17:00:00Z",
     "fast",
     NULL,
     "by rule holding"},
    {"by rule, a Saturday",
     {.text = "I will let you know by Saturday."},
     "2026-11-20T17:00:00Z",
     "fast",
     NULL,
     "by rule"},
    {"by rule, no day", {.text = "I will look into it."}, "2026-11-16T12:00:00Z", "fast", NULL, "by rule"},
    {"an answer", {.text = "The lease ends on Friday."}, NULL, NULL, NULL, NULL},
    {"by header",
     {.text = "Noted.", .header = {{"X-Lexgate-Holding", "2026-11-18"}}},
     "2026-11-18T17:00:00Z",
     "standard",
     NULL,
     "its writer says that it is a holding reply"},
    {"by header, a weekday",
     {.text = "Noted.", .header = {{"X-Lexgate-Holding", "Thursday"}}},
     "2026-11-19T17:00:00Z",
     "standard",
     NULL,
     "its writer"},
    {"by header, without a day",
     {.text = "Noted.", .header = {{"X-Lexgate-Holding", "yes"}}},
     "2026-11-17T10:00:00Z",
     "standard",
     NULL,
     "its writer"},
    {"the header says no", {.text = "Noted.", .header = {{"X-Lexgate-Holding", "no"}}}, NULL, NULL, NULL, NULL},
    {"a day that is over",
     {.text = "Noted.", .header = {{"X-Lexgate-Holding", "2026-11-13"}}},
     "2026-11-17T10:00:00Z",
     "standard",
     NULL,
     "its writer"},
    {"by the subject",
     {.text = "Noted.", .subject = "Re: Lease [holding 2026-11-18] [2026-0117]"},
     "2026-11-18T17:00:00Z",
     "standard",
     "Re: Lease [2026-0117]",
     "its writer"},
    {"by the subject, without a day",
     {.text = "Noted.", .subject = "[Holding] Re: Lease"},
     "2026-11-17T10:00:00Z",
     "standard",
     "Re: Lease",
     "its writer"},
    {"tag before text",
     {.text = "I will come back to you on Friday.", .subject = "Re: Lease [holding 2026-11-18]"},
     "2026-11-18T17:00:00Z",
     "fast",
     "Re: Lease",
     "its writer"},
    {"another word in brackets", {.text = "Noted.", .subject = "[holdings] Re: Lease"}, NULL, NULL, NULL, NULL},
    {"a machine", {.text = "I will come back to you on Friday.", .automatic = AUTO_REPLY}, NULL, NULL, NULL, NULL},
    {"an absence note",
     {.text = "I will come back to you on Friday.", .subject = "Out of office: Lease"},
     NULL,
     NULL,
     NULL,
     NULL},
};

static void a_holding_reply_answers_and_promises(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION ", " HOLDING " );");
    for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
        Mail mail = replies[i].mail;
        mail.from = ALICE;
        mail.login = "alice";
        mail.rcpt = JANE;
        mail.thread = "q@x";
        mail.client_in_thread = "harbour";
        mail.deadline_in_thread = "dl1";
        mail.matter_in_thread = "2026-0117";
        size_t at = mail.header[0][0] ? 1 : 0;
        mail.header[at][0] = "Subject";
        mail.header[at][1] = mail.subject ? mail.subject : "Re: Lease";
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const DeadlineOp *clear = op_named(judged, "clear"), *open = op_named(judged, "open");
        print_message("%s: %s %s\n", replies[i].what, clear ? clear->id : "-", open ? shown(open->due) : "-");
        bool machine = strstr(replies[i].what, "machine") || strstr(replies[i].what, "absence");
        assert_true(machine ? clear == NULL : clear && text_equal(clear->id, "dl1"));
        assert_int_equal(open != NULL, replies[i].due != NULL);
        if (replies[i].why)
            assert_non_null(strstr(judged->decision->holding_why, replies[i].why));
        else
            assert_null(judged->decision->holding_why);
        const char *subject = new_subject(judged);
        if (replies[i].subject)
            assert_string_equal(subject, replies[i].subject);
        else
            assert_null(subject);
        if (!open)
            continue;
        assert_int_equal(open->kind, OWED_HOLDING);
        assert_string_equal(shown(open->due), replies[i].due);
        assert_string_equal(open->service_level, replies[i].level);
        assert_string_equal(open->owner, ALICE);
        assert_string_equal(open->client, "harbour");
        assert_string_equal(open->matter, "2026-0117");
        assert_string_equal(open->party, JANE);
        assert_true(open->steps->len > 0);
        const DeadlineStep *last = open->steps->pdata[open->steps->len - 1];
        assert_string_equal(shown(last->at), replies[i].due);
    }
}

static void the_words_alone_only_suggest(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION " );");
    const Mail mail = {
        .from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x", .text = "Ich melde mich bis Freitag."};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_int_equal(judged->decision->deadlines->len, 1);
    assert_true(judged_op(judged, 0)->puts_off);
    g_autofree char *page = explain_text(judged->decision, judged->facts);
    assert_non_null(strstr(page,
                           "it seems to put the client off (\"ich melde mich bis freitag.\"), but no rule makes it a "
                           "holding reply: it counts as the answer"));
}

static void only_staff_say_something_to_the_gateway(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION " );");
    const Mail mails[] = {
        {.from = JANE,
         .rcpt = ALICE,
         .subject = "Lease [holding 2026-11-18]",
         .header = {{"X-Lexgate-Holding", "2026-11-18"}, {"Subject", "Lease [holding 2026-11-18]"}}},
        {.from = ALICE,
         .rcpt = JANE,
         .thread = "q@x",
         .subject = "Lease [holding 2026-11-18]",
         .header = {{"Subject", "Lease [holding 2026-11-18]"}},
         .text = "Noted."},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autoptr(Judged) judged = firm_judge(firm, &mails[i]);
        const DeadlineOp *open = op_named(judged, "open");
        assert_true(!open || open->kind == OWED_QUESTION);
        assert_null(new_subject(judged));
    }
}

static void a_holding_reply_on_hold_promises_when_it_is_released(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION ", " HOLDING
                                    ", { id = \"h\"; do = \"hold\"; when: { direction = \"outgoing\"; }; } );");
    const Mail mail = {
        .from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x", .text = "I will come back to you on Friday."};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_int_equal(json_array_size(json_object_get(judged->json, "deadlines")), 0);
    assert_int_equal(json_array_size(json_object_get(judged->json, "on_release")), 2);
    g_autofree char *page = explain_text(judged->decision, judged->facts);
    assert_non_null(strstr(page, "for what is promised to " JANE));
    assert_non_null(strstr(page, "once the message is released"));
}

static void a_rule_makes_it_urgent_and_a_mark_does_not(void **state) {
    static const struct {
        const char *words, *header, *value, *level;
        bool marked;
    } cases[] = {
        {"calm", NULL, NULL, "standard", false},
        {"calm", "Importance", "High", "standard", true},
        {"calm", "X-Priority", "1 (Highest)", "standard", true},
        {"calm", "X-Priority", "2", "standard", true},
        {"calm", "X-Priority", "3", "standard", false},
        {"calm", "X-Priority", "10", "standard", false},
        {"calm", "X-MSMail-Priority", "high", "standard", true},
        {"calm", "Priority", "urgent", "standard", true},
        {"calm", "Priority", "normal", "standard", false},
        {"an injunction", NULL, NULL, "standard", false},
        {"an injunction", "Importance", "high", "fast", true},
    };
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION
                                    ", { id = \"urgent\"; service_level = \"fast\"; when: { direction = \"incoming\"; "
                                    "marked_urgent = true; text = \"injunction\"; }; } );");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = {.from = JANE, .rcpt = ALICE, .subject = "[2026-0117]", .text = cases[i].words};
        mail.header[0][0] = cases[i].header;
        mail.header[0][1] = cases[i].value;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const DeadlineOp *op = judged_op(judged, 0);
        bool urgent = text_equal(cases[i].level, "fast");
        assert_string_equal(op->service_level, cases[i].level);
        assert_int_equal(op->urgent, urgent);
        assert_int_equal(op->marked, cases[i].marked);
        g_autofree char *page = explain_text(judged->decision, judged->facts);
        assert_int_equal(strstr(page, "marked it as urgent, which alone raises nothing") != NULL,
                         cases[i].marked && !urgent);
        assert_int_equal(strstr(page, "urgent by a rule") != NULL, urgent);
    }
}

#define MAILBOXES                                                                                                      \
    "mailboxes: ( { address = [\"info@aldous.test\", \"office@aldous.test\"]; owner = \"team:property\"; },"           \
    " { address = \"desk@aldous.test\"; owner = \"carol@aldous.test\"; },"                                             \
    " { address = \"gone@aldous.test\"; owner = \"left@aldous.test\"; } );"

static void a_shared_mailbox_belongs_to_whom_the_policy_says(void **state) {
    static const struct {
        const char *from, *rcpt, *to, *subject, *owner;
    } cases[] = {
        {"a@newco.test", "info@aldous.test", NULL, "", "team:property"},
        {"a@newco.test", "info+web@aldous.test", NULL, "", "team:property"},
        {"a@newco.test", "desk@aldous.test", NULL, "", "carol@aldous.test"},
        {"a@newco.test", "other@aldous.test", NULL, "", "mia@aldous.test"},
        {"a@newco.test", "gone@aldous.test", NULL, "", "mia@aldous.test"},
        {"a@newco.test", "info@aldous.test alice@aldous.test", NULL, "", ALICE},
        {"a@newco.test", "desk@aldous.test", "\"undisclosed\"", "", "carol@aldous.test"},
        /* The matter goes before the mailbox, and a wall before both. */
        {JANE, "info@aldous.test", NULL, "[2026-0117]", ALICE},
        {JANE, "desk@aldous.test", NULL, "[2026-0117]", ALICE},
        /* Closed matters alone: whoever was responsible. */
        {"x@oldco.test", "info@aldous.test", NULL, "", "sam@aldous.test"},
        {"x@oldco.test", "other@aldous.test", NULL, "", "sam@aldous.test"},
        {"x@oldco.test", ALICE, NULL, "", ALICE},
        {"x@oldco.test", "other@aldous.test", NULL, "[2020-0002]", "sam@aldous.test"},
    };
    g_autoptr(Firm) firm =
        firm_with(MAILBOXES "rules: ( " QUESTION " );",
                  &(FirmRows){"left@aldous.test,Left,lawyer,past,,,,en,,,,2026-01-01\n", NULL, NULL});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {
            .from = cases[i].from, .rcpt = cases[i].rcpt, .to = cases[i].to, .subject = cases[i].subject};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_int_equal(judged->decision->deadlines->len, 1);
        print_message("%s to %s: %s\n", cases[i].from, cases[i].rcpt, judged_op(judged, 0)->owner);
        assert_string_equal(judged_op(judged, 0)->owner, cases[i].owner);
        assert_string_equal(judged_op(judged, 0)->op, "open");
    }
}

static void only_what_proves_nobody_is_capped(void **state) {
    g_autoptr(Firm) firm = firm_new("limits: { client_deadlines = 7; }; rules: ( " QUESTION " );");
    const Mail plain = {.from = JANE, .rcpt = ALICE}, proved = {.from = JANE, .rcpt = ALICE, .signature = "valid"};
    g_autoptr(Judged) first = firm_judge(firm, &plain), second = firm_judge(firm, &proved);
    assert_int_equal(judged_op(first, 0)->cap, 7);
    assert_int_equal(judged_op(second, 0)->cap, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_wants_no_answer_is_told_on_the_next_working_day_and_ends_by_silence),
        cmocka_unit_test(a_holding_reply_answers_and_promises),
        cmocka_unit_test(the_words_alone_only_suggest),
        cmocka_unit_test(only_staff_say_something_to_the_gateway),
        cmocka_unit_test(a_holding_reply_on_hold_promises_when_it_is_released),
        cmocka_unit_test(a_rule_makes_it_urgent_and_a_mark_does_not),
        cmocka_unit_test(a_shared_mailbox_belongs_to_whom_the_policy_says),
        cmocka_unit_test(only_what_proves_nobody_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
