/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies were queued of messages that are not done: remembered, found again in the journal, forgotten in time. */
#include "front/unfinished.h"
#include "../base/folder.h"
#include <string.h>

static Instant now = {INT64_C(1795000000) * 1000000};

static JournalWriter *open_journal(const char *folder) {
    JournalSettings settings = {
        .folder = folder, .role = "milter", .segment_size = 2000, .clock = timesource_fixed(&now)};
    JournalWriter *writer = journal_writer_open(&settings, NULL);
    assert_non_null(writer);
    return writer;
}

static void append(JournalWriter *writer, const char *kind, const char *members) {
    uint64_t seq;
    char *text = g_strdelimit(g_strdup(members), "'", '"');
    assert_true(journal_append_members(writer, kind, text, &seq, NULL));
}

static void assert_found(Unfinished *unfinished, const char *original, const char *recipient, const char *id) {
    g_autofree char *found = unfinished_find(unfinished, original, recipient);
    if (id)
        assert_string_equal(found, id);
    else
        assert_null(found);
}

static void a_restart_finds_what_was_queued_and_not_what_is_done(void **state) {
    JournalWriter *writer = open_journal(*state);
    append(writer, "queued", "'qid':'Q1','original':'one','rcpt':['a','b'],'way':'clear','as':'4A'");
    append(writer, "queued", "'qid':'Q2','original':'two','rcpt':['a'],'way':'smime','as':'4B'");
    for (int i = 0; i < 50; i++) /* over several files */
        append(writer, "decision", "'qid':'Q9','action':'accept','ops':[]");
    append(writer, "decision", "'qid':'Q2','action':'accept','original':'two','copies':['4B'],'ops':[]");
    append(writer, "queued", "'qid':'Q1','original':'one','rcpt':['c'],'way':'smime','as':'4C'");
    journal_writer_close(writer);
    writer = open_journal(*state);
    Unfinished *unfinished = unfinished_new();
    unfinished_load(unfinished, *state, writer, now);
    assert_int_equal(unfinished_count(unfinished), 1);
    assert_found(unfinished, "one", "a", "4A");
    assert_found(unfinished, "one", "b", "4A");
    assert_found(unfinished, "one", "c", "4C");
    assert_found(unfinished, "one", "d", NULL);
    assert_found(unfinished, "two", "a", NULL);
    unfinished_free(unfinished);
    Unfinished *later = unfinished_new();
    unfinished_load(later, *state, writer, instant_add(now, duration_seconds(6 * 86400)));
    assert_int_equal(unfinished_count(later), 0);
    unfinished_free(later);
    journal_writer_close(writer);
}

static void what_is_done_or_old_is_forgotten(void **state) {
    Unfinished *unfinished = unfinished_new();
    unfinished_keep(unfinished, "one", "a", "4A", now);
    unfinished_keep(unfinished, "two", "a", "4B", instant_add(now, duration_seconds(4 * 86400)));
    unfinished_done(unfinished, "one");
    unfinished_done(unfinished, "never");
    assert_found(unfinished, "one", "a", NULL);
    assert_found(unfinished, "two", "a", "4B");
    unfinished_keep(unfinished, "three", "a", "4C", instant_add(now, duration_seconds(10 * 86400)));
    assert_found(unfinished, "two", "a", NULL);
    assert_found(unfinished, "three", "a", "4C");
    unfinished_free(unfinished);
}

static void of_too_many_the_oldest_go(void **state) {
    Unfinished *unfinished = unfinished_new();
    for (int i = 0; i < 10010; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "m%d", i);
        unfinished_keep(unfinished, name, "a", "4A", instant_add(now, duration_seconds(i)));
    }
    assert_int_equal(unfinished_count(unfinished), 10000);
    assert_found(unfinished, "m9", "a", NULL);
    assert_found(unfinished, "m10", "a", "4A");
    unfinished_free(unfinished);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_restart_finds_what_was_queued_and_not_what_is_done, folder_make, folder_drop),
        cmocka_unit_test(what_is_done_or_old_is_forgotten),
        cmocka_unit_test(of_too_many_the_oldest_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
