/* SPDX-License-Identifier: Apache-2.0 */
/* BER without recursion: open elements lie on a small stack of their ends. An indefinite one has no end until its
 * end-of-contents octets come. */
#include "crypto/ber.h"
#include <string.h>

enum { MAX_DEPTH = 32, MAX_ITEMS = 250000 };

typedef struct {
    unsigned char identifier;
    bool indefinite;
    const unsigned char *content;
    size_t length;
} Head;

/* Identifier and length at `at`; false when they do not fit before `end` or no sane length is written. */
static bool read_head(const unsigned char *at, const unsigned char *end, Head *head) {
    if (end - at < 2)
        return false;
    head->identifier = *at++;
    head->indefinite = false;
    if ((head->identifier & 0x1f) == 0x1f) {
        int octets = 0;
        do {
            if (at == end || ++octets > 4)
                return false;
        } while (*at++ & 0x80);
        if (at == end)
            return false;
    }
    unsigned char first = *at++;
    size_t length = first & 0x7f;
    if (first == 0x80) {
        head->indefinite = true;
        length = 0;
    } else if (first & 0x80) {
        unsigned octets = first & 0x7f;
        if (octets > 8 || (size_t)(end - at) < octets)
            return false;
        for (length = 0; octets > 0; octets--) {
            if (length >> (8 * (sizeof length - 1)))
                return false;
            length = length << 8 | *at++;
        }
    }
    if (head->indefinite && !(head->identifier & BER_CONSTRUCTED))
        return false;
    head->content = at;
    head->length = length;
    return length <= (size_t)(end - at);
}

typedef struct {
    const unsigned char *ends[MAX_DEPTH]; /* NULL: indefinite */
    bool strings[MAX_DEPTH];              /* may be an octet string in pieces */
    unsigned depth, items;
} Walk;

/* Innermost known end: elements may not reach beyond it. */
static const unsigned char *walk_end(const Walk *walk, const unsigned char *outer) {
    for (unsigned i = walk->depth; i > 0; i--)
        if (walk->ends[i - 1] != NULL)
            return walk->ends[i - 1];
    return outer;
}

static void walk_close(Walk *walk, const unsigned char *at) {
    while (walk->depth > 0 && walk->ends[walk->depth - 1] == at)
        walk->depth--;
}

static bool walk_is_indefinite(const Walk *walk) {
    return walk->depth > 0 && walk->ends[walk->depth - 1] == NULL;
}

/* From an identifier to the byte after its element; NULL when it is unsound. */
static const unsigned char *element_end(const unsigned char *at, const unsigned char *outer) {
    Walk walk = {.depth = 0};
    do {
        const unsigned char *end = walk_end(&walk, outer);
        if (walk_is_indefinite(&walk) && end - at >= 2 && at[0] == 0 && at[1] == 0) {
            at += 2;
            walk.depth--;
        } else {
            Head head;
            if (!read_head(at, end, &head) || head.identifier == 0)
                return NULL;
            bool piece = head.identifier == BER_OCTETS && walk.depth > 0 && walk.strings[walk.depth - 1];
            if (!piece && ++walk.items > MAX_ITEMS)
                return NULL;
            at = head.content;
            if (!(head.identifier & BER_CONSTRUCTED)) {
                at += head.length;
            } else {
                if (walk.depth == MAX_DEPTH)
                    return NULL;
                walk.strings[walk.depth] =
                    head.identifier == (BER_OCTETS | BER_CONSTRUCTED) || head.identifier == BER_CONTEXT(0);
                walk.ends[walk.depth++] = head.indefinite ? NULL : at + head.length;
            }
        }
        walk_close(&walk, at);
    } while (walk.depth > 0);
    return at;
}

bool ber_is_sound(const unsigned char *data, size_t length) {
    return data != NULL && length > 0 && element_end(data, data + length) == data + length;
}

bool ber_next(BerCursor *cursor, BerItem *item) {
    Head head;
    if (cursor->at >= cursor->end || !read_head(cursor->at, cursor->end, &head))
        return false;
    const unsigned char *end = head.content + head.length;
    const unsigned char *next = end;
    if (head.indefinite) {
        next = element_end(cursor->at, cursor->end);
        if (next == NULL)
            return false;
        end = next - 2;
    }
    *item = (BerItem){head.identifier, cursor->at, {head.content, end}};
    cursor->at = next;
    return true;
}

bool ber_take(BerCursor *cursor, unsigned char identifier, BerItem *item) {
    BerCursor saved = *cursor;
    if (ber_next(cursor, item) && item->identifier == identifier)
        return true;
    *cursor = saved;
    return false;
}

bool ber_string_each(const BerItem *item, void (*take)(const unsigned char *data, size_t length, void *state),
                     void *state) {
    bool whole = !(item->identifier & BER_CONSTRUCTED), sound = true;
    BerCursor pieces = whole ? (BerCursor){NULL, NULL} : item->content;
    BerItem piece = *item;
    while (whole || ber_next(&pieces, &piece)) {
        size_t length = (size_t)(piece.content.end - piece.content.at);
        bool plain = whole || piece.identifier == BER_OCTETS;
        if (plain && length > 0)
            take(piece.content.at, length, state);
        sound = sound && plain;
        whole = false;
    }
    return sound;
}

static void add_length(const unsigned char *data, size_t length, void *total) {
    *(size_t *)total += length;
}

size_t ber_string_length(const BerItem *item) {
    size_t total = 0;
    ber_string_each(item, add_length, &total);
    return total;
}
