/* SPDX-License-Identifier: Apache-2.0 */
/* Which message is it, however often the MTA brings it? */
#pragma once
#include "base/seal.h"
#include <stdbool.h>

typedef struct {
    const char *sender;
    const char *data; /* header, empty line and body */
    size_t body_at, length;
    const char *queue_id; /* of this time; NULL: unknown */
} OriginalMail;

/* Hexadecimal SHA-256 of sender and message, without what an MTA adds at each try: Received, Date, and a Message-ID
 * that bears its own queue id. Caller owns. */
char *original_digest(const OriginalMail *mail);
