/* SPDX-License-Identifier: Apache-2.0 */
/* A piece is a number of eight bytes, its hash a place in a filter that fits into a processor's cache; in most texts one
 * place in a hundred passes. The filter is looked up for eight places at a time, so that the processor guesses but once. */
#include "base/grams.h"
#include <string.h>

/* Places of the filter for each piece, and for each chain of them. Each is a byte while that is small enough, since it is
 * looked up in half the time, then a bit. */
enum { LEAST_BITS = 14, BYTES_BITS = 16, BITS_EACH = 64, BITS_CHAIN = 5 };

typedef struct {
    guint64 value;
    guint32 id, next; /* the next one of its chain, from 1 on; 0: the last */
} Gram;

struct Grams {
    GArray *all; /* Gram */
    unsigned char *bytes; /* the filter; one of the two */
    guint64 *filter;
    guint32 *chains; /* as `next` */
    guint64 mask, fold;
    unsigned bits, width, stride;
};

static void make_tables(Grams *grams) {
    g_free(grams->bytes);
    g_free(grams->filter);
    g_free(grams->chains);
    grams->bytes = grams->bits <= BYTES_BITS ? g_malloc0((size_t)1 << grams->bits) : NULL;
    grams->filter = grams->bytes ? NULL : g_new0(guint64, (size_t)1 << (grams->bits - 6));
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
    return grams;
}

void grams_free(Grams *grams) {
    if (!grams)
        return;
    g_array_unref(grams->all);
    g_free(grams->bytes);
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
static guint64 value_at(const Grams *grams, const char *at) {
    return (eight_at(at) | grams->fold) & grams->mask;
}

static inline guint64 hash_of(guint64 value, unsigned bits) {
    return value * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> (64 - bits);
}

static void enter(Grams *grams, guint index) {
    Gram *gram = &g_array_index(grams->all, Gram, index);
    guint64 hash = hash_of(gram->value, grams->bits);
    if (grams->bytes)
        grams->bytes[hash] = 0xFF;
    else
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

/* Eight places at a look; gives where the rest begins. Of each kind the compiler makes a loop of its own. */
static inline size_t find_by(const Grams *grams, const char *text, size_t length, const Teller *teller, size_t stride,
                             bool is_bytes) {
    const unsigned char *bytes = grams->bytes;
    const guint64 *filter = grams->filter, fold = grams->fold, mask = grams->mask;
    const unsigned bits = grams->bits;
    size_t at = 0;
    for (; at + 7 * stride + GRAM_MAX <= length; at += 8 * stride) {
        unsigned passed = 0;
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; i++) {
            guint64 hash = hash_of((eight_at(text + at + i * stride) | fold) & mask, bits);
            passed |= is_bytes ? bytes[hash] & 1u << i : (unsigned)(filter[hash / 64] >> hash % 64 & 1) << i;
        }
        for (; G_UNLIKELY(passed != 0); passed &= passed - 1) {
            size_t place = at + stride * (size_t)__builtin_ctz(passed);
            look_at(grams, value_at(grams, text + place), place, teller);
        }
    }
    return at;
}

static size_t find_most(const Grams *grams, const char *text, size_t length, const Teller *teller) {
    switch (grams->stride) {
    case 1:
        return grams->bytes ? find_by(grams, text, length, teller, 1, true)
                            : find_by(grams, text, length, teller, 1, false);
    case 2:
        return grams->bytes ? find_by(grams, text, length, teller, 2, true)
                            : find_by(grams, text, length, teller, 2, false);
    default:
        return grams->bytes ? find_by(grams, text, length, teller, 4, true)
                            : find_by(grams, text, length, teller, 4, false);
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
