/* SPDX-License-Identifier: Apache-2.0 */
/* What the eye takes for the same, how far apart names are, and that two near names always share a key. */
#include "base/likeness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void labels_that_look_the_same_have_one_skeleton(void **state) {
    static const char *const pairs[][2] = {
        {"harbour", "harb0ur"},        {"harbour", "har-bour"}, {"williams", "wi11iams"},
        {"walker", "vvalker"},         {"morgan", "rnorgan"},   {"harbour", "xn--hrbour-3nf"}, /* Cyrillic a */
        {"harbour", "harb\xc3\xb6ur"}, {"harbour", "HARBOUR"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *a = likeness_of_label(pairs[i][0], strlen(pairs[i][0]));
        g_autofree char *b = likeness_of_label(pairs[i][1], strlen(pairs[i][1]));
        print_message("%s %s\n", a, b);
        assert_string_equal(a, b);
    }
}

static void names_are_words_in_any_order(void **state) {
    static const char *const cases[][2] = {
        {"Alice Aldous", "aldous alice"},
        {"Aldous, Alice", "aldous alice"},
        {"  ALICE   m. ALDOUS ", "aldous alice"},
        {"\xd0\x90lice Aldous", "aldous alice"},
        {"Al\xc3\xad"
         "ce \"Aldous\"",
         "aldous alice"},
        {"\xef\xbc\xa1lice Ald\xe2\x80\x8bous", "aldous alice"},
        {"Alice", NULL},
        {"A. Aldous", NULL},
        {"alice@firm.test Aldous", NULL},
        {"", NULL},
        {"...", NULL},
        {"\xff\xfe \xc3", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = likeness_of_name(cases[i][0]);
        print_message("%s\n", cases[i][0]);
        if (cases[i][1])
            assert_string_equal(name, cases[i][1]);
        else
            assert_null(name);
    }
}

static void initials_stand_for_forenames(void **state) {
    static const struct {
        const char *name;
        bool whole;
        const char *skeleton;
    } cases[] = {
        {"Margaret Aldous", true, "=aldous m"},
        {"Aldous, Margaret", true, "=aldous m"},
        {"Margaret J. Aldous", true, "=aldous m"},
        {"Margaret", true, NULL},
        {"M. Aldous", false, "=aldous m"},
        {"Aldous, M.", false, "=aldous m"},
        {"M J Aldous", false, "=aldous m"},
        {"Aldous M.J.", false, "=aldous m"},
        {"\xd0\x9c. Ald\xc3\xb6us", false, "=aldous m"},
        {"Margaret Aldous", false, NULL},
        {"Aldous", false, NULL},
        {"M. Li", false, NULL},
        {"M J", false, NULL},
        {"m@aldous.test A", false, NULL},
        {"", false, NULL},
        {"\xff", true, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *skeleton = likeness_of_initial(cases[i].name, cases[i].whole);
        if (g_strcmp0(skeleton, cases[i].skeleton) != 0)
            fail_msg("%s: %s", cases[i].name, skeleton ? skeleton : "none");
    }
}

static void a_firm_is_known_by_all_words_of_its_name(void **state) {
    static const struct {
        const char *name, *other;
        bool within;
    } cases[] = {
        {"Aldous & Partners", "ALDOUS & PARTNERS", true},
        {"Aldous & Partners", "Partners of Aldous", true},
        {"Aldous & Partners", "Aldous and Partners Accounts", true},
        {"Aldous & Partners", "Aldous", false},
        {"Aldous and Partners", "Aldous & Partners LLP", true},
        {"Aldous", "Aldous", true},
        {"Aldous", "Margaret Aldous", false},
        {"&", "and", false},
        {"", "", false},
        {"Aldous", "\xff", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (likeness_name_within(cases[i].name, cases[i].other) != cases[i].within)
            fail_msg("%s in %s", cases[i].name, cases[i].other);
}

static void distance_counts_edits_and_changed_places(void **state) {
    static const struct {
        const char *a, *b;
        unsigned edits;
    } cases[] = {{"harbour", "harbour", 0},
                 {"harbour", "harbuor", 1},
                 {"harbour", "harbor", 1},
                 {"harbour", "arbor", 2},
                 {"harbour", "hraobur", 2},
                 {"harbour", "harper", 3},
                 {"", "ab", 2},
                 {"ab", "", 2},
                 {"abcd", "abcdefgh", 3},
                 {"ca", "abc", 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(likeness_distance(cases[i].a, cases[i].b, 2), cases[i].edits);
}

/* One to two edits, anywhere. */
static void mutate(GString *text, unsigned edits) {
    for (; edits; edits--) {
        size_t at = (size_t)rand() % (text->len + 1);
        char letter = (char)('a' + rand() % 26);
        if (rand() % 4 == 0)
            g_string_insert_c(text, (gssize)at, letter);
        else if (at >= text->len)
            continue;
        else if (rand() % 3 == 0)
            g_string_erase(text, (gssize)at, 1);
        else if (at + 1 < text->len && rand() % 2) {
            char c = text->str[at];
            text->str[at] = text->str[at + 1];
            text->str[at + 1] = c;
        } else
            text->str[at] = letter;
    }
}

/* The whole table, cell by cell. */
static unsigned plain_distance(const char *a, const char *b) {
    unsigned cell[32][32];
    size_t m = strlen(a), n = strlen(b);
    for (size_t i = 0; i <= m; i++) {
        for (size_t j = 0; j <= n; j++) {
            cell[i][j] = (unsigned)(i ? i : j);
            if (!i || !j)
                continue;
            cell[i][j] = MIN(MIN(cell[i - 1][j], cell[i][j - 1]) + 1, cell[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cell[i][j] = MIN(cell[i][j], cell[i - 2][j - 2] + 1);
        }
    }
    return cell[m][n];
}

static void distance_is_that_of_the_whole_table(void **state) {
    srand(9);
    for (int round = 0; round < 200000; round++) {
        g_autoptr(GString) name = g_string_new(NULL);
        for (int length = rand() % 14; length; length--)
            g_string_append_c(name, (char)('a' + rand() % 3));
        g_autoptr(GString) other = g_string_new(name->str);
        mutate(other, (unsigned)rand() % 5);
        unsigned most = (unsigned)rand() % 4, plain = plain_distance(name->str, other->str);
        unsigned found = likeness_distance(name->str, other->str, most);
        if (plain <= most ? found != plain : found <= most)
            fail_msg("%s %s within %u: %u, not %u", name->str, other->str, most, found, plain);
    }
}

static void two_near_names_share_a_key(void **state) {
    unsigned compared = 0;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        uint32_t known[LIKENESS_KEYS], wanted[LIKENESS_KEYS];
        g_autoptr(GString) name = g_string_new(NULL);
        for (int length = 4 + rand() % 16; length; length--)
            g_string_append_c(name, (char)('a' + rand() % 26));
        g_autoptr(GString) other = g_string_new(name->str);
        unsigned most = likeness_edits_of_label(name->str);
        mutate(other, most);
        if (likeness_distance(name->str, other->str, 2) > most)
            continue; /* what was edited twice in one place may be further away */
        compared++;
        unsigned m = likeness_keys(name->str, most, known), n = likeness_keys(other->str, 2, wanted), shared = 0;
        assert_true(m <= LIKENESS_KEYS && n <= LIKENESS_KEYS);
        for (unsigned i = 0; i < m; i++)
            for (unsigned j = 0; j < n; j++)
                shared += known[i] == wanted[j];
        if (!shared)
            fail_msg("%s %s", name->str, other->str);
    }
    assert_true(compared > 15000);
}

static void words_beside_a_name_are_left_out(void **state) {
    static const struct {
        const char *skeleton, *names;
    } cases[] = {{"aldouslaw", "aldous"},
                 {"myaldousbilling", "myaldous aldous aldousbilling"},
                 {"aldous", ""},
                 {"aldouslawllp", "aldouslaw aldous"},
                 {"outlaw", ""},
                 {"maillaw", ""},
                 {"", ""},
                 {"law", ""},
                 {"aldouslawlawlaw", "aldouslawlaw aldouslaw"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) names = likeness_names_inside(cases[i].skeleton);
        g_ptr_array_add(names, NULL);
        g_autofree char *all = g_strjoinv(" ", (char **)names->pdata);
        assert_string_equal(all, cases[i].names);
    }
    for (int i = 0; likeness_words[i]; i++) {
        g_autofree char *skeleton = likeness_of_label(likeness_words[i], strlen(likeness_words[i]));
        assert_string_equal(skeleton, likeness_words[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_that_look_the_same_have_one_skeleton),
        cmocka_unit_test(names_are_words_in_any_order),
        cmocka_unit_test(initials_stand_for_forenames),
        cmocka_unit_test(a_firm_is_known_by_all_words_of_its_name),
        cmocka_unit_test(distance_counts_edits_and_changed_places),
        cmocka_unit_test(distance_is_that_of_the_whole_table),
        cmocka_unit_test(words_beside_a_name_are_left_out),
        cmocka_unit_test(two_near_names_share_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
