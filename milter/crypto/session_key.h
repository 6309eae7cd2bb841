/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys encrypted to a public key (PKESK, RFC 9580, section 5.1): for whom, and is there a key in it at all? */
#pragma once
#include "crypto/keyparts.h"
#include "crypto/packets.h"
#include <stdint.h>

typedef enum {
    PK_RSA = 1,
    PK_RSA_ENCRYPT = 2,
    PK_RSA_SIGN = 3,
    PK_ELGAMAL = 16,
    PK_ECDH = 18,
    PK_EDDSA = 22,
    PK_X25519 = 25,
    PK_X448 = 26,
} PkAlgorithm;

typedef struct {
    unsigned version; /* 3 or 6: of an old or a new data packet */
    uint64_t key_id;  /* 0: the recipient is not told */
    unsigned algorithm;
    size_t bits[2]; /* of the numbers in it; 0: there are none */
    bool counts;    /* false: by an algorithm that nobody knows, so that it opens nothing, or everything */
} SessionKey;

/* False when the packet is malformed, or holds no key that such an algorithm could have made. */
bool session_key_read(const Packet *packet, SessionKey *key);

/* Could it have been encrypted to this part of a key? What was is as long as the part itself. */
bool session_key_fits(const SessionKey *key, const KeyPart *part);
