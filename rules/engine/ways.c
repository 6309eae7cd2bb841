/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to a recipient, in the order of the rule. The whole message has one body, so every outside recipient needs one,
 * whatever their own matter is. */
#include "engine/ways.h"
#include "base/text.h"
#include "engine/clearways.h"
#include "engine/seals.h"
#include "engine/tests.h"

enum { SAID_MAX = 12 }; /* recipients without a way that are named; a mailing to a thousand has a thousand */

static Match proof_is(const Person *person, Proof wanted) {
    if (person->proof == PROOF_UNKNOWN)
        return MATCH_UNKNOWN;
    return person->proof == wanted ? MATCH_YES : MATCH_NO;
}

static Match proof_is_any(const Person *person) {
    if (person->proof == PROOF_UNKNOWN)
        return MATCH_UNKNOWN;
    return person->proof == PROOF_NONE ? MATCH_NO : MATCH_YES;
}

static Match way_is_open(const EngineInput *in, const Person *person, Way way) {
    switch (way) {
    case WAY_END_TO_END:
        return proof_is_any(person);
    case WAY_SMIME:
        return proof_is(person, PROOF_SMIME);
    case WAY_OPENPGP:
        return proof_is(person, PROOF_OPENPGP);
    case WAY_VERIFIED_TLS:
        return clearway_tls(in, person);
    case WAY_CONSENT:
        return clearway_consent(in, person);
    case WAY_NONE:
        break;
    }
    return MATCH_NO;
}

/* What can be done for the recipient, in the order of the rule; UNKNOWN: something, perhaps. Where the way is open
 * without us, encrypting as well takes nothing from it, and another rule may want that. */
static Match offer_ways(const EngineInput *in, Person *person, const Rule *rule, SealChoice *offer, Way *first) {
    Match answer = MATCH_NO;
    for (guint i = 0; i < rule->accept->len; i++) {
        Way way = g_array_index(rule->accept, Way, i);
        Match open = way_is_open(in, person, way);
        Seal seal = open == MATCH_YES ? SEAL_NONE : seal_of_way(way);
        if (open == MATCH_NO && seal != SEAL_NONE)
            open = seal_can(in, person, seal);
        if (open == MATCH_UNKNOWN)
            answer = MATCH_UNKNOWN;
        if (open != MATCH_YES)
            continue;
        if (*first == WAY_NONE)
            *first = way;
        seal_offer(offer, seal);
        for (int more = SEAL_SMIME; seal == SEAL_NONE && more < SEALS; more++)
            if (seal_can(in, person, (Seal)more) == MATCH_YES)
                seal_offer(offer, (Seal)more);
    }
    return offer->count > 0 ? MATCH_YES : answer;
}

static Match find_way(const EngineInput *in, Person *person, const RuleResult *result) {
    SealChoice offer = {.asked = true};
    Way first = WAY_NONE;
    Match found = offer_ways(in, person, result->rule, &offer, &first);
    if (found != MATCH_YES)
        return found;
    /* A rule that only observes encrypts nothing. */
    if (!result->observed && !seal_narrow(person, &offer))
        return MATCH_NO;
    if (person->way == WAY_NONE && (!result->observed || offer.seal[0] == SEAL_NONE))
        person->way = first;
    return MATCH_YES;
}

/* Which of the ways that the rule accepts there is not. Caller owns. */
static char *missing_ways(const Rule *rule) {
    static const char *const words[] = {
        [WAY_NONE] = "",
        [WAY_END_TO_END] = "the mail is not encrypted to them",
        [WAY_SMIME] = "it is not encrypted to them by S/MIME",
        [WAY_OPENPGP] = "it is not encrypted to them by OpenPGP",
        [WAY_VERIFIED_TLS] = "the register has no verified TLS for their domain",
        [WAY_CONSENT] = "no consent of theirs to mail in clear is recorded",
    };
    bool any_kind = false;
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < rule->accept->len; i++) {
        Way way = g_array_index(rule->accept, Way, i);
        any_kind |= way == WAY_END_TO_END;
        if (!any_kind || (way != WAY_SMIME && way != WAY_OPENPGP))
            g_string_append_printf(all, "%s%s", all->len ? ", " : "", words[way]);
    }
    return g_string_free(all, FALSE);
}

static void say_none(const Person *person, const Rule *rule, GPtrArray *why) {
    g_autofree char *missing = missing_ways(rule);
    say(why, "nothing protects it on the way to %s: %s%s%s%s%s", person->address, missing,
        *person->proof_why ? "; " : "", person->proof_why, person->seal_why ? "; " : "",
        person->seal_why ? person->seal_why : "");
}

/* An unknown proof has a reason of its own; else it was the registry that gave no answer. */
static const char *unknown_why(const Person *person) {
    if (person->proof == PROOF_UNKNOWN)
        return person->proof_why;
    bool stale = person->keys && (person->keys->stale[SEAL_SMIME] || person->keys->stale[SEAL_OPENPGP]);
    return stale && person->key_why ? person->key_why : "the register could not be asked";
}

static void say_missing(const EngineInput *in, Person *person, Match found, const Rule *rule, GPtrArray *why) {
    bool disagree = person->choice.asked && person->choice.count == 0;
    if (!disagree)
        seal_say_why(in, person, rule);
    if (disagree)
        say(why, "two rules want different encryption for %s", person->address);
    else if (found == MATCH_UNKNOWN)
        say(why, "whether it is protected on the way to %s is unknown: %s", person->address, unknown_why(person));
    else
        say_none(person, rule, why);
}

Match ways_find(const EngineInput *in, Decision *decision, RuleResult *result) {
    Match all = MATCH_YES;
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->outside)
            continue;
        Match found = find_way(in, person, result);
        if (found == MATCH_YES)
            continue;
        all = all == MATCH_NO ? all : found;
        if (!g_hash_table_add(told, person->address))
            continue;
        if (result->concerned->len < SAID_MAX)
            say_missing(in, person, found, result->rule, result->why);
        g_ptr_array_add(result->concerned, g_strdup(person->address));
    }
    if (result->concerned->len > SAID_MAX)
        say(result->why, "nor to %u more", result->concerned->len - SAID_MAX);
    return all;
}
