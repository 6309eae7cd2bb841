/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends, which way, about which matter. */
#include "firm.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"

static void staff_is_who_logged_in_or_whom_a_trusted_relay_names(void **state) {
    static const struct {
        const char *from, *sender, *login, *ip;
        const char *by, *is, *odd;
    } cases[] = {
        {ALICE, NULL, "alice", NULL, "login", "staff", NULL},
        {"a.smith@aldous.test", NULL, "alice", NULL, "login", "staff", NULL},
        {ALICE, NULL, ALICE, NULL, "login", "staff", NULL},
        {ALICE, NULL, "bob", NULL, "login", "staff", NULL}, /* bob acts for her */
        {"bob@aldous.test", NULL, "alice", NULL, "none", "other", "from-mismatch"},
        {"carol@aldous.test", NULL, "bob", NULL, "none", "other", "from-mismatch"},
        {JANE, NULL, "alice", NULL, "none", "client", "from-mismatch"},
        {ALICE, NULL, "nobody", NULL, "none", "other", "unknown-login"},
        {ALICE, NULL, NULL, NULL, "none", "other", "unproven-staff"},
        {ALICE, NULL, NULL, "10.1.2.3", "none", "other", "unproven-staff"},
        {ALICE, NULL, NULL, "127.0.0.1", "none", "other", "unproven-staff"},
        {ALICE, NULL, NULL, "10.9.0.25", "relay", "staff", NULL},
        {JANE, NULL, NULL, "10.9.0.25", "none", "client", NULL},
        {ALICE " carol@aldous.test", ALICE, "alice", NULL, "none", "other", "from-mismatch"},
        {"", ALICE, "alice", NULL, "login", "staff", NULL},
    };
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = cases[i].from,
                           .sender = cases[i].sender,
                           .login = cases[i].login,
                           .ip = cases[i].ip,
                           .rcpt = "x@else.test"};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s by %s from %s\n", cases[i].from, cases[i].login, cases[i].ip);
        assert_string_equal(identity_by_name(judged->decision->by), cases[i].by);
        assert_string_equal(person_kind_name(judged->decision->sender->is), cases[i].is);
        if (cases[i].odd)
            assert_true(judged_odd(judged, cases[i].odd));
        else
            assert_int_equal(judged->decision->anomalies->len, 0);
    }
}

static void direction_follows_the_table(void **state) {
    static const struct {
        const char *from, *sender, *login, *ip, *rcpt, *direction;
    } cases[] = {
        {ALICE, NULL, "alice", NULL, JANE, "outgoing"},
        {ALICE, NULL, "alice", NULL, "bob@aldous.test " JANE, "outgoing"},
        {ALICE, NULL, NULL, NULL, JANE, "outgoing"},                /* From in our domains */
        {"x@else.test", ALICE, NULL, NULL, JANE, "outgoing"},       /* envelope in our domains */
        {"x@else.test", NULL, NULL, "10.1.0.9", JANE, "outgoing"},  /* inside */
        {"x@else.test", NULL, NULL, "127.0.0.1", JANE, "outgoing"}, /* loopback */
        {"x@else.test", NULL, NULL, "::1", JANE, "outgoing"},
        {"x@else.test", NULL, "alice", NULL, JANE, "outgoing"}, /* logged in, writes as somebody else */
        {ALICE, NULL, "alice", NULL, "bob@aldous.test", "internal"},
        {"scan@aldous.test", NULL, NULL, "10.1.0.9", "bob@aldous.test", "internal"},
        {"x@else.test", NULL, NULL, "127.0.0.1", "bob@aldous.test", "incoming"},
        {ALICE, NULL, NULL, NULL, "bob@aldous.test", "incoming"}, /* From alone proves nothing */
        {JANE, NULL, NULL, NULL, ALICE, "incoming"},
        {JANE, NULL, NULL, NULL, "alice@sub.aldous.test", "incoming"},
        {JANE, NULL, NULL, NULL, "x@notaldous.test", "relayed"},
        {ALICE, NULL, "alice", NULL, "ceo%harbour.test@aldous.test", "outgoing"}, /* through our own server */
        {ALICE, NULL, "alice", NULL, "harbour.test!ceo@aldous.test", "outgoing"},
        {ALICE, NULL, "alice", NULL, "\"ceo@harbour.test\"@aldous.test", "outgoing"},
        {ALICE, NULL, "alice", NULL, "@aldous.test:ceo@harbour.test", "outgoing"},
        {ALICE, NULL, "alice", NULL, "100%sure@aldous.test", "internal"},
        {"", "", NULL, NULL, ALICE, "incoming"},
    };
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = cases[i].from,
                           .sender = cases[i].sender,
                           .login = cases[i].login,
                           .ip = cases[i].ip,
                           .rcpt = cases[i].rcpt};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s %s %s -> %s\n", cases[i].from, cases[i].login, cases[i].ip, cases[i].rcpt);
        assert_string_equal(direction_name(judged->decision->direction), cases[i].direction);
    }
}

static const struct {
    const char *what;
    Mail mail;
    const char *id, *level, *by, *candidates;
    bool mismatch;
} matters[] = {
    {"several open matters: the strictest",
     {.rcpt = JANE},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118",
     false},
    {"a tag chooses among her own",
     {.rcpt = JANE, .subject = "[2026-0118] rent"},
     "2026-0118",
     "normal",
     "tag",
     "",
     false},
    {"a tag in an address chooses",
     {.rcpt = JANE, .cc = "alice+2026-0118@aldous.test"},
     "2026-0118",
     "normal",
     "tag",
     "",
     false},
    {"X-Matter of proven staff chooses",
     {.rcpt = JANE, .login = "alice", .header = {{"X-Matter", "2026-0118"}}},
     "2026-0118",
     "normal",
     "tag",
     "",
     false},
    {"X-Matter of others does not",
     {.rcpt = JANE, .header = {{"X-Matter", "2026-0118"}}},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118",
     false},
    {"words that are no matter are no tags",
     {.rcpt = JANE, .subject = "[EXT] [[2026-9999] [2026-0118"},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118",
     false},
    {"the thread chooses",
     {.rcpt = JANE, .thread = "q@x", .matter_in_thread = "2026-0118"},
     "2026-0118",
     "normal",
     "thread",
     "",
     false},
    {"tag and thread differ: the strictest of both",
     {.rcpt = JANE, .subject = "[2026-0118]", .thread = "q@x", .matter_in_thread = "2026-0117"},
     "2026-0117",
     "confidential",
     "thread",
     "2026-0117 2026-0118",
     false},
    {"a foreign tag raises",
     {.rcpt = JANE, .subject = "[2026-0200]"},
     "2026-0200",
     "strict",
     "tag",
     "2026-0200 2026-0117 2026-0118",
     true},
    {"a foreign tag never lowers",
     {.rcpt = JANE, .subject = "[2026-0201]"},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118 2026-0201",
     true},
    {"a foreign thread never lowers",
     {.rcpt = JANE, .thread = "q@x", .matter_in_thread = "2026-0201"},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118 2026-0201",
     true},
    {"a party is of the matter", {.rcpt = "opp@other.test"}, "2026-0117", "confidential", "people", "", false},
    {"a party with a detail too", {.rcpt = "opp+x@other.test"}, "2026-0117", "confidential", "people", "", false},
    {"a needless quote hides nobody", {.rcpt = "\"opp\"@other.test"}, "2026-0117", "confidential", "people", "", false},
    {"a final dot hides nobody",
     {.rcpt = "ceo@harbour.test."},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118",
     false},
    {"no matters: the client's default", {.rcpt = "a@newco.test"}, "", "confidential", "default", "", false},
    {"the default is a floor under a foreign tag",
     {.rcpt = "a@newco.test", .subject = "[2026-0201]"},
     "",
     "confidential",
     "default",
     "",
     true},
    {"closed matters only: their strictest", {.rcpt = "a@oldco.test"}, "", "confidential", "default", "", false},
    {"a closed matter can be named",
     {.rcpt = "a@oldco.test", .subject = "[2020-0002]"},
     "2020-0002",
     "normal",
     "tag",
     "",
     false},
    {"a stranger", {.rcpt = "x@else.test"}, NULL, NULL, NULL, NULL, false},
    {"a stranger with a tag",
     {.rcpt = "x@else.test", .subject = "[2026-0200]"},
     "2026-0200",
     "strict",
     "tag",
     "",
     true},
    {"the strictest recipient gives the message's",
     {.rcpt = "x@else.test " JANE " a@beta.test"},
     "2026-0200",
     "strict",
     "people",
     "2026-0200 2026-0201",
     false},
    {"hints missing: a thread chooses nothing",
     {.rcpt = JANE, .thread = "q@x", .subject = "[2026-0118]", .hints_missing = true},
     "2026-0117",
     "confidential",
     "people",
     "2026-0117 2026-0118",
     false},
    {"hints missing, no thread: a tag chooses",
     {.rcpt = JANE, .subject = "[2026-0118]", .hints_missing = true},
     "2026-0118",
     "normal",
     "tag",
     "",
     false},
};

static void the_matter_follows_the_table(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(matters); i++) {
        Mail mail = matters[i].mail;
        mail.from = ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const ResolvedMatter *matter = judged->decision->matter;
        print_message("%s: %s\n", matters[i].what, matter ? matter->id : "null");
        assert_int_equal(judged_odd(judged, "matter-mismatch"), matters[i].mismatch);
        if (!matters[i].id) {
            assert_null(matter);
            assert_true(json_is_null(json_object_get(judged->json, "matter")));
            continue;
        }
        g_autoptr(GString) candidates = g_string_new(NULL);
        for (guint c = 0; c < matter->candidates->len; c++)
            g_string_append_printf(candidates, "%s%s", c ? " " : "", (char *)matter->candidates->pdata[c]);
        assert_string_equal(matter->id, matters[i].id);
        assert_string_equal(level_name(matter->level), matters[i].level);
        assert_string_equal(matter_by_name(matter->by), matters[i].by);
        assert_string_equal(candidates->str, matters[i].candidates);
        assert_false(matter->unknown);
    }
}

static void the_stranger_has_the_unfiled_level(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = "x@else.test"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    const Person *person = g_ptr_array_index(judged->decision->recipients, 0);
    assert_int_equal(person->matter->level, LEVEL_NORMAL);
    assert_int_equal(person->is, PERSON_OTHER);
}

static void incoming_mail_is_about_its_senders_matter(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail mail = {.from = JANE, .sender = "bounce@sender.test", .rcpt = ALICE, .subject = "Re: [2026-0118]"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_string_equal(judged->decision->matter->id, "2026-0118");
    assert_string_equal(judged->decision->sender->address, JANE);
    assert_null(((const Person *)g_ptr_array_index(judged->decision->recipients, 0))->matter);
}

static void colleagues_write_about_what_they_tag(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail tagged = {.from = ALICE, .login = "alice", .rcpt = "carol@aldous.test", .subject = "[2026-0117]"};
    g_autoptr(Judged) judged = firm_judge(firm, &tagged);
    assert_string_equal(judged->decision->matter->id, "2026-0117");
    assert_int_equal(judged->decision->anomalies->len, 0);
    assert_int_equal(((const Person *)g_ptr_array_index(judged->decision->recipients, 0))->walled_off, MATCH_YES);
    const Mail plain = {.from = ALICE, .login = "alice", .rcpt = "carol@aldous.test"};
    g_autoptr(Judged) without = firm_judge(firm, &plain);
    assert_null(without->decision->matter);
}

static void a_matter_that_staff_misname_is_an_oddity(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE, .header = {{"X-Matter", "2026-9999"}}};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_true(judged_odd(judged, "matter-unknown"));
    assert_string_equal(judged->decision->matter->id, "2026-0117");
}

static void a_wall_holds_for_claims_actors_and_candidates(void **state) {
    static const struct {
        Mail mail;
        Match walled;
    } cases[] = {
        {{.from = "carol@aldous.test", .login = "carol", .rcpt = JANE}, MATCH_YES},
        {{.from = "carol@aldous.test", .login = "carol", .rcpt = JANE, .subject = "[2026-0118]"}, MATCH_NO},
        {{.from = "carol@aldous.test", .rcpt = JANE}, MATCH_YES},
        {{.from = "sam@aldous.test", .login = "carol", .rcpt = JANE}, MATCH_YES},
        {{.from = ALICE, .login = "alice", .rcpt = JANE}, MATCH_NO},
    };
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Judged) judged = firm_judge(firm, &cases[i].mail);
        assert_int_equal(judged->decision->sender->walled_off, cases[i].walled);
    }
}

/* One mailbox has many spellings, and none of them may turn a client into a stranger. */
static void however_it_is_spelled_a_client_is_the_client(void **state) {
    static const char *const spellings[] = {"jane@mail.test",
                                            "JANE@Mail.Test",
                                            "jane@mail.test.",
                                            "\"jane\"@mail.test",
                                            "\"j\\ane\"@mail.test",
                                            "jane+tag@mail.test",
                                            "@relay.test:jane@mail.test",
                                            "jane%mail.test@aldous.test",
                                            "mail.test!jane@aldous.test",
                                            "jane%mail.test%aldous.test@aldous.test",
                                            "\"jane@mail.test\"@sub.aldous.test"};
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = spellings[i], .subject = "[2026-0117]"};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const Person *person = g_ptr_array_index(judged->decision->recipients, 0);
        if (!person->outside || !person->client || strcmp(person->client->id, "harbour") != 0 || !person->matter ||
            strcmp(person->matter->id, "2026-0117") != 0)
            fail_msg("%s", spellings[i]);
    }
    /* What another firm's server would make of it is not ours to say. */
    const Mail theirs = {.from = ALICE, .login = "alice", .rcpt = "jane%mail.test@else.test"};
    g_autoptr(Judged) judged = firm_judge(firm, &theirs);
    assert_int_equal(((const Person *)g_ptr_array_index(judged->decision->recipients, 0))->is, PERSON_OTHER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_it_is_spelled_a_client_is_the_client),
        cmocka_unit_test(staff_is_who_logged_in_or_whom_a_trusted_relay_names),
        cmocka_unit_test(direction_follows_the_table),
        cmocka_unit_test(the_matter_follows_the_table),
        cmocka_unit_test(the_stranger_has_the_unfiled_level),
        cmocka_unit_test(incoming_mail_is_about_its_senders_matter),
        cmocka_unit_test(colleagues_write_about_what_they_tag),
        cmocka_unit_test(a_matter_that_staff_misname_is_an_oddity),
        cmocka_unit_test(a_wall_holds_for_claims_actors_and_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
