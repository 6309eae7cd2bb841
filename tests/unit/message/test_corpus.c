/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of real and broken messages of other projects: none crashes, none costs more than a second, and nothing is
 * said of one that its bytes do not bear out. */
#include "corpus.h"
#include "read.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

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

static void read_file(const char *path, const char *data, gsize length) {
    for (int headers_only = 0; headers_only < 2; headers_only++) {
        MessageInput input = {.data = data, .length = length, .headers_only = headers_only};
        CpuTrial trial = {.limit = 1, .what = path};
        while (cpu_trial(&trial)) {
            Envelope *envelope = envelope_new();
            g_ptr_array_add(envelope->recipients, g_strdup("alice@client.test"));
            g_autoptr(Facts) facts = message_read(&input, envelope);
            check_facts(path, facts);
        }
    }
}

static void no_message_of_the_corpus_crashes_or_costs_a_second(void **state) {
    message_prepare();
    unsigned files = corpus_each("", read_file);
    printf("%u messages read\n", files);
    assert_true(files > 0);
}

static unsigned unreadable;

/* Files are in LF; the first line is a mailbox's. */
static void count_unreadable(const char *path, const char *data, gsize length) {
    g_autoptr(Facts) facts = read_outgoing(data, length, NULL, "nora@client.test");
    unreadable += facts->unreadable;
}

static void real_mail_is_readable_but_for_one_in_two_hundred(void **state) {
    unsigned read = corpus_each("spamassassin-public-corpus/data/easy-ham-1", count_unreadable);
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
