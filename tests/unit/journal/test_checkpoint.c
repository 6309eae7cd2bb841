/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint is believed where its journal vouches for every byte of it, and nowhere else. */
#include "folder.h"
#include "journal/checkpoint.h"

#define ENTRIES 30

static char *checkpoint_path(const JournalWriter *writer) {
    return g_strdup_printf("%s/%s.checkpoint", folder, journal_writer_name(writer));
}

/* Thirty entries, of which 3, 4, 5, 9 and `through` matter. */
static JournalWriter *with_checkpoint(uint64_t through) {
    JournalWriter *writer = open_with(500);
    for (int i = 0; i < ENTRIES; i++)
        assert_true(append(writer, "entry", NULL));
    g_autoptr(Checkpoint) made = checkpoint_new(through, noon);
    const uint64_t matter[] = {3, 4, 5, 9, through};
    for (size_t i = 0; i < G_N_ELEMENTS(matter); i++)
        checkpoint_add(made, matter[i]);
    g_autoptr(GError) error = NULL;
    if (!checkpoint_save(writer, folder, made, &error))
        fail_msg("%s", error->message);
    return writer;
}

static void what_matters_comes_back_as_it_was(void **state) {
    JournalWriter *writer = with_checkpoint(20);
    g_autoptr(Checkpoint) read = checkpoint_load(folder, journal_writer_name(writer), NULL);
    assert_non_null(read);
    assert_true(read->through == 20 && instant_compare(read->made, noon) == 0);
    assert_int_equal(checkpoint_count(read), 5);
    static const uint64_t next[][2] = {{1, 3}, {3, 3}, {5, 5}, {6, 9}, {10, 20}, {20, 20}, {21, 21}, {25, 25}};
    for (size_t i = 0; i < G_N_ELEMENTS(next); i++)
        assert_int_equal(checkpoint_next(read, next[i][0]), next[i][1]);
    JournalReport report;
    assert_true(journal_verify(folder, journal_writer_name(writer), NULL, &report, NULL));
    journal_writer_close(writer);
}

static void the_newer_one_takes_its_place(void **state) {
    JournalWriter *writer = with_checkpoint(20);
    g_autoptr(Checkpoint) later = checkpoint_new(31, noon);
    assert_true(checkpoint_save(writer, folder, later, NULL));
    g_autoptr(Checkpoint) read = checkpoint_load(folder, journal_writer_name(writer), NULL);
    assert_true(read->through == 31 && checkpoint_count(read) == 0);
    assert_int_equal(checkpoint_next(read, 1), 32);
    journal_writer_close(writer);
}

static void where_there_is_none_that_is_said(void **state) {
    JournalWriter *writer = open_writer();
    g_autoptr(GError) error = NULL;
    assert_null(checkpoint_load(folder, journal_writer_name(writer), &error));
    assert_int_equal(error->code, G_FILE_ERROR_NOENT);
    journal_writer_close(writer);
}

static void whoever_changes_a_byte_makes_it_none(void **state) {
    JournalWriter *writer = with_checkpoint(20);
    g_autofree char *path = checkpoint_path(writer), *text = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &text, &length, NULL));
    for (gsize i = 0; i < length; i++) {
        g_autofree char *changed = g_memdup2(text, length);
        changed[i] ^= 1;
        assert_true(g_file_set_contents(path, changed, (gssize)length, NULL));
        g_autoptr(Checkpoint) read = checkpoint_load(folder, journal_writer_name(writer), NULL);
        if (read)
            fail_msg("byte %zu", (size_t)i);
    }
    assert_true(g_file_set_contents(path, text, (gssize)length / 2, NULL));
    assert_null(checkpoint_load(folder, journal_writer_name(writer), NULL));
    assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
    g_autoptr(Checkpoint) good = checkpoint_load(folder, journal_writer_name(writer), NULL);
    assert_non_null(good);
    journal_writer_close(writer);
}

typedef struct {
    const char *matters;
    bool good;
} Ranges;

static const Ranges ranges[] = {
    {"", true},
    {"1", true},
    {"1-4 6 9-20", true},
    {"4-1", false},
    {"1 1", false},
    {"3 2", false},
    {"0", false},
    {"1-", false},
    {"-1", false},
    {"1  2", false},
    {"1 ", false},
    {" 1", false},
    {"1,2", false},
    {"21", false},
    {"9-21", false},
    {"1-3 3", false},
    {"99999999999999999999999", false},
    {"x", false},
};

/* Each is vouched for by an entry: only its own sense counts. */
static void what_is_vouched_for_must_make_sense(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        JournalWriter *writer = with_checkpoint(20);
        g_autofree char *path = checkpoint_path(writer), *text = NULL;
        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        char *list = strstr(text, "\"matters\":\"") + strlen("\"matters\":\"");
        g_autofree char *changed = g_strdup_printf("%.*s%s\"}\n", (int)(list - text), text, ranges[i].matters);
        g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, changed, -1);
        g_autoptr(json_t) payload = json_pack("{s:s}", "sha256", digest);
        assert_true(journal_append(writer, "checkpoint", payload, NULL, NULL));
        assert_true(g_file_set_contents(path, changed, -1, NULL));
        g_autoptr(Checkpoint) read = checkpoint_load(folder, journal_writer_name(writer), NULL);
        if ((read != NULL) != ranges[i].good)
            fail_msg("\"%s\"", ranges[i].matters);
        journal_writer_close(writer);
        remove_folder(state);
        make_folder(state);
    }
}

static void one_of_another_journal_or_of_one_that_was_cut_is_none(void **state) {
    JournalWriter *writer = with_checkpoint(20);
    g_autofree char *path = checkpoint_path(writer), *kept = g_strconcat(path, ".kept", NULL);
    g_autofree char *name = g_strdup(journal_writer_name(writer));
    journal_writer_close(writer);
    assert_int_equal(g_rename(path, kept), 0);
    g_autoptr(GPtrArray) files = folder_files();
    for (guint i = 0; i < files->len; i++)
        if (g_str_has_suffix(files->pdata[i], ".jsonl"))
            g_remove(files->pdata[i]);
    /* The same numbers, other entries. */
    writer = open_writer();
    assert_string_equal(journal_writer_name(writer), name);
    for (int i = 0; i < ENTRIES; i++)
        assert_true(append(writer, "another", NULL));
    assert_int_equal(g_rename(kept, path), 0);
    g_autoptr(GError) error = NULL;
    assert_null(checkpoint_load(folder, name, &error));
    assert_non_null(strstr(error->message, "does not fit the journal"));
    journal_writer_close(writer);
}

int main(void) {
#define CHECKPOINT(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CHECKPOINT(what_matters_comes_back_as_it_was),
        CHECKPOINT(the_newer_one_takes_its_place),
        CHECKPOINT(where_there_is_none_that_is_said),
        CHECKPOINT(whoever_changes_a_byte_makes_it_none),
        CHECKPOINT(what_is_vouched_for_must_make_sense),
        CHECKPOINT(one_of_another_journal_or_of_one_that_was_cut_is_none),
    };
    json_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
