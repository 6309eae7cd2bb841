/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets which copy of a message that the gateway encrypts. */
#include "engine/copies.h"
#include "base/text.h"
#include "firm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* A recipient is KIND:ADDRESS; kinds: s S/MIME, p OpenPGP, t verified TLS, e end-to-end, - no way at all. Those at
 * aldous.test are inside. */
typedef struct {
    const char *says, *recipients, *to, *cc, *added;
    const char *copies; /* "WAY a b|WAY c" */
} CopiesCase;

#define A "alice@aldous.test"
#define B "ben@aldous.test"
#define X "x@else.test"
#define Y "y@else.test"
#define Z "z@third.test"

static const CopiesCase cases[] = {
    {"nobody needs our encryption", "t:" X " e:" Y " c:" A, X, Y, "", ""},
    {"all named read one body", "s:" X " s:" Y, X, Y, "", ""},
    {"one alone shares with nobody, named or not", "s:" X, A, "", "", ""},
    {"the same one twice is one", "s:" X " s:" X, A, "", "", ""},
    {"colleagues read it in clear", "s:" X " c:" A " c:" B, X, A, "", "clear " A " " B "|smime " X},
    {"a rule's copy is a colleague's", "s:" X, X, "", B, "clear " B "|smime " X},
    {"a rule's copy that leads outside is encrypted, for nobody else to see", "s:" X " c:" A, X, "", Z,
     "clear " A "|smime " X "|smime " Z},
    {"the same, with nobody inside", "s:" X, X, "", Z, "smime " X "|smime " Z},
    {"the same for somebody who is named", "s:" X, X, Z, Z, "smime " X "|smime " Z},
    {"a rule's copy of a recipient is theirs", "s:" X " c:" A, X, A, A, "clear " A "|smime " X},
    {"a blind one alone", "s:" X " s:" Y, X, "", "", "smime " X "|smime " Y},
    {"each blind one alone", "s:" X " s:" Y " s:" Z, X, A, "", "smime " X "|smime " Y "|smime " Z},
    {"all blind", "s:" X " s:" Y, "", "", "", "smime " X "|smime " Y},
    {"two ways", "s:" X " p:" Y " s:" Z, X " " Y, Z, "", "smime " X " " Z "|openpgp " Y},
    {"in clear by another way", "t:" X " s:" Y, X, Y, "", "clear " X "|smime " Y},
    {"blind and in clear leaks nothing", "t:" X " e:" Z " s:" Y, Y, "", "", "clear " X " " Z "|smime " Y},
    {"everything at once", "p:" X " c:" A " t:" Z " s:" Y " p:w@else.test", X " " Y, "", B,
     "clear " A " " B "|clear " Z "|smime " Y "|openpgp " X "|openpgp w@else.test"},
    {"somebody has no way", "s:" X " -:" Y " c:" A, X, Y, "", ""},
    {"named by another spelling", "s:x%else.test@aldous.test s:" Y, X, Y, "", ""},
};

static void set_way(Person *person, char kind) {
    person->seal = kind == 's' ? SEAL_SMIME : kind == 'p' ? SEAL_OPENPGP : SEAL_NONE;
    person->way = kind == 's'   ? WAY_SMIME
                  : kind == 'p' ? WAY_OPENPGP
                  : kind == 't' ? WAY_VERIFIED_TLS
                  : kind == 'e' ? WAY_END_TO_END
                                : WAY_NONE;
}

static Decision *decision_of(const Policy *policy, const CopiesCase *one) {
    Decision *decision = decision_new();
    g_autoptr(GPtrArray) recipients = text_words(one->recipients);
    for (guint i = 0; i < recipients->len; i++) {
        const char *word = g_ptr_array_index(recipients, i);
        Person *person = person_new(policy, word + 2);
        person->outside = !policy_is_ours(policy, person->mailbox);
        set_way(person, word[0]);
        g_ptr_array_add(decision->recipients, person);
    }
    g_ptr_array_unref(decision->add_recipients);
    decision->add_recipients = text_words(one->added);
    return decision;
}

static char *copies_of(const Decision *decision) {
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < decision->copies->len; i++) {
        const MailCopy *copy = g_ptr_array_index(decision->copies, i);
        g_string_append_printf(all, "%s%s", i ? "|" : "", seal_name(copy->seal));
        for (guint r = 0; r < copy->recipients->len; r++)
            g_string_append_printf(all, " %s", (char *)g_ptr_array_index(copy->recipients, r));
    }
    return g_string_free(all, FALSE);
}

static void everybody_gets_the_copy_that_is_theirs(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = facts_new(envelope_new());
        g_ptr_array_unref(facts->to);
        g_ptr_array_unref(facts->cc);
        facts->to = text_words(cases[i].to);
        facts->cc = text_words(cases[i].cc);
        g_autoptr(Decision) decision = decision_of(firm->policy, &cases[i]);
        EngineInput in = {.policy = firm->policy, .registry = firm->registry, .facts = facts};
        copies_plan(&in, decision);
        g_autofree char *copies = copies_of(decision);
        if (strcmp(copies, cases[i].copies) != 0)
            fail_msg("%s: %s", cases[i].says, copies);
    }
}

static void a_message_that_is_redirected_is_never_split(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    g_autoptr(Facts) facts = facts_new(envelope_new());
    const CopiesCase mixed = {.recipients = "s:" X " c:" A, .added = B};
    g_autoptr(Decision) decision = decision_of(firm->policy, &mixed);
    decision->redirected = true;
    EngineInput in = {.policy = firm->policy, .registry = firm->registry, .facts = facts};
    copies_plan(&in, decision);
    assert_int_equal(decision->copies->len, 0);
}

static void explain_says_who_gets_which(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    g_autoptr(Facts) facts = facts_new(envelope_new());
    g_ptr_array_add(facts->to, g_strdup(X));
    const CopiesCase mixed = {.recipients = "s:" X " p:" Y " c:" A, .added = B};
    g_autoptr(Decision) decision = decision_of(firm->policy, &mixed);
    g_autoptr(GString) page = g_string_new(NULL);
    copies_tell(page, decision);
    assert_string_equal(page->str, "");
    EngineInput in = {.policy = firm->policy, .registry = firm->registry, .facts = facts};
    copies_plan(&in, decision);
    copies_tell(page, decision);
    assert_string_equal(page->str, "  its recipients need 3 different copies:\n      in clear to " A ", " B
                                   "\n      by S/MIME to " X "\n      by OpenPGP to " Y "\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_gets_the_copy_that_is_theirs),
        cmocka_unit_test(a_message_that_is_redirected_is_never_split),
        cmocka_unit_test(explain_says_who_gets_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
