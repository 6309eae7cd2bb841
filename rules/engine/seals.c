/* SPDX-License-Identifier: Apache-2.0 */
/* What the sender encrypted is never encrypted again: who cannot read it would get it twice sealed. */
#include "engine/seals.h"
#include "base/text.h"
#include <string.h>

Seal seal_of_way(Way way) {
    return way == WAY_SMIME ? SEAL_SMIME : way == WAY_OPENPGP ? SEAL_OPENPGP : SEAL_NONE;
}

static bool is_encrypted_already(const Facts *facts) {
    return facts->encryption == ENC_SMIME || facts->encryption == ENC_OPENPGP || facts->encryption == ENC_UNKNOWN;
}

Match seal_can(const EngineInput *in, const Person *person, Seal seal) {
    if (!in->facts->judged || is_encrypted_already(in->facts) || in->no_seal[seal] || !person->keys ||
        !person->keys->there[seal])
        return MATCH_NO;
    bool doubtful = person->keys->stale[seal] && person->matter && person->matter->privileged;
    return doubtful ? MATCH_UNKNOWN : MATCH_YES;
}

static bool has_seal(const SealChoice *choice, Seal seal) {
    for (unsigned i = 0; i < choice->count; i++)
        if (choice->seal[i] == seal)
            return true;
    return false;
}

void seal_offer(SealChoice *offer, Seal seal) {
    if (!has_seal(offer, seal))
        offer->seal[offer->count++] = seal;
}

bool seal_narrow(Person *person, const SealChoice *offer) {
    SealChoice *choice = &person->choice, left = {.asked = true};
    for (unsigned i = 0; choice->asked && i < choice->count; i++)
        if (has_seal(offer, choice->seal[i]))
            seal_offer(&left, choice->seal[i]);
    for (unsigned i = 0; !choice->asked && i < offer->count; i++)
        seal_offer(&left, offer->seal[i]);
    *choice = left;
    return left.count > 0;
}

/* ---- Why not ---- */

static bool is_asked_for(const Rule *rule, Seal seal) {
    for (guint i = 0; i < rule->accept->len; i++)
        if (seal_of_way(g_array_index(rule->accept, Way, i)) == seal)
            return true;
    return false;
}

static const char *hindrance(const EngineInput *in, const Person *person, const Rule *rule) {
    if (in->facts->encryption == ENC_SMIME || in->facts->encryption == ENC_OPENPGP)
        return "what is encrypted already the gateway does not encrypt again";
    for (int seal = SEAL_SMIME; seal < SEALS; seal++)
        if (is_asked_for(rule, (Seal)seal) && person->keys && person->keys->there[seal] && in->no_seal[seal])
            return in->no_seal[seal];
    return NULL;
}

/* A key of the one kind is of no use to a rule that wants the other. */
static bool has_other_kind(const Person *person, const Rule *rule) {
    for (int seal = SEAL_SMIME; person->keys && seal < SEALS; seal++)
        if (person->keys->there[seal] && !is_asked_for(rule, (Seal)seal))
            return true;
    return false;
}

void seal_say_why(const EngineInput *in, Person *person, const Rule *rule) {
    if (person->seal_why || !in->facts->judged || !(is_asked_for(rule, SEAL_SMIME) || is_asked_for(rule, SEAL_OPENPGP)))
        return;
    const char *hindered = hindrance(in, person, rule);
    if (hindered)
        person->seal_why = g_strdup_printf("the gateway cannot encrypt it to %s: %s", person->address, hindered);
    else if (has_other_kind(person, rule))
        person->seal_why =
            g_strdup_printf("no valid %s of %s is known, which the rule wants: ask them for it",
                            is_asked_for(rule, SEAL_SMIME) ? "S/MIME certificate" : "OpenPGP key", person->address);
    else
        person->seal_why = g_strdup(person->key_why);
}

/* ---- What is done ---- */

static bool is_harvested(const Person *person, Seal seal) {
    return seal != SEAL_NONE && person->keys && person->keys->harvested[seal];
}

/* The first that all rules accept; but nothing that came in the mail before what somebody of the firm put there. */
static Seal best_seal(const Person *person) {
    const SealChoice *choice = &person->choice;
    Seal first = choice->count ? choice->seal[0] : SEAL_NONE;
    for (unsigned i = 1; is_harvested(person, first) && i < choice->count; i++)
        if (choice->seal[i] != SEAL_NONE && !is_harvested(person, choice->seal[i]))
            return choice->seal[i];
    return first;
}

void seals_settle(Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->choice.asked)
            continue;
        person->seal = best_seal(person);
        if (!person->choice.count)
            person->way = WAY_NONE; /* every rule has one, and no two the same */
        else if (person->seal != SEAL_NONE)
            person->way = person->seal == SEAL_SMIME ? WAY_SMIME : WAY_OPENPGP;
    }
}

Seal seals_in_place(const Decision *decision) {
    if (decision->copies->len || decision->redirected || decision->add_recipients->len || !decision->recipients->len)
        return SEAL_NONE;
    Seal all = ((const Person *)g_ptr_array_index(decision->recipients, 0))->seal;
    for (guint i = 0; i < decision->recipients->len; i++)
        if (((const Person *)g_ptr_array_index(decision->recipients, i))->seal != all)
            return SEAL_NONE;
    return all;
}

void seals_tell(GString *page, const Decision *decision) {
    static const char *const names[] = {"", "by S/MIME", "by OpenPGP"};
    if (!decision->sealed_to->len)
        return;
    g_string_append_printf(page, "  the gateway encrypts it%s%s, to %u certificate%s or key%s:\n",
                           decision->sealed == SEAL_NONE ? "" : " ", names[decision->sealed], decision->sealed_to->len,
                           decision->sealed_to->len == 1 ? "" : "s", decision->sealed_to->len == 1 ? "" : "s");
    for (guint i = 0; i < decision->sealed_to->len; i++)
        g_string_append_printf(page, "      %s\n", (char *)decision->sealed_to->pdata[i]);
    if (decision->subject_outside)
        g_string_append_printf(page, "  its subject stays readable outside of what is encrypted: %s\n",
                               text_equal(decision->subject_outside, "signed")
                                   ? "it is signed, and the signature would be lost"
                                   : "mail programs read its Content-Type in different ways");
}
