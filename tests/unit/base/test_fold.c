/* SPDX-License-Identifier: Apache-2.0 */
/* One word, written in every way that still reads as that word; and what must stay another word. */
#include "base/fold.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *text, *seen, *words, *alike;
} FoldCase;

static const FoldCase cases[] = {
    {"", "", "", ""},
    {"Plain Text.\n", "Plain Text.\n", "plain text.\n", "plain text.\n"},
    {"Großes Ärgernis", "Großes Ärgernis", "grosses argernis", "grosses argernis"},
    {"GROẞES A\xcc\x88RGERNIS", "GROẞES ÄRGERNIS", "grosses argernis", "grosses argernis"},
    {"Œuvre privilégiée à Ålesund, Łódź, Bjørn", "Œuvre privilégiée à Ålesund, Łódź, Bjørn",
     "oeuvre privilegiee a alesund, lodz, bjorn", "oeuvre privilegiee a alesund, lodz, bjorn"},
    {"ｐｒｉｖｉｌｅｇｅｄ", "privileged", "privileged", "privileged"},
    {"𝐩𝓻𝕚𝗏𝚒𝑙𝔢ⓖ𝒆𝐝", "privileged", "privileged", "privileged"},
    {"ﬁle ﬀ ﬃ", "file ff ffi", "file ff ffi", "file ff ffi"},
    {"pri\u200bvi\u00adle\u2060g\ufe0fe\U000e0064d", "privileged", "privileged", "privileged"},
    {"p\u034fri\u200dvilege\u200cd\u202e", "privileged", "privileged", "privileged"},
    {"pri\ufffdvi\ufffcleged", "privileged", "privileged", "privileged"}, /* a control character was there */
    {"privileged\u2800text", "privileged text", "privileged text", "privileged text"},
    {"e\u200b\xcc\x81t\u00e9", "été", "ete", "ete"},
    {"рrіvіlеgеd", "рrіvіlеgеd", "рrіvіlеgеd", "privileged"}, /* Cyrillic р і е */
    {"ΡRΙVΙLΕGΕD", "ΡRΙVΙLΕGΕD", "ρrιvιlεgεd", "privileged"}, /* Greek capitals */
    {"ІNVОІСЕ", "ІNVОІСЕ", "іnvоісе", "invoice"},
    {"ϲοnfidеntiаl", NULL, NULL, "confidential"},
    {"ᴄᴏɴꜰɪᴅᴇɴᴛɪᴀʟ", NULL, NULL, "confidential"},
    {"🅲🅾🅽🅵 🅰🅱 🇨🇴", NULL, NULL, "conf ab co"},
    {"ս\u0585ո", NULL, NULL, "uon"}, /* Armenian */
    {"tһе ѕесrеt ⅼaw", NULL, NULL, "the secret law"},
    {"кот мак", "кот мак", "кот мак", "kot mak"},
    {"“it’s” – a\u2011b\u00a0c\u2003d\u3000e\u2028f", "\"it's\" - a-b c d e\nf", "\"it's\" - a-b c d e\nf",
     "\"it's\" - a-b c d e\nf"},
    {"٠١٢ ９８ ४", NULL, "012 98 4", "012 98 4"},
    {"a\xcc\x80\xcc\x81\xcc\x82\xcc\x83z", NULL, "az", "az"},
    {"が きゃ ガ 漢字", "が きゃ ガ 漢字", "が きゃ ガ 漢字", "が きゃ ガ 漢字"}, /* another sound, no accent */
    {"ΟΔΟΣ οδός", NULL, "οδοσ οδοσ", NULL},
    {"İstanbul DIŞ", NULL, "istanbul dis", "istanbul dis"},
    {"שָׁלוֹם", NULL, "שלום", NULL},
};

static void the_same_word_in_other_letters_is_the_same(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const wanted[] = {cases[i].seen, cases[i].words, cases[i].alike};
        for (Fold fold = FOLD_SEEN; fold <= FOLD_ALIKE; fold++) {
            g_autofree char *got = fold_text(cases[i].text, strlen(cases[i].text), fold);
            if (wanted[fold] != NULL)
                assert_string_equal(got, wanted[fold]);
            g_autofree char *again = fold_text(got, strlen(got), fold);
            if (fold != FOLD_ALIKE) /* a small letter may look like what its capital does not */
                assert_string_equal(again, got);
        }
    }
}

static void ascii_is_known_and_copied(void **state) {
    assert_true(fold_is_ascii("plain text of more than eight", 29));
    assert_true(fold_is_ascii("", 0));
    for (size_t at = 0; at < 20; at++) {
        char text[21] = "abcdefghijklmnopqrst";
        text[at] = (char)0x80;
        assert_false(fold_is_ascii(text, 20));
        assert_true(fold_is_ascii(text, at));
    }
    char bell[] = {1, 'A', 127, 0};
    g_autofree char *same = fold_text(bell, 3, FOLD_SEEN), *lower = fold_text(bell, 3, FOLD_ALIKE);
    assert_string_equal(same, bell);
    assert_string_equal(lower, "\001a\177");
}

static void a_text_is_read_by_its_length(void **state) {
    g_autofree char *cut = fold_text("ÄÖÜ", 2, FOLD_WORDS);
    assert_string_equal(cut, "a");
}

static void words_have_edges(void **state) {
    static const char text[] = "a nda, sûr_1 漢字 ไทย";
    static const struct {
        const char *before;
        bool edge;
    } edges[] = {
        {"a", true},   {" nda", true}, {"nda", true}, {"da,", false}, {", s", true}, {"ûr", false}, {"r_1", false},
        {"_1", false}, {"1 ", false},  {"漢", true},  {"字 ", true},  {"ย", true},   {" 漢", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(edges); i++)
        assert_int_equal(fold_edge(text, strlen(text), (size_t)(strstr(text, edges[i].before) - text)), edges[i].edge);
    assert_true(fold_edge(text, strlen(text), strlen(text)));
}

static char *text_of(const char *piece, size_t length) {
    GString *text = g_string_new("e");
    while (text->len < length)
        g_string_append(text, piece);
    return g_string_free(g_string_append(text, "é"), FALSE);
}

/* As a stranger would: a million marks on one letter, one word of a million letters, nothing but joiners. */
static void cost_is_linear(void **state) {
    static const char *const pieces[] = {"\xcc\x81\xcc\xa3",         "é", "\u200b", "Ж",
                                         "\uac01\u1100\u1161\u11a8", "x", "𝕒",      "ﷺ"};
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autofree char *quarter = text_of(pieces[i], 250000), *whole = text_of(pieces[i], 1000000);
        CpuRatio ratio = {.most = 8, .what = pieces[i]};
        while (cpu_ratio(&ratio)) {
            const char *text = ratio.larger ? whole : quarter;
            g_autofree char *folded = fold_text(text, strlen(text), FOLD_ALIKE);
            assert_true(g_utf8_validate(folded, -1, NULL));
            assert_true(strlen(folded) <= 20 * strlen(text)); /* one Arabic ligature is a whole sentence */
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_word_in_other_letters_is_the_same),
        cmocka_unit_test(ascii_is_known_and_copied),
        cmocka_unit_test(a_text_is_read_by_its_length),
        cmocka_unit_test(words_have_edges),
        cmocka_unit_test(cost_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
