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
    {"(?<!not )(?=s)secret(?! garden)", "x", false},
    {"(?<!not )(?=s)secret(?! garden)", "secret", true},
    {"(?!secret", "x", true},
    {"(?<name>secret)", "x", true},
    {"(*UTF)secret", "x", true},
    {"\\Qsecret\\E", "x", true},
    {"(a)\\1secret", "x", true},
    {"[[:alpha:]]secret", "x", true},
    {"[\\c]]secret", "x", true},
    {"secret{,3}", "x", true},
    {"", "x", true},
};

/* What a text holds: looked for in the text itself, or in it without white space. */
typedef struct {
    FoldBare *bare;
    Sightings *in_bare, *seen;
} Look;

static Look look(const Pieces *pieces, const char *text, bool without) {
    Look look = {0};
    size_t length = strlen(text);
    if (!without || !fold_is_ascii(text, length)) {
        look.seen = pieces_seen(pieces, text, length);
        return look;
    }
    look.bare = fold_bare_text(text, length, FOLD_ALIKE);
    look.in_bare = pieces_seen(pieces, look.bare->text, look.bare->length);
    look.seen = pieces_seen_written(look.in_bare, look.bare, text, length);
    return look;
}

static void look_clear(Look *look) {
    sightings_free(look->seen);
    sightings_free(look->in_bare);
    fold_bare_free(look->bare);
}

static void try_cases(bool without) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Pieces *pieces = pieces_new();
        Needs *needs = needs_of(pieces, cases[i].pattern);
        Look at = look(pieces, cases[i].text, without);
        if (needs_met(needs, at.seen) != cases[i].tried)
            fail_msg("%s on \"%s\": %s", cases[i].pattern, cases[i].text, cases[i].tried ? "left out" : "tried");
        look_clear(&at);
        needs_free(needs);
        pieces_free(pieces);
    }
}

static void a_pattern_is_tried_as_the_table_says(void **state) {
    try_cases(false);
    try_cases(true);
}

/* White space in what is needed is seen where there is none, and says nothing where there is. */
static void a_piece_across_white_space_is_sought_without_it(void **state) {
    static const struct {
        const char *pattern, *text;
        bool tried, tried_without;
    } splits[] = {
        {"end of the day", "end of the week", true, true}, /* the least common letters are those of "ofth" */
        {"end of the day", "the day ends", true, false},
        {"end of the day", "By the END of the day", true, true},
        {"at my end|in due time", "in the end", true, false},
        {"at my end|in due time", "in due time", true, true},
        {"a>bcde", "a\n>bcde", true, true}, /* "abcde" for who leaves quotations out */
        {"ab>cd", "x", true, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(splits); i++)
        for (int without = 0; without < 2; without++) {
            Pieces *pieces = pieces_new();
            Needs *needs = needs_of(pieces, splits[i].pattern);
            Look at = look(pieces, splits[i].text, without);
            if (needs_met(needs, at.seen) != (without ? splits[i].tried_without : splits[i].tried))
                fail_msg("%s on \"%s\", %d", splits[i].pattern, splits[i].text, without);
            look_clear(&at);
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
    g_autoptr(Sightings) seen = pieces_seen(pieces, text, strlen(text));
    for (guint i = 0; i < all->len; i++)
        assert_int_equal(needs_met(all->pdata[i], seen), i == 7 || i == 499);
    g_ptr_array_unref(all);
    pieces_free(pieces);
}

typedef struct {
    const char *pattern, *text, *windows;
} WindowCase;

/* Fifty signs before and behind, so that windows are worth their while. */
static const WindowCase window_cases[] = {
    {"secret", "secret", "50-50"},
    {"a secret", "a secret", "50-52"},            /* sought is "secr" */
    {"\\bsecret\\b", "secret", "46-50"},          /* what stands before it might take four bytes */
    {"(new|changed?) bank", "new bank", "46-54"}, /* before "bank" there are at most eight */
    {".{0,3}bank", "bank", "38-50"},
    {"x*bank", "bank", NULL},
    {"(xx){1,3}bank", "xxxxbank", "48-54"},
    {"\\Xbank", "bank", NULL},
    {"bank|details", "details", "50-53"},
    {"x?bank|.?details", "details", "46-53"},
    {"bank.{0,9}details", "bank, details", "50-50"},
    {"x+bank.{0,9}details", "xbank, details", NULL}, /* both are as far as any number of x */
    {"bank|fu", "bank", NULL},
    {"(?<!my )x(?=bank|other)bank", "xbank", "50-51"},
    {"\xc3\xa9t\xc3\xa9 indien", "\xc3\xa9t\xc3\xa9 indien", "38-56"},
};

static void try_windows(bool without) {
    g_autofree char *around = g_strnfill(50, '.');
    for (size_t i = 0; i < G_N_ELEMENTS(window_cases); i++) {
        const WindowCase *one = &window_cases[i];
        Pieces *pieces = pieces_new();
        Needs *needs = needs_of(pieces, one->pattern);
        g_autofree char *text = g_strconcat(around, one->text, around, NULL);
        Look at = look(pieces, text, without);
        g_autoptr(GArray) windows = needs_windows(needs, at.seen);
        const Window *first = windows && windows->len == 1 ? &g_array_index(windows, Window, 0) : NULL;
        g_autofree char *shown = first ? g_strdup_printf("%zu-%zu", first->from, first->last) : g_strdup("none");
        if (strcmp(shown, one->windows ? one->windows : "none") != 0)
            fail_msg("%s on \"%s\": %s", one->pattern, one->text, shown);
        look_clear(&at);
        needs_free(needs);
        pieces_free(pieces);
    }
}

static void a_window_is_as_wide_as_the_table_says(void **state) {
    try_windows(false);
    try_windows(true);
}

/* Patterns put together by chance, on texts of their words: wherever one is found, it is found in the windows. */
static unsigned drawn(guint32 *seed, size_t among) {
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 20) % (guint32)among;
}

/* Of few atoms and words, so that they meet; some texts without letters beyond ASCII. */
static void draw(guint32 *seed, unsigned round, GString *pattern, GString *text) {
    static const char *const atoms[] = {
        "bank",   "details?", "(new|changed?) ", "\\b", " ", "\\w+", ".{0,9}",  "[- ]",       "(wire|account)+",
        "s",      "\xc3\xa9", "x{2,3}",          "^",   "$", "k*",   "(?!new)", "(?<!bank )", "(?=d)",
        "in a d", ">",        ">{1,2}",          "\n"};
    static const char *const words[] = {"bank",
                                        "Detail",
                                        "details",
                                        "new ",
                                        "CHANGED ",
                                        " ",
                                        "wire",
                                        "account",
                                        "- ",
                                        "\n",
                                        "xxx",
                                        "s",
                                        "k",
                                        "\n> ",
                                        ">",
                                        "in a d",
                                        "lorem ipsum dolor sit amet consectetur ",
                                        "\xc3\xbc",
                                        "\xc3\x89"};
    for (unsigned i = 0; i < 2 + round % 4; i++) {
        g_string_append(pattern, atoms[drawn(seed, G_N_ELEMENTS(atoms))]);
        if (round % 7 == 0 && i == 1)
            g_string_append_c(pattern, '|');
    }
    for (unsigned i = 0; i < 90; i++)
        g_string_append(text, words[drawn(seed, G_N_ELEMENTS(words) - (round % 3 ? 2 : 0))]);
}

static void a_match_is_found_in_the_windows(void **state) {
    guint32 seed = 9, found_in_windows = 0;
    for (unsigned round = 0; round < 20000; round++) {
        g_autoptr(GString) pattern = g_string_new(NULL), text = g_string_new(NULL);
        draw(&seed, round, pattern, text);
        int code;
        PCRE2_SIZE at, from, to, window_from = 0, window_to = 0;
        pcre2_code *compiled =
            pcre2_compile((PCRE2_SPTR)pattern->str, PCRE2_ZERO_TERMINATED, PATTERN_OPTIONS, &code, &at, NULL);
        if (!compiled)
            continue;
        Pieces *pieces = pieces_new();
        Needs *needs = needs_of(pieces, pattern->str);
        Look at_text = look(pieces, text->str, round % 2);
        g_autoptr(GArray) windows = needs_windows(needs, at_text.seen);
        Subject subject = subject_of(text->str, text->len);
        bool everywhere = pattern_find(compiled, &subject, &from, &to) == MATCH_YES, there = false;
        for (guint i = 0; windows && !there && i < windows->len; i++) {
            subject.start = g_array_index(windows, Window, i).from;
            subject.last = g_array_index(windows, Window, i).last;
            there = pattern_find(compiled, &subject, &window_from, &window_to) == MATCH_YES;
        }
        if (everywhere && !needs_met(needs, at_text.seen))
            fail_msg("%s is left out on \"%s\"", pattern->str, text->str);
        if (windows && (everywhere != there || (there && (from != window_from || to != window_to))))
            fail_msg("%s is lost on \"%s\"", pattern->str, text->str);
        found_in_windows += there;
        look_clear(&at_text);
        pcre2_code_free(compiled);
        needs_free(needs);
        pieces_free(pieces);
    }
    assert_true(found_in_windows > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_tried_as_the_table_says),
        cmocka_unit_test(a_piece_across_white_space_is_sought_without_it),
        cmocka_unit_test(many_patterns_share_their_pieces),
        cmocka_unit_test(a_window_is_as_wide_as_the_table_says),
        cmocka_unit_test(a_match_is_found_in_the_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
