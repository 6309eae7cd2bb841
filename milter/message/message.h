/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a message to facts. The only part that knows GMime.
 *
 * Reads hostile input: call it confined. Costs at most 1 s CPU and 64 MB beyond the message for 10 MB; what is over a
 * limit is an anomaly and makes the facts unreadable, never an abort. */
#pragma once
#include "crypto/certs.h"
#include "facts/facts.h"
#include "message/encrypted.h"

typedef struct {
    unsigned headers, header_bytes, parts, depth, parameters, addresses, references;
} MessageLimits;

extern const MessageLimits
    message_limits; /* those of the reference: 1,000 · 256 KiB · 1,000 · 64 · 256 · 10,000 · 1,000 */

/* Once per process, before it is confined: GMime, charsets. */
void message_prepare(void);

/* Who reads PDF (helper/helper.h); without, or after -1, none can be read. */
void message_use_helper(int socket);

/* Was there one, and it answers no more? */
bool message_lost_helper(void);

typedef struct {
    const char *data; /* RFC 5322 with CRLF; borrowed */
    size_t length;
    bool headers_only; /* a judge died on the content: believe the headers, say "unknown" of the rest */
    const CertStore *certs;
    const EncryptionTerms *terms; /* may be NULL */
    const char *own_mark;         /* From address of our own notices: automatic "own"; NULL */
    struct Tree **tree; /* gets the parts for who goes on with them (NULL where there are none), the caller's; NULL */
} MessageInput;

/* Never NULL. Takes `envelope` over. */
Facts *message_read(const MessageInput *input, Envelope *envelope);
