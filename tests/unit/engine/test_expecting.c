/* SPDX-License-Identifier: Apache-2.0 */
/* What a firm's own mail expects of its clients, and what the clients' mail brings. */
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
#define EXPECT                                                                                                         \
    "{ id = \"wants\"; when: { direction = \"outgoing\"; subject = \"instructions\"; }; expect = \"2 days\"; }, "      \
    "{ id = \"sooner\"; when: { direction = \"outgoing\"; subject = \"urgent instructions\"; }; expect = "             \
    "\"tomorrow\"; }"

static const char *shown(Instant t) {
    static char text[4][INSTANT_TEXT];
    static unsigned next;
    return instant_format(t, text[next++ % 4]);
}

static unsigned count_of(const Judged *judged, OwedKind kind) {
    unsigned count = 0;
    for (guint i = 0; i < judged->decision->deadlines->len; i++)
        count += text_equal(judged_op(judged, i)->op, "open") && judged_op(judged, i)->kind == kind;
    return count;
}

static const DeadlineOp *expected(const Judged *judged, const char *client) {
    for (guint i = 0; i < judged->decision->deadlines->len; i++) {
        const DeadlineOp *op = judged_op(judged, i);
        if (op->kind == OWED_EXPECTED && (!client || text_equal(op->client, client)))
            return op;
    }
    return NULL;
}

static const char *new_subject(const Judged *judged) {
    for (guint i = 0; i < judged->decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, i);
        if (text_equal(edit->name, "Subject") && text_equal(edit->op, "replace"))
            return edit->value;
    }
    return NULL;
}

/* Monday 2026-11-16, 10:00; work ends at 17:00. */
static const struct {
    const char *what, *header, *subject, *at;
    const char *due;  /* NULL: nothing is expected */
    const char *left; /* of the subject; NULL: as it was */
    const char *unclear, *why;
} cases[] = {
    {"nothing said", NULL, "Lease", NULL, NULL, NULL, "", NULL},
    {"header, weekday", "Friday", "Lease", NULL, "2026-11-20T17:00:00Z", NULL, "",
     "its writer expects an answer (\"Friday\")"},
    {"header, date", "2026-12-01", "Lease", NULL, "2026-12-01T17:00:00Z", NULL, "", "its writer"},
    {"header, working days", "3 days", "Lease", NULL, "2026-11-19T17:00:00Z", NULL, "", "its writer"},
    {"working days over a weekend", "3 days", "Lease", "2026-11-19T10:00:00Z", "2026-11-24T17:00:00Z", NULL, "",
     "its writer"},
    {"weeks", "2 weeks", "Lease", NULL, "2026-11-30T17:00:00Z", NULL, "", "its writer"},
    {"tomorrow, in the evening", "tomorrow", "Lease", "2026-11-16T22:00:00Z", "2026-11-17T17:00:00Z", NULL, "",
     "its writer"},
    {"tag", NULL, "Lease [reply by Friday]", NULL, "2026-11-20T17:00:00Z", "Lease", "", "its writer"},
    {"tag, in front", NULL, "[Reply by: 24.11.] Re: Lease", NULL, "2026-11-24T17:00:00Z", "Re: Lease", "",
     "its writer"},
    {"German", NULL, "Mietvertrag [reply by Freitag]", NULL, "2026-11-20T17:00:00Z", "Mietvertrag", "", "its writer"},
    {"header before tag", "Thursday", "Lease [reply by Friday]", NULL, "2026-11-19T17:00:00Z", "Lease", "", "Thursday"},
    {"tag without a day", NULL, "Lease [reply by]", NULL, "2026-11-19T17:00:00Z", "Lease", "",
     "its writer expects an answer"},
    {"header without a day", "yes", "Lease", NULL, "2026-11-19T17:00:00Z", NULL, "", "its writer"},
    {"no", "no", "Our instructions", NULL, NULL, NULL, "", NULL},
    {"no in the tag", NULL, "Our instructions [reply by none]", NULL, NULL, "Our instructions", "", NULL},
    {"no day", NULL, "Lease [reply by soon]", NULL, "2026-11-19T17:00:00Z", "Lease", "soon",
     "no day to come that could be understood"},
    {"a day that is over", "2026-11-13", "Lease", NULL, "2026-11-19T17:00:00Z", NULL, "2026-11-13",
     "its writer is told at once"},
    {"a day that is none", "31 February", "Lease", NULL, "2026-11-19T17:00:00Z", NULL, "31 February", "told at once"},
    {"by rule", NULL, "Your instructions", NULL, "2026-11-18T17:00:00Z", NULL, "",
     "an answer is expected by rule wants (2 days)"},
    {"by two rules", NULL, "Your urgent instructions", NULL, "2026-11-17T17:00:00Z", NULL, "",
     "by rule sooner (tomorrow)"},
    {"the writer before the rule", "Friday", "Your instructions", NULL, "2026-11-20T17:00:00Z", NULL, "", "its writer"},
    {"no day, and a rule", "soon", "Your instructions", NULL, "2026-11-18T17:00:00Z", NULL, "soon", "told at once"},
    {"both tags", NULL, "Re: Lease [holding Thursday] [reply by Friday] [2026-0117]", NULL, "2026-11-20T17:00:00Z",
     "Re: Lease [2026-0117]", "", "its writer"},
    {"other brackets", NULL, "Lease [reply bytes]", NULL, NULL, NULL, "", NULL},
};

static void our_mail_expects_an_answer(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION ", " EXPECT " );");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = {.from = ALICE,
                     .login = "alice",
                     .rcpt = JANE,
                     .text = "Please tell us.",
                     .subject = cases[i].subject,
                     .at = cases[i].at,
                     .matter_in_thread = "2026-0117",
                     .client_in_thread = "harbour",
                     .thread = "q@x",
                     .header = {{"Subject", cases[i].subject}}};
        if (cases[i].header)
            mail.header[1][0] = "X-Lexgate-Expect", mail.header[1][1] = cases[i].header;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const DeadlineOp *op = expected(judged, NULL);
        const char *left = new_subject(judged);
        print_message("%s: %s, \"%s\"\n", cases[i].what, op ? shown(op->due) : "-", left ? left : cases[i].subject);
        assert_int_equal(op != NULL, cases[i].due != NULL);
        assert_string_equal(left ? left : "", cases[i].left ? cases[i].left : "");
        assert_int_equal(judged->decision->expecting_why != NULL, cases[i].why != NULL);
        if (!op)
            continue;
        assert_non_null(strstr(judged->decision->expecting_why, cases[i].why));
        assert_string_equal(shown(op->due), cases[i].due);
        assert_string_equal(op->owner, ALICE);
        assert_string_equal(op->client, "harbour");
        assert_string_equal(op->matter, "2026-0117");
        assert_string_equal(op->party, JANE);
        assert_string_equal(op->calendar, "london");
        assert_string_equal(op->unclear, cases[i].unclear);
        /* One reminder, to who asked, and one at once where the day was not understood. */
        assert_int_equal(op->steps->len, *cases[i].unclear ? 2 : 1);
        const DeadlineStep *last = op->steps->pdata[op->steps->len - 1];
        assert_string_equal(shown(last->at), cases[i].due);
        assert_string_equal(last->tell, "owner");
        g_autofree char *page = explain_text(judged->decision, judged->facts);
        assert_non_null(strstr(page, "expects an answer of " JANE " of client harbour, matter 2026-0117"));
    }
}

static void each_client_is_asked_once_and_who_is_written_to_before_who_has_a_copy(void **state) {
    g_autoptr(Firm) firm = firm_with("rules: ( " QUESTION " );",
                                     &(FirmRows){.clients = "second,Second Ltd,@second.test,en,mail,fast,,,\n"});
    const Mail mail = {.from = ALICE,
                       .login = "alice",
                       .rcpt = "jane@mail.test ceo@harbour.test x@second.test bob@aldous.test",
                       .to = "ceo@harbour.test x@second.test",
                       .cc = "jane@mail.test bob@aldous.test",
                       .header = {{"X-Lexgate-Expect", "Friday"}}};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    const DeadlineOp *harbour = expected(judged, "harbour"), *second = expected(judged, "second");
    assert_int_equal(count_of(judged, OWED_EXPECTED), 2);
    assert_string_equal(harbour->party, "ceo@harbour.test");
    assert_string_equal(second->party, "x@second.test");
    assert_string_equal(second->service_level, "fast");
    assert_string_not_equal(harbour->id, second->id);
}

static void a_holding_reply_may_expect_an_answer_too(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION " );");
    const Mail mail = {.from = ALICE,
                       .login = "alice",
                       .rcpt = JANE,
                       .thread = "q@x",
                       .client_in_thread = "harbour",
                       .subject = "Re: Lease [holding Thursday] [reply by Tuesday]"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_int_equal(count_of(judged, OWED_HOLDING), 1);
    assert_int_equal(count_of(judged, OWED_EXPECTED), 1);
    for (guint i = 0; i < judged->decision->deadlines->len; i++)
        for (guint k = 0; k < i; k++)
            assert_true(!*judged_op(judged, i)->id || strcmp(judged_op(judged, i)->id, judged_op(judged, k)->id) != 0);
}

static void only_mail_of_staff_to_clients_expects(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION ", " EXPECT " );");
    static const struct {
        Mail mail;
        const char *why;
    } none[] = {
        {{.from = JANE, .rcpt = ALICE}, NULL},
        {{.from = ALICE, .rcpt = JANE}, NULL}, /* not proved to be staff */
        {{.from = ALICE, .login = "alice", .rcpt = "sam@aldous.test"}, NULL},
        {{.from = ALICE, .login = "alice", .rcpt = JANE, .automatic = AUTO_REPLY}, NULL},
        {{.from = ALICE, .login = "alice", .rcpt = JANE, .sender = "<>"}, NULL},
        {{.from = ALICE, .login = "alice", .rcpt = "who@else.test"}, "but nobody to whom it goes is a client"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
        Mail mail = none[i].mail;
        mail.header[0][0] = "X-Lexgate-Expect", mail.header[0][1] = "Friday";
        mail.subject = "instructions [reply by Friday]";
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_null(expected(judged, NULL));
        assert_int_equal(judged->decision->expecting_why != NULL, none[i].why != NULL);
        if (none[i].why)
            assert_non_null(strstr(judged->decision->expecting_why, none[i].why));
    }
}

static void the_level_says_who_hears_of_it(void **state) {
    static const struct {
        const char *rules, *level, *steps[2], *tell[2];
    } firms[] = {
        {"", "", {"2026-11-17T17:00:00Z"}, {"owner"}}, /* no rule opens deadlines for anybody */
        {"rules: ( " QUESTION " );",
         "fast",
         {"2026-11-17T09:30:00Z", "2026-11-18T11:00:00Z"},
         {"owner", "owner supervisor"}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(firms); i++) {
        g_autoptr(Firm) firm =
            firm_with(firms[i].rules, &(FirmRows){.clients = "third,Third Ltd,@third.test,en,mail,fast,,,\n"});
        const Mail mail = {
            .from = ALICE, .login = "alice", .rcpt = "x@third.test", .header = {{"X-Lexgate-Expect", "tomorrow"}}};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const DeadlineOp *op = expected(judged, "third");
        assert_string_equal(op->service_level, firms[i].level);
        assert_int_equal(op->steps->len, firms[i].steps[1] ? 2 : 1);
        for (guint k = 0; k < op->steps->len; k++) {
            const DeadlineStep *step = op->steps->pdata[k];
            assert_string_equal(shown(step->at), firms[i].steps[k]);
            assert_string_equal(step->tell, firms[i].tell[k]);
        }
    }
}

static void mail_of_a_client_in_a_thread_brings_what_is_expected(void **state) {
    static const struct {
        Mail mail;
        unsigned receives;
        bool fresh;
    } mails[] = {
        {{.thread = "m@aldous.test"}, 1, false},
        {{.thread = "m@aldous.test", .asks = ASKS_NO}, 1, false},
        {{.conversation = "answered"}, 1, false},
        {{.conversation = "new"}, 0, true},
        {{.subject = "Fresh"}, 0, true},
        {{.thread = "m@aldous.test", .automatic = AUTO_REPLY}, 0, false},
        {{.thread = "m@aldous.test", .subject = "Out of office: Lease"}, 0, false},
        {{.thread = "m@aldous.test", .sender = "<>"}, 0, false},
    };
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION " );");
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        Mail mail = mails[i].mail;
        mail.from = JANE;
        mail.rcpt = ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const json_t *receives = json_object_get(judged->json, "receives");
        print_message("%d\n", (int)i);
        assert_int_equal(json_array_size(receives), mails[i].receives);
        if (mails[i].receives)
            assert_string_equal(json_text(json_array_get(receives, 0), "client"), "harbour");
        const json_t *opens = json_array_get(json_object_get(judged->json, "deadlines"), 0);
        assert_int_equal(json_flag(opens, "fresh", false), mails[i].fresh);
        g_autofree char *page = explain_text(judged->decision, judged->facts);
        assert_int_equal(strstr(page, "brings what is expected of client harbour") != NULL, mails[i].receives);
    }
    const Mail stranger = {.from = "who@else.test", .rcpt = ALICE, .thread = "m@aldous.test"};
    g_autoptr(Judged) other = firm_judge(firm, &stranger);
    assert_int_equal(json_array_size(json_object_get(other->json, "receives")), 0);
}

static void what_is_held_expects_and_brings_nothing_yet(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( " QUESTION ", { id = \"h\"; do = \"hold\"; } );");
    const Mail out = {.from = ALICE, .login = "alice", .rcpt = JANE, .header = {{"X-Lexgate-Expect", "Friday"}}};
    g_autoptr(Judged) ours = firm_judge(firm, &out);
    assert_int_equal(json_array_size(json_object_get(ours->json, "deadlines")), 0);
    assert_int_equal(json_array_size(json_object_get(ours->json, "on_release")), 1);
    g_autofree char *page = explain_text(ours->decision, ours->facts);
    assert_non_null(strstr(page, "once the message is released"));
    const Mail in = {.from = JANE, .rcpt = ALICE, .thread = "m@aldous.test"};
    g_autoptr(Judged) theirs = firm_judge(firm, &in);
    g_autofree char *other = explain_text(theirs->decision, theirs->facts);
    assert_non_null(strstr(other, "where that is anything, once the message is released"));
    /* What goes to somebody else asks the client nothing. */
    g_autoptr(Firm) redirecting = firm_new("rules: ( { id = \"r\"; redirect = \"sam@aldous.test\"; } );");
    g_autoptr(Judged) redirected = firm_judge(redirecting, &out);
    assert_null(expected(redirected, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_mail_expects_an_answer),
        cmocka_unit_test(each_client_is_asked_once_and_who_is_written_to_before_who_has_a_copy),
        cmocka_unit_test(a_holding_reply_may_expect_an_answer_too),
        cmocka_unit_test(only_mail_of_staff_to_clients_expects),
        cmocka_unit_test(the_level_says_who_hears_of_it),
        cmocka_unit_test(mail_of_a_client_in_a_thread_brings_what_is_expected),
        cmocka_unit_test(what_is_held_expects_and_brings_nothing_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
