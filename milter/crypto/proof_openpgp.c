/* SPDX-License-Identifier: Apache-2.0 */
/* Is an OpenPGP object (RFC 9580) encrypted to keys? A strict walk over packet headers; nothing is decrypted.
 *
 * Encrypted is: one or more session-key packets, one of them for a public key, then exactly one integrity-protected
 * data packet (18, or 20 as GnuPG writes it) that ends the message. Marker and Padding are passed over. librnp lists
 * packets too, but allows what others do not, so that it would add nothing to a strict reader. */
#include "crypto/armor.h"
#include "crypto/beside.h"
#include "crypto/noise.h"
#include "crypto/proof_private.h"

enum { MAX_PACKETS = 10000, SKESK_MAX = 128 };

/* What was seen of a message before its data. */
typedef struct {
    unsigned session_keys; /* of any kind */
    unsigned old, new;     /* for public keys, by the generation of the data that they open */
} Keys;

static bool add_session_key(ContentProof *proof, Keys *keys, const Packet *packet) {
    SessionKey key;
    keys->session_keys++;
    if (packet->tag == TAG_SKESK)
        return packet->length <= SKESK_MAX && beside_is_noise(packet->body, packet->length);
    if (!session_key_read(packet, &key))
        return false;
    keys->old += key.version == 3;
    keys->new += key.version == 6;
    if (key.counts && key.key_id == 0)
        proof->anonymous = true;
    else if (key.counts)
        g_array_append_val(proof->session_keys, key);
    return true;
}

static void see_piece(const unsigned char *data, size_t length, void *noise) {
    noise_add(noise, data, length);
}

/* Room for a letter is in neither: a marker says "PGP", padding is noise. */
static bool is_filler(const Packet *packet) {
    Noise noise = {.filled = 0};
    if (packet->tag == TAG_MARKER)
        return packet->length == 3 && memcmp(packet->body, "PGP", 3) == 0;
    if (packet->tag != TAG_PADDING)
        return false;
    packet_each_piece(packet, see_piece, &noise);
    return !noise_is_readable(&noise);
}

/* By its version, after which a first piece holds at least so much. */
static bool has_sound_head(const Packet *packet, const Keys *keys) {
    enum { AES_128 = 7, AES_256 = 9, EAX = 1, GCM = 3, TAG = 16, SALT = 32, MDC = 22, PREFIX = 10 };
    const unsigned char *body = packet->body;
    if (packet->length < 4)
        return false;
    if (packet->tag == TAG_OCB) {
        /* 128-bit block ciphers only, EAX or OCB */
        return keys->new == 0 && body[0] == 1 && body[1] >= AES_128 &&body[1] <= 13 &&
               body[2] >= EAX &&body[2] < GCM &&body[3] <= 56 && packet->total >= 4 + 15 + 2 * TAG;
    }
    if (body[0] == 1)
        return keys->new == 0 && packet->total >= 1 + PREFIX + MDC;
    return body[0] == 2 && keys->old == 0 && packet->length >= 4 + SALT && packet->total >= 4 + SALT + TAG &&
           body[1] >= AES_128 && body[1] <= AES_256 && body[2] >= EAX && body[2] <= GCM && body[3] <= 16;
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
    case TAG_SEIPD:
        return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message has no recipient");
    default:
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "the OpenPGP message holds something that does not belong there (packet %u)",
                                 packet->tag);
    }
}

/* Behind the version, the salt or the start value. */
static bool is_packed(const Packet *packet) {
    enum { SEIPD_1 = 1, SEIPD_2 = 36, OCB = 19 };
    size_t head = packet->tag == TAG_OCB ? OCB : packet->length > 0 && packet->body[0] == 2 ? SEIPD_2 : SEIPD_1;
    return packet->length > head && beside_unpacks(packet->body + head, MIN(packet->length - head, UNPACK_ENOUGH));
}

static ContentProof *judge_data(ContentProof *proof, const Keys *keys, const Packet *packet) {
    Noise noise = {.filled = 0};
    packet_each_piece(packet, see_piece, &noise);
    if (noise_is_readable(&noise) || is_packed(packet))
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "what stands in the OpenPGP message as encrypted content is readable");
    if (!has_sound_head(packet, keys))
        return content_proof_say(proof, CONTENT_BROKEN, "the encrypted OpenPGP data is malformed");
    if (keys->old + keys->new == 0)
        return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message is encrypted with a password only");
    if (proof->session_keys->len == 0 && !proof->anonymous)
        return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message is encrypted to no key that is known");
    proof->legacy = packet->tag == TAG_OCB;
    return content_proof_say(proof, CONTENT_ENCRYPTED,
                             proof->legacy ? "OpenPGP in a form that only GnuPG and few others read"
                                           : "OpenPGP, protected against changes");
}

static ContentProof *judge_last(ContentProof *proof, const Keys *keys, Packets *packets, const Packet *packet) {
    if (packet->tag != TAG_SEIPD && packet->tag != TAG_OCB)
        return say_other(proof, packet)->verdict == CONTENT_BROKEN
                   ? proof
                   : content_proof_say(proof, CONTENT_BROKEN,
                                       "the OpenPGP message brings keys, and nothing that is encrypted");
    Packet padding;
    while (packets->at < packets->end)
        if (!packets_next(packets, &padding) || !is_filler(&padding))
            return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message holds more than what is encrypted");
    return judge_data(proof, keys, packet);
}

/* Only signatures, to the end: what a signature part may hold. */
static ContentProof *judge_signatures(ContentProof *proof, Packets *packets, const Packet *first) {
    Packet packet = *first;
    while (packets->at < packets->end)
        if (!packets_next(packets, &packet) || packet.tag != TAG_SIGNATURE)
            return content_proof_say(proof, CONTENT_CLEAR, "an OpenPGP signature with something behind it");
    return say_other(proof, first);
}

static ContentProof *judge_packets(ContentProof *proof, const unsigned char *data, size_t length) {
    Packets packets = {data, data + length};
    Packet packet;
    Keys keys = {0};
    for (int i = 0; i < MAX_PACKETS && packets_next(&packets, &packet); i++) {
        if (is_filler(&packet))
            continue;
        if (packet.tag == TAG_PKESK || packet.tag == TAG_SKESK) {
            if (!add_session_key(proof, &keys, &packet))
                return content_proof_say(proof, CONTENT_BROKEN, "the OpenPGP message brings a malformed key");
            continue;
        }
        if (keys.session_keys > 0)
            return judge_last(proof, &keys, &packets, &packet);
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
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "what should be an OpenPGP message is none, or holds more than one");
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
