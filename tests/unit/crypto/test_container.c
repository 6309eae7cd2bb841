/* SPDX-License-Identifier: Apache-2.0 */
/* Documents and archives made by qpdf, bsdtar, Info-ZIP and to [MS-OFFCRYPTO]: encrypted is only what no reader opens
 * by itself. The samples are the seeds of the fuzz target. */
#include "crypto/proof.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct {
    const char *file;
    ContentVerdict verdict;
} cases[] = {
    {"aes128.zip", CONTENT_ENCRYPTED},
    {"aes256.zip", CONTENT_ENCRYPTED}, /* with a folder */
    {"zipcrypt.zip", CONTENT_BROKEN},
    {"infozip.zip", CONTENT_BROKEN},
    {"clear.zip", CONTENT_CLEAR},
    {"r4.pdf", CONTENT_ENCRYPTED},
    {"r5.pdf", CONTENT_ENCRYPTED},
    {"r6.pdf", CONTENT_ENCRYPTED},
    {"r6-xref.pdf", CONTENT_ENCRYPTED},
    {"r6-linear.pdf", CONTENT_ENCRYPTED},
    {"r4-empty.pdf", CONTENT_BROKEN}, /* "protected" against printing, open to everybody */
    {"r5-empty.pdf", CONTENT_BROKEN},
    {"r6-empty.pdf", CONTENT_BROKEN},
    {"r4-clearmeta.pdf", CONTENT_BROKEN},
    {"rc4.pdf", CONTENT_BROKEN},
    {"clear.pdf", CONTENT_CLEAR},
    {"agile.docx", CONTENT_ENCRYPTED},
    {"agile-sha1.docx", CONTENT_ENCRYPTED},
    {"standard.docx", CONTENT_ENCRYPTED},
    {"agile-default.docx", CONTENT_BROKEN}, /* the password that Office tries by itself */
    {"standard-default.docx", CONTENT_BROKEN},
    {"leaky.docx", CONTENT_BROKEN}, /* a readable stream beside the encrypted one */
    {"old.doc", CONTENT_CLEAR},
};

static unsigned char *sample(const char *name, size_t *length) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top == NULL ? "." : top, "tests/fuzz/corpus/container", name, NULL);
    char *data = NULL;
    if (!g_file_get_contents(path, &data, length, NULL))
        fail_msg("%s is missing", path);
    return (unsigned char *)data;
}

static void containers_count_when_nobody_opens_them_unasked(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t length;
        g_autofree unsigned char *data = sample(cases[i].file, &length);
        if (proof_container(data, length, cases[i].file) != cases[i].verdict)
            fail_msg("%s: %d", cases[i].file, proof_container(data, length, cases[i].file));
    }
}

static void readable_bytes_beside_the_entries_of_an_archive_count_against_it(void **state) {
    size_t length;
    g_autofree unsigned char *data = sample("aes128.zip", &length);
    g_autoptr(GByteArray) longer = g_byte_array_new();
    g_byte_array_append(longer, data, (guint)length);
    g_byte_array_append(longer, (const guint8 *)"Two million.", 12);
    assert_int_not_equal(proof_container(longer->data, longer->len, "x.zip"), CONTENT_ENCRYPTED);
    data[length - 2] = 12; /* a comment of 12 bytes that is there */
    g_byte_array_set_size(longer, 0);
    g_byte_array_append(longer, data, (guint)length);
    g_byte_array_append(longer, (const guint8 *)"Two million.", 12);
    assert_int_not_equal(proof_container(longer->data, longer->len, "x.zip"), CONTENT_ENCRYPTED);
}

static void damage_never_crashes(void **state) {
    static const char *const files[] = {"aes256.zip", "r4.pdf", "r6-xref.pdf", "old.doc"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        size_t length;
        g_autofree unsigned char *data = sample(files[i], &length);
        for (size_t cut = 0; cut < length; cut += 3) {
            g_autofree unsigned char *part = g_memdup2(data, cut + 1);
            proof_container(part, cut, files[i]);
        }
        for (size_t at = 0; at < length; at++) {
            data[at] ^= 0xff;
            proof_container(data, length, files[i]);
            data[at] ^= 0xff;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_count_when_nobody_opens_them_unasked),
        cmocka_unit_test(readable_bytes_beside_the_entries_of_an_archive_count_against_it),
        cmocka_unit_test(damage_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
