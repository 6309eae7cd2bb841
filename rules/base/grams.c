/* SPDX-License-Identifier: Apache-2.0 */
/* Most places of a text are passed over by a filter. Of few pieces it is two tables of pairs of bytes: a piece can
 * stand where its first pair does and its second one is behind it. Of many it is a bit for the hash of each piece. What
 * passes is compared with the piece of that hash. Filter and comparison go over many places each, without a branch: to
 * guess wrong costs more than to look. */
#include "base/grams.h"
#include <string.h>

/* Bits of the filter, as a power of two, and for each piece; slots, likewise. */
enum { LEAST_BITS = 14, BITS_EACH = 16, LEAST_SLOTS = 12, SLOTS_EACH = 3 };

/* Places are looked at by eights, and compared when so many eights were. */
enum { EIGHT = 8, BATCH = 64, PLACES = EIGHT * BATCH };

/* In tables of pairs each piece has one of eight bits; of more pieces they tell too little. */
enum { PAIRS = 1 << 16, PAIRED = 4, PAIRED_MAX = 256 };

typedef struct {
    guint64 value;
    guint32 id, next; /* the next one of its slot, from 1 on; 0: the last */
} Gram;

/* The first one of those whose hash it is. */
typedef struct {
    guint64 value;
    guint32 id, first; /* from 1 on; 0: there is none */
} Slot;

/* In `first`: and others. */
#define MORE (1u << 31)

struct Grams {
    GArray *all;                   /* Gram */
    unsigned char *first, *second; /* the tables of pairs, or NULL */
    guint64 *filter;
    Slot *slots;
    guint64 mask, fold;
    unsigned bits, slot_bits, width, stride;
};

static void drop_pairs(Grams *grams) {
    g_clear_pointer(&grams->first, g_free);
    g_clear_pointer(&grams->second, g_free);
}

static void make_tables(Grams *grams) {
    g_free(grams->filter);
    g_free(grams->slots);
    grams->filter = g_new0(guint64, (size_t)1 << (grams->bits - 6));
    grams->slots = g_new0(Slot, (size_t)1 << grams->slot_bits);
}

Grams *grams_new(const GramKind *kind) {
    Grams *grams = g_new0(Grams, 1);
    grams->all = g_array_new(FALSE, FALSE, sizeof(Gram));
    grams->width = kind->width;
    grams->stride = kind->stride;
    grams->bits = LEAST_BITS;
    grams->slot_bits = LEAST_SLOTS;
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
    g_free(grams->slots);
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
    Slot *slot = &grams->slots[hash_of(gram->value, grams->slot_bits)];
    gram->next = slot->first & ~MORE;
    *slot = (Slot){gram->value, gram->id, (index + 1) | (slot->first != 0 ? MORE : 0)};
}

void grams_add(Grams *grams, const char *at, guint32 id) {
    char bytes[GRAM_MAX] = {0};
    memcpy(bytes, at, grams->width);
    Gram gram = {.value = value_at(grams, bytes), .id = id};
    g_array_append_val(grams->all, gram);
    if (grams->all->len > PAIRED_MAX)
        drop_pairs(grams);
    bool filtered = (guint64)grams->all->len * BITS_EACH <= G_GUINT64_CONSTANT(1) << grams->bits;
    bool placed = (guint64)grams->all->len * SLOTS_EACH <= G_GUINT64_CONSTANT(1) << grams->slot_bits;
    if (filtered && placed) {
        enter(grams, grams->all->len - 1);
        return;
    }
    grams->bits += filtered ? 0 : 1;
    grams->slot_bits += placed ? 0 : 1;
    make_tables(grams);
    for (guint i = 0; i < grams->all->len; i++)
        enter(grams, i);
}

/* What was found and not yet told. */
typedef struct {
    GramsFound found;
    void *state;
    size_t count;
    GramPlace places[PLACES];
} Teller;

static void tell(Teller *teller) {
    if (teller->count > 0)
        teller->found(teller->places, teller->count, teller->state);
    teller->count = 0;
}

static inline const Slot *slot_of(const Grams *grams, guint64 value) {
    return &grams->slots[hash_of(value, grams->slot_bits)];
}

/* Where several pieces have one hash. */
static void tell_all(const Grams *grams, guint64 value, size_t at, Teller *teller) {
    const Gram *gram;
    for (guint32 next = slot_of(grams, value)->first & ~MORE; next != 0; next = gram->next) {
        gram = &g_array_index(grams->all, Gram, next - 1);
        if (gram->value != value)
            continue;
        if (teller->count == PLACES)
            tell(teller);
        teller->places[teller->count++] = (GramPlace){at, gram->id};
    }
}

/* Of places that passed the filter, no more than PLACES. */
static void compare(const Grams *grams, const char *text, const size_t *places, size_t count, Teller *teller) {
    if (teller->count + count > PLACES)
        tell(teller);
    for (size_t i = 0; i < count; i++) {
        guint64 value = value_at(grams, text + places[i]);
        const Slot *slot = slot_of(grams, value);
        if (slot->first & MORE) {
            tell(teller);
            tell_all(grams, value, places[i], teller);
            tell(teller);
            continue;
        }
        teller->places[teller->count] = (GramPlace){places[i], slot->id};
        teller->count += (slot->value == value) & (slot->first != 0);
    }
}

/* A bit for each of eight places. */
static inline unsigned pass_pairs(const Grams *grams, const char *text) {
    unsigned passed = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < EIGHT; i++)
        passed |= (unsigned)((grams->first[pair_at(text + i)] & grams->second[pair_at(text + i + 2)]) != 0) << i;
    return passed;
}

static inline unsigned pass_hashes(const Grams *grams, const char *text, size_t stride) {
    unsigned passed = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < EIGHT; i++) {
        guint64 hash = hash_of(value_at(grams, text + i * stride), grams->bits);
        passed |= (unsigned)(grams->filter[hash / 64] >> hash % 64 & 1) << i;
    }
    return passed;
}

/* Gives where the rest begins. Of each kind the compiler makes a loop of its own. */
static inline size_t find_by(const Grams *grams, const char *text, size_t length, Teller *teller, size_t stride,
                             bool pairs) {
    const Grams own = *grams; /* which nobody points to: it stays in registers */
    const size_t look = EIGHT * stride, last = (EIGHT - 1) * stride + GRAM_MAX;
    size_t at = 0;
    while (at + last <= length) {
        unsigned char passed[BATCH] = {0};
        size_t places[PLACES], start = at, looks = MIN((length - at - last) / look + 1, BATCH), count = 0;
        for (size_t i = 0; i < looks; i++, at += look)
            passed[i] = (unsigned char)(pairs ? pass_pairs(&own, text + at) : pass_hashes(&own, text + at, stride));
        for (size_t i = 0; i < looks; i += EIGHT)
            for (guint64 bits = eight_at((const char *)passed + i); bits != 0; bits &= bits - 1)
                places[count++] = start + (EIGHT * i + (size_t)__builtin_ctzll(bits)) * stride;
        compare(&own, text, places, count, teller);
    }
    return at;
}

static size_t find_most(const Grams *grams, const char *text, size_t length, Teller *teller) {
    return grams->first         ? find_by(grams, text, length, teller, 1, true)
           : grams->stride == 1 ? find_by(grams, text, length, teller, 1, false)
                                : find_by(grams, text, length, teller, 2, false);
}

void grams_find(const Grams *grams, const char *text, size_t length, GramsFound found, void *state) {
    Teller teller;
    if (grams->all->len == 0)
        return;
    teller.found = found;
    teller.state = state;
    teller.count = 0;
    for (size_t at = find_most(grams, text, length, &teller); at + grams->width <= length; at += grams->stride) {
        char bytes[GRAM_MAX] = {0};
        memcpy(bytes, text + at, MIN(length - at, GRAM_MAX));
        tell_all(grams, value_at(grams, bytes), at, &teller);
    }
    tell(&teller);
}
