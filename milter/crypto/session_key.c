/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of an encrypted session key must fill the packet to its last byte, and be as long as ciphertext is,
 * and hold no words, whatever the algorithm. */
#include "crypto/session_key.h"
#include "crypto/beside.h"

/* The shortest keys in use: RSA and Elgamal of 1,024 bits (the first of which may be zero), curves of 255 bits. A
 * wrapped key is a key of 16 bytes and 8 more. */
enum { MODULUS_BITS = 960, POINT_BITS = 240, WRAPPED_LEAST = 24 };

typedef enum { RSA = 1, RSA_ENCRYPT = 2, ELGAMAL = 16, ECDH = 18, X25519 = 25, X448 = 26 } Algorithm;

static bool skip(Packets *fields, size_t length) {
    if ((size_t)(fields->end - fields->at) < length)
        return false;
    fields->at += length;
    return true;
}

/* A number with its length in bits before it. */
static bool skip_number(Packets *fields, unsigned least_bits) {
    if (fields->end - fields->at < 2)
        return false;
    unsigned bits = (unsigned)fields->at[0] << 8 | fields->at[1];
    return bits >= least_bits && skip(fields, 2 + (bits + 7) / 8);
}

/* A wrapped key with its length before it. */
static bool skip_wrapped(Packets *fields) {
    return fields->at < fields->end && fields->at[0] >= WRAPPED_LEAST && skip(fields, 1U + fields->at[0]);
}

static bool is_sound(Algorithm algorithm, Packets fields) {
    bool read = true;
    switch (algorithm) {
    case RSA:
    case RSA_ENCRYPT:
        read = skip_number(&fields, MODULUS_BITS);
        break;
    case ELGAMAL:
        read = skip_number(&fields, MODULUS_BITS) && skip_number(&fields, MODULUS_BITS);
        break;
    case ECDH:
        read = skip_number(&fields, POINT_BITS) && skip_wrapped(&fields);
        break;
    case X25519:
        read = skip(&fields, 32) && skip_wrapped(&fields);
        break;
    case X448:
        read = skip(&fields, 56) && skip_wrapped(&fields);
        break;
    }
    return read && fields.at == fields.end;
}

static bool is_known(unsigned algorithm) {
    return algorithm == RSA || algorithm == RSA_ENCRYPT || algorithm == ELGAMAL || algorithm == ECDH ||
           algorithm == X25519 || algorithm == X448;
}

static uint64_t key_id_of(const unsigned char *eight) {
    uint64_t id = 0;
    for (int i = 0; i < 8; i++)
        id = id << 8 | eight[i];
    return id;
}

/* Version 6 names a fingerprint, whose key id is its end (version 4) or its beginning (version 6), or nobody. */
static bool read_fingerprint(Packets *fields, SessionKey *key) {
    size_t length = *fields->at++;
    const unsigned char *named = fields->at;
    if (!skip(fields, length) || (length != 0 && length != 21 && length != 33))
        return false;
    if (length == 0)
        key->key_id = 0;
    else if (length == 21 && named[0] == 4)
        key->key_id = key_id_of(named + 1 + 12);
    else if (length == 33 && named[0] == 6)
        key->key_id = key_id_of(named + 1);
    else
        return false;
    return true;
}

bool session_key_read(const Packet *packet, SessionKey *key) {
    Packets fields = {packet->body, packet->body + packet->length};
    if (packet->length < 10 || !beside_is_noise(packet->body, packet->length))
        return false;
    key->version = *fields.at++;
    if (key->version == 3) {
        key->key_id = key_id_of(fields.at);
        fields.at += 8;
    } else if (key->version != 6 || !read_fingerprint(&fields, key)) {
        return false;
    }
    if (fields.at == fields.end)
        return false;
    unsigned algorithm = *fields.at++;
    key->counts = is_known(algorithm);
    return !key->counts || is_sound((Algorithm)algorithm, fields);
}
