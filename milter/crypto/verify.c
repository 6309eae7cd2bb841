/* SPDX-License-Identifier: Apache-2.0 */
/* What both kinds of signature share: their states, and the result as a value. */
#include "crypto/verify.h"

const char *signature_state_name(SignatureState state) {
    static const char *const names[] = {
        [SIGNATURE_VALID] = "valid",
        [SIGNATURE_WRONG_ADDRESS] = "wrong-address",
        [SIGNATURE_UNKNOWN_SIGNER] = "valid-unknown-signer",
        [SIGNATURE_EXPIRED] = "expired",
        [SIGNATURE_REVOKED] = "revoked",
        [SIGNATURE_WEAK] = "weak",
        [SIGNATURE_UNKNOWN] = "unknown",
        [SIGNATURE_INVALID] = "invalid",
        [SIGNATURE_NONE] = "none",
    };
    return names[state];
}

Verified *verified_new(void) {
    Verified *verified = g_new0(Verified, 1);
    verified->state = SIGNATURE_NONE;
    verified->by = g_strdup("");
    verified->why = g_strdup("");
    return verified;
}

void verified_free(Verified *verified) {
    if (verified == NULL)
        return;
    g_free(verified->by);
    g_free(verified->why);
    cert_free(verified->signer);
    g_clear_pointer(&verified->kept, g_bytes_unref);
    g_free(verified);
}

Verified *verified_say(Verified *verified, SignatureState state, const char *format, ...) {
    va_list values;
    va_start(values, format);
    g_free(verified->why);
    verified->why = g_strdup_vprintf(format, values);
    va_end(values);
    verified->state = state;
    return verified;
}
