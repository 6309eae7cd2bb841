/* SPDX-License-Identifier: Apache-2.0 */
/* The mark by which the gateway knows a copy that it made itself when the copy comes in again: a MAC over its header
 * and body, its envelope, whether it is to be held, and until when the mark holds. It may be shown again and again
 * until then, since an MTA may repeat what it did not hear the answer to; it is no secret, and no good for any other
 * mail. Pure. */
#pragma once
#include "base/instant.h"
#include "base/keyring.h"

#define COPY_MARK "X-Lexgate-Copy"

typedef struct {
    const char *sender;          /* of the envelope */
    const GPtrArray *recipients; /* char *, as they are in the envelope; their order does not matter */
    Bytes header;                /* its fields, each with its line end; the empty line does not matter */
    const Bytes *body;           /* in pieces */
    size_t pieces;
    bool held; /* of a copy that is to be marked */
} CopyMail;

/* The field's value. Caller owns. */
char *copymark_of(Keyring *ring, const CopyMail *mail, Instant until);

/* Is it the mark of this mail, and does it hold now? *held: the copy is to be put on hold. */
bool copymark_is(Keyring *ring, const char *mark, const CopyMail *mail, Instant now, bool *held);
