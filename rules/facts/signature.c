/* SPDX-License-Identifier: Apache-2.0 */
/* Words and ownership. */
#include "facts/signature.h"
#include "base/text.h"

const char *const signature_words[] = {
    "none", "valid", "valid-unknown-signer", "wrong-address", "expired", "revoked", "weak", "invalid", "unknown", NULL};

void signature_fact_init(SignatureFact *fact) {
    *fact = (SignatureFact){.state = signature_words[0], .by = g_strdup(""), .why = g_strdup("")};
}

void signature_fact_clear(SignatureFact *fact) {
    g_free(fact->by);
    g_free(fact->why);
    g_free(fact->kept_fingerprint);
    g_clear_pointer(&fact->kept, g_bytes_unref);
    g_clear_pointer(&fact->autocrypt, g_bytes_unref);
    *fact = (SignatureFact){0};
}

void signature_fact_say(SignatureFact *fact, const char *state, const char *by, const char *why) {
    for (const char *const *word = signature_words; *word != NULL; word++)
        if (text_equal(*word, state))
            fact->state = *word;
    g_free(fact->by);
    g_free(fact->why);
    fact->by = g_strdup(by);
    fact->why = g_strdup(why);
}
