/* SPDX-License-Identifier: Apache-2.0 */
/* The packets that OpenPGP messages are made of (RFC 9580, section 4): a strict walk over their headers, old and new.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum {
    TAG_PKESK = 1,
    TAG_SIGNATURE = 2,
    TAG_SKESK = 3,
    TAG_ONE_PASS = 4,
    TAG_SECRET_KEY = 5,
    TAG_PUBLIC_KEY = 6,
    TAG_SECRET_SUBKEY = 7,
    TAG_COMPRESSED = 8,
    TAG_SED = 9,
    TAG_MARKER = 10,
    TAG_LITERAL = 11,
    TAG_PUBLIC_SUBKEY = 14,
    TAG_SEIPD = 18,
    TAG_OCB = 20,
    TAG_PADDING = 21,
};

typedef struct {
    const unsigned char *at, *end;
} Packets;

typedef struct {
    unsigned tag;
    const unsigned char *body, *end;
    size_t length; /* of the first piece, when in pieces */
    size_t total;
    bool pieces; /* partial or indeterminate length */
} Packet;

/* False at the end, and where no sound packet begins. */
bool packets_next(Packets *packets, Packet *packet);

/* A number (RFC 9580, section 3.2) among the fields of a packet: its bits; `fields` moves behind it. False when there
 * is none. */
bool packets_number(Packets *fields, size_t *bits);

/* The body of a packet that was found, piece by piece. */
void packet_each_piece(const Packet *packet, void (*take)(const unsigned char *data, size_t length, void *state),
                       void *state);
