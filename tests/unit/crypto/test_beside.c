/* SPDX-License-Identifier: Apache-2.0 */
/* Words and packed files are found where ciphertext should be, and ciphertext is never taken for either. */
#include "crypto/beside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <glib.h>
#include <openssl/rand.h>
#include <string.h>
#include <zlib.h>

enum { LARGE = 16 * 1024 };
static unsigned char data[LARGE];

static void noise_neither_unpacks_nor_speaks(void **state) {
    for (size_t length = 1; length < LARGE; length += 1 + length / 20)
        for (int round = 0; round < 20; round++) {
            assert_int_equal(RAND_bytes(data, (int)length), 1);
            if (beside_unpacks(data, length) || beside_text(data, length) > 0)
                fail_msg("%zu bytes of noise", length);
        }
}

/* A text that packs badly, as a letter does. */
static void write_letter(unsigned char *letter, size_t length) {
    static const char *const words[] = {"settlement ", "two million ", "court ", "agreed ", "witness ", "Monday "};
    size_t at = 0;
    for (guint32 seed = 1; at < length; seed = seed * 1664525 + 1013904223) {
        const char *word = words[seed >> 16 & 3];
        char number[16];
        g_snprintf(number, sizeof number, "%u ", seed >> 20);
        at += g_strlcpy((char *)letter + at, word, length - at);
        at += at < length ? g_strlcpy((char *)letter + at, number, length - at) : 0;
    }
}

static void what_is_packed_is_found_whatever_follows(void **state) {
    static const struct {
        const char *name;
        int window;
        size_t rest; /* zeros behind it */
    } cases[] = {
        {"zlib", 15, 0}, {"zlib, filled up", 15, 15}, {"gzip", 31, 8}, {"deflate", -15, 0}, {"deflate", -15, 10}};
    unsigned char letter[LARGE];
    write_letter(letter, sizeof letter);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t length = 400; length <= LARGE; length *= 2) {
            z_stream stream = {.next_in = letter, .avail_in = (uInt)length, .next_out = data, .avail_out = LARGE};
            assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, cases[i].window, 9, Z_DEFAULT_STRATEGY), Z_OK);
            assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
            size_t packed = stream.total_out;
            deflateEnd(&stream);
            memset(data + packed, 0, cases[i].rest);
            if (!beside_unpacks(data, packed + cases[i].rest))
                fail_msg("%s of %zu bytes", cases[i].name, length);
        }
    assert_true(beside_unpacks((const unsigned char *)"BZh61AY&SY\x80", 11));
    assert_false(beside_unpacks((const unsigned char *)"BZh61AY", 7));
}

static void words_are_found_in_rows_only(void **state) {
    static const struct {
        const char *text;
        size_t length, found;
    } cases[] = {{"The settlement is two million", 29, 29},
                 {"The settlement is two m", 23, 0},
                 {"\x80The settlement is two million\x81", 31, 29},
                 {"The settlement\x80is two million", 29, 0},
                 {"", 0, 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (beside_text((const unsigned char *)cases[i].text, cases[i].length) != cases[i].found)
            fail_msg("case %zu", i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_neither_unpacks_nor_speaks),
        cmocka_unit_test(what_is_packed_is_found_whatever_follows),
        cmocka_unit_test(words_are_found_in_rows_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
