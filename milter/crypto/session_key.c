/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of an encrypted session key must fill the packet to its last byte, and be as long as ciphertext is,
 * and hold no words, whatever the algorithm. */
#include "crypto/session_key.h"
#include "crypto/beside.h"

/* The shortest keys in use: RSA and Elgamal of 1,024 bits (the first of which may be zero), curves of 255 bits. A
 * wrapped key is a key of 16 bytes and 8 more. */
enum { MODULUS_BITS = 960, POINT_BITS = 240, WRAPPED_LEAST = 24 };

static bool skip(Packets *fields, size_t length) {
    if ((size_t)(fields->end - fields->at) < length)
        return false;
    fields->at += length;
    return true;
}

static bool take_number(Packets *fields, unsigned least_bits, size_t *bits) {
    return packets_number(fields, bits) && *bits >= least_bits;
}

/* A wrapped key with its length before it. */
static bool skip_wrapped(Packets *fields) {
    return fields->at < fields->end && fields->at[0] >= WRAPPED_LEAST && skip(fields, 1U + fields->at[0]);
}

static bool read_numbers(SessionKey *key, Packets fields) {
    bool read = true;
    switch ((PkAlgorithm)key->algorithm) {
    case PK_RSA:
    case PK_RSA_ENCRYPT:
        read = take_number(&fields, MODULUS_BITS, &key->bits[0]);
        break;
    case PK_ELGAMAL:
        read = take_number(&fields, MODULUS_BITS, &key->bits[0]) && take_number(&fields, MODULUS_BITS, &key->bits[1]);
        break;
    case PK_ECDH:
        read = take_number(&fields, POINT_BITS, &key->bits[0]) && skip_wrapped(&fields);
        break;
    case PK_X25519:
        read = skip(&fields, 32) && skip_wrapped(&fields);
        break;
    case PK_X448:
        read = skip(&fields, 56) && skip_wrapped(&fields);
        break;
    case PK_RSA_SIGN:
    case PK_EDDSA:
        return false;
    }
    return read && fields.at == fields.end;
}

static bool is_known(unsigned algorithm) {
    return algorithm == PK_RSA || algorithm == PK_RSA_ENCRYPT || algorithm == PK_ELGAMAL || algorithm == PK_ECDH ||
           algorithm == PK_X25519 || algorithm == PK_X448;
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
    *key = (SessionKey){0};
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
    key->algorithm = *fields.at++;
    key->counts = is_known(key->algorithm);
    return !key->counts || read_numbers(key, fields);
}

static bool is_rsa(unsigned algorithm) {
    return algorithm == PK_RSA || algorithm == PK_RSA_ENCRYPT;
}

/* As good as any number below the modulus: shorter by so much once in 10^19 times. */
static bool is_below(size_t bits, size_t modulus) {
    enum { BY_CHANCE = 64 };
    return bits <= modulus && bits + BY_CHANCE > modulus;
}

bool session_key_fits(const SessionKey *key, const KeyPart *part) {
    if (is_rsa(key->algorithm))
        return is_rsa(part->algorithm) && is_below(key->bits[0], part->bits);
    if (key->algorithm != part->algorithm)
        return false;
    if (key->algorithm == PK_ELGAMAL)
        return is_below(key->bits[0], part->bits) && is_below(key->bits[1], part->bits);
    return key->algorithm != PK_ECDH || (key->bits[0] + 7) / 8 == (part->bits + 7) / 8;
}
