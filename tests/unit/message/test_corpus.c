/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of real and broken messages of other projects: none crashes, none costs more than a second, and nothing is
 * said of one that its bytes do not bear out. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned files;

static void check_facts(const char *path, const Facts *facts) {
    assert_true(g_utf8_validate(facts->text, -1, NULL));
    assert_true(g_utf8_validate(facts->subject, -1, NULL));
    assert_true(strlen(facts->text) <= (1 << 20) + 4096);
    assert_int_equal(facts->proofs->len, facts->envelope->recipients->len);
    assert_int_equal(strlen(facts->body_digest), 64);
    for (guint i = 0; i < facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        if (!g_utf8_validate(header->raw, -1, NULL) || !g_utf8_validate(header->text, -1, NULL) ||
            strpbrk(header->text, "\r\n") != NULL)
            fail_msg("%s: header %s", path, header->name);
    }
    for (guint i = 0; i < facts->attachments->len; i++) {
        const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, i);
        assert_true(g_utf8_validate(attachment->name, -1, NULL) && g_utf8_validate(attachment->type, -1, NULL));
    }
}

static void read_file(const char *path) {
    g_autofree char *data = NULL;
    gsize length;
    if (!g_file_get_contents(path, &data, &length, NULL))
        return;
    files++;
    for (int headers_only = 0; headers_only < 2; headers_only++) {
        Envelope *envelope = envelope_new();
        g_ptr_array_add(envelope->recipients, g_strdup("alice@client.test"));
        MessageInput input = {.data = data, .length = length, .headers_only = headers_only};
        clock_t before = clock();
        g_autoptr(Facts) facts = message_read(&input, envelope);
        if (clock() - before > CLOCKS_PER_SEC)
            fail_msg("%s took more than a second", path);
        check_facts(path, facts);
    }
}

static void read_folder(const char *path) {
    GDir *dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_DIR))
            read_folder(inner);
        else
            read_file(inner);
    }
    if (dir != NULL)
        g_dir_close(dir);
}

static const char *corpus_or_skip(void) {
    const char *corpus = getenv("LEXGATE_CORPUS");
    if (corpus == NULL || !g_file_test(corpus, G_FILE_TEST_IS_DIR)) {
        printf("skipped: no corpus of real messages in $LEXGATE_CORPUS\n");
        skip();
    }
    return corpus;
}

static void no_message_of_the_corpus_crashes_or_costs_a_second(void **state) {
    message_prepare();
    read_folder(corpus_or_skip());
    printf("%u messages read\n", files);
    assert_true(files > 0);
}

/* Files are in LF; the first line is a mailbox's. */
static bool is_unreadable(const char *path) {
    g_autofree char *data = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &data, &length, NULL));
    g_autoptr(Facts) facts = read_outgoing(data, length, NULL, "nora@client.test");
    return facts->unreadable;
}

static void real_mail_is_readable_but_for_one_in_two_hundred(void **state) {
    g_autofree char *path =
        g_build_filename(corpus_or_skip(), "spamassassin-public-corpus", "data", "easy-ham-1", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
    unsigned read = 0, unreadable = 0;
    if (dir == NULL)
        fail_msg("%s", error->message);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL; read++) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        unreadable += is_unreadable(file);
    }
    printf("%u of %u messages cannot be read\n", unreadable, read);
    assert_true(read >= 2000 && unreadable * 200 <= read);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_message_of_the_corpus_crashes_or_costs_a_second),
        cmocka_unit_test(real_mail_is_readable_but_for_one_in_two_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
