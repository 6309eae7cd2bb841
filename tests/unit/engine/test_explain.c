/* SPDX-License-Identifier: Apache-2.0 */
/* A page for somebody who writes letters, not rules: why first, what to do, and nothing twice. */
#include "firm.h"
#include "engine/explain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"

static char *page_of(const char *rules, const Mail *mail) {
    g_autofree char *conf = g_strdup_printf("rules: ( %s );", rules);
    g_autoptr(Firm) firm = firm_new(conf);
    g_autoptr(Judged) judged = firm_judge(firm, mail);
    return explain_text(judged->decision, judged->facts);
}

/* The parts stand in the page in this order. */
static void assert_in_order(const char *page, const char *const *parts, size_t count) {
    const char *at = page;
    for (size_t i = 0; i < count; i++) {
        const char *found = strstr(at, parts[i]);
        if (!found)
            fail_msg("\"%s\" is not there, or too early, in:\n%s", parts[i], page);
        at = found + strlen(parts[i]);
    }
}

static void why_stands_first_then_what_to_do_then_the_rest(void **state) {
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE " ceo2@harbour.test", .subject = "[2026-0118]"};
    g_autofree char *page = page_of("{ id = \"held\"; title = \"Two people at once\"; policy = \"1.2\"; when: { "
                                    "recipients_over = 1; recipient: { is = "
                                    "\"client\"; }; }; do = \"confirm\"; say = \"Two get it.\"; },"
                                    " { id = \"marks\"; subject_tag = \"[X]\"; when: { direction = \"outgoing\"; }; },"
                                    " { id = \"watched\"; mode = \"observe\"; do = \"reject\"; },"
                                    " { id = \"excepted\"; do = \"hold\"; except: ( { owner = \"mia@aldous.test\"; "
                                    "until = \"2999-01-01\"; why = \"a trial\"; } ); },"
                                    " { id = \"other\"; when: { direction = \"incoming\"; }; do = \"reject\"; }",
                                    &mail);
    static const char *const parts[] = {
        "This outgoing message is held until its sender confirms it.\n\nWhy\n",
        "  Two people at once (rule held, section 1.2)\n      - the message has 2 recipients\n",
        "What the sender reads\n  Two get it.\n",
        "What to do: nothing was sent yet. If the mail is right as it is, let it go and say why",
        "The message\nFrom        alice@aldous.test",
        "Rules that apply as well\n  Rule marks (no title): marks its subject\n",
        "Rules that only observe: what they would have done\n  Rule watched (no title): refuses it\n",
        "Rules from which this message is excepted\n  Rule excepted",
        "mia@aldous.test answers applies until 2999-01-01: a trial",
        "\n1 other rule does not apply (--all tells each)\n",
        "What is done: confirm (250 2.0.0)\n",
        "  adds Subject: [X]"};
    assert_in_order(page, parts, G_N_ELEMENTS(parts));
}

/* Of a message that comes again some copies may be out. */
static void nothing_was_sent_is_said_of_what_was_not_sent(void **state) {
    static const char nothing[] = "nothing was sent",
                      was[] = "Already sent, or held, when it came before: " JANE ". Nothing was sent to anybody else.";
    static const struct {
        const char *act, *login, *queued, *said, *unsaid;
    } cases[] = {
        {"reject", "alice", NULL, nothing, "came before"},
        {"reject", "alice", JANE, was, nothing},
        {"hold", "alice", JANE, was, nothing},
        {"hold", "alice", NULL, "nothing was sent yet", "came before"},
        {"defer", "alice", JANE, was, nothing},
        {"reject", NULL, JANE, "Some of its recipients were reached when it came before.", JANE "."},
        {"reject", NULL, NULL, "The message was not accepted.", "came before"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {
            .from = ALICE, .login = cases[i].login, .rcpt = JANE " ceo2@harbour.test", .queued = cases[i].queued};
        g_autofree char *rule = g_strdup_printf("{ id = \"r\"; do = \"%s\"; }", cases[i].act);
        g_autofree char *page = page_of(rule, &mail);
        if (!strstr(page, cases[i].said) || strstr(page, cases[i].unsaid))
            fail_msg("%s of %s: %s", cases[i].act, cases[i].queued ? cases[i].queued : "nobody", page);
    }
}

static void each_rule_that_does_not_apply_is_told_when_asked_for(void **state) {
    static const struct {
        const char *rules, *counted, *told;
    } cases[] = {
        {"", NULL, NULL},
        {"{ id = \"a\"; when: { direction = \"incoming\"; }; do = \"hold\"; }", "\n1 rule does not apply (--all",
         "\nRules that do not apply\n  a: the message is outgoing\n"},
        {"{ id = \"a\"; when: { direction = \"incoming\"; }; do = \"hold\"; }, { id = \"b\"; subject_tag = \"[X]\"; },"
         "{ id = \"c\"; when: { direction = \"incoming\"; }; do = \"hold\"; }",
         "\n2 other rules do not apply (--all", "  a: the message is outgoing\n  c: the message is outgoing\n"},
    };
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *conf = g_strdup_printf("rules: ( %s );", cases[i].rules);
        g_autoptr(Firm) firm = firm_new(conf);
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autofree char *brief = explain_text(judged->decision, judged->facts);
        g_autofree char *whole = explain_text_all(judged->decision, judged->facts);
        assert_int_equal(strstr(brief, "not apply") != NULL, cases[i].counted != NULL);
        assert_int_equal(strstr(whole, "not apply") != NULL, cases[i].told != NULL);
        assert_true(!cases[i].counted || strstr(brief, cases[i].counted));
        assert_true(!cases[i].told || strstr(whole, cases[i].told));
    }
}

static void what_to_do_fits_what_was_done(void **state) {
    static const struct {
        const char *rules, *subject, *says, *does_not;
    } cases[] = {
        {"{ id = \"r\"; encrypt: { accept = [\"end-to-end\", \"consent\"]; }; }", "",
         "have the client's consent to mail in clear recorded", "another way would break"},
        {"{ id = \"r\"; encrypt: { accept = [\"end-to-end\"]; }; }", "", "Ask the recipients for a certificate or key",
         "consent"},
        {"{ id = \"r\"; when: { any = ( { sender: { walled_off = true; }; } ); }; do = \"reject\"; }", "[2026-0117]",
         "Take off whoever is walled off", "another way would break"},
        {"{ id = \"r\"; do = \"reject\"; }", "", "the same mail sent another way would break the same rule",
         "certificate"},
        {"{ id = \"r\"; do = \"hold\"; }", "", "until somebody in charge releases or refuses it",
         "let it go and say why"},
        {"{ id = \"r\"; do = \"defer\"; }", "", "will try again by itself", "certificate"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = "carol@aldous.test", .login = "carol", .rcpt = JANE, .subject = cases[i].subject};
        g_autofree char *page = page_of(cases[i].rules, &mail);
        if (!strstr(page, cases[i].says) || strstr(page, cases[i].does_not))
            fail_msg("case %zu:\n%s", i, page);
    }
}

static void what_protects_nothing_is_named_way_by_way(void **state) {
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    g_autofree char *page = page_of(
        "{ id = \"r\"; encrypt: { accept = [\"end-to-end\", \"smime\", \"verified-tls\", \"consent\"]; }; }", &mail);
    assert_non_null(strstr(
        page,
        "nothing protects it on the way to ceo@harbour.test: the mail is not encrypted to them, the register has no "
        "verified TLS for their domain, no consent of theirs to mail in clear is recorded\n"));
}

static void the_proof_of_each_recipient_has_its_reason(void **state) {
    static const struct {
        const char *proofs, *says, *does_not;
    } cases[] = {
        {"u", "on the way to ceo@harbour.test is unknown: no certificate of theirs is known here", "register"},
        {"u", "could not be found out: no certificate of theirs is known here\n", NULL},
        {"s", "encrypted to them (S/MIME), goes by end-to-end\n", "nothing protects"},
        {"c", "in an encrypted document: they need the password, goes by end-to-end\n", "nothing protects"},
        {"n", "not encrypted to them\n", "unknown:"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE, .proofs = cases[i].proofs};
        g_autofree char *page = page_of("{ id = \"r\"; encrypt: { accept = [\"end-to-end\"]; }; }", &mail);
        if (!strstr(page, cases[i].says) || (cases[i].does_not && strstr(page, cases[i].does_not)))
            fail_msg("case %zu:\n%s", i, page);
    }
}

static void who_is_concerned_is_named_and_nobody_else(void **state) {
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE " x@else.test bob@aldous.test y@else.test"};
    static const struct {
        const char *when, *concerned;
    } cases[] = {
        {"recipient: { is = \"other\"; };", "x@else.test, y@else.test"},
        {"any = ( { recipient: { address = \"y@*\"; }; }, { direction = \"incoming\"; recipient: { is = \"client\"; }; "
         "} );",
         "y@else.test"},
        {"recipient: { is = \"client\"; }; not: { recipient: { address = \"z@else.test\"; }; };", JANE},
        {"direction = \"outgoing\";", JANE ", x@else.test, y@else.test"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rule = g_strdup_printf(
            "{ id = \"r\"; when: { %s }; do = \"confirm\"; say = \"It is {missing}!\"; }", cases[i].when);
        g_autofree char *page = page_of(rule, &mail);
        g_autofree char *said =
            g_strdup_printf("It is %s!\n  Recipients concerned: %s.\n", cases[i].concerned, cases[i].concerned);
        if (!strstr(page, said))
            fail_msg("no \"%s\" in:\n%s", said, page);
    }
}

static void a_reason_is_given_once(void **state) {
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = "a@x.test b@x.test c@x.test"};
    g_autofree char *page =
        page_of("{ id = \"r\"; when: { not: { recipient: { domain = \"y.test\"; }; }; }; do = \"hold\"; }", &mail);
    const char *first = strstr(page, "the domain is x.test");
    assert_non_null(first);
    assert_null(strstr(first + 1, "the domain is x.test"));
}

static char *said_by(const char *conf, const Mail *mail) {
    g_autoptr(Firm) firm = firm_new(conf);
    g_autoptr(Judged) judged = firm_judge(firm, mail);
    return explain_text(judged->decision, judged->facts);
}

static void a_placeholder_without_a_matter_reads_as_a_part_of_the_sentence(void **state) {
    const Mail mail = {.from = "x@else.test", .rcpt = ALICE};
    g_autofree char *page = said_by("rules: ( { id = \"r\"; stamp: { name = \"X-About\"; value = \"Matter {matter} of "
                                    "{client} is {level}.\"; }; } );",
                                    &mail);
    if (!strstr(page, "adds X-About: Matter (none) of somebody who is no client is not classified.\n"))
        fail_msg("%s", page);
}

static void a_contact_ends_with_one_full_stop(void **state) {
    static const struct {
        const char *contact, *says;
    } cases[] = {{"Leo, extension 240", "Questions: Leo, extension 240.\n"},
                 {"Ask Leo.", "Questions: Ask Leo.\n"},
                 {"Why not ask Leo?", "Questions: Why not ask Leo?\n"}};
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *conf = g_strdup_printf(
            "refusal: { contact = \"%s\"; }; rules: ( { id = \"r\"; do = \"reject\"; } );", cases[i].contact);
        g_autofree char *page = said_by(conf, &mail);
        if (!strstr(page, cases[i].says))
            fail_msg("no \"%s\" in:\n%s", cases[i].says, page);
    }
}

/* Colleagues are nobody whom the mail must still reach. */
static void recipients_can_be_taken_off_where_others_outside_remain(void **state) {
    static const struct {
        const char *rcpt, *proofs;
        bool some;
    } cases[] = {{JANE, "n", false},
                 {JANE " ceo2@harbour.test", "ns", true},
                 {JANE " ceo2@harbour.test", "nn", false},
                 {JANE " bob@aldous.test", "nn", false},
                 {JANE " " JANE, "nn", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = cases[i].rcpt, .proofs = cases[i].proofs};
        g_autofree char *page = page_of("{ id = \"r\"; encrypt: { accept = [\"end-to-end\"]; }; }", &mail);
        assert_non_null(strstr(page, "is refused"));
        if ((strstr(page, "take these recipients off") != NULL) != cases[i].some)
            fail_msg("%s:\n%s", cases[i].rcpt, page);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why_stands_first_then_what_to_do_then_the_rest),
        cmocka_unit_test(nothing_was_sent_is_said_of_what_was_not_sent),
        cmocka_unit_test(each_rule_that_does_not_apply_is_told_when_asked_for),
        cmocka_unit_test(what_to_do_fits_what_was_done),
        cmocka_unit_test(what_protects_nothing_is_named_way_by_way),
        cmocka_unit_test(the_proof_of_each_recipient_has_its_reason),
        cmocka_unit_test(who_is_concerned_is_named_and_nobody_else),
        cmocka_unit_test(a_reason_is_given_once),
        cmocka_unit_test(a_placeholder_without_a_matter_reads_as_a_part_of_the_sentence),
        cmocka_unit_test(a_contact_ends_with_one_full_stop),
        cmocka_unit_test(recipients_can_be_taken_off_where_others_outside_remain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
