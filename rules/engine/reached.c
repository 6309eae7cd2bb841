/* SPDX-License-Identifier: Apache-2.0 */
/* Where no rule asked for a way there is none to be told of. */
#include "engine/reached.h"
#include "base/text.h"

static bool is_noted(const Decision *decision, const char *address) {
    for (guint i = 0; i < decision->reached->len; i++)
        if (text_equal(((const Reached *)decision->reached->pdata[i])->address, address))
            return true;
    return false;
}

static void note(Decision *decision, const char *address, const char *way, const char *by, const char *key) {
    if (is_noted(decision, address))
        return;
    Reached *reached = g_new(Reached, 1);
    *reached = (Reached){g_strdup(address), way, by, g_strdup(key)};
    g_ptr_array_add(decision->reached, reached);
}

void reached_note_sealed(Decision *decision, const char *address, Seal seal, const char *key) {
    note(decision, address, seal_name(seal), "gateway", key);
}

static void note_clear(Decision *decision, const char *address, Way way, Proof proof) {
    if (way == WAY_VERIFIED_TLS)
        note(decision, address, way_name(way), "mta", "");
    else if (way == WAY_CONSENT)
        note(decision, address, way_name(way), "", "");
    else if (way != WAY_NONE && proof != PROOF_NONE && proof != PROOF_UNKNOWN)
        note(decision, address, proof_name(proof), "sender", "");
}

static bool some_rule_encrypts(const Decision *decision) {
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies && !result->observed && result->rule->encrypts)
            return true;
    }
    return false;
}

static bool is_in_sealed_copy(const Decision *decision, const char *address) {
    for (guint i = 0; i < decision->copies->len; i++) {
        const MailCopy *copy = g_ptr_array_index(decision->copies, i);
        if (copy->seal != SEAL_NONE && g_ptr_array_find_with_equal_func(copy->recipients, address, g_str_equal, NULL))
            return true;
    }
    return false;
}

/* Whom a rule adds outside has one of these ways, or the message would have been refused (engine/added.h). */
static void note_added(const EngineInput *in, Decision *decision) {
    EncryptionState state = in->facts->encryption;
    Proof proof = state == ENC_SMIME ? PROOF_SMIME : state == ENC_OPENPGP ? PROOF_OPENPGP : PROOF_NONE;
    Way way = proof == PROOF_NONE ? WAY_VERIFIED_TLS : WAY_END_TO_END;
    for (guint i = 0; i < decision->add_recipients->len; i++) {
        const char *address = g_ptr_array_index(decision->add_recipients, i);
        if (!policy_is_ours(in->policy, address) && !is_in_sealed_copy(decision, address))
            note_clear(decision, address, way, proof);
    }
}

void reached_note(const EngineInput *in, Decision *decision) {
    if (!some_rule_encrypts(decision))
        return;
    for (guint i = 0; i < decision->recipients->len && !decision->redirected; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->outside && person->seal == SEAL_NONE)
            note_clear(decision, person->address, person->way, person->proof);
    }
    note_added(in, decision);
}
