/* SPDX-License-Identifier: Apache-2.0 */
/* Is the message encrypted, and to whom? (DESIGN section 5) Any part that is readable means no. */
#pragma once
#include "crypto/certs.h"
#include "message/tree.h"

/* What the firm's policy makes of the cases that are open to judgement; lists are of char *, borrowed. */
typedef struct EncryptionTerms {
    bool triple_des;                   /* S/MIME with triple DES counts */
    const GPtrArray *harmless_text;    /* lines that may stand beside encrypted files: see harmless.h */
    const GPtrArray *harmless_subject; /* subjects for these; empty: any */
    const GPtrArray *footers;          /* as owntext_footer() makes them: harmless too */
} EncryptionTerms;

/* Sets facts->encryption and its why, and one proof with its why for each envelope recipient. `top` NULL: the content
 * was not seen or is over a limit. Call it after contents_read(): what made the facts unreadable makes the answer
 * unknown. `terms` NULL: nothing that is open to judgement counts. */
void encrypted_judge(Facts *facts, Part *top, const CertStore *certs, const EncryptionTerms *terms);
