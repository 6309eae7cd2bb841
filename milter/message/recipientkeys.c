/* SPDX-License-Identifier: Apache-2.0 */
/* One look-up a recipient: a few microseconds in the snapshot. */
#include "message/recipientkeys.h"
#include "message/protect.h"

static RecipientKeys keys_of(const CertStore *certs, const char *address, Instant now) {
    RecipientKeys keys = {.there = {false}};
    for (int seal = SEAL_SMIME; seal < SEALS; seal++) {
        CertKind kind;
        g_autoptr(Cert) best = protect_kind((Seal)seal, &kind) ? encrypt_find(certs, address, kind, now) : NULL;
        keys.there[seal] = best != NULL;
        keys.stale[seal] = best != NULL && cert_state(best, now) == CERT_STALE;
        keys.harvested[seal] = best != NULL && best->source == CERT_HARVESTED && best->trust != TRUST_BY_HAND;
    }
    return keys;
}

void recipient_keys_read(Facts *facts, const CertStore *certs) {
    const GPtrArray *recipients = facts->envelope->recipients;
    for (guint i = 0; certs != NULL && i < recipients->len; i++) {
        char *why = NULL;
        CertState state = certs_state(certs, g_ptr_array_index(recipients, i), facts->envelope->received, &why);
        g_ptr_array_add(facts->key_states, g_strdup(cert_state_name(state)));
        g_ptr_array_add(facts->key_whys, why);
        RecipientKeys keys = {.there = {false}};
        if (state != CERT_NONE)
            keys = keys_of(certs, g_ptr_array_index(recipients, i), facts->envelope->received);
        g_array_append_val(facts->keys, keys);
    }
}
