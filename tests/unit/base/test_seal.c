/* SPDX-License-Identifier: Apache-2.0 */
/* Published vectors for what has some, and one changed byte for the rest. */
#include "base/seal.h"
#include "base/text.h"
#include "folder.h"
#include <string.h>
#include <sys/stat.h>

#define TEXT(s) ((Bytes){s, strlen(s)})

static void hashes_are_those_of_the_standard(void **state) {
    static const char *const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; /* FIPS 180-4 */
    unsigned char digest[SHA256_SIZE];
    sha256_of((Bytes[]){TEXT("abc")}, 1, digest);
    g_autofree char *whole = hex_encode(digest, sizeof digest);
    sha256_of((Bytes[]){TEXT("a"), {NULL, 0}, TEXT("bc")}, 3, digest);
    g_autofree char *pieces = hex_encode(digest, sizeof digest);
    assert_string_equal(whole, abc);
    assert_string_equal(pieces, abc);
}

static void a_mac_knows_where_its_pieces_end(void **state) {
    SealKey key = {{1}}, other = {{2}};
    unsigned char a[SHA256_SIZE], b[SHA256_SIZE];
    mac_of(&key, (Bytes[]){TEXT("ab"), TEXT("c")}, 2, a);
    mac_of(&key, (Bytes[]){TEXT("ab"), TEXT("c")}, 2, b);
    assert_true(mac_equal(a, b, sizeof a));
    mac_of(&key, (Bytes[]){TEXT("a"), TEXT("bc")}, 2, b);
    assert_false(mac_equal(a, b, sizeof a));
    mac_of(&other, (Bytes[]){TEXT("ab"), TEXT("c")}, 2, b);
    assert_false(mac_equal(a, b, sizeof a));
    /* HMAC-SHA-256, key 01 00…, of 00 00 00 00 00 00 00 02 "hi": by another implementation */
    mac_of(&key, (Bytes[]){TEXT("hi")}, 1, a);
    g_autofree char *hex = hex_encode(a, sizeof a);
    assert_string_equal(hex, "2e675ab089210ed810fb17751c8d0e374f5c1d6053c6940d3a3aaa55ad6fe976");
}

static void a_sealed_value_opens_only_unchanged(void **state) {
    SealKey key, other;
    seal_random(&key, sizeof key);
    seal_random(&other, sizeof other);
    g_autoptr(GBytes) sealed = seal_close(&key, TEXT("client secret"), "context");
    g_autoptr(GBytes) again = seal_close(&key, TEXT("client secret"), "context");
    assert_false(g_bytes_equal(sealed, again));
    gsize length;
    const unsigned char *bytes = g_bytes_get_data(sealed, &length);
    assert_int_equal(length, 12 + 13 + 16);
    g_autoptr(GBytes) plain = seal_open(&key, (Bytes){bytes, length}, "context");
    assert_int_equal(g_bytes_get_size(plain), 13);
    assert_memory_equal(g_bytes_get_data(plain, NULL), "client secret", 13);
    assert_null(seal_open(&key, (Bytes){bytes, length}, "contexT"));
    assert_null(seal_open(&other, (Bytes){bytes, length}, "context"));
    for (gsize i = 0; i < length; i++) {
        g_autofree unsigned char *changed = g_memdup2(bytes, length);
        changed[i] ^= 1;
        assert_null(seal_open(&key, (Bytes){changed, length}, "context"));
        assert_null(seal_open(&key, (Bytes){bytes, i}, "context"));
    }
    g_autoptr(GBytes) empty = seal_close(&key, (Bytes){NULL, 0}, "");
    g_autoptr(GBytes) nothing = seal_open(&key, (Bytes){g_bytes_get_data(empty, NULL), g_bytes_get_size(empty)}, "");
    assert_int_equal(g_bytes_get_size(nothing), 0);
}

static void base32_is_that_of_rfc_4648(void **state) {
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "my"},
                                           {"fo", "mzxq"},
                                           {"foo", "mzxw6"},
                                           {"foob", "mzxw6yq"},
                                           {"fooba", "mzxw6ytb"},
                                           {"foobar", "mzxw6ytboi"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = base32_encode((const unsigned char *)cases[i][0], strlen(cases[i][0]));
        assert_string_equal(got, cases[i][1]);
    }
    g_autofree char *one = id_random(), *two = id_random();
    assert_int_equal(strlen(one), 20);
    assert_true(text_is_id(one));
    assert_string_not_equal(one, two);
}

static void a_key_file_is_made_once_and_kept_from_others(void **state) {
    g_autofree char *path = g_build_filename(*state, "keys", "a.key", NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    SealKey first, second;
    struct stat st;
    g_autoptr(GError) missing = NULL, open_to_all = NULL, torn = NULL;
    assert_false(seal_key_file(path, false, &first, &missing));
    assert_non_null(strstr(missing->message, path));
    assert_true(seal_key_file(path, true, &first, NULL));
    assert_true(seal_key_file(path, true, &second, NULL));
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(folder_count(folder), 1);
    assert_int_equal(chmod(path, 0644), 0);
    assert_false(seal_key_file(path, true, &second, &open_to_all));
    assert_non_null(strstr(open_to_all->message, "0600"));
    assert_true(g_file_set_contents(path, "short", 5, NULL));
    assert_false(seal_key_file(path, true, &second, &torn));
    assert_non_null(strstr(torn->message, "32 bytes"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_the_standard),
        cmocka_unit_test(a_mac_knows_where_its_pieces_end),
        cmocka_unit_test(a_sealed_value_opens_only_unchanged),
        cmocka_unit_test(base32_is_that_of_rfc_4648),
        cmocka_unit_test_setup_teardown(a_key_file_is_made_once_and_kept_from_others, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
