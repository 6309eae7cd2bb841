/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists: what can be met in them, and that the code which makes the facts says these words and no others. */
#include "facts/vocabulary.h"
#include "facts/oddities.h"
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void a_pattern_is_met_by_what_it_can_find_alone(void **state) {
    static const char *const names[] = {"matter-mismatch", "limit:headers", "charset:*", "decoding:base64@*", NULL};
    static const struct {
        const char *wanted;
        bool met;
    } rows[] = {
        {"matter-mismatch", true},
        {"Matter-Mismatch", true},
        {"matter-mismach", false},
        {"matter-*", true},
        {"*-mismatch", true},
        {"*mis*ch", true},
        {"*", true},
        {"matter-mismatc?", true},
        {"matter-mismatch?", false},
        {"limit:*", true},
        {"limit", false},
        {"limit:headers*", true},
        {"limit:header", false},
        {"*:headers", true},
        {"charset:utf-8", true},
        {"charset:*-1", true},
        {"charset", false},
        {"charset:", true},
        {"chars*", true},
        {"chart*", false},
        {"decoding:base64@2.1", true},
        {"decoding:base32@*", false},
        {"*@2.1", true},
        {"*a*b*c*d*e*f*z", true},
        {"?imit:headers", true},
        {"", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (vocabulary_meets(names, rows[i].wanted) != rows[i].met)
            fail_msg("%s", rows[i].wanted);
}

static void an_oddity_is_said_in_words_and_with_its_name(void **state) {
    static const char *const rows[][2] = {
        {"matter-mismatch", "it, or its thread, names a matter that not all its people have (matter-mismatch)"},
        {"decoding:base64@2.1", "programs decode the base64 of part 2.1 differently (decoding:base64@*)"},
        {"two-formats:100%s.png", "the attachment 100%s.png is two kinds of file at once (two-formats:*)"},
        {"inline-file:yenc", "a file stands in the text itself (yEnc), and is not read (inline-file:yenc)"},
        {"nulls", "nulls"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *said = oddity_say(rows[i][0]);
        assert_string_equal(said, rows[i][1]);
    }
}

static char *source(const char *path) {
    const char *top = getenv("top_srcdir");
    g_autofree char *file = g_build_filename(top ? top : "../..", path, NULL);
    char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL))
        fail_msg("%s cannot be read", file);
    return text;
}

typedef void (*Word)(const char *file, const char *prefix, const char *word);

/* Each text in quotes that a call of one of these functions holds. */
static void each_text(const char *path, const char *functions, Word word) {
    g_autofree char *text = source(path), *calls = g_strdup_printf("\\b(%s)\\(([^;{]*);", functions);
    g_autoptr(GRegex) call = g_regex_new(calls, 0, 0, NULL), quoted = g_regex_new("\"([^\"]*)\"", 0, 0, NULL);
    g_autoptr(GMatchInfo) at = NULL;
    for (g_regex_match(call, text, 0, &at); g_match_info_matches(at); g_match_info_next(at, NULL)) {
        g_autofree char *name = g_match_info_fetch(at, 1), *body = g_match_info_fetch(at, 2);
        g_autoptr(GMatchInfo) in = NULL;
        for (g_regex_match(quoted, body, 0, &in); g_match_info_matches(in); g_match_info_next(in, NULL)) {
            g_autofree char *found = g_match_info_fetch(in, 1);
            bool limit = strcmp(name, "over") == 0 || strcmp(name, "limit") == 0;
            word(path, limit ? "limit:" : "", found);
        }
    }
}

static void must_be_an_anomaly(const char *file, const char *prefix, const char *word) {
    if (strcmp(word, "%s") == 0 || strcmp(word, "%s:%s") == 0)
        return;
    g_auto(GStrv) parts = g_strsplit(word, "%s", -1);
    g_autofree char *any = g_strjoinv("*", parts), *whole = g_strconcat(prefix, any, NULL);
    g_autofree char *open = g_strconcat(whole, ":*", NULL);
    if (!vocabulary_meets(anomaly_names, whole) && !vocabulary_meets(anomaly_names, open))
        fail_msg("%s says the oddity \"%s\", which anomaly_names lacks", file, whole);
}

static void each_file(const char *folder, void (*visit)(const char *path, void *state), void *state) {
    const char *top = getenv("top_srcdir");
    g_autofree char *full = g_build_filename(top ? top : "../..", folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(full, 0, NULL);
    assert_non_null(dir);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_str_has_suffix(name, ".c"))
            visit(path, state);
    }
}

static void check_anomalies_of(const char *path, void *state) {
    each_text(path, "facts_add_anomaly|decision_add_anomaly", must_be_an_anomaly);
}

static void no_oddity_is_said_that_the_list_lacks(void **state) {
    each_file("milter/message", check_anomalies_of, NULL);
    each_file("milter/judge", check_anomalies_of, NULL);
    each_file("rules/engine", check_anomalies_of, NULL);
    each_text("milter/message/prescan.c", "note|anomaly|over", must_be_an_anomaly);
    each_text("milter/message/headers.c", "limit", must_be_an_anomaly);
    each_text("milter/message/contents.c", "unreadable", must_be_an_anomaly);
}

static void append(const char *path, void *state) {
    g_autofree char *text = source(path);
    g_string_append(state, text);
}

static bool is_quoted(const char *sources, const char *word, size_t length) {
    g_autofree char *quoted = g_strdup_printf("\"%.*s", (int)length, word);
    for (const char *at = sources; (at = strstr(at, quoted)); at++)
        if (strchr("\":%", at[length + 1]) || word[length - 1] == ':')
            return true;
    return false;
}

static void no_oddity_is_in_the_list_that_nobody_says(void **state) {
    g_autoptr(GString) sources = g_string_new(NULL);
    each_file("milter/message", append, sources);
    each_file("milter/judge", append, sources);
    each_file("rules/engine", append, sources);
    for (int i = 0; anomaly_names[i]; i++) {
        const char *words = oddity_words(anomaly_names[i]);
        if (!words || (strstr(words, "%s") != NULL) != (strchr(anomaly_names[i], '*') != NULL))
            fail_msg("facts/oddities has no words for \"%s\"", anomaly_names[i]);
        assert_false(g_strv_contains(anomaly_names + i + 1, anomaly_names[i]));
        const char *name = anomaly_names[i], *colon = strchr(name, ':'), *tail = colon ? colon + 1 : name;
        bool whole = is_quoted(sources->str, name, strcspn(name, "*@"));
        bool head = colon && is_quoted(sources->str, name, (size_t)(colon - name));
        if (!whole && (!head || (*tail != '*' && !is_quoted(sources->str, tail, strcspn(tail, "@*")))))
            fail_msg("anomaly_names has \"%s\", which no code says", name);
    }
}

static bool has_kind(const char *kind) {
    return g_strv_contains(file_kinds, kind);
}

/* What kinds there are, without the table of what names and types go with them. */
static void the_kinds_of_files_are_those_that_are_told(void **state) {
    g_autofree char *kind = source("milter/message/kind.c"), *office = source("milter/message/office.c");
    char *end = strstr(kind, "what a file says it is");
    assert_non_null(end);
    *end = '\0';
    g_autofree char *both = g_strconcat(kind, office, NULL);
    g_autoptr(GRegex) type =
        g_regex_new("\"((?:application|audio|font|image|message|text|video)/[a-z0-9.+-]+)\"", 0, 0, NULL);
    g_autoptr(GMatchInfo) at = NULL;
    for (g_regex_match(type, both, 0, &at); g_match_info_matches(at); g_match_info_next(at, NULL)) {
        g_autofree char *found = g_match_info_fetch(at, 1);
        if (!g_str_has_suffix(found, ".h") && !has_kind(found))
            fail_msg("file_kinds lacks \"%s\"", found);
    }
    for (int i = 0; file_kinds[i]; i++) {
        g_autofree char *quoted = g_strdup_printf("\"%s\"", file_kinds[i]);
        if (!strstr(both, quoted))
            fail_msg("file_kinds has \"%s\", which no file is", file_kinds[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_oddity_is_said_in_words_and_with_its_name),
        cmocka_unit_test(a_pattern_is_met_by_what_it_can_find_alone),
        cmocka_unit_test(no_oddity_is_said_that_the_list_lacks),
        cmocka_unit_test(no_oddity_is_in_the_list_that_nobody_says),
        cmocka_unit_test(the_kinds_of_files_are_those_that_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
