/* SPDX-License-Identifier: Apache-2.0 */
/* Text without white space, against a reading of it that goes byte by byte. */
#include "base/foldbare.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static bool bare_has(const char *text, bool hyphens, const char *word, unsigned apart) {
    g_autoptr(FoldBare) whole = fold_bare_text(text, strlen(text), FOLD_ALIKE);
    g_autoptr(FoldBare) without = hyphens ? NULL : fold_bare_without(whole, '-');
    const FoldBare *bare = without ? without : whole;
    for (const char *at = bare->text; (at = strstr(at, word)) != NULL; at++)
        if (fold_bare_is_words(bare, (size_t)(at - bare->text), (size_t)(at - bare->text) + strlen(word), apart))
            return true;
    return false;
}

static void a_split_word_is_whole_without_white_space(void **state) {
    static const struct {
        const char *text;
        bool hyphens;
        const char *word;
        unsigned apart;
        bool found;
    } splits[] = {
        {"this is confi dential!", true, "confidential", 0, true},
        {"this is confi\n\t dential", true, "confidential", 0, true},
        {"> this is confi\n> > dential", true, "confidential", 0, true},
        {"c o n f i d e n t i a l", true, "confidential", 0, true},
        {"s e c r e t plan", true, "secret", 0, true},
        {"sec ret", true, "secret", 0, false},
        {"in a word", true, "ina", 0, false},
        {"ali banked it", true, "iban", 0, false},
        {"his confidence", true, "confide", 0, false},
        {"un confidential", true, "confidential", 0, true},
        {"unconfi dential", true, "confidential", 0, false},
        {"confi dentiality", true, "confidential", 0, false},
        {"attorney\u2013client privilege", false, "attorneyclientprivilege", 2, true},
        {"on us", true, "onus", 1, true},
        {"on us", true, "onus", 0, false},
        {"сonfi\u00a0dentiаl", true, "confidential", 0, true},
        {"秘 密", true, "秘密", 0, true},
        {"", true, "x", 0, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(splits); i++)
        assert_int_equal(bare_has(splits[i].text, splits[i].hyphens, splits[i].word, splits[i].apart), splits[i].found);
}

/* The text byte by byte, each kept one behind its gap: ' ' or '_'. */
static char *slowly(const char *text, char sign) {
    GString *out = g_string_new(NULL);
    bool gap = false;
    for (; *text; text++) {
        bool blank = strchr(" \t\n\v\f\r", *text) || (sign && *text == sign);
        if (!blank)
            g_string_append_printf(out, "%c%c", gap ? ' ' : '_', *text);
        gap = blank;
        if (*text == '\n' && text[1] == '>')
            text += strspn(text + 1, "> \t");
    }
    return g_string_free(out, FALSE);
}

static char *shown(const FoldBare *bare) {
    GString *out = g_string_new(NULL);
    assert_int_equal(strlen(bare->text), bare->length);
    for (size_t i = 0; i < bare->length; i++)
        g_string_append_printf(out, "%c%c", bare->gaps[i] ? ' ' : '_', bare->text[i]);
    return g_string_free(out, FALSE);
}

static void assert_places(const FoldBare *bare, const char *text) {
    size_t at = 0, near = 0;
    for (const char *place = text; *place; place++) {
        if (!strchr(" \t\n\v\f\r", *place)) {
            size_t from = 0;
            if (at % 7 == 0)
                assert_int_equal(fold_bare_place(bare, text, at, &near), place - text);
            assert_int_equal(fold_bare_place(bare, text, at++, &from), place - text);
        }
        if (*place == '\n' && place[1] == '>')
            place += strspn(place + 1, "> \t");
    }
    assert_int_equal(at, bare->length);
}

/* Words of all lengths, blanks and quotations wherever blocks of 64 bytes may begin. */
static void words_and_gaps_are_where_they_were(void **state) {
    static const char *const pieces[] = {" ",
                                         "\n",
                                         "\r\n",
                                         "\n> ",
                                         "\n>> > ",
                                         ">",
                                         "-",
                                         "--",
                                         "a",
                                         "of",
                                         "word",
                                         "\x01",
                                         "confidentiality",
                                         "\xc3\xa9t\xc3\xa9",
                                         "\t",
                                         "x-y",
                                         "internationalisations",
                                         "\v\f"};
    guint32 seed = 11;
    for (unsigned round = 0; round < 3000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (unsigned i = 0; i < round % 120; i++) {
            seed = seed * 1664525 + 1013904223;
            g_string_append(text, pieces[(seed >> 16) % G_N_ELEMENTS(pieces)]);
        }
        g_autoptr(FoldBare) bare = fold_bare(text->str, text->len);
        g_autoptr(FoldBare) without = fold_bare_without(bare, '-');
        g_autofree char *got = shown(bare), *expected = slowly(text->str, '\0'), *less = slowly(text->str, '-');
        g_autofree char *got_less = shown(without ? without : bare);
        assert_string_equal(got, expected);
        assert_string_equal(got_less, less);
        assert_places(bare, text->str);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_split_word_is_whole_without_white_space),
        cmocka_unit_test(words_and_gaps_are_where_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
