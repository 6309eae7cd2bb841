/* SPDX-License-Identifier: Apache-2.0 */
/* Appending: by many threads, over crashes, and on a disk that says no. */
#include "folder.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 20
#define EACH 50

typedef struct {
    JournalWriter *writer;
    uint64_t seqs[EACH];
    unsigned failed;
} Appender;

static void *append_many(void *data) {
    Appender *appender = data;
    for (int i = 0; i < EACH; i++)
        appender->failed += !append(appender->writer, "one of many", &appender->seqs[i]);
    return NULL;
}

static void many_threads_get_different_numbers_in_one_chain(void **state) {
    JournalWriter *writer = open_with(20000);
    Appender appenders[THREADS] = {0};
    pthread_t threads[THREADS];
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (int i = 0; i < THREADS; i++) {
        appenders[i].writer = writer;
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, &appenders[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(appenders[i].failed, 0);
        for (int k = 0; k < EACH; k++) {
            assert_true(k == 0 || appenders[i].seqs[k] > appenders[i].seqs[k - 1]);
            assert_true(g_hash_table_add(seen, GUINT_TO_POINTER((guint)appenders[i].seqs[k])));
        }
    }
    assert_int_equal(journal_synced(writer), THREADS * EACH);
    assert_verified(journal_writer_name(writer), THREADS * EACH, 0);
    g_autoptr(GPtrArray) files = folder_files();
    assert_true(files->len > 5); /* id, lock and several segments */
    journal_writer_close(writer);
}

static void a_writer_goes_on_where_it_was_closed(void **state) {
    uint64_t seq = 0;
    JournalWriter *writer = open_writer();
    g_autofree char *name = g_strdup(journal_writer_name(writer));
    assert_true(append(writer, "one", &seq));
    journal_writer_close(writer);
    writer = open_writer();
    assert_string_equal(journal_writer_name(writer), name);
    assert_int_equal(journal_synced(writer), 1);
    assert_true(append(writer, "two", &seq));
    assert_int_equal(seq, 2);
    assert_verified(name, 2, 0);
    journal_writer_close(writer);
}

/* The front ends while libmilter's threads go on: each hears at once whether it was recorded. */
static void after_its_end_a_writer_records_nothing_and_keeps_nobody_waiting(void **state) {
    JournalWriter *writer = open_writer();
    g_autofree char *name = g_strdup(journal_writer_name(writer));
    Appender appenders[THREADS] = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        appenders[i].writer = writer;
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, &appenders[i]), 0);
    }
    while (journal_synced(writer) < THREADS)
        sched_yield();
    journal_writer_end(writer);
    uint64_t end = journal_synced(writer);
    unsigned failed = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        failed += appenders[i].failed;
    }
    assert_false(append(writer, "late", NULL));
    assert_int_equal(journal_synced(writer), end);
    assert_int_equal(end + failed, THREADS * EACH);
    journal_writer_close(writer);
    assert_verified(name, end, 0);
}

static void a_payload_cannot_set_our_own_members(void **state) {
    g_autoptr(GError) error = NULL;
    JournalWriter *writer = open_writer();
    g_autoptr(json_t) forged = json_pack("{ss}", "h", "00");
    g_autoptr(json_t) number = json_integer(1);
    assert_false(journal_append(writer, "act", forged, NULL, &error));
    g_clear_error(&error);
    assert_false(journal_append(writer, "act", number, NULL, &error));
    g_clear_error(&error);
    g_autofree char *huge = g_strnfill(JOURNAL_LINE_MAX, 'x');
    assert_false(append(writer, huge, NULL));
    assert_int_equal(journal_synced(writer), 0);
    journal_writer_close(writer);
}

static void two_writers_of_one_folder_are_kept_apart(void **state) {
    JournalWriter *writer = open_writer();
    pid_t child = fork();
    if (child == 0) {
        /* An own open file description, so that the lock is seen as from another process. */
        JournalSettings settings = {
            .folder = folder, .role = "milter", .segment_size = 1000, .lock_ms = 1, .clock = timesource_system()};
        GError *error = NULL;
        bool refused = !journal_writer_open(&settings, &error) && strstr(error->message, "another process");
        _exit(refused ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    journal_writer_close(writer);
}

/* ---- Tails that a crash leaves ---- */

static const struct {
    const char *tail;
    size_t length;
} tails[] = {
    {"{\"v\":1,\"writer\":\"mil", 20},
    {"garbage\nmore garbage\n", 21},
    {"\0\0\0\0\0\0\0\n\0\0", 10},
    {"\n", 1},
};

static void a_torn_tail_is_closed_by_a_new_file_with_its_digest(void **state) {
    uint64_t after = 0;
    g_autofree char *name = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(tails); i++) {
        JournalWriter *writer = open_writer();
        g_free(name);
        name = g_strdup(journal_writer_name(writer));
        assert_true(append(writer, "before", NULL));
        journal_writer_close(writer);
        g_autofree char *path = path_of(name, (unsigned)i + 1);
        FILE *file = fopen(path, "a");
        assert_non_null(file);
        fwrite(tails[i].tail, 1, tails[i].length, file);
        fclose(file);
        writer = open_writer();
        assert_true(append(writer, "after", &after));
        journal_writer_close(writer);
        assert_int_equal(after, 3 * (i + 1));
        assert_verified(name, 3 * (i + 1), i + 1);
    }
    g_autofree char *seen = read_all(name, 0);
    assert_string_equal(seen, "1:act 2:closed 3:act 4:act 5:closed 6:act 7:act 8:closed 9:act 10:act 11:closed 12:act");
    g_autofree char *rest = read_all(name, 7);
    assert_string_equal(rest, "8:closed 9:act 10:act 11:closed 12:act");
}

static void files_that_a_crash_left_empty_or_all_garbage_are_survived(void **state) {
    JournalWriter *writer = open_writer();
    g_autofree char *name = g_strdup(journal_writer_name(writer));
    assert_true(append(writer, "one", NULL));
    journal_writer_close(writer);
    g_autofree char *second = path_of(name, 2);
    g_autofree char *third = path_of(name, 3);
    g_file_set_contents(second, "half a li", -1, NULL);
    g_file_set_contents(third, "", 0, NULL);
    writer = open_writer();
    assert_true(append(writer, "two", NULL));
    journal_writer_close(writer);
    g_autofree char *seen = read_all(name, 0);
    assert_string_equal(seen, "1:act 2:closed 3:act");
    assert_verified(name, 3, 1);
}

/* ---- A disk that says no: a limit on file size stands for it; in a child, since it cannot be taken back ---- */

static void limit_file_size(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            _exit(__LINE__ % 256);                                                                                     \
    } while (0)

static void fail_and_recover(void) {
    uint64_t seq = 0;
    JournalWriter *writer = open_writer();
    CHECK(append(writer, "one", &seq) && seq == 1);
    limit_file_size(100); /* nothing fits, in no file */
    CHECK(!append(writer, "two", &seq));
    for (int i = 0; i < 10; i++)
        CHECK(!append(writer, "again", &seq));
    CHECK(journal_synced(writer) == 1);
    limit_file_size(RLIM_INFINITY);
    CHECK(append(writer, "three", &seq) && seq == 4); /* 2 was lost, 3 says so */
    limit_file_size(600);                             /* one line fits in a new file, but not behind the others */
    g_autofree char *long_text = g_strnfill(250, 'x');
    CHECK(!append(writer, long_text, &seq));
    CHECK(append(writer, "small", &seq) && seq == 7);
    limit_file_size(RLIM_INFINITY);
    CHECK(append(writer, "after", &seq) && seq == 8);
    journal_writer_close(writer);
}

static void in_child(void (*work)(void)) {
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY); /* the limit holds for a log file on standard error too */
        dup2(nowhere, STDERR_FILENO);
        work();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0); /* a SIGXFSZ would show here */
}

static char *only_writer(void) {
    g_autoptr(GPtrArray) writers = journal_writers(folder, NULL);
    assert_int_equal(writers->len, 1);
    return g_strdup(g_ptr_array_index(writers, 0));
}

static void a_failed_write_voids_its_numbers_and_goes_on_when_it_can(void **state) {
    in_child(fail_and_recover);
    g_autofree char *name = only_writer();
    g_autofree char *seen = read_all(name, 0);
    assert_string_equal(seen, "1:act 3:void 4:act 6:void 7:act 8:act");
    assert_verified(name, 6, 0);
    g_autoptr(GPtrArray) files = folder_files();
    assert_int_equal(files->len, 2 + 3); /* the retries made no files of their own */
}

static void fail_at_opening(void) {
    limit_file_size(60);
    JournalWriter *writer = open_writer();
    CHECK(!append(writer, "no room", NULL));
    limit_file_size(RLIM_INFINITY);
    CHECK(append(writer, "room", NULL));
    journal_writer_close(writer);
}

static void a_full_disk_at_opening_is_no_reason_not_to_start(void **state) {
    JournalWriter *writer = open_writer();
    g_autofree char *name = g_strdup(journal_writer_name(writer));
    journal_writer_close(writer);
    g_autofree char *path = path_of(name, 1);
    g_file_set_contents(path, "torn", -1, NULL);
    in_child(fail_at_opening);
    g_autofree char *seen = read_all(name, 0);
    assert_string_equal(seen, "1:closed 2:act");
    assert_verified(name, 2, 1);
}

static void nothing_is_recorded_in_a_journal_that_was_moved_away(void **state) {
    g_autofree char *elsewhere = g_strconcat(folder, ".moved", NULL);
    JournalWriter *writer = open_writer();
    assert_true(append(writer, "here", NULL));
    assert_int_equal(g_rename(folder, elsewhere), 0);
    assert_false(append(writer, "nowhere", NULL));
    assert_false(append(writer, "nowhere", NULL));
    assert_int_equal(g_rename(elsewhere, folder), 0);
    assert_true(append(writer, "here again", NULL));
    g_autofree char *seen = read_all(journal_writer_name(writer), 0);
    assert_string_equal(seen, "1:act 3:void 4:act");
    assert_verified(journal_writer_name(writer), 3, 0);
    journal_writer_close(writer);
}

static void a_file_that_was_deleted_is_followed_by_a_new_one(void **state) {
    JournalWriter *writer = open_writer();
    assert_true(append(writer, "deleted", NULL));
    g_autofree char *path = path_of(journal_writer_name(writer), 1);
    assert_int_equal(g_remove(path), 0);
    assert_false(append(writer, "nowhere", NULL));
    assert_true(append(writer, "in the next file", NULL));
    g_autoptr(GError) error = NULL;
    JournalReport report;
    assert_false(journal_verify(folder, journal_writer_name(writer), NULL, &report, &error));
    assert_non_null(strstr(error->message, ".000002.jsonl:1: "));
    journal_writer_close(writer);
}

/* ---- Following ---- */

static void a_follower_sees_each_entry_once_over_segments(void **state) {
    JournalWriter *writer = open_with(600);
    const char *name = journal_writer_name(writer);
    g_autoptr(JournalReader) reader = journal_reader_open(folder, name, 0, NULL);
    Entry *entry;
    assert_int_equal(journal_read(reader, &entry, NULL), READ_END);
    for (uint64_t i = 1; i <= 20; i++) {
        assert_true(append(writer, "a line of some length", NULL));
        assert_true(journal_wait_past(writer, i - 1, 0));
        assert_int_equal(journal_read(reader, &entry, NULL), READ_ENTRY);
        assert_int_equal(entry->seq, i);
        entry_free(entry);
        assert_int_equal(journal_read(reader, &entry, NULL), READ_END);
    }
    assert_false(journal_wait_past(writer, 20, 0));
    g_autofree char *rest = read_all(name, 18);
    assert_string_equal(rest, "19:act 20:act");
    g_autofree char *none = read_all(name, 99);
    assert_string_equal(none, "");
    journal_writer_close(writer);
}

static void voided_lines_that_could_not_be_cut_off_are_passed_over(void **state) {
    JournalWriter *writer = open_writer();
    g_autofree char *name = g_strdup(journal_writer_name(writer));
    char hash[JOURNAL_HASH + 1], left[JOURNAL_HASH + 1];
    assert_true(append(writer, "good", NULL));
    journal_head(writer, hash);
    journal_writer_close(writer);
    memcpy(left, hash, sizeof left);
    g_autofree char *path = path_of(name, 1);
    g_autofree char *next = path_of(name, 2);
    g_autoptr(json_t) payload = json_pack("{ss}", "text", "not acknowledged");
    g_autoptr(json_t) voided = json_pack("{sisiss}", "from", 2, "to", 3, "why", "test");
    g_autofree char *line2 = entry_line(name, 2, "boot", noon, "act", payload, left, NULL);
    g_autofree char *line3 = entry_line(name, 3, "boot", noon, "act", payload, left, NULL);
    g_autofree char *first = entry_line(name, 4, "boot", noon, "void", voided, hash, NULL);
    FILE *file = fopen(path, "a");
    fputs(line2, file);
    fwrite(line3, 1, strlen(line3) / 2, file);
    fclose(file);
    g_file_set_contents(next, first, -1, NULL);
    g_autofree char *seen = read_all(name, 0);
    assert_string_equal(seen, "1:act 4:void");
    assert_verified(name, 2, 0);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(many_threads_get_different_numbers_in_one_chain),
        IN_FOLDER(a_writer_goes_on_where_it_was_closed),
        IN_FOLDER(after_its_end_a_writer_records_nothing_and_keeps_nobody_waiting),
        IN_FOLDER(a_payload_cannot_set_our_own_members),
        IN_FOLDER(two_writers_of_one_folder_are_kept_apart),
        IN_FOLDER(a_torn_tail_is_closed_by_a_new_file_with_its_digest),
        IN_FOLDER(files_that_a_crash_left_empty_or_all_garbage_are_survived),
        IN_FOLDER(a_failed_write_voids_its_numbers_and_goes_on_when_it_can),
        IN_FOLDER(a_full_disk_at_opening_is_no_reason_not_to_start),
        IN_FOLDER(nothing_is_recorded_in_a_journal_that_was_moved_away),
        IN_FOLDER(a_file_that_was_deleted_is_followed_by_a_new_one),
        IN_FOLDER(a_follower_sees_each_entry_once_over_segments),
        IN_FOLDER(voided_lines_that_could_not_be_cut_off_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
