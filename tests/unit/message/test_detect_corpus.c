/* SPDX-License-Identifier: Apache-2.0 */
/* Detectors and thousands of real messages, of other projects, none of which was written to hold a card or an account:
 * what is found stands in the list below, whole, each with what it really is. No number of a card, a person or a
 * passport is seen where there is none, test numbers included. */
#include "corpus.h"
#include "message/detect.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *file; /* in the corpus */
    Detector kind;
    unsigned count; /* in subject, text, attachments and their names together */
} Known;

/* 5,208 messages; false positives: none. */
static const Known known[] = {
    {"php-mime-mail-parser/tests/mails/issue408.eml", DETECT_IBAN, 328}, /* a bank's list of Turkish IBANs */
};

static unsigned seen, wrong;

static void count(Detector detector, const char *value, void *state) {
    ((unsigned *)state)[detector]++;
}

static unsigned expected(const char *file, Detector kind) {
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].kind == kind && strcmp(known[i].file, file) == 0)
            return known[i].count;
    return 0;
}

static void compare(const char *file, const unsigned found[DETECTORS]) {
    for (Detector kind = 0; kind < DETECTORS; kind++) {
        seen += found[kind];
        if (found[kind] == expected(file, kind))
            continue;
        printf("%s: %u of %s, not %u\n", file, found[kind], detector_names[kind], expected(file, kind));
        wrong++;
    }
}

static void count_in(const GPtrArray *names, const DetectOptions *options, unsigned found[DETECTORS]) {
    for (guint i = 0; i < names->len; i++)
        detect_numbers(g_ptr_array_index(names, i), strlen(g_ptr_array_index(names, i)), options, count, found);
}

static void read_file(const char *path, const char *data, gsize length) {
    unsigned found[DETECTORS] = {0};
    g_autoptr(Facts) facts = read_bytes(data, length);
    const DetectOptions options = {.wanted = (1u << DETECTORS) - 1, .test_cards = true};
    detect_numbers(facts->subject, strlen(facts->subject), &options, count, found);
    detect_numbers(facts->text, strlen(facts->text), &options, count, found);
    for (guint i = 0; i < facts->attachments->len; i++) {
        const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, i);
        detect_numbers(attachment->text, strlen(attachment->text), &options, count, found);
        count_in(attachment->names, &options, found);
        count_in(attachment->entries, &options, found);
    }
    compare(path, found);
}

static void real_mail_holds_what_the_list_says_and_nothing_else(void **state) {
    unsigned files = corpus_each("", read_file);
    printf("%u messages, %u numbers\n", files, seen);
    assert_true(files > 5000);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(real_mail_holds_what_the_list_says_and_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
