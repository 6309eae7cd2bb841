/* SPDX-License-Identifier: Apache-2.0 */
/* A journal folder for one test, and writers in it with a clock that stands. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include "journal/reader.h"
#include "journal/writer.h"

static Instant noon;
static char *folder;

static int make_folder(void **state) {
    instant_parse("2026-11-23T12:00:00Z", &noon);
    folder = g_dir_make_tmp("lexgate-journal-XXXXXX", NULL);
    return folder ? 0 : -1;
}

static inline GPtrArray *folder_files(void) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    g_dir_close(dir);
    return paths;
}

static int remove_folder(void **state) {
    g_autoptr(GPtrArray) paths = folder_files();
    for (guint i = 0; i < paths->len; i++)
        g_remove(g_ptr_array_index(paths, i));
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
    return 0;
}

static inline JournalWriter *open_with(int64_t segment_size) {
    g_autoptr(GError) error = NULL;
    JournalSettings settings = {
        .folder = folder, .role = "milter", .segment_size = segment_size, .clock = timesource_fixed(&noon)};
    JournalWriter *writer = journal_writer_open(&settings, &error);
    if (!writer)
        fail_msg("%s", error->message);
    return writer;
}

static inline JournalWriter *open_writer(void) {
    return open_with(1 << 20);
}

static inline bool append(JournalWriter *writer, const char *text, uint64_t *seq) {
    json_t *payload = json_pack("{ss}", "text", text);
    bool done = journal_append(writer, "act", payload, seq, NULL);
    json_decref(payload);
    return done;
}

/* What a reader makes of the folder: "1:act 2:act 5:void". Caller owns. */
static inline char *read_all(const char *name, uint64_t after) {
    g_autoptr(JournalReader) reader = journal_reader_open(folder, name, after, NULL);
    GString *seen = g_string_new(NULL);
    ReadResult result;
    Entry *entry;
    g_autoptr(GError) error = NULL;
    while ((result = journal_read(reader, &entry, &error)) == READ_ENTRY) {
        g_string_append_printf(seen, "%s%d:%s", seen->len ? " " : "", (int)entry->seq, entry->kind);
        entry_free(entry);
    }
    if (result == READ_BROKEN)
        g_string_append(seen, " broken");
    return g_string_free(seen, FALSE);
}

static inline void assert_verified(const char *name, uint64_t entries, uint64_t torn) {
    JournalReport report;
    g_autoptr(GError) error = NULL;
    if (!journal_verify(folder, name, NULL, &report, &error))
        fail_msg("%s", error->message);
    assert_int_equal(report.entries, entries);
    assert_int_equal(report.torn, torn);
}

static inline char *path_of(const char *name, unsigned number) {
    return g_strdup_printf("%s/%s.%06u.jsonl", folder, name, number);
}
