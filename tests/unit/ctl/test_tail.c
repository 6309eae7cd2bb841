/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a journal is found without reading its beginning. */
#include "ctl/tail.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    char *folder;
    char hash[JOURNAL_HASH + 1];
    uint64_t seq;
} Journal;

static char *make_line(Journal *journal) {
    size_t length = 0;
    g_autoptr(json_t) payload = json_pack("{s:s}", "id", "x");
    return entry_line("milter-a", ++journal->seq, "boot", instant_from_seconds(1795442400), "act", payload,
                      journal->hash, &length);
}

static void write_file(const Journal *journal, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(journal->folder, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static int set_up(void **state) {
    Journal *journal = g_new0(Journal, 1);
    journal->folder = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    *state = journal;
    return 0;
}

static int tear_down(void **state) {
    Journal *journal = *state;
    g_autoptr(GDir) dir = g_dir_open(journal->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(journal->folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(journal->folder);
    g_free(journal->folder);
    g_free(journal);
    return 0;
}

static uint64_t tail_seq(const Journal *journal) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Entry) entry = tail_entry(journal->folder, "milter-a", &error);
    assert_null(error);
    return entry ? entry->seq : 0;
}

static void the_last_line_of_the_newest_file_counts(void **state) {
    Journal *journal = *state;
    assert_int_equal(tail_seq(journal), 0);
    g_autofree char *one = make_line(journal), *two = make_line(journal), *three = make_line(journal);
    g_autofree char *both = g_strconcat(one, two, NULL);
    write_file(journal, "milter-a.000001.jsonl", both);
    assert_int_equal(tail_seq(journal), 2);
    write_file(journal, "milter-a.000002.jsonl", three);
    assert_int_equal(tail_seq(journal), 3);
    write_file(journal, "milter-a.000003.jsonl", "");
    assert_int_equal(tail_seq(journal), 3);
}

static void a_torn_line_does_not_count(void **state) {
    Journal *journal = *state;
    g_autofree char *one = make_line(journal), *two = make_line(journal);
    g_autofree char *torn = g_strconcat(one, two, "{\"v\":1,\"writer\":\"mil", NULL);
    write_file(journal, "milter-a.000001.jsonl", torn);
    assert_int_equal(tail_seq(journal), 2);
}

static void another_writer_of_a_longer_name_is_another(void **state) {
    Journal *journal = *state;
    g_autofree char *one = make_line(journal);
    write_file(journal, "milter-ab.000001.jsonl", one);
    assert_int_equal(tail_seq(journal), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_line_of_the_newest_file_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_torn_line_does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_writer_of_a_longer_name_is_another, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
