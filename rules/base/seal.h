/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, MACs, authenticated encryption and randomness, all from OpenSSL.
 *
 * Key material is wiped when its owner is freed. Functions that can fail only when OpenSSL is broken abort. Any thread. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SEAL_KEY_SIZE 32

typedef struct {
    unsigned char byte[SEAL_KEY_SIZE];
} SealKey;

typedef struct {
    const void *data;
    size_t length;
} Bytes;

/* SHA-256 over the pieces in order. */
void sha256_of(const Bytes *pieces, size_t count, unsigned char out[SHA256_SIZE]);

/* HMAC-SHA-256 over the pieces in order, each preceded by its length (8 bytes, big endian) so that they cannot shift. */
void mac_of(const SealKey *key, const Bytes *pieces, size_t count, unsigned char out[SHA256_SIZE]);

bool mac_equal(const unsigned char *a, const unsigned char *b, size_t length); /* in constant time */

/* AES-256-GCM: the result is nonce (12) ‖ ciphertext ‖ tag (16), owned by the caller. `context` is authenticated, not
 * stored: opening needs the same words. */
GBytes *seal_close(const SealKey *key, Bytes plain, const char *context);

/* NULL when the key, the context or a byte is wrong. */
GBytes *seal_open(const SealKey *key, Bytes sealed, const char *context);

void seal_random(void *out, size_t length);
void seal_wipe(void *data, size_t length);

/* Lower-case hexadecimal, 2 × length + 1 bytes; caller owns. */
char *hex_encode(const unsigned char *data, size_t length);

/* Base32 (RFC 4648 letters, lower case, no padding): what our ids are written in; caller owns. */
char *base32_encode(const unsigned char *data, size_t length);

/* A fresh random id: 20 base32 characters, 100 bits; caller owns. */
char *id_random(void);

/* Reads a 32-byte key file, or makes one (mode 0600, synced, never over an existing file) when `create`. */
bool seal_key_file(const char *path, bool create, SealKey *key, GError **error);
