/* SPDX-License-Identifier: Apache-2.0 */
/* Is an OpenPGP object (RFC 9580) encrypted to keys? A strict walk over packet headers; nothing is decrypted.
 *
 * Encrypted is: one or more session-key packets, one of them for a public key, then exactly one integrity-protected
 * data packet (18) that ends the message. Marker and Padding are passed over. */
#include "crypto/armor.h"
#include "crypto/proof_private.h"
#include <string.h>

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

enum { MAX_PACKETS = 10000 };

typedef struct {
    const unsigned char *at, *end;
} Packets;

typedef struct {
    unsigned tag;
    const unsigned char *body;
    size_t length; /* of the first piece, when in pieces */
    size_t total;
    bool pieces; /* partial or indeterminate length */
} Packet;

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

static bool next_packet(Packets *packets, Packet *packet) {
    *packet = (Packet){.tag = 0};
    size_t header;
    if (!take_number(packets, 1, &header) || !(header & 0x80))
        return false;
    return header & 0x40 ? new_packet(packets, (unsigned)header, packet)
                         : old_packet(packets, (unsigned)header, packet);
}

static uint64_t key_id_of(const unsigned char *eight) {
    uint64_t id = 0;
    for (int i = 0; i < 8; i++)
        id = id << 8 | eight[i];
    return id;
}

static bool is_encryption_algorithm(unsigned algorithm) {
    return algorithm == 1 || algorithm == 2 || algorithm == 16 || algorithm == 18 || algorithm == 25 || algorithm == 26;
}

static void add_key(ContentProof *proof, uint64_t id) {
    if (id == 0)
        proof->anonymous = true;
    else
        g_array_append_val(proof->key_ids, id);
}

/* Version 3 names a key id; version 6 a fingerprint, whose key id is its end (v4) or its beginning (v6). */
static bool read_pkesk(ContentProof *proof, const Packet *packet) {
    const unsigned char *body = packet->body;
    if (packet->length >= 12 && body[0] == 3 && is_encryption_algorithm(body[9])) {
        add_key(proof, key_id_of(body + 1));
        return true;
    }
    if (packet->length < 4 || body[0] != 6)
        return false;
    unsigned named = body[1];
    if (packet->length < 2U + named + 2 || !is_encryption_algorithm(body[2 + named]))
        return false;
    if (named == 0)
        add_key(proof, 0);
    else if (named == 21 && body[2] == 4)
        add_key(proof, key_id_of(body + 3 + 12));
    else if (named == 33 && body[2] == 6)
        add_key(proof, key_id_of(body + 3));
    else
        return false;
    return true;
}

/* Version 1 carries at least the random prefix and the digest packet of a plaintext; version 2 AES, a mode, a salt and
 * a tag. */
static bool is_sound_seipd(const Packet *packet) {
    if (packet->length < 1 || looks_like_text(packet->body + 1, MIN(packet->length - 1, TEXT_SAMPLE)))
        return false;
    if (packet->body[0] == 1)
        return packet->total >= 1 + 10 + 22;
    return packet->body[0] == 2 && packet->length >= 4 + 32 && packet->total >= 4 + 32 + 16 && packet->body[1] >= 7 &&
           packet->body[1] <= 9 && packet->body[2] >= 1 && packet->body[2] <= 3 && packet->body[3] <= 16;
}

/* What stands first is no session key: say what it is instead. */
static ContentProof *say_other(ContentProof *proof, const Packet *packet) {
    switch (packet->tag) {
    case TAG_SIGNATURE:
        proof->kind = KIND_SIGNATURE;
        return content_proof_say(proof, CONTENT_CLEAR, "an OpenPGP signature encrypts nothing");
    case TAG_ONE_PASS:
    case TAG_LITERAL:
        proof->kind = KIND_SIGNED;
        return content_proof_say(proof, CONTENT_CLEAR, "the OpenPGP message is readable, not encrypted");
    case TAG_COMPRESSED:
        proof->kind = KIND_COMPRESSED;
        return content_proof_say(proof, CONTENT_CLEAR, "the OpenPGP message is compressed, not encrypted");
    case TAG_PUBLIC_KEY:
    case TAG_PUBLIC_SUBKEY:
    case TAG_SECRET_KEY:
    case TAG_SECRET_SUBKEY:
        proof->kind = KIND_KEYS;
        return content_proof_say(proof, CONTENT_CLEAR, "an OpenPGP key encrypts nothing");
    case TAG_SED:
        return content_proof_say(proof, CONTENT_BROKEN, "OpenPGP encryption without integrity protection");
    case TAG_OCB:
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "OpenPGP encryption in the legacy OCB format, which few can read");
    case TAG_SEIPD:
        return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message has no recipient");
    default:
        return content_proof_say(proof, CONTENT_BROKEN, "OpenPGP packet %u does not belong here", packet->tag);
    }
}

static ContentProof *judge_last(ContentProof *proof, Packets *packets, const Packet *packet) {
    if (packet->tag != TAG_SEIPD)
        return say_other(proof, packet)->verdict == CONTENT_BROKEN
                   ? proof
                   : content_proof_say(proof, CONTENT_BROKEN, "session keys with nothing encrypted behind them");
    Packet padding;
    while (packets->at < packets->end)
        if (!next_packet(packets, &padding) || padding.tag != TAG_PADDING)
            return content_proof_say(proof, CONTENT_BROKEN, "something follows the encrypted OpenPGP data");
    if (!is_sound_seipd(packet))
        return content_proof_say(proof, CONTENT_BROKEN, "the encrypted OpenPGP data is none");
    if (proof->key_ids->len == 0 && !proof->anonymous)
        return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message is encrypted with a password only");
    return content_proof_say(proof, CONTENT_ENCRYPTED, "OpenPGP message, integrity protected");
}

/* Only signatures, to the end: what a signature part may hold. */
static ContentProof *judge_signatures(ContentProof *proof, Packets *packets, const Packet *first) {
    Packet packet = *first;
    while (packets->at < packets->end)
        if (!next_packet(packets, &packet) || packet.tag != TAG_SIGNATURE)
            return content_proof_say(proof, CONTENT_CLEAR, "an OpenPGP signature with something behind it");
    return say_other(proof, first);
}

static ContentProof *judge_packets(ContentProof *proof, const unsigned char *data, size_t length) {
    Packets packets = {data, data + length};
    Packet packet;
    unsigned session_keys = 0;
    for (int i = 0; i < MAX_PACKETS && next_packet(&packets, &packet); i++) {
        if (packet.tag == TAG_MARKER || packet.tag == TAG_PADDING)
            continue;
        if (packet.tag == TAG_PKESK || packet.tag == TAG_SKESK) {
            session_keys++;
            if (packet.tag == TAG_PKESK && !read_pkesk(proof, &packet))
                return content_proof_say(proof, CONTENT_BROKEN, "a malformed OpenPGP session key");
            continue;
        }
        if (session_keys > 0)
            return judge_last(proof, &packets, &packet);
        return packet.tag == TAG_SIGNATURE ? judge_signatures(proof, &packets, &packet) : say_other(proof, &packet);
    }
    return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP data is malformed or ends too early");
}

ContentProof *proof_openpgp(const unsigned char *data, size_t length) {
    ContentProof *proof = content_proof_new(true);
    Armor armor;
    if (length == 0)
        return content_proof_say(proof, CONTENT_BROKEN, "no OpenPGP data");
    if (data[0] & 0x80)
        return judge_packets(proof, data, length);
    if (!armor_read(data, length, &armor))
        return content_proof_say(proof, CONTENT_BROKEN, "neither OpenPGP packets nor one armored block");
    if (armor.body->len == 0)
        content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP block is empty");
    else
        judge_packets(proof, armor.body->data, armor.body->len);
    if (proof->verdict == CONTENT_ENCRYPTED && !armor_is(&armor, "PGP MESSAGE"))
        content_proof_say(proof, CONTENT_BROKEN, "encrypted OpenPGP data under the label of something else");
    armor_clear(&armor);
    return proof;
}

bool openpgp_is_armored(const unsigned char *data, size_t length) {
    Armor armor;
    if (length == 0 || !armor_read(data, length, &armor))
        return false;
    bool ours = armor.label_length > 4 && memcmp(armor.label, "PGP ", 4) == 0;
    armor_clear(&armor);
    return ours;
}
