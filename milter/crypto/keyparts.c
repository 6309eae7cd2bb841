/* SPDX-License-Identifier: Apache-2.0 */
/* A walk over packets, and over the subpackets of signatures as far as librnp would go. */
#include "crypto/keyparts.h"
#include "crypto/session_key.h"
#include <openssl/sha.h>
#include <string.h>

/* Keys in use have at most 8,192 bits and a public exponent of 17 to 41; the key with the most signatures that librnp
 * ever meets in good faith has some thousands. */
enum { PACKETS_MAX = 50000, BITS_MAX = 8192, EXPONENT_BITS_MAX = 64, CURVE_WORK = 6, UNKNOWN_WORK = 64 };

enum { EMBEDDED_SIGNATURE = 32, CRITICAL = 0x80, CURVE_NAME_MAX = 32, FINGERPRINT = SHA_DIGEST_LENGTH };

static bool is_key(const Packet *packet) {
    return packet->tag == TAG_PUBLIC_KEY || packet->tag == TAG_PUBLIC_SUBKEY || packet->tag == TAG_SECRET_KEY ||
           packet->tag == TAG_SECRET_SUBKEY;
}

static bool is_rsa(unsigned algorithm) {
    return algorithm >= PK_RSA && algorithm <= PK_RSA_SIGN;
}

static bool is_curve(unsigned algorithm) {
    return algorithm >= PK_ECDH && algorithm <= PK_EDDSA && algorithm != PK_ECDH + 2;
}

static bool skip_curve(Packets *fields) {
    if (fields->at == fields->end || *fields->at > CURVE_NAME_MAX ||
        (size_t)(fields->end - fields->at) < 1U + *fields->at)
        return false;
    fields->at += 1 + *fields->at;
    return true;
}

static bool read_part(const Packet *packet, KeyPart *part, size_t *exponent) {
    enum { OLD_HEAD = 8, HEAD = 6 };
    size_t head = packet->length > 0 && packet->body[0] < 4 ? OLD_HEAD : HEAD;
    Packets fields = {packet->body + head, packet->body + packet->length};
    *exponent = 0;
    if (packet->length < head)
        return false;
    part->algorithm = packet->body[head - 1];
    if (is_curve(part->algorithm))
        return skip_curve(&fields) && packets_number(&fields, &part->bits);
    return packets_number(&fields, &part->bits) && (!is_rsa(part->algorithm) || packets_number(&fields, exponent));
}

/* ---- Signatures ---- */

/* The next subpacket of an area; false where librnp gives up, too. */
static bool next_subpacket(Packets *area, Packets *body, unsigned *type) {
    size_t left = (size_t)(area->end - area->at), head = 1, length;
    if (left < 2)
        return false;
    if (area->at[0] < 192) {
        length = area->at[0];
    } else if (area->at[0] < 255) {
        head = 2;
        length = ((size_t)(area->at[0] - 192) << 8) + area->at[1] + 192;
    } else {
        head = 5;
        if (left < head)
            return false;
        length = (size_t)area->at[1] << 24 | (size_t)area->at[2] << 16 | (size_t)area->at[3] << 8 | area->at[4];
    }
    if (length == 0 || left - head < length)
        return false;
    *type = area->at[head] & ~(unsigned)CRITICAL;
    *body = (Packets){area->at + head + 1, area->at + head + length};
    area->at += head + length;
    return true;
}

static bool nests(Packets signature, bool inside);

static bool area_nests(Packets area, bool inside) {
    Packets body;
    unsigned type;
    while (next_subpacket(&area, &body, &type))
        if (type == EMBEDDED_SIGNATURE && (inside || nests(body, true)))
            return true;
    return false;
}

/* Does a signature hold one that holds another? The one that binds a signing part to its key holds one. */
static bool nests(Packets signature, bool inside) {
    enum { HEAD = 4, AREAS = 2 };
    if (signature.end - signature.at < HEAD || *signature.at < 4)
        return false;
    signature.at += HEAD;
    for (int i = 0; i < AREAS && signature.end - signature.at >= 2; i++) {
        size_t length = (size_t)signature.at[0] << 8 | signature.at[1];
        signature.at += 2;
        length = MIN(length, (size_t)(signature.end - signature.at));
        if (area_nests((Packets){signature.at, signature.at + length}, inside))
            return true;
        signature.at += length;
    }
    return false;
}

/* ---- All packets ---- */

static size_t work_of(const KeyPart *part) {
    size_t thousands = part->bits / 1024;
    return is_curve(part->algorithm) ? CURVE_WORK : MAX(thousands * thousands, 1);
}

static const char *refused_part(const Packet *packet, size_t *work) {
    KeyPart part = {.bits = 0};
    size_t exponent = 0;
    bool read = read_part(packet, &part, &exponent);
    size_t own = read ? work_of(&part) : UNKNOWN_WORK;
    /* A part that signs has signed its place, too. */
    *work = packet->tag == TAG_PUBLIC_KEY || packet->tag == TAG_SECRET_KEY ? own : MAX(*work, own);
    if (part.bits > BITS_MAX)
        return "it has more than 8,192 bits";
    return exponent > EXPONENT_BITS_MAX ? "its public exponent is longer than that of any program's keys" : NULL;
}

/* librnp would take the armor that stands in a name or a number for the key. */
static bool holds_armor(const unsigned char *data, size_t length) {
    static const char begin[] = "-----BEGIN";
    return length > 0 && memmem(data, MIN(length, 4096), begin, strlen(begin)) != NULL;
}

KeyWeight keyparts_weigh(const unsigned char *data, size_t length) {
    KeyWeight weight = {.refused = holds_armor(data, length) ? "it holds another one in armor" : NULL};
    Packets packets = {data, data + length};
    Packet packet;
    size_t count = 0, each = UNKNOWN_WORK;
    while (weight.refused == NULL && packets_next(&packets, &packet)) {
        weight.sound = (size_t)(packets.at - data);
        if (is_key(&packet)) {
            weight.refused = refused_part(&packet, &each);
        } else if (packet.tag == TAG_SIGNATURE) {
            weight.work += each;
            if (nests((Packets){packet.body, packet.body + packet.length}, false))
                weight.refused = "it has signatures within signatures, which no program makes";
        }
        if (++count > PACKETS_MAX || weight.work > KEY_WORK_READ)
            weight.refused = "it has too many signatures: ask for it without those of others (gpg --export-options "
                             "export-minimal)";
    }
    return weight;
}

bool keyparts_are_signatures(const unsigned char *data, size_t length) {
    Packets packets = {data, data + length};
    Packet packet;
    while (packets.at < packets.end)
        if (!packets_next(&packets, &packet) || packet.tag != TAG_SIGNATURE ||
            nests((Packets){packet.body, packet.body + packet.length}, false))
            return false;
    return length > 0 && !holds_armor(data, length);
}

/* Section 5.5.4.2. */
static uint64_t key_id(const Packet *packet) {
    unsigned char digest[FINGERPRINT],
        head[] = {0x99, (unsigned char)(packet->length >> 8), (unsigned char)packet->length};
    g_autoptr(GByteArray) hashed = g_byte_array_sized_new((guint)(sizeof head + packet->length));
    g_byte_array_append(hashed, head, sizeof head);
    g_byte_array_append(hashed, packet->body, (guint)packet->length);
    SHA1(hashed->data, hashed->len, digest);
    uint64_t id = 0;
    for (size_t i = FINGERPRINT - 8; i < FINGERPRINT; i++)
        id = id << 8 | digest[i];
    return id;
}

bool keyparts_find(GBytes *key, uint64_t id, KeyPart *part) {
    size_t length, exponent;
    const unsigned char *data = g_bytes_get_data(key, &length);
    Packets packets = {data, data + length};
    Packet packet;
    while (packets_next(&packets, &packet))
        if (is_key(&packet) && packet.length > 0 && packet.length <= UINT16_MAX && packet.body[0] == 4 &&
            key_id(&packet) == id)
            return read_part(&packet, part, &exponent);
    return false;
}
