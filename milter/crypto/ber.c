/* SPDX-License-Identifier: Apache-2.0 */
/* BER without recursion: open elements lie on a small stack of their ends. An indefinite one has no end until its
 * end-of-contents octets come. */
#include "crypto/ber.h"
#include <string.h>

enum { MAX_DEPTH = 32, MAX_ITEMS = 1000000 };

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
            if (++walk.items > MAX_ITEMS || !read_head(at, end, &head) || head.identifier == 0)
                return NULL;
            at = head.content;
            if (!(head.identifier & BER_CONSTRUCTED)) {
                at += head.length;
            } else {
                if (walk.depth == MAX_DEPTH)
                    return NULL;
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

/* Strings may be cut into pieces one level deep; deeper ones are nobody's habit and count as nothing. */
static size_t string_walk(const BerItem *item, unsigned char *out, size_t size) {
    size_t total = 0;
    BerCursor pieces = item->content;
    BerItem piece = *item;
    bool more = true;
    if (item->identifier & BER_CONSTRUCTED)
        more = ber_next(&pieces, &piece);
    else
        pieces.at = pieces.end;
    for (; more; more = ber_next(&pieces, &piece)) {
        if (piece.identifier & BER_CONSTRUCTED)
            continue;
        size_t length = (size_t)(piece.content.end - piece.content.at);
        if (total < size && length > 0)
            memcpy(out + total, piece.content.at, length < size - total ? length : size - total);
        total += length;
    }
    return total;
}

size_t ber_string_length(const BerItem *item) {
    return string_walk(item, NULL, 0);
}

size_t ber_string_head(const BerItem *item, unsigned char *out, size_t size) {
    size_t total = string_walk(item, out, size);
    return total < size ? total : size;
}
