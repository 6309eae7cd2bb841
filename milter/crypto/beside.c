/* SPDX-License-Identifier: Apache-2.0 */
/* Text is looked for in elements as they are: no field of an envelope but names is ever written in words. */
#include "crypto/beside.h"
#include "crypto/noise.h"
#include <glib.h>
#include <string.h>

enum {
    OCTETS_MAX = 2048,          /* an RSA key of 16,384 bits; nothing in an envelope but its content is longer */
    NAME_MAX_BYTES = 1024,      /* of an issuer */
    NAME_PART_MAX = 200,        /* one of its attributes */
    LOCK_MAX = 256,             /* an info for a password or a shared key */
    ORIGINATOR_MAX = 32 * 1024, /* a chain of certificates */
    ORIGINATOR_TEXT = 1024
};

size_t beside_text(const unsigned char *data, size_t length) {
    size_t total = 0, run = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && ((data[i] >= 0x20 && data[i] < 0x7f) || (data[i] >= '\t' && data[i] <= '\r'))) {
            run++;
            continue;
        }
        total += run > BESIDE_RUN_MAX ? run : 0;
        run = 0;
    }
    return total;
}

/* Calls `see` with each primitive element below; what ber_is_sound() let through is at most 32 levels deep. */
static bool each_primitive(BerCursor at, bool (*see)(BerCursor content, void *state), void *state) {
    BerItem item;
    while (ber_next(&at, &item)) {
        bool good =
            item.identifier & BER_CONSTRUCTED ? each_primitive(item.content, see, state) : see(item.content, state);
        if (!good)
            return false;
    }
    return at.at == at.end;
}

static size_t size_of(BerCursor content) {
    return (size_t)(content.end - content.at);
}

bool beside_is_noise(const unsigned char *data, size_t length) {
    Noise noise = {.filled = 0};
    if (length > OCTETS_MAX || beside_text(data, length) > 0)
        return false;
    if (length < 32)
        return true;
    noise_add(&noise, data, length);
    return !noise_is_readable(&noise);
}

static bool is_short_or_noise(BerCursor content, void *state) {
    return beside_is_noise(content.at, size_of(content));
}

bool beside_is_sane(BerCursor at) {
    return each_primitive(at, is_short_or_noise, NULL);
}

static bool add_text(BerCursor content, void *total) {
    *(size_t *)total += beside_text(content.at, size_of(content));
    return true;
}

bool beside_is_originator(BerCursor info) {
    BerItem group, item;
    size_t text = 0;
    if (size_of(info) > ORIGINATOR_MAX)
        return false;
    while (ber_next(&info, &group)) {
        if (group.identifier != BER_CONTEXT(0) && group.identifier != BER_CONTEXT(1))
            return false;
        /* OpenSSL has read what is a SEQUENCE as a certificate or a list; anything else is of a kind of its own. */
        for (BerCursor at = group.content; ber_next(&at, &item);)
            if (item.identifier != BER_SEQUENCE)
                return false;
        if (!each_primitive(group.content, add_text, &text) || text > ORIGINATOR_TEXT)
            return false;
    }
    return true;
}

static bool is_short(BerCursor content, void *state) {
    return size_of(content) <= NAME_PART_MAX;
}

/* Whose key: issuer and serial number, or a key id. */
static bool is_sane_identifier(const BerItem *whose) {
    BerCursor at = whose->content;
    BerItem issuer;
    BerCursor alone = {whose->start, whose->content.end};
    if (whose->identifier != BER_SEQUENCE)
        return whose->identifier & BER_CONSTRUCTED ? beside_is_sane(at) : is_short_or_noise(alone, NULL);
    return ber_take(&at, BER_SEQUENCE, &issuer) && size_of(issuer.content) <= NAME_MAX_BYTES &&
           each_primitive(issuer.content, is_short, NULL) && beside_is_sane(at);
}

/* Version, whose, how, key. */
static bool is_sane_transport(BerCursor at) {
    BerItem version, whose;
    return ber_take(&at, BER_INTEGER, &version) && ber_next(&at, &whose) && is_sane_identifier(&whose) &&
           beside_is_sane(at);
}

/* Version, [0] originator, [1] of the sender's choice, how, and for each key: whose, key. */
static bool is_sane_agreement(BerCursor at) {
    BerItem item, originator, keys, key, whose;
    if (!ber_take(&at, BER_INTEGER, &item) || !ber_take(&at, BER_CONTEXT(0), &originator) ||
        !ber_next(&originator.content, &item) || !is_sane_identifier(&item))
        return false;
    if (ber_take(&at, BER_CONTEXT(1), &item) && !beside_is_sane(item.content))
        return false;
    if (!ber_take(&at, BER_SEQUENCE, &item) || !beside_is_sane(item.content) || !ber_take(&at, BER_SEQUENCE, &keys))
        return false;
    while (ber_next(&keys.content, &key))
        if (!ber_next(&key.content, &whose) || !is_sane_identifier(&whose) || !beside_is_sane(key.content))
            return false;
    return true;
}

bool beside_is_recipient(const BerItem *info) {
    switch (info->identifier) {
    case BER_SEQUENCE:
        return is_sane_transport(info->content);
    case BER_CONTEXT(1):
        return is_sane_agreement(info->content);
    case BER_CONTEXT(2): /* a shared key */
    case BER_CONTEXT(3): /* a password */
        return size_of(info->content) <= LOCK_MAX && beside_is_sane(info->content);
    default:
        return false;
    }
}
