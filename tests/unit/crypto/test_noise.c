/* SPDX-License-Identifier: Apache-2.0 */
/* Ciphertext is never taken for something readable, and what people would put in its place always is. */
#include "crypto/noise.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <glib.h>
#include <openssl/rand.h>
#include <string.h>

enum { LARGE = 64 * 1024 };
static unsigned char data[LARGE];

static bool is_readable(size_t length, size_t piece) {
    Noise noise = {.filled = 0};
    for (size_t at = 0; at < length; at += piece)
        noise_add(&noise, data + at, MIN(piece, length - at));
    return noise_is_readable(&noise);
}

static void random_bytes_of_any_length_are_noise(void **state) {
    for (size_t length = 0; length < LARGE; length += 1 + length / 7)
        for (int round = 0; round < 20; round++) {
            assert_int_equal(RAND_bytes(data, (int)length + 1), 1);
            if (is_readable(length, LARGE))
                fail_msg("%zu bytes of noise", length);
        }
}

static void fill(const char *pattern, size_t period) {
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (unsigned char)pattern[i % period];
}

static void letters_and_documents_are_none(void **state) {
    static const char letter[] = "The settlement is two million, agreed on Monday.\r\n";
    static const char wide[] = "T\0h\0e\0 \0s\0e\0t\0t\0l\0e\0m\0e\0n\0t\0 \0i\0s\0 \0t\0w\0o\0.\0";
    static const char zeros[] = "\0";
    static const char cyrillic[] = "\xd0\xa1\xd1\x83\xd0\xbc\xd0\xbc\xd0\xb0 \xd0\xb4\xd0\xb2\xd0\xb0 ";
    static const struct {
        const char *text;
        size_t length, least;
    } cases[] = {{letter, sizeof letter - 1, 32},
                 {wide, sizeof wide - 1, 256},
                 {zeros, 1, 128},
                 {cyrillic, sizeof cyrillic - 1, 256}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        fill(cases[i].text, cases[i].length);
        for (size_t length = cases[i].least; length < LARGE; length += 1 + length / 3)
            if (!is_readable(length, 1000))
                fail_msg("%zu bytes of case %zu", length, i);
    }
}

static void a_letter_behind_noise_is_found(void **state) {
    assert_int_equal(RAND_bytes(data, LARGE), 1);
    fill("Two million, yes. ", 18);
    assert_int_equal(RAND_bytes(data, LARGE / 2), 1);
    assert_true(is_readable(LARGE, 977));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_of_any_length_are_noise),
        cmocka_unit_test(letters_and_documents_are_none),
        cmocka_unit_test(a_letter_behind_noise_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
