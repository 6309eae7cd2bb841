/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences written into thousands of real and broken messages of other projects: every other part keeps its bytes, what
 * was written is not written twice, and most mail between people can be written into. */
#include "corpus.h"
#include "write.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static unsigned written, refused;

static void write_file(const char *path, const char *data, gsize length) {
    static const Sentences both = {"From outside the firm – take care.", "A partnership of solicitors.", false};
    static const Sentences loose = {"From outside the firm – take care.", "A partnership of solicitors.", true};
    g_autoptr(GString) wire = g_string_new_len(data, (gssize)length);
    if (memchr(data, '\r', length) == NULL) /* a file in LF is sent with CRLF */
        g_string_replace(wire, "\n", "\r\n", 0);
    g_autoptr(Written) once = write_bytes(wire->str, wire->len, &both);
    written_check(wire->str, wire->len, once);
    written += once->why == NULL;
    refused += once->why != NULL;
    if (once->edits == 0)
        return;
    g_autoptr(Written) strict = write_bytes(once->message, once->length, &(Sentences){both.banner, NULL, false});
    g_autoptr(Written) twice = write_bytes(once->message, once->length, &loose);
    if (strict->edits + twice->edits > 0)
        fail_msg("%s: written into twice", path);
}

static void no_message_of_the_corpus_loses_a_byte_or_bears_a_sentence_twice(void **state) {
    unsigned files = corpus_each("", write_file);
    printf("%u of %u messages were written into\n", written, files);
    assert_true(files > 0);
}

static void nine_of_ten_real_messages_can_be_written_into(void **state) {
    written = refused = 0;
    unsigned files = corpus_each("spamassassin-public-corpus/data/easy-ham-1", write_file);
    printf("%u of %u, the others are signed or leave a doubt\n", written, files);
    assert_true(written >= 9 * refused);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_message_of_the_corpus_loses_a_byte_or_bears_a_sentence_twice),
        cmocka_unit_test(nine_of_ten_real_messages_can_be_written_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
