/* SPDX-License-Identifier: Apache-2.0 */
/* What an OpenPGP key is made of (RFC 9580, section 10.1), as far as its packets show without checking a signature.
 *
 * Whoever makes a key chooses what librnp has to do with it: version 0.16 spends twice the time on each signature that
 * lies in another one, so that 2 kB hang it for good, and seconds on a number of 16,384 bits. So keys are weighed
 * before. Pure; linear time. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    size_t sound;        /* bytes that are packets; what follows is none */
    size_t work;         /* of checking its signatures; one is some 80 µs */
    const char *refused; /* why librnp must not see it, for people, static; NULL: it may */
} KeyWeight;

enum { KEY_WORK_READ = 50000, KEY_WORK_KEPT = 4000 }; /* as much as may be: once, and with each message */

KeyWeight keyparts_weigh(const unsigned char *data, size_t length); /* binary */

/* Are these packets detached signatures and nothing else, which may be given to librnp? */
bool keyparts_are_signatures(const unsigned char *data, size_t length);

/* One part that encrypts. */
typedef struct {
    unsigned algorithm; /* as in packets */
    size_t bits;        /* of the number that tells how long an encrypted one may be: modulus, prime or point */
} KeyPart;

/* The part with this id in a binary key; false when none of version 4 has it. */
bool keyparts_find(GBytes *key, uint64_t id, KeyPart *part);
