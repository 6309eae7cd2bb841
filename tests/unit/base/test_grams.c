/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces found in a text, against a search for one after the other. */
#include "base/grams.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void note(const GramPlace *places, size_t count, void *state) {
    for (size_t i = 0; i < count; i++)
        g_array_append_vals(state, (guint64[]){(guint64)places[i].at << 32 | places[i].id}, 1);
}

static int by_number(const void *a, const void *b) {
    guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;
    return one < other ? -1 : one > other;
}

static guint32 next(guint32 *seed, guint32 below) {
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

/* Two letters and a few bytes beyond ASCII: pieces occur, repeat and overlap. */
static void fill(GString *text, size_t length, guint32 *seed) {
    static const char alphabet[] = "abABab\xc3\xa9";
    g_string_truncate(text, 0);
    while (text->len < length)
        g_string_append_c(text, alphabet[next(seed, sizeof alphabet - 1)]);
}

static void compare(const GramKind *kind, unsigned count, guint32 *seed) {
    g_autoptr(Grams) grams = grams_new(kind);
    g_autoptr(GString) text = g_string_new(NULL), piece = g_string_new(NULL);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint64)),
                      expected = g_array_new(FALSE, FALSE, sizeof(guint64));
    fill(text, next(seed, 300), seed);
    for (guint32 id = 0; id < count; id++) {
        fill(piece, kind->width, seed);
        grams_add(grams, piece->str, id);
        for (size_t at = 0; at + kind->width <= text->len; at += kind->stride) {
            bool same = true;
            for (size_t i = 0; same && i < kind->width; i++)
                same = kind->caseless ? (text->str[at + i] | 0x20) == (piece->str[i] | 0x20)
                                      : text->str[at + i] == piece->str[i];
            if (same)
                note(&(GramPlace){at, id}, 1, expected);
        }
    }
    grams_find(grams, text->str, text->len, note, found);
    g_array_sort(found, by_number); /* those of one place come in any order */
    g_array_sort(expected, by_number);
    assert_int_equal(found->len, expected->len);
    assert_memory_equal(found->data, expected->data, found->len * sizeof(guint64));
}

static void all_places_of_all_pieces_are_found(void **state) {
    guint32 seed = 5;
    for (unsigned round = 0; round < 400; round++)
        for (unsigned width = 1; width <= GRAM_MAX; width++)
            compare(&(GramKind){width, 1 + round / 2 % 2, round % 2}, round % 40, &seed);
    compare(&(GramKind){8, 1, false}, 5000, &seed); /* its tables grow */
}

/* Read to its last byte, and no further. */
static void a_text_ends_where_it_ends(void **state) {
    g_autoptr(Grams) grams = grams_new(&(GramKind){4, 1, true});
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint64));
    grams_add(grams, "Last", 1);
    for (size_t length = 0; length < 40; length++) {
        g_autofree char *text = g_malloc(length + 4); /* not a byte more, for the sanitizer */
        memset(text, 'x', length);
        memcpy(text + length, "laST", 4);
        g_array_set_size(found, 0);
        grams_find(grams, text, length + 4, note, found);
        assert_int_equal(found->len, 1);
        grams_find(grams, text, length + 3, note, found);
        assert_int_equal(found->len, 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_places_of_all_pieces_are_found),
        cmocka_unit_test(a_text_ends_where_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
