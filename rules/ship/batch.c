/* SPDX-License-Identifier: Apache-2.0 */
/* Reading for the shipper: never behind what is synced, and never stopped for good by one damaged line. */
#include "ship/batch.h"
#include "base/log.h"
#include <inttypes.h>
#include <string.h>

#define BATCH_BYTES 262144

static void free_entry(void *entry) {
    entry_free(entry);
}

void batch_free(Batch *batch) {
    if (!batch)
        return;
    g_ptr_array_unref(batch->entries);
    g_free(batch);
}

void cursor_set(Cursor *cursor, uint64_t at) {
    g_clear_pointer(&cursor->reader, journal_reader_free);
    cursor->at = at;
}

/* Gives numbers up to `last` up, so that what comes behind them is reached. */
static void pass_over(Cursor *cursor, Batch *batch, uint64_t last, const char *why) {
    log_error("journal: numbers %" PRIu64 " to %" PRIu64 " of %s are left out: %s", batch->last + 1, last,
              journal_writer_name(cursor->writer), why);
    batch->last = last;
    cursor_set(cursor, last);
}

static bool open_reader(Cursor *cursor, GError **error) {
    if (!cursor->reader)
        cursor->reader = journal_reader_open(cursor->folder, journal_writer_name(cursor->writer), cursor->at, error);
    return cursor->reader != NULL;
}

/* The newest entries are still in memory. */
static bool recall_one(Cursor *cursor, Batch *batch, size_t *bytes) {
    Entry *entry = journal_recall(cursor->writer, cursor->at + 1);
    if (!entry)
        return false;
    cursor_set(cursor, entry->seq);
    batch->last = entry->seq;
    *bytes += strlen(entry->text);
    g_ptr_array_add(batch->entries, entry);
    return true;
}

/* One entry into the batch. False: not now. */
static bool read_one(Cursor *cursor, Batch *batch, uint64_t limit, size_t *bytes) {
    g_autoptr(GError) error = NULL;
    Entry *entry;
    if (!open_reader(cursor, &error))
        return false;
    switch (journal_read(cursor->reader, &entry, &error)) {
    case READ_ENTRY:
        batch->last = cursor->at = entry->seq;
        *bytes += strlen(entry->text);
        g_ptr_array_add(batch->entries, entry);
        return true;
    case READ_BROKEN:
        if (error->code == G_FILE_ERROR_INVAL)
            pass_over(cursor, batch, batch->last + 1, error->message);
        else
            cursor_set(cursor, cursor->at);
        return error->code == G_FILE_ERROR_INVAL;
    case READ_END:
        pass_over(cursor, batch, limit, "no file has them any more");
        return true;
    }
    return false;
}

/* What does not matter is accounted for and not read. False: nothing up to the limit does. */
static bool skip(Cursor *cursor, Batch *batch, uint64_t limit) {
    uint64_t next = cursor->only ? checkpoint_next(cursor->only, batch->last + 1) : batch->last + 1;
    if (next == batch->last + 1)
        return true;
    batch->last = cursor->at = MIN(next - 1, limit);
    if (cursor->reader)
        journal_reader_skip(cursor->reader, cursor->at);
    return batch->last < limit;
}

Batch *cursor_read(Cursor *cursor, uint64_t limit) {
    if (cursor->at >= limit)
        return NULL;
    g_autoptr(Batch) batch = g_new0(Batch, 1);
    size_t bytes = 0;
    batch->first = cursor->at + 1;
    batch->last = cursor->at;
    batch->entries = g_ptr_array_new_with_free_func(free_entry);
    for (int taken = 0; batch->last < limit && taken < BATCH_ENTRIES && bytes < BATCH_BYTES; taken++)
        if (!skip(cursor, batch, limit) || (!recall_one(cursor, batch, &bytes) && !read_one(cursor, batch, limit, &bytes)))
            break;
    return batch->last >= batch->first ? g_steal_pointer(&batch) : NULL;
}
