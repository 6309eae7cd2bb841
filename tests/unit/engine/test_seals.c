/* SPDX-License-Identifier: Apache-2.0 */
/* The ways that the gateway makes: which it takes, when several rules want something of it, and what it says when there
 * is none. */
#include "engine/seals.h"
#include "engine/decide.h"
#include "engine/explain.h"
#include "firm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"
#define JIM "cfo@harbour.test"

#define RULE(id, accept)                                                                                               \
    "{ id = \"" id "\"; when: { direction = \"outgoing\"; }; encrypt: { accept = [" accept "]; }; }"
#define OBSERVED(id, accept)                                                                                           \
    "{ id = \"" id "\"; mode = \"observe\"; when: { direction = \"outgoing\"; }; encrypt: { accept = [" accept "]; "   \
    "}; }"
#define ALL "\"end-to-end\", \"smime\", \"openpgp\", \"verified-tls\", \"consent\""
#define HOLD "{ id = \"h\"; do = \"hold\"; }"

typedef struct {
    const char *what, *rules, *rcpt, *seals, *action, *ways, *bodies;
    const char *proofs, *subject, *no_smime;
    EncryptionState encryption;
    bool unjudged;
} SealCase;

/* bodies: the one seal for all, or how many copies. */
static const SealCase cases[] = {
    {.what = "a certificate", RULE("a", ALL), JANE, "s", "accept", "smime", "smime"},
    {.what = "a key", RULE("a", ALL), JANE, "p", "accept", "openpgp", "openpgp"},
    {.what = "both: the order of the rule", RULE("a", ALL), JANE, "sp", "accept", "smime", "smime"},
    {.what = "both, the other order", RULE("a", "\"openpgp\", \"smime\""), JANE, "sp", "accept", "openpgp", "openpgp"},
    {.what = "both, the certificate harvested", RULE("a", ALL), JANE, "hp", "accept", "openpgp", "openpgp"},
    {.what = "a harvested one alone", RULE("a", ALL), JANE, "h", "accept", "smime", "smime"},
    {.what = "the rule wants it", RULE("a", "\"smime\""), JANE, "hp", "accept", "smime", "smime"},
    {.what = "none", RULE("a", ALL), JANE, "-", "reject", "none", "clear"},
    {.what = "the wrong kind", RULE("a", "\"smime\""), JANE, "p", "reject", "none", "clear"},
    {.what = "the sender's own comes first",
     RULE("a", ALL),
     JANE,
     "s",
     "accept",
     "end-to-end",
     "clear",
     "s",
     .encryption = ENC_SMIME},
    {.what = "and is not encrypted again",
     RULE("a", ALL),
     JANE " " JIM,
     "s s",
     "reject",
     "end-to-end none",
     "clear",
     "sn",
     .encryption = ENC_SMIME},
    {.what = "an encrypted file is a letter like any",
     RULE("a", "\"smime\""),
     JANE,
     "s",
     "accept",
     "smime",
     "smime",
     "c",
     .encryption = ENC_CONTAINER},
    {.what = "what only pretends too",
     RULE("a", "\"smime\""),
     JANE,
     "s",
     "accept",
     "smime",
     "smime",
     .encryption = ENC_BROKEN},
    {.what = "what cannot be read is not known",
     RULE("a", ALL),
     JANE,
     "s",
     "hold",
     "none",
     "clear",
     "u",
     .encryption = ENC_UNKNOWN},
    {.what = "nor what nobody saw", RULE("a", ALL), JANE, "s", "hold", "none", "clear", .unjudged = true},
    {.what = "not end-to-end", RULE("a", "\"end-to-end\""), JANE, "s", "reject", "none", "clear"},
    {.what = "a way in clear is preferred",
     RULE("a", "\"verified-tls\", \"smime\""),
     "a@tlsco.test",
     "s",
     "accept",
     "verified-tls",
     "clear"},
    {.what = "unless another rule wants more",
     RULE("a", "\"verified-tls\", \"smime\"") "," RULE("b", "\"smime\""),
     "a@tlsco.test",
     "s",
     "accept",
     "smime",
     "smime"},
    {.what = "the same in the other order",
     RULE("b", "\"smime\"") "," RULE("a", "\"verified-tls\""),
     "a@tlsco.test",
     "s",
     "accept",
     "smime",
     "smime"},
    {.what = "two rules agree on one",
     RULE("a", ALL) "," RULE("b", "\"openpgp\""),
     JANE,
     "sp",
     "accept",
     "openpgp",
     "openpgp"},
    {.what = "two rules do not agree",
     RULE("a", "\"smime\"") "," RULE("b", "\"openpgp\""),
     JANE,
     "sp",
     "reject",
     "none",
     "clear"},
    {.what = "one that observes changes nothing",
     RULE("a", ALL) "," OBSERVED("b", "\"openpgp\""),
     JANE,
     "sp",
     "accept",
     "smime",
     "smime"},
    {.what = "nor alone", OBSERVED("b", ALL), JANE, "s", "accept", "none", "clear"},
    {.what = "what is held is encrypted", RULE("a", ALL) "," HOLD, JANE, "s", "hold", "smime", "smime"},
    {.what = "somebody without a way stops all", RULE("a", ALL), JANE " " JIM, "s -", "reject", "smime none", "clear"},
    {.what = "two of a kind", RULE("a", ALL), JANE " " JIM, "s sp", "accept", "smime smime", "smime"},
    {.what = "two kinds", RULE("a", ALL), JANE " " JIM, "s p", "accept", "smime openpgp", "2"},
    {.what = "a colleague reads it in clear",
     RULE("a", ALL),
     JANE " bob@aldous.test",
     "s -",
     "accept",
     "smime none",
     "2"},
    {.what = "the gateway has no archive",
     RULE("a", ALL),
     JANE,
     "s",
     "reject",
     "none",
     "clear",
     .no_smime = "no archive"},
    {.what = "but another way", RULE("a", ALL), JANE, "sp", "accept", "openpgp", "openpgp", .no_smime = "no archive"},
    {.what = "a stale certificate", RULE("a", ALL), "a@newco.test", "S", "accept", "smime", "smime"},
    {.what = "not on a privileged matter", RULE("a", ALL), JANE, "S", "hold", "none", "clear"},
};

static char *ways_of(const Decision *decision) {
    GString *ways = g_string_new(NULL);
    for (guint i = 0; i < decision->recipients->len; i++)
        g_string_append_printf(ways, "%s%s", i ? " " : "",
                               way_name(((const Person *)g_ptr_array_index(decision->recipients, i))->way));
    return g_string_free(ways, FALSE);
}

static Judged *judge(Firm *firm, const SealCase *one) {
    const Mail mail = {.from = ALICE,
                       .login = "alice",
                       .rcpt = one->rcpt,
                       .seals = one->seals,
                       .proofs = one->proofs,
                       .subject = one->subject,
                       .no_smime = one->no_smime,
                       .encryption = one->encryption,
                       .unjudged = one->unjudged};
    return firm_judge(firm, &mail);
}

static void the_gateway_encrypts_where_every_rule_is_content(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const SealCase *one = &cases[i];
        g_autofree char *more = g_strdup_printf("rules: (%s);", one->rules);
        g_autoptr(Firm) firm = firm_new(more);
        g_autoptr(Judged) judged = judge(firm, one);
        const Decision *decision = judged->decision;
        g_autofree char *ways = ways_of(decision), *copies = g_strdup_printf("%u", decision->copies->len);
        bool goes_on = decision->action == ACTION_ACCEPT || decision->action == ACTION_HOLD;
        const char *bodies = decision->copies->len ? copies : goes_on ? seal_name(seals_in_place(decision)) : "clear";
        if (strcmp(action_name(decision->action), one->action) != 0 || strcmp(ways, one->ways) != 0 ||
            strcmp(bodies, one->bodies) != 0)
            fail_msg("%s: %s, %s, %s", one->what, action_name(decision->action), ways, bodies);
    }
}

static void a_refusal_says_what_to_ask_for(void **state) {
    static const struct {
        const char *keys, *seals, *rules, *no_smime, *says;
        EncryptionState encryption;
    } refusals[] = {
        {"none", "-", RULE("a", ALL), NULL, "Their certificate is none.", ENC_NONE},
        {"expired", "-", RULE("a", ALL), NULL, "Their certificate is expired.", ENC_NONE},
        {"usable", "p", RULE("a", "\"smime\""), NULL,
         "No valid S/MIME certificate of " JANE " is known, which the rule wants: ask them for it.", ENC_NONE},
        {"usable", "s", RULE("a", "\"openpgp\""), NULL, "No valid OpenPGP key of " JANE " is known", ENC_NONE},
        {"usable", "s", RULE("a", "\"smime\""), "the archive is closed",
         "The gateway cannot encrypt it to " JANE ": the archive is closed.", ENC_NONE},
        {"usable", "s", RULE("a", "\"smime\""), NULL, "what is encrypted already the gateway does not encrypt again",
         ENC_OPENPGP},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *more = g_strdup_printf("rules: (%s);", refusals[i].rules);
        g_autoptr(Firm) firm = firm_new(more);
        const Mail mail = {.from = ALICE,
                           .login = "alice",
                           .rcpt = JANE,
                           .keys = refusals[i].keys,
                           .seals = refusals[i].seals,
                           .no_smime = refusals[i].no_smime,
                           .encryption = refusals[i].encryption};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_int_equal(judged->decision->action, ACTION_REJECT);
        if (!judged_says(judged, refusals[i].says))
            fail_msg("no line says \"%s\"", refusals[i].says);
    }
    g_autoptr(Firm) firm = firm_new("rules: (" RULE("a", "\"end-to-end\"") ");");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE, .keys = "none", .seals = "-"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_false(judged_says(judged, "certificate is")); /* the gateway was not asked to encrypt */
}

static void a_decision_whose_encryption_fails_becomes_a_refusal(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: (" RULE("a", ALL) ", { id = \"s\"; stamp: { name = \"X-Firm\"; value = \"yes\"; };"
                                           " copy_to = [\"bob@aldous.test\"]; });");
    const SealCase one = {.rcpt = JANE, .seals = "s"};
    g_autoptr(Judged) judged = judge(firm, &one);
    Decision *decision = judged->decision;
    const EngineInput in = {.policy = firm->policy,
                            .registry = firm->registry,
                            .facts = judged->facts,
                            .now = judged->facts->envelope->received};
    assert_int_equal(decision->action, ACTION_ACCEPT);
    assert_true(decision->headers->len > 0 && decision->add_recipients->len == 1);
    decide_refusal(&in, decision, "the sky fell");
    assert_int_equal(decision->action, ACTION_REJECT);
    assert_int_equal(decision->code, 550);
    assert_true(judged_says(judged, "The gateway could not encrypt it: the sky fell."));
    assert_true(judged_says(judged, "Recipients concerned: " JANE "."));
    assert_int_equal(decision->headers->len + decision->add_recipients->len + decision->copies->len, 0);
    g_autofree char *page = explain_text(decision, judged->facts);
    assert_non_null(strstr(page, "is refused"));
}

/* Whom a rule adds is to blame where the reason speaks of them, not where it speaks of somebody whose address holds
 * theirs. */
static void somebody_else_with_a_longer_address_is_not_whom_a_rule_adds(void **state) {
    static const struct {
        const char *why, *concerned;
    } reasons[] = {
        {"it is not encrypted to bob@aldous.test: nothing", "Recipients concerned: bob@aldous.test."},
        {"nothing is known of bob@aldous.test.", "Recipients concerned: bob@aldous.test."},
        {"it is not encrypted to jacob@aldous.test: nothing", "Recipients concerned: " JANE "."},
        {"it is not encrypted to j.bob@aldous.test", "Recipients concerned: " JANE "."},
        {"it is not encrypted to bob@aldous.test.uk", "Recipients concerned: " JANE "."},
    };
    g_autoptr(Firm) firm = firm_new("rules: (" RULE("a", ALL) ", { id = \"s\"; copy_to = [\"bob@aldous.test\"]; });");
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        const SealCase one = {.rcpt = JANE, .seals = "s"};
        g_autoptr(Judged) judged = judge(firm, &one);
        const EngineInput in = {.policy = firm->policy,
                                .registry = firm->registry,
                                .facts = judged->facts,
                                .now = judged->facts->envelope->received};
        decide_refusal(&in, judged->decision, reasons[i].why);
        if (!judged_says(judged, reasons[i].concerned))
            fail_msg("%s", reasons[i].why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(somebody_else_with_a_longer_address_is_not_whom_a_rule_adds),
        cmocka_unit_test(the_gateway_encrypts_where_every_rule_is_content),
        cmocka_unit_test(a_refusal_says_what_to_ask_for),
        cmocka_unit_test(a_decision_whose_encryption_fails_becomes_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
