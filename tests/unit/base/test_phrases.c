/* SPDX-License-Identifier: Apache-2.0 */
/* Phrases as a firm lists them, found in text as people write it, and in time. */
#include "base/phrases.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void note(unsigned list, const char *phrase, void *state) {
    GPtrArray *found = state; /* each once */
    g_autofree char *one = g_strdup_printf("%u:%s", list, phrase);
    if (!g_ptr_array_find_with_equal_func(found, one, g_str_equal, NULL))
        g_ptr_array_add(found, g_steal_pointer(&one));
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find(PhraseBook *book, const char *text, size_t length, GPtrArray *found) {
    g_autoptr(FoldBare) alike = fold_bare_text(text, length, FOLD_ALIKE),
                        words = fold_bare_text(text, length, FOLD_WORDS);
    phrasebook_find(book, alike, note, found);
    phrasebook_find(book, words, note, found);
}

static char *found_in(PhraseBook *book, const char *text) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    find(book, text, strlen(text), found);
    g_ptr_array_sort(found, by_text);
    g_ptr_array_add(found, NULL);
    return g_strjoinv(";", (char **)found->pdata);
}

static void phrases_are_found_as_words(void **state) {
    static const struct {
        unsigned list;
        const char *phrase;
    } phrases[] = {{1, "attorney-client privilege"},
                   {1, "privileged"},
                   {2, "Privileged"},
                   {2, "nda"},
                   {2, "Schriftsatz"},
                   {3, "Ärger"},
                   {3, "договор"},
                   {3, "秘密"},
                   {3, "privileged and confidential"},
                   {3, "Αθήνα"}};
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"", ""},
        {"nothing here", ""},
        {"This is PRIVILEGED.", "1:privileged;2:Privileged"},
        {"underprivileged privilegedness", ""},
        {"Privileged  and\r\n> Confidential", "1:privileged;2:Privileged;3:privileged and confidential"},
        {"the attorney\xe2\x80\x93"
         "client\nprivilege",
         "1:attorney-client privilege"},
        {"attorneyclientprivilege", "1:attorney-client privilege"},
        {"our NDA, agenda", "2:nda"},
        {"n d a", "2:nda"},
        {"an da", ""},
        {"in n da x", ""},
        {"Schrift-\nsatz", "2:Schriftsatz"},
        {"\xd1\x80rivileg\xd0\xb5"
         "d",
         "1:privileged;2:Privileged"},
        {"arger ARGER \xef\xbc\xa1\xef\xbd\x92ger", "3:Ärger"},
        {"ДОГОВОР и дого\xe2\x80\x8bвор", "3:договор"},
        {"это秘密です", "3:秘密"},
        {"ΑΘΉΝΑ αθηνα", "3:Αθήνα"},
    };
    g_autoptr(PhraseBook) book = phrasebook_new();
    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++)
        assert_true(phrasebook_add(book, phrases[i].phrase, phrases[i].list));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = found_in(book, cases[i].text);
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("\"%s\": %s", cases[i].text, found);
    }
}

static void what_is_no_phrase_is_refused(void **state) {
    g_autoptr(PhraseBook) book = phrasebook_new();
    g_autofree char *longest = g_strnfill(PHRASE_MAX, 'x'), *longer = g_strnfill(PHRASE_MAX + 1, 'x');
    static const char *const none[] = {"", " - ", "...", "\xe2\x80\x8b"};
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        assert_false(phrasebook_add(book, none[i], 0));
    assert_false(phrasebook_add(book, longer, 0));
    assert_true(phrasebook_add(book, longest, 0));
    g_autofree char *found = found_in(book, "x");
    assert_string_equal(found, "");
}

static void an_empty_book_finds_nothing(void **state) {
    g_autoptr(PhraseBook) book = phrasebook_new();
    g_autofree char *found = found_in(book, "anything");
    assert_string_equal(found, "");
}

/* Phrases of few words, which share most of their letters, against a look at every place for each of them. */
static void what_is_found_is_what_stands_there(void **state) {
    static const char *const words[] = {
        "a", "ab", "aba", "abab", "deed", "deeds", "lease", "x-ray", "\xc3\xa9t\xc3\xa9", "confidential", "of", "1"};
    static const char *const between[] = {" ", " ", " ", "\n", "\n> ", "-", "", ", ", "  "};
    guint32 seed = 3;
    for (unsigned round = 0; round < 300; round++) {
        g_autoptr(PhraseBook) book = phrasebook_new();
        g_autoptr(GPtrArray) phrases = g_ptr_array_new_with_free_func(g_free),
                             expected = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GString) text = g_string_new(NULL);
        for (unsigned i = 0; i < 60; i++) {
            seed = seed * 1664525 + 1013904223;
            g_string_append(text, words[(seed >> 24) % G_N_ELEMENTS(words)]);
            g_string_append(text, between[(seed >> 16 & 0xff) % G_N_ELEMENTS(between)]);
        }
        for (unsigned i = 0; i < 30; i++) {
            seed = seed * 1664525 + 1013904223;
            char *phrase = g_strjoin(" ", words[(seed >> 24) % G_N_ELEMENTS(words)],
                                     seed & 0x8000 ? NULL : words[(seed >> 18 & 63) % G_N_ELEMENTS(words)], NULL);
            g_ptr_array_add(phrases, phrase);
            assert_true(phrasebook_add(book, phrase, i));
        }
        g_autoptr(FoldBare) whole = fold_bare_text(text->str, text->len, FOLD_ALIKE),
                            without = fold_bare_without(whole, '-');
        const FoldBare *bare = without ? without : whole;
        for (unsigned i = 0; i < phrases->len; i++) {
            g_autoptr(FoldBare) key_whole = fold_bare_text(phrases->pdata[i], strlen(phrases->pdata[i]), FOLD_ALIKE);
            g_autoptr(FoldBare) key_without = fold_bare_without(key_whole, '-');
            const FoldBare *key = key_without ? key_without : key_whole;
            unsigned gaps = 0;
            for (size_t k = 1; k < key->length; k++)
                gaps += key->gaps[k];
            for (const char *at = bare->text; (at = strstr(at, key->text)); at++)
                if (fold_bare_is_words(bare, (size_t)(at - bare->text), (size_t)(at - bare->text) + key->length, gaps))
                    note(i, phrases->pdata[i], expected);
        }
        g_ptr_array_sort(expected, by_text);
        g_ptr_array_add(expected, NULL);
        g_autofree char *found = found_in(book, text->str), *joined = g_strjoinv(";", (char **)expected->pdata);
        assert_string_equal(found, joined);
    }
}

static PhraseBook *book_of(unsigned count) {
    PhraseBook *book = phrasebook_new();
    guint32 seed = 7;
    for (unsigned i = 0; i < count; i++) {
        char phrase[64];
        int length = 0;
        for (int word = 0; word < 3; word++) {
            for (int letter = 0; letter < 6; letter++) {
                seed = seed * 1664525 + 1013904223;
                phrase[length++] = (char)('a' + (seed >> 24) % 26);
            }
            phrase[length++] = ' ';
        }
        phrase[length - 1] = '\0';
        phrasebook_add(book, phrase, 0);
    }
    return book;
}

/* A hundred times as many phrases may cost a little more, for they share fewer beginnings; never ten times. */
static void time_does_not_grow_with_the_number_of_phrases(void **state) {
    static const char sentence[] =
        "Dear Jane, we have read the draft of the agreement and shall file it on Monday morning.\n";
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 1 << 20)
        g_string_append(text, sentence);
    g_autoptr(PhraseBook) few = book_of(100);
    g_autoptr(PhraseBook) many = book_of(10000);
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    find(few, "", 0, out);
    find(many, "", 0, out);
    CpuRatio ratio = {.most = 10, .what = "10,000 phrases in 1 MiB, beside 100"};
    while (cpu_ratio(&ratio))
        find(ratio.larger ? many : few, text->str, text->len, out);
}

/* One that overlaps with itself is the worst that a list can hold. */
static void a_text_made_for_a_phrase_is_read_in_time(void **state) {
    g_autoptr(GString) phrase = g_string_new(NULL);
    while (phrase->len < PHRASE_MAX - 4)
        g_string_append(phrase, "a ");
    g_string_append(phrase, "b");
    g_autoptr(PhraseBook) book = phrasebook_new();
    assert_true(phrasebook_add(book, phrase->str, 0));
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 1 << 20)
        g_string_append(text, "a ");
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    CpuTrial trial = {.limit = 1, .what = "a text made for a phrase"};
    while (cpu_trial(&trial))
        find(book, text->str, text->len, out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_are_found_as_words),
        cmocka_unit_test(what_is_no_phrase_is_refused),
        cmocka_unit_test(an_empty_book_finds_nothing),
        cmocka_unit_test(what_is_found_is_what_stands_there),
        cmocka_unit_test(time_does_not_grow_with_the_number_of_phrases),
        cmocka_unit_test(a_text_made_for_a_phrase_is_read_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
