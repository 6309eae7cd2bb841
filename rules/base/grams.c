/* SPDX-License-Identifier: Apache-2.0 */
/* Most places of a text are passed over by a filter, looked up for eight of them at a time so that the processor
 * guesses but once. Of few pieces it is two tables of pairs of bytes: a piece can stand where its first pair does and
 * its second one is behind it. Of many it is a bit for the hash of each piece. */
#include "base/grams.h"
#include <string.h>

/* Bits of the filter for each piece, and for each chain of them. */
enum { LEAST_BITS = 14, BITS_EACH = 32, BITS_CHAIN = 5, BATCH = 512 };

/* In tables of pairs each piece has one of eight bits; of more pieces they tell too little. */
enum { PAIRS = 1 << 16, PAIRED = 4, PAIRED_MAX = 256 };

typedef struct {
    guint64 value;
    guint32 id, next; /* the next one of its chain, from 1 on; 0: the last */
} Gram;

struct Grams {
    GArray *all;                   /* Gram */
    unsigned char *first, *second; /* the tables of pairs, or NULL */
    guint64 *filter;
    guint32 *chains; /* as `next` */
    guint64 mask, fold;
    unsigned bits, width, stride;
};

static void drop_pairs(Grams *grams) {
    g_clear_pointer(&grams->first, g_free);
    g_clear_pointer(&grams->second, g_free);
}

static void make_tables(Grams *grams) {
    g_free(grams->filter);
    g_free(grams->chains);
    grams->filter = g_new0(guint64, (size_t)1 << (grams->bits - 6));
    grams->chains = g_new0(guint32, (size_t)1 << (grams->bits - BITS_CHAIN));
}

Grams *grams_new(const GramKind *kind) {
    Grams *grams = g_new0(Grams, 1);
    grams->all = g_array_new(FALSE, FALSE, sizeof(Gram));
    grams->width = kind->width;
    grams->stride = kind->stride;
    grams->bits = LEAST_BITS;
    grams->mask = ~G_GUINT64_CONSTANT(0) >> (64 - 8 * kind->width);
    grams->fold = kind->caseless ? G_GUINT64_CONSTANT(0x2020202020202020) & grams->mask : 0;
    make_tables(grams);
    if (kind->width >= PAIRED && kind->stride == 1) {
        grams->first = g_malloc0(PAIRS);
        grams->second = g_malloc0(PAIRS);
    }
    return grams;
}

void grams_free(Grams *grams) {
    if (!grams)
        return;
    g_array_unref(grams->all);
    drop_pairs(grams);
    g_free(grams->filter);
    g_free(grams->chains);
    g_free(grams);
}

static inline guint64 eight_at(const char *at) {
    guint64 eight;
    memcpy(&eight, at, sizeof eight);
    return GUINT64_FROM_LE(eight);
}

/* Of the eight bytes from `at` on. */
static inline guint64 value_at(const Grams *grams, const char *at) {
    return (eight_at(at) | grams->fold) & grams->mask;
}

static inline guint16 pair_at(const char *at) {
    guint16 pair;
    memcpy(&pair, at, sizeof pair);
    return pair;
}

static inline guint64 hash_of(guint64 value, unsigned bits) {
    return value * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> (64 - bits);
}

/* In whatever case. */
static void enter_pair(const Grams *grams, unsigned char *table, unsigned char one, unsigned char other,
                       unsigned mark) {
    unsigned char fold = (unsigned char)grams->fold;
    for (unsigned way = 0; way < 4; way++)
        table[pair_at((const char[]){(char)(one & ~(way & 1 ? fold : 0)), (char)(other & ~(way & 2 ? fold : 0))})] |=
            (unsigned char)mark;
}

static void enter_pairs(const Grams *grams, guint64 value, guint64 hash) {
    unsigned mark = 1u << hash % 8;
    enter_pair(grams, grams->first, (unsigned char)value, (unsigned char)(value >> 8), mark);
    enter_pair(grams, grams->second, (unsigned char)(value >> 16), (unsigned char)(value >> 24), mark);
}

static void enter(Grams *grams, guint index) {
    Gram *gram = &g_array_index(grams->all, Gram, index);
    guint64 hash = hash_of(gram->value, grams->bits);
    if (grams->first)
        enter_pairs(grams, gram->value, hash);
    grams->filter[hash / 64] |= G_GUINT64_CONSTANT(1) << hash % 64;
    guint32 *chain = &grams->chains[hash >> BITS_CHAIN];
    gram->next = *chain;
    *chain = index + 1;
}

void grams_add(Grams *grams, const char *at, guint32 id) {
    char bytes[GRAM_MAX] = {0};
    memcpy(bytes, at, grams->width);
    Gram gram = {.value = value_at(grams, bytes), .id = id};
    g_array_append_val(grams->all, gram);
    if (grams->all->len > PAIRED_MAX)
        drop_pairs(grams);
    if ((guint64)grams->all->len * BITS_EACH <= G_GUINT64_CONSTANT(1) << grams->bits) {
        enter(grams, grams->all->len - 1);
        return;
    }
    grams->bits++;
    make_tables(grams);
    for (guint i = 0; i < grams->all->len; i++)
        enter(grams, i);
}

typedef struct {
    GramFound found;
    void *state;
} Teller;

static void look_at(const Grams *grams, guint64 value, size_t at, const Teller *teller) {
    guint32 next = grams->chains[hash_of(value, grams->bits) >> BITS_CHAIN];
    while (next != 0) {
        const Gram *gram = &g_array_index(grams->all, Gram, next - 1);
        if (gram->value == value)
            teller->found(gram->id, at, teller->state);
        next = gram->next;
    }
}

static inline unsigned pass_pairs(const Grams *grams, const char *text) {
    unsigned passed = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        passed |= (unsigned)((grams->first[pair_at(text + i)] & grams->second[pair_at(text + i + 2)]) != 0) << i;
    return passed;
}

static inline unsigned pass_hashes(const Grams *grams, const char *text, size_t stride) {
    unsigned passed = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++) {
        guint64 hash = hash_of(value_at(grams, text + i * stride), grams->bits);
        passed |= (unsigned)(grams->filter[hash / 64] >> hash % 64 & 1) << i;
    }
    return passed;
}

/* What passes is noted without a branch, and looked at later: guessing wrong costs more than looking. Gives where the
 * rest begins. Of each kind the compiler makes a loop of its own. */
static inline size_t find_by(const Grams *grams, const char *text, size_t length, const Teller *teller, size_t stride,
                             bool pairs) {
    const Grams own = *grams; /* which nobody points to: it stays in registers */
    const size_t look = 8 * stride, last = 7 * stride + GRAM_MAX;
    size_t at = 0;
    while (at + last <= length) {
        guint16 places[BATCH];
        unsigned char passed[BATCH];
        size_t start = at, looks = MIN((length - at - last) / look + 1, BATCH), count = 0;
        for (size_t i = 0; i < looks; i++, at += look) {
            places[count] = (guint16)i;
            passed[count] = (unsigned char)(pairs ? pass_pairs(&own, text + at) : pass_hashes(&own, text + at, stride));
            count += passed[count] != 0;
        }
        for (size_t i = 0; i < count; i++)
            for (unsigned bits = passed[i]; bits != 0; bits &= bits - 1) {
                size_t place = start + places[i] * look + stride * (size_t)__builtin_ctz(bits);
                look_at(grams, value_at(grams, text + place), place, teller);
            }
    }
    return at;
}

static size_t find_most(const Grams *grams, const char *text, size_t length, const Teller *teller) {
    if (grams->first)
        return find_by(grams, text, length, teller, 1, true);
    switch (grams->stride) {
    case 1:
        return find_by(grams, text, length, teller, 1, false);
    case 2:
        return find_by(grams, text, length, teller, 2, false);
    default:
        return find_by(grams, text, length, teller, 4, false);
    }
}

void grams_find(const Grams *grams, const char *text, size_t length, GramFound found, void *state) {
    const Teller teller = {found, state};
    if (grams->all->len == 0)
        return;
    for (size_t at = find_most(grams, text, length, &teller); at + grams->width <= length; at += grams->stride) {
        char bytes[GRAM_MAX] = {0};
        memcpy(bytes, text + at, MIN(length - at, GRAM_MAX));
        look_at(grams, value_at(grams, bytes), at, &teller);
    }
}
