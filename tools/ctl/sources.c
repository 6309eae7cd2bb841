/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a journal is looked at before the mark in Redis, so that a mark that is there covers it. */
#include "ctl/sources.h"
#include "base/timesource.h"
#include "ctl/tail.h"
#include "store/inventory.h"
#include <string.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 100

static void source_free(void *pointer) {
    Source *source = pointer;
    g_free(source->writer);
    journal_reader_free(source->reader);
    g_free(source);
}

static bool is_among(const GPtrArray *sources, const char *writer) {
    for (guint i = 0; i < sources->len; i++)
        if (strcmp(((const Source *)g_ptr_array_index(sources, i))->writer, writer) == 0)
            return true;
    return false;
}

static bool add_folder(GPtrArray *sources, const char *folder, GError **error) {
    g_autoptr(GPtrArray) writers = journal_writers(folder, error);
    if (!writers)
        return false;
    if (!writers->len) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: there is no journal here", folder);
        return false;
    }
    for (guint i = 0; i < writers->len; i++) {
        g_autoptr(GError) inner = NULL;
        const char *writer = g_ptr_array_index(writers, i);
        if (is_among(sources, writer))
            continue;
        Source *source = g_new0(Source, 1);
        source->writer = g_strdup(writer);
        g_ptr_array_add(sources, source);
        g_autoptr(Entry) last = tail_entry(folder, writer, &inner);
        source->written = last ? last->seq : 0;
        source->reader = inner ? NULL : journal_reader_open(folder, writer, 0, &inner);
        if (inner) {
            g_propagate_error(error, g_steal_pointer(&inner));
            return false;
        }
    }
    return true;
}

GPtrArray *sources_open(const GPtrArray *folders, GError **error) {
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(source_free);
    for (guint i = 0; i < folders->len; i++)
        if (!add_folder(sources, g_ptr_array_index(folders, i), error))
            return NULL;
    return g_steal_pointer(&sources);
}

static uint64_t mark_in(GHashTable *marks, const char *writer) {
    const uint64_t *mark = g_hash_table_lookup(marks, writer);
    return mark ? *mark : 0;
}

bool sources_wait(GPtrArray *sources, Store *store, int seconds, GError **error) {
    Instant end = instant_add(monotonic_now(), duration_seconds(seconds));
    for (;;) {
        bool all = true;
        g_autoptr(GHashTable) marks = store_marks(store, error);
        if (!marks)
            return false;
        for (guint i = 0; i < sources->len; i++) {
            Source *source = g_ptr_array_index(sources, i);
            source->mark = mark_in(marks, source->writer);
            all &= source->mark >= source->written;
        }
        if (all || instant_compare(monotonic_now(), end) >= 0)
            return true;
        usleep(LOOK_AGAIN_MS * 1000);
    }
}

bool sources_are_in(const GPtrArray *sources, Store *store, bool *still, GError **error) {
    g_autoptr(GHashTable) marks = store_marks(store, error);
    *still = true;
    for (guint i = 0; marks && i < sources->len; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        *still &= mark_in(marks, source->writer) >= source->mark;
    }
    return marks != NULL;
}

/* "ROLE-ID" (journal/writer.h); `lexgate doctor` tries Redis under a name of its own. */
static bool has_journal(const char *writer) {
    return strchr(writer, '-') != NULL;
}

GPtrArray *sources_absent(const GPtrArray *sources, Store *store, GError **error) {
    g_autoptr(GHashTable) marks = store_marks(store, error);
    if (!marks)
        return NULL;
    GHashTableIter each;
    gpointer writer, mark;
    GPtrArray *absent = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_iter_init(&each, marks);
    while (g_hash_table_iter_next(&each, &writer, &mark))
        if (*(const uint64_t *)mark && has_journal(writer) && !is_among(sources, writer))
            g_ptr_array_add(absent, g_strdup(writer));
    return absent;
}

bool sources_read(GPtrArray *sources, SourceTake take, void *state, GError **error) {
    for (guint i = 0; i < sources->len; i++) {
        Source *source = g_ptr_array_index(sources, i);
        ReadResult result;
        do {
            g_autoptr(Entry) entry = NULL;
            result = journal_read(source->reader, &entry, error);
            if (result == READ_ENTRY) {
                source->entries++;
                take(entry, entry->seq > source->mark, state);
            }
        } while (result == READ_ENTRY);
        if (result == READ_BROKEN)
            return false;
    }
    return true;
}
