/* SPDX-License-Identifier: Apache-2.0 */
/* Only data packets may come in pieces, and the first piece of them has at least 512 bytes. */
#include "crypto/packets.h"

static bool is_data(unsigned tag) {
    return tag == TAG_SEIPD || tag == TAG_OCB || tag == TAG_SED || tag == TAG_LITERAL || tag == TAG_COMPRESSED;
}

static bool take_number(Packets *packets, unsigned octets, size_t *value) {
    if ((size_t)(packets->end - packets->at) < octets)
        return false;
    for (*value = 0; octets > 0; octets--)
        *value = *value << 8 | *packets->at++;
    return true;
}

static bool take_body(Packets *packets, size_t length) {
    if ((size_t)(packets->end - packets->at) < length)
        return false;
    packets->at += length;
    return true;
}

static bool old_packet(Packets *packets, unsigned header, Packet *packet) {
    packet->tag = header >> 2 & 0x0f;
    unsigned kind = header & 3;
    size_t length = 0;
    if (kind == 3) {
        packet->pieces = true;
        length = (size_t)(packets->end - packets->at);
    } else if (!take_number(packets, 1U << kind, &length)) {
        return false;
    }
    packet->body = packets->at;
    packet->length = packet->total = length;
    return take_body(packets, length) && (!packet->pieces || is_data(packet->tag));
}

/* One length of the new format; *partial says that another piece follows this one. */
static bool new_length(Packets *packets, size_t *length, bool *partial) {
    size_t first, second;
    *partial = false;
    if (!take_number(packets, 1, &first))
        return false;
    if (first < 192) {
        *length = first;
        return true;
    }
    if (first < 224) {
        if (!take_number(packets, 1, &second))
            return false;
        *length = ((first - 192) << 8) + second + 192;
        return true;
    }
    if (first == 255)
        return take_number(packets, 4, length);
    *partial = true;
    *length = (size_t)1 << (first & 0x1f);
    return true;
}

static bool new_packet(Packets *packets, unsigned header, Packet *packet) {
    bool partial;
    packet->tag = header & 0x3f;
    if (!new_length(packets, &packet->length, &partial))
        return false;
    packet->body = packets->at;
    packet->pieces = partial;
    packet->total = packet->length;
    if (partial && (packet->length < 512 || !is_data(packet->tag)))
        return false;
    if (!take_body(packets, packet->length))
        return false;
    while (partial) {
        size_t more;
        if (!new_length(packets, &more, &partial) || !take_body(packets, more))
            return false;
        packet->total += more;
    }
    return true;
}

bool packets_next(Packets *packets, Packet *packet) {
    *packet = (Packet){.tag = 0};
    size_t header;
    if (!take_number(packets, 1, &header) || !(header & 0x80))
        return false;
    bool sound =
        header & 0x40 ? new_packet(packets, (unsigned)header, packet) : old_packet(packets, (unsigned)header, packet);
    packet->end = packets->at;
    return sound;
}

bool packets_number(Packets *fields, size_t *bits) {
    return take_number(fields, 2, bits) && take_body(fields, (*bits + 7) / 8);
}

void packet_each_piece(const Packet *packet, void (*take)(const unsigned char *data, size_t length, void *state),
                       void *state) {
    Packets rest = {packet->body + packet->length, packet->end};
    size_t length;
    bool partial;
    take(packet->body, packet->length, state);
    while (rest.at < rest.end && new_length(&rest, &length, &partial)) {
        take(rest.at, length, state);
        rest.at += length;
    }
}
