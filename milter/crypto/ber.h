/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of BER (X.690) as strangers send it: no recursion, no allocation, definite and indefinite lengths.
 *
 * ber_is_sound() comes first: whatever it refused never reaches OpenSSL, whose own reader recurses. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const unsigned char *at, *end;
} BerCursor;

typedef struct {
    unsigned char identifier;   /* class, constructed bit and tag number as written; numbers over 30 are all 0x1f */
    const unsigned char *start; /* of the identifier */
    BerCursor content;          /* without identifier, length and end-of-contents octets */
} BerItem;

#define BER_INTEGER 0x02
#define BER_OCTETS 0x04
#define BER_OID 0x06
#define BER_SEQUENCE 0x30
#define BER_SET 0x31
#define BER_CONTEXT(number) (0xa0 | (number)) /* constructed */
#define BER_CONSTRUCTED 0x20

/* Exactly one element that fills all of data, at most 32 levels deep and of at most 250,000 elements, since OpenSSL
 * takes some hundred bytes for each; the pieces in which programs write a long octet string do not count. */
bool ber_is_sound(const unsigned char *data, size_t length);

/* The next element of a constructed content that ber_is_sound(); false at its end. */
bool ber_next(BerCursor *cursor, BerItem *item);

/* The next element, which must have this identifier; the cursor does not move otherwise. */
bool ber_take(BerCursor *cursor, unsigned char identifier, BerItem *item);

/* The octets of a primitive string, or of the pieces of one in pieces, each not empty; false when it holds something
 * else, whose octets are left out. Pieces of pieces are nobody's habit. */
bool ber_string_each(const BerItem *item, void (*take)(const unsigned char *data, size_t length, void *state),
                     void *state);
size_t ber_string_length(const BerItem *item); /* how many these are */
