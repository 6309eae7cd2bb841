/* SPDX-License-Identifier: Apache-2.0 */
/* A piece is a number of eight bytes, its hash a bit in a filter that fits into a processor's cache; in most texts one
 * place in a hundred passes. The filter is looked up for eight places at a time, so that the processor guesses but
 * once. */
#include "base/grams.h"
#include <string.h>

/* Bits of the filter for each piece, and for each chain of them. */
enum { LEAST_BITS = 12, BITS_EACH = 64, BITS_CHAIN = 5 };

typedef struct {
    guint64 value;
    guint32 id, next; /* the next one of its chain, from 1 on; 0: the last */
} Gram;

struct Grams {
    GArray *all; /* Gram */
    guint64 *filter;
    guint32 *chains; /* as `next` */
    guint64 mask, fold;
    unsigned bits, width;
};

static void make_tables(Grams *grams) {
    g_free(grams->filter);
    g_free(grams->chains);
    grams->filter = g_new0(guint64, (size_t)1 << (grams->bits - 6));
    grams->chains = g_new0(guint32, (size_t)1 << (grams->bits - BITS_CHAIN));
}

Grams *grams_new(unsigned width, bool caseless) {
    Grams *grams = g_new0(Grams, 1);
    grams->all = g_array_new(FALSE, FALSE, sizeof(Gram));
    grams->width = width;
    grams->bits = LEAST_BITS;
    grams->mask = ~G_GUINT64_CONSTANT(0) >> (64 - 8 * width);
    grams->fold = caseless ? G_GUINT64_CONSTANT(0x2020202020202020) & grams->mask : 0;
    make_tables(grams);
    return grams;
}

void grams_free(Grams *grams) {
    if (!grams)
        return;
    g_array_unref(grams->all);
    g_free(grams->filter);
    g_free(grams->chains);
    g_free(grams);
}

/* Of the eight bytes from `at` on. */
static inline guint64 value_at(const Grams *grams, const char *at) {
    guint64 eight;
    memcpy(&eight, at, sizeof eight);
    return (GUINT64_FROM_LE(eight) | grams->fold) & grams->mask;
}

static inline guint64 hash_of(const Grams *grams, guint64 value) {
    return value * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> (64 - grams->bits);
}

static inline bool passes(const Grams *grams, guint64 hash) {
    return grams->filter[hash / 64] >> hash % 64 & 1;
}

static void enter(Grams *grams, guint index) {
    Gram *gram = &g_array_index(grams->all, Gram, index);
    guint64 hash = hash_of(grams, gram->value);
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
    guint32 next = grams->chains[hash_of(grams, value) >> BITS_CHAIN];
    while (next != 0) {
        const Gram *gram = &g_array_index(grams->all, Gram, next - 1);
        if (gram->value == value)
            teller->found(gram->id, at, teller->state);
        next = gram->next;
    }
}

void grams_find(const Grams *grams, const char *text, size_t length, GramFound found, void *state) {
    const Teller teller = {found, state};
    size_t at = 0;
    if (grams->all->len == 0)
        return;
    for (; at + 8 + GRAM_MAX <= length; at += 8) {
        unsigned passed = 0;
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; i++)
            passed |= (unsigned)passes(grams, hash_of(grams, value_at(grams, text + at + i))) << i;
        for (; G_UNLIKELY(passed != 0); passed &= passed - 1) {
            size_t place = at + (size_t)__builtin_ctz(passed);
            look_at(grams, value_at(grams, text + place), place, &teller);
        }
    }
    for (; at + grams->width <= length; at++) {
        char bytes[GRAM_MAX] = {0};
        memcpy(bytes, text + at, MIN(length - at, GRAM_MAX));
        look_at(grams, value_at(grams, bytes), at, &teller);
    }
}
