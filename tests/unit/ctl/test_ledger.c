/* SPDX-License-Identifier: Apache-2.0 */
/* What a ledger makes of entries, in whatever order their writers are read: rows of mail, ends, answers, what Redis
 * must have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "ctl/ledger.h"

#define T0 INT64_C(1795442400) /* 2026-11-23T14:00:00Z */
#define START "'start':'2026-11-23T14:00:00Z','due':'2026-11-23T15:00:00Z','sl':'standard'"
#define IN "'direction':'incoming','is':'client',"
#define QUESTION(id) "'ops':[{'op':'open','id':'" id "','client':'harbour'," START "}]"

typedef struct {
    const char *kind, *members;
    int after; /* seconds behind T0 */
    bool late;
} Line;

static void take(Ledger *ledger, const Line *line, uint64_t seq) {
    char hash[JOURNAL_HASH + 1] = "";
    size_t length;
    g_autofree char *payload = g_strdelimit(g_strdup_printf("{%s}", line->members), "'", '"');
    g_autoptr(json_t) object = json_parse(payload, strlen(payload), NULL);
    assert_non_null(object);
    g_autofree char *text =
        entry_line("milter-a", seq, "b", instant_from_seconds(T0 + line->after), line->kind, object, hash, &length);
    g_autoptr(Entry) entry = entry_parse(text, length - 1, NULL, NULL);
    assert_non_null(entry);
    ledger_take(ledger, entry, line->late);
}

static Ledger *ledger_of(const Line *lines, size_t count, bool backwards) {
    Ledger *ledger = ledger_new(instant_from_seconds(T0 - 3600), instant_from_seconds(T0 + 86400));
    for (size_t i = 0; i < count; i++)
        take(ledger, &lines[backwards ? count - 1 - i : i], 1 + (backwards ? count - 1 - i : i));
    return ledger;
}

static const struct {
    const char *kind, *members;
    LedgerRow row;
} mails[] = {
    {"decision", IN "'action':'accept'," QUESTION("a1"), ROW_OPENED},
    {"decision", IN "'action':'hold','qid':'Q'," QUESTION("a2"), ROW_OPENED},
    {"decision", IN "'action':'accept','threads':['m9'],'ops':[{'op':'join','id':'a1','client':'harbour'," START "}]",
     ROW_JOINED},
    {"decision",
     IN "'action':'accept','ops':[{'op':'open','id':'a3','soft':true,'soft_why':'copied-in','client':'harbour'," START
        "}]",
     ROW_COPIED_IN},
    {"decision",
     IN
     "'action':'accept','ops':[{'op':'open','id':'a4','soft':true,'soft_why':'absence-note','client':'harbour'," START
     "}]",
     ROW_ABSENCE_NOTE},
    {"decision", IN "'action':'accept','ops':[{'op':'open','id':'a5','soft':true,'client':'harbour'," START "}]",
     ROW_NO_ANSWER},
    {"decision", IN "'action':'accept','auto':'auto-reply'", ROW_AUTO_REPLY},
    {"decision", IN "'action':'accept','auto':'bulk'", ROW_BULK},
    {"decision", IN "'action':'accept','auto':'bounce'", ROW_BOUNCE},
    {"decision", IN "'action':'accept','auto':'receipt'", ROW_RECEIPT},
    {"decision", IN "'action':'accept','auto':'calendar'", ROW_CALENDAR},
    {"decision", IN "'action':'accept','auto':'own'", ROW_OWN},
    {"decision", IN "'action':'accept','auto':'none'", ROW_NO_RULE},
    {"decision", IN "'action':'accept','observe':true," QUESTION("a6"), ROW_OBSERVED},
    {"decision", IN "'action':'reject'," QUESTION("a7"), ROW_REFUSED},
    {"decision", IN "'action':'discard'", ROW_DISCARDED},
    {"decision", IN "'action':'defer'", ROW_DEFERRED},
    {"unjudged", IN "'action':'accept','qid':'U1'", ROW_UNJUDGED},
    {"decision", "'direction':'incoming','is':'other','action':'accept'", ROWS}, /* no client's */
    {"decision", "'direction':'outgoing','is':'client','action':'accept'", ROWS},
};

static void each_mail_is_in_exactly_one_row(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        const Line line = {mails[i].kind, mails[i].members, 0, false};
        g_autoptr(Ledger) ledger = ledger_of(&line, 1, false);
        uint64_t rows[ROWS];
        ledger_rows(ledger, rows);
        for (LedgerRow row = 0; row < ROWS; row++)
            if (rows[row] != (row == mails[i].row))
                fail_msg("%s: row %d has %d", mails[i].members, (int)row, (int)rows[row]);
    }
}

static void a_mail_that_comes_again_is_a_repeat_and_one_outside_the_period_is_none(void **state) {
    static const Line lines[] = {{"decision", IN "'action':'accept'," QUESTION("a1"), 0, false},
                                 {"decision", IN "'action':'accept'," QUESTION("a1"), 9, false},
                                 {"decision", IN "'action':'accept','auto':'bulk'", 86400, false},
                                 {"decision", IN "'action':'accept','auto':'bulk'", -3601, false},
                                 {"unjudged", IN "'action':'accept','qid':'U1'", 5, false},
                                 {"act", "'act':'open','qid':'U1','by':'x','ops':[]", 6, false}};
    for (int backwards = 0; backwards < 2; backwards++) {
        g_autoptr(Ledger) ledger = ledger_of(lines, G_N_ELEMENTS(lines), backwards);
        uint64_t rows[ROWS], all = 0;
        ledger_rows(ledger, rows);
        for (LedgerRow row = 0; row < ROWS; row++)
            all += rows[row];
        assert_int_equal(rows[ROW_OPENED], 2);
        assert_int_equal(rows[ROW_REPEAT], 1);
        assert_int_equal(all, 3);
    }
}

#define CLEAR(qid, refs)                                                                                               \
    "'direction':'outgoing','is':'staff','action':'accept','qid':'" qid "','track':'t" qid "','threads':['r" qid       \
    "'," refs "],'ops':[{'op':'clear','client':'harbour','by':'x'}]"
#define FATE(qid) "'qid':'" qid "','track':'t" qid "','clears':true,'clients':['harbour']"

static const struct {
    const char *what;
    Line line[4];
    int answered; /* seconds behind T0; 0: not */
} answers[] = {
    {"a reply in its thread", {{"decision", CLEAR("1", "'m1'"), 60, false}}, 60},
    {"one that was delivered", {{"decision", CLEAR("1", "'m1'"), 60, false}, {"sent", FATE("1"), 61, false}}, 60},
    {"one that bounced", {{"decision", CLEAR("1", "'m1'"), 60, false}, {"bounced", FATE("1"), 61, false}}, 0},
    {"the one behind it",
     {{"decision", CLEAR("1", "'m1'"), 60, false},
      {"bounced", FATE("1"), 61, false},
      {"decision", CLEAR("2", "'m1'"), 90, false}},
     90},
    {"before it was asked", {{"decision", CLEAR("1", "'m1'"), -60, false}}, 0},
    {"before it was opened again",
     {{"decision", CLEAR("1", "'m1'"), 60, false}, {"act", "'act':'reopen','id':'a1','by':'x'", 70, false}},
     0},
    {"another thread", {{"decision", CLEAR("1", "'m2'"), 60, false}}, 0},
    {"what Redis may not know yet", {{"decision", CLEAR("1", "'m1'"), 60, true}}, 0},
    {"on hold",
     {{"decision",
       "'direction':'outgoing','action':'hold','qid':'H','track':'tH','threads':['rH','m1'],'ops':[{'op':'clear','"
       "client':'harbour','by':'x'}]",
       60, false}},
     0},
    {"let go",
     {{"decision",
       "'direction':'outgoing','action':'hold','qid':'H','track':'tH','threads':['rH','m1'],'ops':[{'op':'clear','"
       "client':'harbour','by':'x'}]",
       60, false},
      {"released", "'qid':'H','by':'x'", 80, false}},
     60},
};

static void an_answer_counts_until_the_mail_server_says_that_it_did_not_arrive(void **state) {
    static const Line asked = {"decision", IN "'action':'accept','threads':['m1']," QUESTION("a1"), 0, false};
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(answers); i++) {
        Line lines[5] = {asked};
        size_t count = 1;
        for (size_t k = 0; k < 4 && answers[i / 2].line[k].kind; k++)
            lines[count++] = answers[i / 2].line[k];
        g_autoptr(Ledger) ledger = ledger_of(lines, count, i % 2);
        int64_t t = ledger_answered_question(ledger, ledger_question(ledger, "a1"));
        if (t != (answers[i / 2].answered ? T0 + answers[i / 2].answered : 0))
            fail_msg("%s%s: %d", answers[i / 2].what, i % 2 ? ", backwards" : "", (int)(t - T0));
    }
}

static void ends_and_marks_are_kept_by_their_times(void **state) {
    static const Line lines[] = {
        {"decision", IN "'action':'accept'," QUESTION("a1"), 0, false},
        {"act", "'act':'close','id':'a1','by':'x'", 10, false},
        {"act", "'act':'reopen','id':'a1','by':'x'", 20, false},
        {"act", "'act':'snooze','id':'a1','by':'x','until':'2026-11-23T16:00:00Z','steps':[]", 30, false},
        {"act", "'act':'assign','id':'a1','by':'x','owner':'bob@firm.test'", 40, true},
        {"decision", IN "'action':'accept'," QUESTION("a2"), 50, true}};
    for (int backwards = 0; backwards < 2; backwards++) {
        g_autoptr(Ledger) ledger = ledger_of(lines, G_N_ELEMENTS(lines), backwards);
        const Question *first = ledger_question(ledger, "a1"), *second = ledger_question(ledger, "a2");
        assert_int_equal(first->ended, T0 + 10);
        assert_int_equal(first->reopened, T0 + 20);
        assert_int_equal(first->until, T0 + 7200);
        assert_string_equal(first->owner, "bob@firm.test");
        assert_true(first->late && ledger_is_in(ledger, first));
        assert_true(ledger_is_open(ledger, second) && !ledger_is_in(ledger, second));
        assert_null(ledger_question(ledger, "a3"));
    }
}

static void of_an_hour_with_too_many_only_so_many_are_over_its_cap(void **state) {
    g_autoptr(Ledger) ledger = ledger_new((Instant){INT64_MIN}, INSTANT_NEVER);
    unsigned capped = 0;
    uint64_t rows[ROWS];
    for (int i = 0; i < 5; i++) {
        g_autofree char *members = g_strdup_printf(
            IN "'action':'accept','ops':[{'op':'open','id':'a%d','client':'harbour','cap':3," START "}]", i);
        const Line line = {"decision", members, i, false};
        take(ledger, &line, (uint64_t)i + 1);
    }
    for (int i = 0; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("a%d", i);
        capped += ledger_cap(ledger, ledger_question(ledger, id));
    }
    ledger_rows(ledger, rows);
    assert_int_equal(capped, 2);
    assert_int_equal(rows[ROW_CAPPED], 2);
    assert_int_equal(rows[ROW_OPENED], 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mail_is_in_exactly_one_row),
        cmocka_unit_test(a_mail_that_comes_again_is_a_repeat_and_one_outside_the_period_is_none),
        cmocka_unit_test(an_answer_counts_until_the_mail_server_says_that_it_did_not_arrive),
        cmocka_unit_test(ends_and_marks_are_kept_by_their_times),
        cmocka_unit_test(of_an_hour_with_too_many_only_so_many_are_over_its_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
