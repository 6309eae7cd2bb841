/* SPDX-License-Identifier: Apache-2.0 */
/* Answers owed and given: opening, joining, softness, owners, clearing. */
#include "firm.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define BOB "bob@aldous.test"
#define SAM "sam@aldous.test"
#define JANE "ceo@harbour.test"
#define RULE                                                                                                           \
    "rules: ( { id = \"question\"; when: { direction = \"incoming\"; sender: { is = \"client\"; }; }; deadline = "     \
    "\"standard\"; } );"

typedef struct {
    const char *what;
    Mail mail;
    const char *op, *owner, *matter, *level; /* op NULL: none */
    bool soft;
} OwedCase;

static const OwedCase opening[] = {
    {"a question to one", {.rcpt = ALICE, .subject = "[2026-0117]"}, "open", ALICE, "2026-0117", "standard", false},
    {"several matters: the shortest promise", {.rcpt = ALICE}, "open", ALICE, "2026-0117", "fast", false},
    {"a foreign tag does not file it elsewhere",
     {.rcpt = ALICE, .subject = "[2026-0200]"},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"thanks only", {.rcpt = ALICE, .asks = ASKS_NO}, "open", ALICE, "2026-0117", "fast", true},
    {"staff on copy only", {.rcpt = ALICE, .to = "x@else.test", .cc = ALICE}, "open", ALICE, "2026-0117", "fast", true},
    {"content never seen",
     {.rcpt = ALICE, .asks = ASKS_NO, .unjudged = true},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"a group's list headers",
     {.rcpt = ALICE, .automatic = AUTO_BULK, .header = {{"List-Id", "<g>"}, {"Precedence", "list"}}},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"bulk",
     {.rcpt = ALICE, .automatic = AUTO_BULK, .header = {{"Precedence", "bulk"}, {"List-Id", "<g>"}}},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"an auto-reply", {.rcpt = ALICE, .automatic = AUTO_REPLY}, NULL, NULL, NULL, NULL, false},
    {"the null return path", {.rcpt = ALICE, .sender = "<>"}, NULL, NULL, NULL, NULL, false},
    {"a stranger", {.from = "x@else.test", .rcpt = ALICE}, NULL, NULL, NULL, NULL, false},
    {"two in To: who wrote last",
     {.rcpt = ALICE " " SAM,
      .thread = "q@x",
      .client_in_thread = "harbour",
      .owner_in_thread = SAM,
      .matter_in_thread = "2026-0117"},
     "open",
     SAM,
     "2026-0117",
     "standard",
     false},
    {"two in To: the responsible",
     {.rcpt = SAM " " BOB, .subject = "[2026-0117]"},
     "open",
     ALICE,
     "2026-0117",
     "standard",
     false},
    {"a shared mailbox: the responsible",
     {.rcpt = "info@aldous.test", .subject = "[2026-0118]"},
     "open",
     SAM,
     "2026-0118",
     "fast",
     false},
    {"who is walled off is not the owner",
     {.rcpt = "carol@aldous.test", .subject = "[2026-0117]"},
     "open",
     ALICE,
     "2026-0117",
     "standard",
     false},
    {"nobody is responsible: a manager",
     {.from = "a@newco.test", .rcpt = "info@aldous.test"},
     "open",
     "mia@aldous.test",
     "",
     "standard",
     false},
    {"an open one in the thread is joined",
     {.rcpt = ALICE,
      .thread = "q@x",
      .client_in_thread = "harbour",
      .deadline_in_thread = "dl1",
      .matter_in_thread = "2026-0117"},
     "join",
     ALICE,
     "2026-0117",
     "standard",
     false},
    {"another client's is not",
     {.rcpt = ALICE, .thread = "q@x", .client_in_thread = "beta", .deadline_in_thread = "dl1"},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"an absence note that only its subject tells",
     {.rcpt = ALICE, .subject = "Automatic reply: the lease"},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     true},
    {"an absence note that asks",
     {.rcpt = ALICE, .subject = "Abwesenheitsnotiz: Pacht", .asks = ASKS_YES},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"an answer to one",
     {.rcpt = ALICE, .subject = "Re: Automatic reply: the lease"},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"an absence note never seen",
     {.rcpt = ALICE, .subject = "Out of office", .unjudged = true},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     false},
    {"thanks join nothing",
     {.rcpt = ALICE, .asks = ASKS_NO, .thread = "q@x", .client_in_thread = "harbour", .deadline_in_thread = "dl1"},
     "open",
     ALICE,
     "2026-0117",
     "fast",
     true},
};

static void questions_open_as_the_table_says(void **state) {
    g_autoptr(Firm) firm = firm_new(RULE);
    for (size_t i = 0; i < G_N_ELEMENTS(opening); i++) {
        const OwedCase *c = &opening[i];
        Mail mail = c->mail;
        mail.from = mail.from ? mail.from : JANE;
        if (text_equal(mail.sender, "<>"))
            mail.sender = "";
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const DeadlineOp *op = judged_op(judged, 0);
        print_message("%s: %s %s\n", c->what, op ? op->op : "-", op ? op->owner : "-");
        /* Beside it only what it may bring (test_expecting). */
        assert_int_equal(json_array_size(json_object_get(judged->json, "deadlines")), c->op ? 1 : 0);
        if (!c->op)
            continue;
        assert_string_equal(op->op, c->op);
        assert_string_equal(op->owner, c->owner);
        assert_string_equal(op->matter, c->matter);
        assert_string_equal(op->service_level, c->level);
        assert_int_equal(op->soft, c->soft);
        assert_int_equal(*op->soft_why != '\0', c->soft);
        assert_true(c->soft ? op->steps->len == 2 : op->steps->len > 0);
        assert_string_equal(op->client, text_equal(mail.from, JANE) ? "harbour" : "newco");
    }
}

static void an_open_deadline_is_due_by_the_calendar_and_told_in_headers(void **state) {
    g_autoptr(Firm) firm = firm_new(RULE);
    const Mail mail = {.from = JANE, .rcpt = ALICE, .subject = "[2026-0117]", .at = "2026-11-20T15:00:00Z"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    const DeadlineOp *op = judged_op(judged, 0);
    char due[INSTANT_TEXT];
    /* Friday 15:00, eight hours of 9 to 17: two on Friday, six on Monday. */
    assert_string_equal(instant_format(op->due, due), "2026-11-23T15:00:00Z");
    assert_int_equal(op->steps->len, 2);
    assert_string_equal(((const DeadlineStep *)g_ptr_array_index(op->steps, 1))->tell, "owner cover");
    g_autofree char *told = g_strdup_printf("%s; due=%s", op->id, due);
    assert_string_equal(judged_header(judged, "X-Lexgate-Deadline"), told);
    assert_string_equal(judged_header(judged, "Reply-By"), "Mon, 23 Nov 2026 15:00:00 +0000");
    assert_string_equal(judged_header(judged, "X-Message-Flag"), "Reply due Monday 23 November 2026, 15:00");
    g_autoptr(Judged) again = firm_judge(firm, &mail);
    assert_string_equal(judged_op(again, 0)->id, op->id);
}

static void reply_by_is_left_out_when_switched_off_or_refused_by_all(void **state) {
    static const char *const off[] = {"headers: { reply_by = false; };" RULE,
                                      "headers: { no_reply_by = [\"alice@aldous.test\"]; };" RULE};
    for (size_t i = 0; i < G_N_ELEMENTS(off); i++) {
        g_autoptr(Firm) firm = firm_new(off[i]);
        const Mail mail = {.from = JANE, .rcpt = ALICE};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_null(judged_header(judged, "Reply-By"));
        assert_non_null(judged_header(judged, "X-Lexgate-Deadline"));
    }
}

static const OwedCase clearing[] = {
    {"her own reply",
     {.from = ALICE,
      .login = "alice",
      .rcpt = JANE,
      .thread = "q@x",
      .client_in_thread = "harbour",
      .deadline_in_thread = "dl1"},
     "clear",
     ALICE,
     NULL,
     "dl1",
     false},
    {"hints behind: by the thread",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x"},
     "clear",
     ALICE,
     NULL,
     "",
     false},
    {"a fresh mail clears nothing, and suggests",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .subject = "[2026-0118]"},
     "suggest",
     ALICE,
     "2026-0118",
     "",
     false},
    {"a fresh one of Outlook's, which has an index",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .conversation = "new"},
     "suggest",
     ALICE,
     NULL,
     "",
     false},
    {"whose conversation is known",
     {.from = ALICE,
      .login = "alice",
      .rcpt = JANE,
      .conversation = "old",
      .client_in_thread = "harbour",
      .deadline_in_thread = "dl1"},
     "clear",
     ALICE,
     NULL,
     "dl1",
     false},
    {"an answer by its index alone",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .conversation = "answered"},
     "clear",
     ALICE,
     NULL,
     "",
     false},
    {"In-Reply-To counts where References lead nowhere",
     {.from = ALICE,
      .login = "alice",
      .rcpt = JANE,
      .thread = "known@x else@x",
      .weak = 1,
      .hints_of = "known@x",
      .client_in_thread = "harbour",
      .deadline_in_thread = "dl1"},
     "clear",
     ALICE,
     NULL,
     "dl1",
     false},
    {"References beat In-Reply-To",
     {.from = ALICE,
      .login = "alice",
      .rcpt = JANE,
      .thread = "other known",
      .weak = 1,
      .client_in_thread = "harbour",
      .deadline_in_thread = "*"},
     "clear",
     ALICE,
     NULL,
     "dl-known",
     false},
    {"the client's other address",
     {.from = ALICE, .login = "alice", .rcpt = "jane@mail.test", .thread = "q@x"},
     "clear",
     ALICE,
     NULL,
     "",
     false},
    {"anybody of their domain",
     {.from = ALICE, .login = "alice", .rcpt = "new@harbour.test", .thread = "q@x"},
     "clear",
     ALICE,
     NULL,
     "",
     false},
    {"a plus address",
     {.from = ALICE, .login = "alice", .rcpt = "ceo+dock@harbour.test", .thread = "q@x"},
     "clear",
     ALICE,
     NULL,
     "",
     false},
    {"to a colleague",
     {.from = ALICE,
      .login = "alice",
      .rcpt = SAM,
      .thread = "q@x",
      .client_in_thread = "harbour",
      .deadline_in_thread = "dl1"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"to all but the client",
     {.from = ALICE,
      .login = "alice",
      .rcpt = "opp@other.test " SAM,
      .thread = "q@x",
      .client_in_thread = "harbour",
      .deadline_in_thread = "dl1"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"what the client was only told of in To",
     {.from = ALICE, .login = "alice", .rcpt = SAM, .to = JANE, .thread = "q@x"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"nobody is proven", {.from = ALICE, .rcpt = JANE, .thread = "q@x"}, NULL, NULL, NULL, NULL, false},
    {"nor does one that only its subject tells",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x", .subject = "Out of Office: your question"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"an out-of-office answers nothing",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x", .automatic = AUTO_REPLY},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"not to the client",
     {.from = ALICE, .login = "alice", .rcpt = "opp@other.test", .thread = "q@x"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"an assistant for whom they act",
     {.from = BOB, .login = "bob", .rcpt = JANE, .thread = "q@x", .subject = "[2026-0117]"},
     "clear",
     BOB,
     NULL,
     "",
     false},
    {"an assistant in a stranger's matter",
     {.from = BOB, .login = "bob", .rcpt = JANE, .thread = "q@x", .subject = "[2026-0118]"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"refused",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x", .subject = "refuse this"},
     NULL,
     NULL,
     NULL,
     NULL,
     false},
    {"held: kept for the release",
     {.from = ALICE, .login = "alice", .rcpt = JANE, .thread = "q@x", .subject = "hold this"},
     "clear",
     ALICE,
     NULL,
     "",
     false},
};

static void replies_clear_as_the_table_says(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: ( { id = \"no\"; when: { subject = \"refuse\"; }; do = \"reject\"; },\n"
                                    "  { id = \"wait\"; when: { subject = \"hold\"; }; do = \"hold\"; } );");
    for (size_t i = 0; i < G_N_ELEMENTS(clearing); i++) {
        const OwedCase *c = &clearing[i];
        g_autoptr(Judged) judged = firm_judge(firm, &c->mail);
        const DeadlineOp *op = judged_op(judged, 0);
        print_message("%s: %s\n", c->what, op ? op->op : "-");
        assert_int_equal(judged->decision->deadlines->len, c->op ? 1 : 0);
        if (!c->op)
            continue;
        assert_string_equal(op->op, c->op);
        assert_string_equal(op->owner, c->owner);
        assert_string_equal(op->id, c->level);
        assert_string_equal(op->client, "harbour");
        if (c->matter)
            assert_string_equal(op->matter, c->matter);
    }
}

/* Each way to an owner, where those before it lead to nobody. */
static const struct {
    const char *what, *rcpt, *subject, *last_writer, *staff, *matters, *owner;
} owners[] = {
    {"the only one in To, before who wrote last", ALICE, "[2026-0118]", SAM, NULL, NULL, ALICE},
    {"an alias of the only one", "a.smith@aldous.test", "[2026-0118]", SAM, NULL, NULL, ALICE},
    {"two: who wrote last, before the handler", ALICE " " BOB, "[2026-0400]", SAM, NULL, "handler=" ALICE, SAM},
    {"nobody wrote yet: the handler, before the responsible", ALICE " " BOB, "[2026-0400]", NULL, NULL, "handler=" BOB,
     BOB},
    {"no handler: the responsible, before the team", ALICE " " BOB, "[2026-0400]", NULL, NULL, "", SAM},
    {"the responsible is behind a wall: the team", ALICE " " BOB, "[2026-0400]", NULL, NULL, "wall=" SAM,
     "team:disputes"},
    {"the only one in To is behind a wall", SAM, "[2026-0400]", NULL, NULL, "wall=" SAM, "team:disputes"},
    {"who wrote last is behind a wall by now", ALICE " " BOB, "[2026-0400]", SAM, NULL, "wall=" SAM, "team:disputes"},
    {"the only one in To has left", "old@aldous.test", "[2026-0400]", NULL, "2026-11-15", "", SAM},
    {"and leaves today, but is there", "old@aldous.test", "[2026-0400]", NULL, "2026-11-16", "", "old@aldous.test"},
    {"who wrote last has left", ALICE " " BOB, "[2026-0400]", "old@aldous.test", "2026-11-15", "handler=" ALICE, ALICE},
    {"the handler has left", ALICE " " BOB, "[2026-0400]", NULL, "2026-11-15", "handler=old@aldous.test", SAM},
    {"who wrote last is nobody of ours any more", ALICE " " BOB, "[2026-0400]", "gone@aldous.test", NULL,
     "handler=" ALICE, ALICE},
};

static char *matter_row(const char *rest) {
    const char *handler = g_str_has_prefix(rest, "handler=") ? rest + strlen("handler=") : "";
    const char *wall = g_str_has_prefix(rest, "wall=") ? rest + strlen("wall=") : "";
    return g_strdup_printf("2026-0400,harbour,Pier,normal," SAM ",disputes,standard,open,,%s,%s,no,,,\n", wall,
                           handler);
}

static void the_owner_is_found_in_the_order_of_the_design(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(owners); i++) {
        g_autofree char *matter = matter_row(owners[i].matters ? owners[i].matters : "");
        g_autofree char *staff =
            owners[i].staff
                ? g_strdup_printf("old@aldous.test,Old Hand,lawyer,disputes,,,,en,old,,,%s\n", owners[i].staff)
                : NULL;
        g_autoptr(Firm) firm = firm_with(RULE, &(FirmRows){.staff = staff, .matters = matter});
        const Mail mail = {.from = JANE,
                           .rcpt = owners[i].rcpt,
                           .subject = owners[i].subject,
                           .thread = owners[i].last_writer ? "q@x" : NULL,
                           .client_in_thread = "harbour",
                           .owner_in_thread = owners[i].last_writer};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s\n", owners[i].what);
        assert_string_equal(judged_op(judged, 0)->owner, owners[i].owner);
    }
}

static void a_suggestion_stands_apart_in_the_answer(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE " ceo@beta.test", .subject = "[2026-0117]"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    const json_t *suggests = json_object_get(judged->json, "suggests");
    assert_int_equal(json_array_size(json_object_get(judged->json, "deadlines")), 0);
    assert_int_equal(json_array_size(suggests), 2);
    assert_string_equal(json_text(json_array_get(suggests, 0), "op"), "suggest");
    assert_string_equal(json_text(json_array_get(suggests, 0), "client"), "harbour");
    assert_string_equal(json_text(json_array_get(suggests, 0), "matter"), "2026-0117");
    assert_string_equal(json_text(json_array_get(suggests, 1), "client"), "beta");
}

static void a_held_reply_clears_only_when_it_is_released(void **state) {
    static const char *const actions[] = {"accept", "confirm", "hold"};
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_autofree char *rules = g_strdup_printf("rules: ( { id = \"a\"; do = \"%s\"; } );", actions[i]);
        g_autoptr(Firm) firm = firm_new(rules);
        const Mail mail = {.from = ALICE,
                           .login = "alice",
                           .rcpt = JANE,
                           .thread = "q@x",
                           .client_in_thread = "harbour",
                           .deadline_in_thread = "abc"};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_int_equal(json_array_size(json_object_get(judged->json, "deadlines")), i == 0);
        assert_int_equal(json_array_size(json_object_get(judged->json, "on_release")), i != 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_reply_clears_only_when_it_is_released),
        cmocka_unit_test(questions_open_as_the_table_says),
        cmocka_unit_test(an_open_deadline_is_due_by_the_calendar_and_told_in_headers),
        cmocka_unit_test(reply_by_is_left_out_when_switched_off_or_refused_by_all),
        cmocka_unit_test(replies_clear_as_the_table_says),
        cmocka_unit_test(the_owner_is_found_in_the_order_of_the_design),
        cmocka_unit_test(a_suggestion_stands_apart_in_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
