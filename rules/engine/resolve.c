/* SPDX-License-Identifier: Apache-2.0 */
/* Sender, direction, recipients, walls. A failed look-up is remembered as unknown; it is never "not there". */
#include "engine/resolve.h"
#include "base/text.h"
#include "engine/matters.h"
#include "engine/people.h"
#include <string.h>

/* The staff records that the sender claims, whether or not anything proves it. */
typedef struct {
    Staff *from, *login; /* owned */
    bool failed;
} Claim;

static void claim_clear(Claim *claim) {
    staff_free(claim->from);
    staff_free(claim->login);
}

static bool words_have(const GPtrArray *words, const char *word) {
    for (guint i = 0; i < words->len; i++) {
        if (text_equal_nocase(g_ptr_array_index(words, i), word))
            return true;
    }
    return false;
}

/* Is From this person's own, or one they write for? */
static bool may_write_as(const Staff *login, const Staff *from) {
    if (!login || !from)
        return false;
    if (text_equal_nocase(login->address, from->address) || words_have(login->acts_for, from->address))
        return true;
    for (guint i = 0; i < from->aliases->len; i++) {
        if (words_have(login->acts_for, g_ptr_array_index(from->aliases, i)))
            return true;
    }
    return false;
}

/* The address that speaks: From when there is exactly one that could be an address, else the envelope's. */
static const char *speaking_address(const Facts *facts) {
    const char *from = facts->from->len == 1 ? g_ptr_array_index(facts->from, 0) : NULL;
    return from && address_is_plausible(from) ? from : facts->envelope->sender;
}

static Staff *staff_of(const EngineInput *in, const char *mailbox, bool *failed) {
    Staff *staff = NULL;
    *failed |= registry_staff(in->registry, mailbox, &staff) == LOOKUP_FAILED;
    return staff;
}

static bool has_login(const Envelope *envelope) {
    return envelope->login && *envelope->login;
}

static void read_claim(const EngineInput *in, const char *mailbox, Claim *claim) {
    claim->from = staff_of(in, mailbox, &claim->failed);
    if (has_login(in->facts->envelope))
        claim->failed |=
            registry_staff_by_login(in->registry, in->facts->envelope->login, &claim->login) == LOOKUP_FAILED;
}

/* Several From addresses would let one vouch for another: nobody is proven by such a message. */
static IdentityBy prove(const EngineInput *in, const Claim *claim) {
    const Envelope *envelope = in->facts->envelope;
    if (!claim->from || in->facts->from->len > 1)
        return BY_NONE;
    if (has_login(envelope))
        return may_write_as(claim->login, claim->from) ? BY_LOGIN : BY_NONE;
    return policy_is_trusted_relay(in->policy, envelope->client_address) ? BY_RELAY : BY_NONE;
}

static void note_identity(const EngineInput *in, const Claim *claim, Decision *decision) {
    if (decision->by != BY_NONE)
        return;
    if (has_login(in->facts->envelope) && !claim->failed)
        decision_add_anomaly(decision, claim->login ? "from-mismatch" : "unknown-login");
    if (claim->from)
        decision_add_anomaly(decision, "unproven-staff");
}

/* What an address outside the staff is to the firm. */
static void recognise_outsider(const EngineInput *in, Person *person) {
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    Lookup client = registry_client_of(in->registry, person->mailbox, &person->client);
    person->unknown |= client == LOOKUP_FAILED;
    if (client == LOOKUP_FOUND) {
        person->is = PERSON_CLIENT;
        return;
    }
    Lookup party = registry_is_party(in->registry, base);
    person->unknown |= party == LOOKUP_FAILED;
    if (party == LOOKUP_FOUND)
        person->is = PERSON_PARTY;
    else if (policy_is_prospect(in->policy, person->mailbox))
        person->is = PERSON_PROSPECT;
}

static void resolve_sender(const EngineInput *in, Decision *decision, Claim *claim) {
    const char *address = speaking_address(in->facts);
    Person *sender = decision->sender = person_new(in->policy, address);
    sender->outside = !policy_is_ours(in->policy, address);
    read_claim(in, sender->mailbox, claim);
    decision->by = prove(in, claim);
    note_identity(in, claim, decision);
    sender->unknown = claim->failed && decision->by == BY_NONE;
    if (decision->by != BY_NONE) {
        sender->is = PERSON_STAFF;
        sender->staff = g_steal_pointer(&claim->from);
        if (claim->login && !text_equal_nocase(claim->login->address, sender->staff->address))
            sender->actor = g_steal_pointer(&claim->login);
    } else if (sender->outside && !address_is_bang_path(sender->mailbox)) { /* such a sender is nobody known */
        recognise_outsider(in, sender);
    }
}

static Person *resolve_recipient(const EngineInput *in, const char *address, guint index) {
    Person *person = person_new(in->policy, address);
    person->outside = !policy_is_ours(in->policy, person->mailbox);
    person->staff = staff_of(in, person->mailbox, &person->unknown);
    if (person->staff)
        person->is = PERSON_STAFF;
    else if (person->outside)
        recognise_outsider(in, person);
    bool proved = in->facts->judged && index < in->facts->proofs->len;
    person->proof = proved ? g_array_index(in->facts->proofs, Proof, index) : PROOF_UNKNOWN;
    person->proof_why = proved ? "" : "the content was not seen";
    if (proved && index < in->facts->proof_whys->len)
        person->proof_why = g_ptr_array_index(in->facts->proof_whys, index);
    if (index < in->facts->key_states->len && index < in->facts->key_whys->len) {
        person->key = g_ptr_array_index(in->facts->key_states, index);
        person->key_why = g_ptr_array_index(in->facts->key_whys, index);
    }
    if (index < in->facts->keys->len)
        person->keys = &g_array_index(in->facts->keys, RecipientKeys, index);
    return person;
}

static bool any_recipient(const Decision *decision, bool outside) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        if (((const Person *)g_ptr_array_index(decision->recipients, i))->outside == outside)
            return true;
    }
    return false;
}

static bool claims_our_domain(const EngineInput *in) {
    for (guint i = 0; i < in->facts->from->len; i++) {
        if (policy_is_ours(in->policy, g_ptr_array_index(in->facts->from, i)))
            return true;
    }
    return policy_is_ours(in->policy, in->facts->envelope->sender);
}

/* Whoever logged in or comes through our own relay is one of us for this question, even when the From is somebody
 * else's: a colleague who writes From a private address must not thereby escape the rules for what leaves. */
static Direction resolve_direction(const EngineInput *in, const Decision *decision) {
    const Envelope *envelope = in->facts->envelope;
    bool staff = decision->by != BY_NONE;
    bool inside = policy_is_inside(in->policy, envelope->client_address);
    bool ours = staff || inside || ip_is_loopback(envelope->client_address) || claims_our_domain(in) ||
                has_login(envelope) || policy_is_trusted_relay(in->policy, envelope->client_address);
    if (ours && any_recipient(decision, true))
        return DIRECTION_OUTGOING;
    if (any_recipient(decision, false))
        return staff || inside ? DIRECTION_INTERNAL : DIRECTION_INCOMING;
    return DIRECTION_RELAYED;
}

static void resolve_matters(const EngineInput *in, Decision *decision) {
    g_autoptr(Clues) clues = clues_gather(in, decision->by != BY_NONE);
    if (clues_misnamed(clues))
        decision_add_anomaly(decision, "matter-unknown");
    if (decision->direction == DIRECTION_INTERNAL) {
        decision->sender->matter = matter_of_colleagues(in, clues);
        return;
    }
    if (decision->direction != DIRECTION_OUTGOING)
        matter_of_party(in, clues, decision->sender, decision);
    for (guint i = 0; decision->direction != DIRECTION_INCOMING && i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->outside)
            matter_of_party(in, clues, person, decision);
    }
}

/* The strictest of the parties' matters; one without matter or client is no answer to "which matter". */
static void choose_top(Decision *decision) {
    for (guint i = 0; i <= decision->recipients->len; i++) {
        Person *person = i ? g_ptr_array_index(decision->recipients, i - 1) : decision->sender;
        ResolvedMatter *matter = person->matter;
        if (!matter || (!*matter->id && !*matter->client && !matter->unknown))
            continue;
        if (!decision->matter || matter->level > decision->matter->level)
            decision->matter = matter;
    }
}

static bool keeps_out(const char *wall, void *staff) {
    return wall_keeps_out(wall, staff);
}

static Match walled_from(const Staff *staff, const ResolvedMatter *matter) {
    if (!matter)
        return MATCH_NO;
    if (matterset_any(matter->about, MATTERS_ALL, COLUMN_WALL, keeps_out, (void *)staff))
        return MATCH_YES;
    return matter->unknown ? MATCH_UNKNOWN : MATCH_NO;
}

Match decision_walled(const Decision *decision, const Staff *staff) {
    if (!staff)
        return MATCH_NO;
    Match walled = walled_from(staff, decision->sender->matter);
    for (guint i = 0; i < decision->recipients->len && walled != MATCH_YES; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        Match one = walled_from(staff, person->matter);
        walled = one == MATCH_NO ? walled : one;
    }
    return walled;
}

static Match worse(Match a, Match b) {
    if (a == MATCH_YES || b == MATCH_YES)
        return MATCH_YES;
    return a == MATCH_UNKNOWN ? a : b;
}

/* An unproven claim to be somebody gives no rights, but a wall holds against it too. */
static void resolve_walls(Decision *decision, const Claim *claim) {
    Person *sender = decision->sender;
    const Staff *four[] = {sender->staff, sender->actor, claim->from, claim->login};
    for (size_t i = 0; i < G_N_ELEMENTS(four); i++)
        sender->walled_off = worse(sender->walled_off, decision_walled(decision, four[i]));
    if (sender->unknown)
        sender->walled_off = worse(sender->walled_off, MATCH_UNKNOWN);
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        person->walled_off = decision_walled(decision, person->staff);
        if (person->unknown)
            person->walled_off = worse(person->walled_off, MATCH_UNKNOWN);
    }
}

static bool says_bulk(const Facts *facts) {
    for (guint i = 0; i < facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        g_autofree char *value = g_strstrip(g_strdup(header->raw));
        if (text_equal_nocase(header->name, "Precedence") && !text_equal_nocase(value, "list"))
            return true;
    }
    return false;
}

/* List headers alone do not make a known client's mail bulk: clients write through groups, and an answer to them is
 * owed. */
static void resolve_automatic(const EngineInput *in, Decision *decision) {
    const Facts *facts = in->facts;
    bool group = facts->automatic == AUTO_BULK && decision->sender->client && !says_bulk(facts);
    decision->automatic = group ? AUTO_NONE : facts->automatic;
    g_free(decision->automatic_why);
    decision->automatic_why = g_strdup(group ? "list headers alone on mail from a known client" : facts->automatic_why);
}

/* A certificate that may have been revoked is good enough for most mail, not for what is privileged. */
static void distrust_stale(Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->proof != PROOF_SMIME || !text_equal(person->key, "stale") || !person->matter ||
            !person->matter->privileged)
            continue;
        person->proof = PROOF_UNKNOWN;
        person->proof_why = person->key_why;
    }
}

void resolve_people(const EngineInput *in, Decision *decision) {
    Claim claim = {0};
    for (guint i = 0; i < in->facts->anomalies->len; i++)
        decision_add_anomaly(decision, g_ptr_array_index(in->facts->anomalies, i));
    resolve_sender(in, decision, &claim);
    const GPtrArray *recipients = in->facts->envelope->recipients;
    for (guint i = 0; i < recipients->len; i++)
        g_ptr_array_add(decision->recipients, resolve_recipient(in, g_ptr_array_index(recipients, i), i));
    decision->direction = resolve_direction(in, decision);
    resolve_matters(in, decision);
    distrust_stale(decision);
    choose_top(decision);
    resolve_walls(decision, &claim);
    resolve_automatic(in, decision);
    people_describe(in, decision);
    claim_clear(&claim);
}
