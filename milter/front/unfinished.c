/* SPDX-License-Identifier: Apache-2.0 */
/* Message → recipients → queue ids. An attempt puts its copies here when it ends too early, not before: two messages
 * that are alike to the byte and come at the same time are two messages. */
#include "front/unfinished.h"
#include "base/log.h"
#include "base/text.h"
#include "ship/batch.h"
#include <pthread.h>

enum { MESSAGES_MAX = 10000, ENTRIES_READ = 50000, DAYS = 5 };

typedef struct {
    Instant last;
    GHashTable *copies; /* recipient → queue id */
} Split;

struct Unfinished {
    pthread_mutex_t lock;
    GHashTable *splits; /* original → Split */
};

static void split_free(void *data) {
    Split *split = data;
    g_hash_table_unref(split->copies);
    g_free(split);
}

Unfinished *unfinished_new(void) {
    Unfinished *unfinished = g_new0(Unfinished, 1);
    pthread_mutex_init(&unfinished->lock, NULL);
    unfinished->splits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, split_free);
    return unfinished;
}

void unfinished_free(Unfinished *unfinished) {
    g_hash_table_unref(unfinished->splits);
    pthread_mutex_destroy(&unfinished->lock);
    g_free(unfinished);
}

char *unfinished_find(Unfinished *unfinished, const char *original, const char *recipient) {
    pthread_mutex_lock(&unfinished->lock);
    const Split *split = g_hash_table_lookup(unfinished->splits, original);
    char *found = split ? g_strdup(g_hash_table_lookup(split->copies, recipient)) : NULL;
    pthread_mutex_unlock(&unfinished->lock);
    return found;
}

static gboolean is_old(gpointer key, gpointer value, gpointer now) {
    const Split *split = value;
    return instant_since(*(const Instant *)now, split->last).us > duration_seconds(DAYS * 86400).us;
}

/* The lock is held. */
static void forget_oldest(Unfinished *unfinished) {
    GHashTableIter iter;
    void *key, *value, *oldest = NULL;
    Instant when = INSTANT_NEVER;
    g_hash_table_iter_init(&iter, unfinished->splits);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (instant_compare(((const Split *)value)->last, when) < 0) {
            oldest = key;
            when = ((const Split *)value)->last;
        }
    if (oldest)
        g_hash_table_remove(unfinished->splits, oldest);
}

void unfinished_keep(Unfinished *unfinished, const char *original, const char *recipient, const char *queue_id,
                     Instant now) {
    pthread_mutex_lock(&unfinished->lock);
    Split *split = g_hash_table_lookup(unfinished->splits, original);
    if (!split) {
        g_hash_table_foreach_remove(unfinished->splits, is_old, &now);
        if (g_hash_table_size(unfinished->splits) >= MESSAGES_MAX)
            forget_oldest(unfinished);
        split = g_new0(Split, 1);
        split->copies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_hash_table_insert(unfinished->splits, g_strdup(original), split);
    }
    split->last = now;
    g_hash_table_insert(split->copies, g_strdup(recipient), g_strdup(queue_id));
    pthread_mutex_unlock(&unfinished->lock);
}

void unfinished_done(Unfinished *unfinished, const char *original) {
    pthread_mutex_lock(&unfinished->lock);
    g_hash_table_remove(unfinished->splits, original);
    pthread_mutex_unlock(&unfinished->lock);
}

unsigned unfinished_count(Unfinished *unfinished) {
    pthread_mutex_lock(&unfinished->lock);
    unsigned count = g_hash_table_size(unfinished->splits);
    pthread_mutex_unlock(&unfinished->lock);
    return count;
}

static void fold(Unfinished *unfinished, Entry *entry, Instant now) {
    bool queued = text_equal(entry->kind, "queued");
    if (!queued && !text_equal(entry->kind, "decision"))
        return;
    const JsonView *body = entry_view(entry);
    const char *original = view_text_or(body, "original", "");
    if (!*original || instant_since(now, entry->t).us > duration_seconds(DAYS * 86400).us)
        return;
    const char *action = view_text_or(body, "action", "");
    if (text_equal(action, "defer") || text_equal(action, "reject"))
        return;
    if (!queued) {
        unfinished_done(unfinished, original);
        return;
    }
    const JsonView *recipients = view_list(body, "rcpt");
    for (const JsonView *item = view_first(recipients); item; item = view_next(recipients, item))
        if (view_string(item))
            unfinished_keep(unfinished, original, view_string(item), view_text_or(body, "as", ""), entry->t);
}

void unfinished_load(Unfinished *unfinished, const char *folder, JournalWriter *writer, Instant now) {
    uint64_t last = journal_synced(writer);
    Cursor cursor = {.folder = folder, .writer = writer};
    cursor_set(&cursor, last > ENTRIES_READ ? last - ENTRIES_READ : 0);
    Batch *batch;
    while ((batch = cursor_read(&cursor, last))) {
        for (guint i = 0; i < batch->entries->len; i++)
            fold(unfinished, g_ptr_array_index(batch->entries, i), now);
        batch_free(batch);
    }
    journal_reader_free(cursor.reader);
    unsigned count = unfinished_count(unfinished);
    if (count)
        log_info("%u message(s) of which some copies are queued and others are not", count);
}
