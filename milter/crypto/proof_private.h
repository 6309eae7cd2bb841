/* SPDX-License-Identifier: Apache-2.0 */
/* What the two kinds of proof share; for this folder alone. */
#pragma once
#include "crypto/proof.h"

/* One recipient that a CMS envelope names: issuer and serial, or a subject key id. */
typedef struct {
    GBytes *issuer, *serial; /* DER; NULL when named by key id */
    GBytes *key_id;          /* NULL when named by issuer and serial */
} NamedRecipient;

struct ContentProof {
    ContentVerdict verdict;
    ContentKind kind;
    char *why;
    bool openpgp;
    GPtrArray *recipients; /* NamedRecipient; CMS */
    GArray *key_ids;       /* uint64_t; OpenPGP */
    bool anonymous;        /* OpenPGP: a recipient with key id 0 */
    GBytes *inner;         /* what signed-data carries; NULL when detached */
};

ContentProof *content_proof_new(bool openpgp);

/* Sets verdict and sentence, and gives the proof back: the last line of a judging function. */
ContentProof *content_proof_say(ContentProof *proof, ContentVerdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Of ciphertext three bytes in eight are printable; of 128 bytes or more, three in four never are. */
enum { TEXT_SAMPLE = 4096 };
bool looks_like_text(const unsigned char *data, size_t length);
