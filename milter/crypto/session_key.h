/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys encrypted to a public key (PKESK, RFC 9580, section 5.1): for whom, and is there a key in it at all? */
#pragma once
#include "crypto/packets.h"
#include <stdint.h>

typedef struct {
    unsigned version; /* 3 or 6: of an old or a new data packet */
    uint64_t key_id;  /* 0: the recipient is not told */
    bool counts;      /* false: by an algorithm that nobody knows, so that it opens nothing, or everything */
} SessionKey;

/* False when the packet is malformed, or holds no key that such an algorithm could have made. */
bool session_key_read(const Packet *packet, SessionKey *key);
