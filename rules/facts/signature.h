/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the signature over a whole message: a plain value that owns its parts. */
#pragma once
#include <glib.h>

typedef struct {
    const char *state;      /* one of signature_words, static */
    char *by;               /* the address of the certificate or key; "" when there is none */
    char *why;              /* one sentence; "" when there is nothing to say */
    GBytes *kept;           /* a valid S/MIME signature without its content, for the firm's certificates; NULL */
    char *kept_fingerprint; /* of its signer's certificate, hexadecimal; NULL */
    GBytes *autocrypt; /* the address in From, LF, and the OpenPGP key that the header brings for it, where the firm
                        * wants such; NULL */
} SignatureFact;

/* "none", "valid", "valid-unknown-signer", "wrong-address", "expired", "revoked", "weak", "invalid", "unknown"; ends
 * with NULL. */
extern const char *const signature_words[];

void signature_fact_init(SignatureFact *fact); /* none */
void signature_fact_clear(SignatureFact *fact);

/* `state` must be one of the words. */
void signature_fact_say(SignatureFact *fact, const char *state, const char *by, const char *why);
