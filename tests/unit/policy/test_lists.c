/* SPDX-License-Identifier: Apache-2.0 */
/* What a firm looks for besides: detectors of its own and lists of phrases, which travel with the policy. */
#include "base/text.h"
#include "folder.h"
#include "policy/detectors.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define FIRM "firm: { name = \"Aldous\"; domains = [\"Aldous.TEST\"]; };\n"

static void detectors_are_those_built_in_and_the_firms_own(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Policy) policy = folder_load_text(
        FIRM "detectors: { payment-card: { threshold = 3; test_numbers = true; };\n"
             "  matter-number: { pattern = [\"20\\\\d\\\\d-\\\\d{4}\", \"M/\\\\d+\"]; label = \"matter\"; threshold = "
             "2; }; };\n"
             "rules: ( { id = \"a\"; do = \"hold\"; when: { any = ( { detects: { kind = \"matter-number\"; }; },\n"
             "                                                       { not: { detects: { kind = \"us-ssn\"; }; }; } ); "
             "}; },\n"
             "         { id = \"b\"; mode = \"off\"; do = \"hold\"; when: { account_known = false; detects: { kind = "
             "\"iban\"; }; }; } );\n",
        said);
    if (!policy)
        fail_msg("%s", said->str);
    const PolicyDetector *card = policy_detector(policy, "payment-card"),
                         *own = policy_detector(policy, "matter-number");
    assert_true(card->threshold == 3 && card->test_numbers && !card->patterns && !card->asked);
    assert_true(own->threshold == 2 && own->patterns->len == 2 && own->labels->len == 1 && own->asked);
    assert_true(policy_detector(policy, "us-ssn")->asked);
    assert_false(policy_detector(policy, "iban")->asked); /* its rule is off */
    assert_true(policy_asks_detectors(policy));
    assert_false(policy_asks_accounts(policy));
    assert_null(policy_detector(policy, "matter"));
    for (guint i = 0; i < DETECTORS; i++)
        assert_string_equal(((PolicyDetector *)policy_detectors(policy)->pdata[i])->name, detector_names[i]);
    g_autoptr(Policy) plain = folder_load_text(FIRM, said);
    assert_false(policy_asks_detectors(plain));
}

static void count_phrase(unsigned list, const char *phrase, void *state) {
    ++*(unsigned *)state;
}

static unsigned phrases_in(const Policy *policy, const char *text) {
    unsigned count = 0;
    g_autoptr(FoldBare) bare = fold_bare_text(text, strlen(text), FOLD_ALIKE);
    phrasebook_find(policy_phrases(policy), bare, count_phrase, &count);
    return count;
}

/* As the keeper hands it on: the judge cannot open the lists itself. */
static void lists_of_phrases_travel_with_the_policy(void **state) {
    g_autoptr(Folder) folder = folder_new();
    folder_write(folder, "lexgate.conf",
                 FIRM "text: { footer = \"Yours, Aldous\"; };\ndetectors: { legend: { phrases = [\"lists/one.txt\", "
                      "\"two.txt\"]; own_text = "
                      "true; }; };\n");
    folder_write(folder, "lists/one.txt", "\xef\xbb\xbf# a comment\r\nPrivileged and confidential\r\n\r\n  \n");
    folder_write(folder, "two.txt", "Anwaltsgeheimnis");
    g_autofree char *path = g_build_filename(folder->path, "lexgate.conf", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(PolicySource) source = policy_source_read(path, problems);
    int fd = policy_source_to_fd(source, NULL);
    folder_remove(folder->path);
    g_autoptr(PolicySource) handed = policy_source_from_fd(fd, NULL);
    close(fd);
    g_autoptr(Policy) first = policy_parse(source, TEST_NOW, problems),
                      second = policy_parse(handed, TEST_NOW, problems);
    assert_true(first && second);
    assert_true(policy_detector(second, "legend")->phrases && policy_detector(second, "legend")->own_text);
    assert_int_equal(phrases_in(second, "PRIVILEGED AND CONFIDENTIAL, Anwaltsgeheimnis, comment"), 2);
    assert_int_equal(policy_footers(second)->len, 1);
    assert_string_equal(policy_digest(first), policy_digest(second));
}

static void a_broken_list_is_told_line_by_line(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    g_autofree char *longer = g_strnfill(PHRASE_MAX + 1, 'x');
    g_autofree char *list = g_strdup_printf("fine\n...\n\xff\n%s\n", longer);
    folder_write(folder, "lexgate.conf", FIRM "detectors: { m: { phrases = \"list.txt\"; label = \"x\"; }; };\n");
    folder_write(folder, "list.txt", list);
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    assert_null(policy);
    assert_non_null(strstr(said->str, "list.txt:2: error: the line has no word"));
    assert_non_null(strstr(said->str, "list.txt:3: error: the line is not UTF-8"));
    assert_non_null(strstr(said->str, "list.txt:4: error: the phrase is longer than 200 bytes"));
    assert_non_null(strstr(said->str, "lexgate.conf:2: error: a label goes with a pattern"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detectors_are_those_built_in_and_the_firms_own),
        cmocka_unit_test(lists_of_phrases_travel_with_the_policy),
        cmocka_unit_test(a_broken_list_is_told_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
