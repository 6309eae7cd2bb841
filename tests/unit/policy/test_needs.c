/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern is left untried only where it cannot match. */
#include "policy/condition.h"
#include "policy/needs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *pattern, *text;
    bool tried;
} Case;

static const Case cases[] = {
    {"secret", "no such word", false},
    {"secret", "a SeCrEt", true},
    {"\\bbank (account|details?)\\b", "the bank", false},
    {"\\bbank (account|details?)\\b", "our BANK Details", true},
    {"(new|changed?) (bank|payment) details", "new bank detail", false},
    {"(new|changed?) (bank|payment) details", "a payment, in details", true}, /* tried: the pieces are there */
    {"alpha|beta", "gamma", false},
    {"alpha|beta", "Beta", true},
    {"alpha|be", "gamma", true}, /* "be" is too short to say */
    {"(alpha)?", "gamma", true},
    {"(alpha)+", "gamma", false},
    {"(alpha){0}", "gamma", true},
    {"(alpha){1,2}", "gamma", false},
    {"abcde?", "abcd", true},
    {"abcde?", "abce", false},
    {"abcd*", "abc", true}, /* "abc" is too short */
    {"x[abcd]yzyz", "x a", false},
    {"x[]]yzyz", "x]yzyz", true},
    {"file\\.docm$", "FILE.DOCM", true},
    {"file\\.docm$", "note.txt", false},
    {"secret", "\u017Fecret", true}, /* the long s is an s */
    {"kelvin", "\u212Aelvin", true},
    {"ärger im haus", "Ärger im Haus", true},
    {"ärger im haus", "Freude im Hof", false},
    /* Not understood, so tried. */
    {"(?i)secret", "x", true},
    {"(?=secret)", "x", true},
    {"(?<name>secret)", "x", true},
    {"(*UTF)secret", "x", true},
    {"\\Qsecret\\E", "x", true},
    {"(a)\\1secret", "x", true},
    {"[[:alpha:]]secret", "x", true},
    {"[\\c]]secret", "x", true},
    {"secret{,3}", "x", true},
    {"", "x", true},
};

static void a_pattern_is_tried_as_the_table_says(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Pieces *pieces = pieces_new();
        Needs *needs = needs_of(pieces, cases[i].pattern);
        g_autofree unsigned char *seen = pieces_seen(pieces, cases[i].text, strlen(cases[i].text));
        if (needs_met(needs, seen) != cases[i].tried)
            fail_msg("%s on \"%s\": %s", cases[i].pattern, cases[i].text, cases[i].tried ? "left out" : "tried");
        needs_free(needs);
        pieces_free(pieces);
    }
}

/* All patterns of a policy share one look at the text. */
static void many_patterns_share_their_pieces(void **state) {
    Pieces *pieces = pieces_new();
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)needs_free);
    for (int i = 0; i < 500; i++) {
        g_autofree char *pattern = g_strdup_printf("word%04d", i);
        g_ptr_array_add(all, needs_of(pieces, pattern));
    }
    const char *text = "word0007, then WORD0499, and word050";
    g_autofree unsigned char *seen = pieces_seen(pieces, text, strlen(text));
    for (guint i = 0; i < all->len; i++)
        assert_int_equal(needs_met(all->pdata[i], seen), i == 7 || i == 499);
    g_ptr_array_unref(all);
    pieces_free(pieces);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_tried_as_the_table_says),
        cmocka_unit_test(many_patterns_share_their_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
