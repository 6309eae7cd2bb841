/* SPDX-License-Identifier: Apache-2.0 */
/* What the two kinds of proof share; for this folder alone. */
#pragma once
#include "crypto/proof.h"
#include "crypto/session_key.h"
#include <openssl/x509.h>
#include <string.h>

/* One recipient that a CMS envelope names: issuer and serial, or a subject key id. */
typedef struct {
    X509_NAME *issuer;       /* NULL when named by key id */
    GBytes *serial, *key_id; /* DER of the one, bytes of the other; NULL when not named so */
    size_t transported;      /* octets of the key that RSA encrypted for them; 0: the key was agreed upon */
} NamedRecipient;

struct ContentProof {
    ContentVerdict verdict;
    ContentKind kind;
    char *why;
    bool openpgp;
    GPtrArray *recipients; /* NamedRecipient; CMS */
    GArray *session_keys;  /* SessionKey; OpenPGP */
    bool anonymous;        /* OpenPGP: a recipient with key id 0 */
    bool weak, legacy;     /* see content_proof_is_weak() and content_proof_is_legacy() */
    GBytes *inner;         /* what signed or compressed data carries; NULL when there is none */
};

ContentProof *content_proof_new(bool openpgp);

/* Sets verdict and sentence, and gives the proof back: the last line of a judging function. */
ContentProof *content_proof_say(ContentProof *proof, ContentVerdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
