/* SPDX-License-Identifier: Apache-2.0 */
/* DESIGN section 4, "Matter": each of its sentences, against a register in which the sentence could be broken. */
#include "firm.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test" /* 2026-0117 confidential, 2026-0118 normal, both open */
#define BEA "a@beta.test"       /* 2026-0200 strict, 2026-0201 public, both open */
#define OLD "a@oldco.test"      /* closed: confidential and normal */
#define NEW "a@newco.test"      /* none; default confidential */

static const FirmRows rows = {
    .clients = "dockers,Dockers Ltd,@dockers.test,en,mail,standard,confidential,,\n"
               "formers,Formers Ltd,@formers.test,en,mail,standard,,,\n"
               "plain,Plain Ltd,@plain.test,en,mail,standard,,,\n"
               "lenient,Lenient Ltd,@lenient.test,en,mail,standard,public,,\n"
               "harsh,Harsh Ltd,@harsh.test,en,mail,standard,strict,,\n",
    .matters = "L-1,plain,Board,normal,alice@aldous.test,board,standard,open,@dockers.test,,,no,"
               "expert:x@formers.test court:@court.test insurer:desk@insurer.test,,\n"
               "L-2,plain,Appeal,strict,alice@aldous.test,board,fast,open,,,,yes,court:judge@court.test,,\n"
               "L-3,plain,Archive,confidential,alice@aldous.test,board,standard,closed,,,,no,,,\n"
               "F-1,formers,Past,confidential,alice@aldous.test,board,standard,closed,,,,no,,,\n"
               "P-1,lenient,Flyer,public,alice@aldous.test,board,standard,open,,,,no,,,\n"
               "H-1,harsh,Done,normal,alice@aldous.test,board,standard,closed,,,,no,,,\n"
               "I-1,plain,Claim,normal,alice@aldous.test,board,standard,closed,,,,no,insurer:claims@insurer.test,,\n",
};

typedef struct {
    const char *what; /* the words of the design */
    Mail mail;
    const char *expect; /* of each recipient: ADDRESS=MATTER/level/by[+candidate…], "-" for no matter */
    bool mismatch;
} MatterCase;

static const MatterCase cases[] = {
    /* Judged for each outside recipient. */
    {"for each outside recipient",
     {.rcpt = JANE " bob@aldous.test " NEW},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118 " NEW "=-/confidential/default",
     false},
    {"one tag is her own and foreign to him",
     {.rcpt = JANE " x@plain.test", .subject = "[2026-0118]"},
     JANE "=2026-0118/normal/tag x@plain.test=L-2/strict/people+L-2+L-1+2026-0118",
     true},
    /* Candidates: a tag. */
    {"a tag in the subject",
     {.rcpt = "x@plain.test", .subject = "Re: [L-1] costs"},
     "x@plain.test=L-1/normal/tag",
     false},
    {"a tag anywhere in the subject",
     {.rcpt = JANE, .subject = "costs [2026-0118]"},
     JANE "=2026-0118/normal/tag",
     false},
    {"a tag with spaces inside", {.rcpt = JANE, .subject = "[ 2026-0118 ]"}, JANE "=2026-0118/normal/tag", false},
    {"an unclosed bracket is no tag",
     {.rcpt = JANE, .subject = "[2026-0118"},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    {"X-Matter from staff",
     {.rcpt = JANE, .login = "alice", .header = {{"X-Matter", "2026-0118"}}},
     JANE "=2026-0118/normal/tag",
     false},
    {"X-Matter from a relay's staff",
     {.rcpt = JANE, .ip = "10.9.0.25", .header = {{"x-matter", " 2026-0118 "}}},
     JANE "=2026-0118/normal/tag",
     false},
    {"X-Matter from a mere From",
     {.rcpt = JANE, .header = {{"X-Matter", "2026-0118"}}},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    {"X-Matter from another's login",
     {.rcpt = JANE, .login = "carol", .header = {{"X-Matter", "2026-0118"}}},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    {"name+MATTER@firm among the recipients",
     {.rcpt = JANE " bob+2026-0118@aldous.test"},
     JANE "=2026-0118/normal/tag",
     false},
    {"name+MATTER@firm in To", {.rcpt = JANE, .to = "file+2026-0118@aldous.test"}, JANE "=2026-0118/normal/tag", false},
    {"name+MATTER@firm in From",
     {.from = "alice+2026-0118@aldous.test", .rcpt = JANE},
     JANE "=2026-0118/normal/tag",
     false},
    {"letters of an id in an address may be small",
     {.rcpt = "x@plain.test", .cc = "file+l-1@aldous.test"},
     "x@plain.test=L-1/normal/tag",
     false},
    {"name+MATTER@elsewhere is no tag",
     {.rcpt = JANE " x+2026-0118@else.test"},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118 x+2026-0118@else.test=-/normal/default",
     false},
    /* … the thread … */
    {"the thread",
     {.rcpt = JANE, .thread = "q@x", .matter_in_thread = "2026-0118"},
     JANE "=2026-0118/normal/thread",
     false},
    {"a thread without a hint chooses nothing",
     {.rcpt = JANE, .thread = "q@x"},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    {"a thread whose matter the register lost chooses nothing",
     {.rcpt = JANE, .thread = "q@x", .matter_in_thread = "1999-0001"},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    /* … the people. */
    {"the people: whole domain and single address",
     {.rcpt = "jane@mail.test"},
     "jane@mail.test=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    /* Tag and thread choose among matters of the client, or of which the recipient is a party. */
    {"a party's tag chooses among those",
     {.rcpt = "judge@court.test", .subject = "[L-1]"},
     "judge@court.test=L-1/normal/tag",
     false},
    {"a party's thread chooses among those",
     {.rcpt = "judge@court.test", .thread = "q@x", .matter_in_thread = "L-1"},
     "judge@court.test=L-1/normal/thread",
     false},
    {"a party of two matters: the strictest",
     {.rcpt = "judge@court.test"},
     "judge@court.test=L-2/strict/people+L-2+L-1",
     false},
    {"a whole domain as party", {.rcpt = "clerk@court.test"}, "clerk@court.test=L-1/normal/people", false},
    {"the other side is a party too",
     {.rcpt = "x@dockers.test", .subject = "[L-1]"},
     "x@dockers.test=L-1/normal/tag",
     false},
    {"tag and thread both her own: the strictest",
     {.rcpt = JANE, .subject = "[2026-0118]", .thread = "q@x", .matter_in_thread = "2026-0117"},
     JANE "=2026-0117/confidential/thread+2026-0117+2026-0118",
     false},
    /* A foreign one joins the candidates with an anomaly: it raises, never lowers. */
    {"a foreign tag raises", {.rcpt = JANE, .subject = "[L-2]"}, JANE "=L-2/strict/tag+L-2+2026-0117+2026-0118", true},
    {"a foreign tag never lowers",
     {.rcpt = JANE, .subject = "[P-1]"},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118+P-1",
     true},
    {"a foreign thread raises",
     {.rcpt = "x@lenient.test", .thread = "q@x", .matter_in_thread = "2026-0118"},
     "x@lenient.test=2026-0118/normal/thread+2026-0118+P-1",
     true},
    {"a foreign thread never lowers",
     {.rcpt = JANE, .thread = "q@x", .matter_in_thread = "P-1"},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118+P-1",
     true},
    {"her own and a foreign tag: the strictest of both",
     {.rcpt = JANE, .subject = "[2026-0118] [L-2]"},
     JANE "=L-2/strict/tag+L-2+2026-0118",
     true},
    {"a foreign tag does not lower what her own gives",
     {.rcpt = JANE, .subject = "[2026-0118] [P-1]"},
     JANE "=2026-0118/normal/tag+2026-0118+P-1",
     true},
    {"a foreign closed matter raises as well",
     {.rcpt = "x@lenient.test", .subject = "[L-3]"},
     "x@lenient.test=L-3/confidential/tag+L-3+P-1",
     true},
    {"a stranger is raised",
     {.rcpt = "x@else.test", .subject = "[2026-0117]"},
     "x@else.test=2026-0117/confidential/tag",
     true},
    {"a stranger is not lowered", {.rcpt = "x@else.test", .subject = "[P-1]"}, "x@else.test=-/normal/default", true},
    {"a client's default is not lowered", {.rcpt = NEW, .subject = "[P-1]"}, NEW "=-/confidential/default", true},
    {"closed matters are not lowered", {.rcpt = OLD, .subject = "[P-1]"}, OLD "=-/confidential/default", true},
    /* Several left: the strictest. */
    {"several left: the strictest", {.rcpt = BEA}, BEA "=2026-0200/strict/people+2026-0200+2026-0201", false},
    /* None is a definite answer. */
    {"none: the client's default", {.rcpt = NEW}, NEW "=-/confidential/default", false},
    {"none: a lenient default under a foreign public tag",
     {.rcpt = "y@plain.test", .subject = "[L-3]"},
     "y@plain.test=L-3/confidential/tag",
     false},
    {"a stranger: unfiled_level", {.rcpt = "x@else.test"}, "x@else.test=-/normal/default", false},
    {"closed matters only: their strictest", {.rcpt = OLD}, OLD "=-/confidential/default", false},
    {"closed matters only, and a stricter default: still theirs",
     {.rcpt = "x@harsh.test"},
     "x@harsh.test=-/normal/default",
     false},
    {"a party of closed matters only: their strictest",
     {.rcpt = "claims@insurer.test"},
     "claims@insurer.test=-/normal/default",
     false},
    {"a closed matter of hers may be named",
     {.rcpt = OLD, .subject = "[2020-0002]"},
     OLD "=2020-0002/normal/tag",
     false},
    {"open matters: closed ones do not count",
     {.rcpt = "x@plain.test"},
     "x@plain.test=L-2/strict/people+L-2+L-1",
     false},
    /* To be a party elsewhere lowers nothing of what being a client gives. */
    {"a client with a default, the other side of an open matter",
     {.rcpt = "x@dockers.test"},
     "x@dockers.test=-/confidential/default",
     false},
    {"a client of closed matters, an expert in an open one",
     {.rcpt = "x@formers.test"},
     "x@formers.test=-/confidential/default",
     false},
    /* Without hints (section 9): all open matters of the client. */
    {"hints missing: the thread chooses nothing",
     {.rcpt = JANE, .thread = "q@x", .subject = "[2026-0118]", .hints_missing = true},
     JANE "=2026-0117/confidential/people+2026-0117+2026-0118",
     false},
    {"hints missing, but no thread",
     {.rcpt = JANE, .subject = "[2026-0118]", .hints_missing = true},
     JANE "=2026-0118/normal/tag",
     false},
};

static void append_person(GString *out, const Person *person) {
    const ResolvedMatter *matter = person->matter;
    if (!matter)
        return;
    g_string_append_printf(out, "%s%s=%s/%s/%s", out->len ? " " : "", person->address, *matter->id ? matter->id : "-",
                           level_name(matter->level), matter_by_name(matter->by));
    for (guint i = 0; i < matter->candidates->len; i++)
        g_string_append_printf(out, "+%s", (char *)g_ptr_array_index(matter->candidates, i));
    assert_false(matter->unknown);
}

static void each_outside_recipient_has_the_matter_of_the_table(void **state) {
    g_autoptr(Firm) firm = firm_with("", &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = cases[i].mail;
        mail.from = mail.from ? mail.from : ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autoptr(GString) seen = g_string_new(NULL);
        for (guint r = 0; r < judged->decision->recipients->len; r++)
            append_person(seen, g_ptr_array_index(judged->decision->recipients, r));
        if (strcmp(seen->str, cases[i].expect) != 0 || judged_odd(judged, "matter-mismatch") != cases[i].mismatch)
            fail_msg("%s:\n  wanted %s%s\n  got    %s", cases[i].what, cases[i].expect,
                     cases[i].mismatch ? " (mismatch)" : "", seen->str);
    }
}

/* For incoming mail the outside party is the sender, by From; the same table from the other side. */
static void incoming_mail_is_judged_by_its_sender(void **state) {
    g_autoptr(Firm) firm = firm_with("", &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = cases[i].mail;
        if (strchr(mail.rcpt, ' ') || mail.from || mail.to || mail.cc || mail.login || mail.ip || mail.header[0][0])
            continue;
        mail.from = mail.rcpt;
        mail.rcpt = ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autoptr(GString) seen = g_string_new(NULL);
        append_person(seen, judged->decision->sender);
        if (strcmp(seen->str, cases[i].expect) != 0)
            fail_msg("%s:\n  wanted %s\n  got    %s", cases[i].what, cases[i].expect, seen->str);
        assert_null(((const Person *)g_ptr_array_index(judged->decision->recipients, 0))->matter);
    }
}

static void the_top_level_matter_is_the_strictest_recipients(void **state) {
    static const struct {
        const char *rcpt, *id, *level;
    } tops[] = {
        {JANE, "2026-0117", "confidential"},
        {JANE " " BEA, "2026-0200", "strict"},
        {BEA " " JANE, "2026-0200", "strict"},
        {"x@else.test " JANE " " OLD, "2026-0117", "confidential"},
        {"x@lenient.test x@else.test", "P-1", "public"}, /* a stranger has no matter that could be named */
        {NEW, "", "confidential"},
        {"x@else.test", NULL, NULL},
        {"bob@aldous.test", NULL, NULL},
    };
    g_autoptr(Firm) firm = firm_with("", &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(tops); i++) {
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = tops[i].rcpt};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const ResolvedMatter *top = judged->decision->matter;
        print_message("%s\n", tops[i].rcpt);
        assert_true(text_equal(top ? top->id : NULL, tops[i].id));
        assert_true(text_equal(top ? level_name(top->level) : NULL, tops[i].level));
    }
}

/* Several left: the shortest service level applies, and the decision says so. */
static void several_matters_are_said_and_the_shortest_promise_holds(void **state) {
    g_autoptr(Firm) firm = firm_with("rules: ( { id = \"question\"; when: { direction = \"incoming\"; }; deadline = "
                                     "\"standard\"; } );",
                                     &rows);
    const Mail several = {.from = "x@plain.test", .rcpt = ALICE},
               one = {.from = "x@plain.test", .rcpt = ALICE, .subject = "[L-1]"};
    g_autoptr(Judged) judged = firm_judge(firm, &several);
    assert_string_equal(judged_op(judged, 0)->service_level, "fast");
    json_t *matter = json_object_get(judged->json, "matter");
    assert_int_equal(json_array_size(json_object_get(matter, "candidates")), 2);
    g_autoptr(Judged) chosen = firm_judge(firm, &one);
    assert_string_equal(judged_op(chosen, 0)->service_level, "standard");
    assert_int_equal(json_array_size(json_object_get(json_object_get(chosen->json, "matter"), "candidates")), 0);
}

/* Privilege is a flag beside the levels: of several candidates any carries it. */
static void privilege_of_any_candidate_counts(void **state) {
    g_autoptr(Firm) firm = firm_with("", &rows);
    static const struct {
        const char *rcpt, *subject;
        bool privileged;
    } flags[] = {{"x@plain.test", "", true},
                 {"x@plain.test", "[L-1]", false},
                 {JANE, "[2026-0118]", false},
                 {JANE, "[2026-0118] [L-2]", true},
                 {"x@else.test", "", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
        const Mail mail = {.from = ALICE, .rcpt = flags[i].rcpt, .subject = flags[i].subject};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const Person *person = g_ptr_array_index(judged->decision->recipients, 0);
        assert_int_equal(person->matter->privileged, flags[i].privileged);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_outside_recipient_has_the_matter_of_the_table),
        cmocka_unit_test(incoming_mail_is_judged_by_its_sender),
        cmocka_unit_test(the_top_level_matter_is_the_strictest_recipients),
        cmocka_unit_test(several_matters_are_said_and_the_shortest_promise_holds),
        cmocka_unit_test(privilege_of_any_candidate_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
