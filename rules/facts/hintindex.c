/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as sets of hashed ids that grow together: each key leads to a thread number, and when a message shows that
 * two threads are one, the younger number leads to the older. Only the newest keys and threads are kept. */
#include "facts/hintfile.h"
#include "base/log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEYS_MAX 2000000
#define THREADS_MAX 1000000
#define TRIM_MAX 1000 /* in one transaction */
#define DEADLINES_MAX 16
#define REDIRECTS_MAX 32

/* ---- Records ---- */

static int thread_get(HintIndex *index, MDB_txn *txn, ThreadNumber number, MDB_val *value) {
    MDB_val key = {sizeof number, &number};
    return mdb_get(txn, index->threads, &key, value);
}

/* The thread a number stands for today; 0: trimmed away. *value is its record. */
static ThreadNumber thread_root(HintIndex *index, MDB_txn *txn, ThreadNumber number, MDB_val *value) {
    for (int i = 0; number && i < REDIRECTS_MAX; i++) {
        if (thread_get(index, txn, number, value) != 0 || value->mv_size < 1)
            return 0;
        const char *record = value->mv_data;
        if (*record == 'T')
            return number;
        if (*record != 'R' || value->mv_size != 1 + sizeof number)
            return 0;
        memcpy(&number, record + 1, sizeof number);
    }
    return 0;
}

static ThreadNumber number_of(HintIndex *index, MDB_txn *txn, MDB_dbi table, const char *name) {
    MDB_val key = hintfile_val(name), value;
    ThreadNumber number = 0;
    if (key.mv_size && key.mv_size <= KEY_MAX && mdb_get(txn, table, &key, &value) == 0 &&
        value.mv_size == sizeof number)
        memcpy(&number, value.mv_data, sizeof number);
    return number;
}

/* Texts up to the end of the record; a last one without its NUL is left out. */
static ThreadHint *read_record(const MDB_val *value) {
    ThreadHint *hint = thread_hint_new();
    g_autofree char *encrypted = NULL, *times = NULL;
    char **const fixed[] = {&hint->client, &hint->matter, &hint->owner, &encrypted, &times};
    const char *at = (const char *)value->mv_data + 1, *end = (const char *)value->mv_data + value->mv_size, *nul;
    for (guint i = 0; at < end && (nul = memchr(at, 0, (size_t)(end - at))); i++, at = nul + 1) {
        if (i < G_N_ELEMENTS(fixed)) {
            g_free(*fixed[i]);
            *fixed[i] = g_strdup(at);
        } else {
            g_ptr_array_add(hint->deadlines, g_strdup(at));
        }
    }
    hint->encrypted = encrypted && *encrypted;
    if (times && sscanf(times, "%" SCNd64 " %" SCNd64, &hint->matter_at, &hint->owner_at) != 2)
        hint->matter_at = hint->owner_at = 0;
    return hint;
}

/* From here on: inside the writer's transaction, which remembers its first failure. */

void hintfile_keep_failure(HintIndex *index, int rc) {
    if (rc != 0 && index->failed == 0)
        index->failed = rc;
}

void hintfile_put(HintIndex *index, MDB_dbi table, MDB_val key, MDB_val value, unsigned flags) {
    if (index->failed == 0)
        hintfile_keep_failure(index, mdb_put(index->txn, table, &key, &value, flags));
}

static void write_record(HintIndex *index, ThreadNumber number, const ThreadHint *hint) {
    GString *record = g_string_new("T");
    char times[64];
    g_snprintf(times, sizeof times, "%" PRId64 " %" PRId64, hint->matter_at, hint->owner_at);
    const char *const fixed[] = {hint->client, hint->matter, hint->owner, hint->encrypted ? "e" : "", times};
    for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_string_append_len(record, fixed[i], (gssize)strlen(fixed[i]) + 1);
    for (guint i = 0; i < hint->deadlines->len; i++) {
        const char *id = g_ptr_array_index(hint->deadlines, i);
        g_string_append_len(record, id, (gssize)strlen(id) + 1);
    }
    hintfile_put(index, index->threads, (MDB_val){sizeof number, &number}, (MDB_val){record->len, record->str}, 0);
    g_string_free(record, TRUE);
}

/* The number behind the last one of a table whose keys are numbers. */
uint64_t hintfile_next_number(HintIndex *index, MDB_dbi table) {
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t last = 0;
    if (mdb_cursor_open(index->txn, table, &cursor) != 0)
        return 1;
    if (mdb_cursor_get(cursor, &key, &value, MDB_LAST) == 0 && key.mv_size == sizeof last)
        memcpy(&last, key.mv_data, sizeof last);
    mdb_cursor_close(cursor);
    return last + 1;
}

/* ---- Asking ---- */

bool hintindex_thread(HintIndex *index, const char *key, ThreadHint **hint) {
    MDB_txn *txn;
    MDB_val value;
    *hint = NULL;
    if (hintfile_begin_reading(index, &txn) != 0) {
        errno = EIO;
        return false;
    }
    if (thread_root(index, txn, number_of(index, txn, index->keys, key), &value))
        *hint = read_record(&value);
    hintfile_end_reading(index, txn);
    errno = 0;
    return *hint != NULL;
}

static char *mark_name(const char *writer) {
    return g_strconcat("m:", writer, NULL);
}

uint64_t hintindex_mark(HintIndex *index, const char *writer) {
    MDB_txn *txn;
    g_autofree char *name = mark_name(writer);
    if (hintfile_begin_reading(index, &txn) != 0)
        return 0;
    g_autofree char *text = hintfile_meta(index, txn, name);
    hintfile_end_reading(index, txn);
    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

GPtrArray *hintindex_writers(HintIndex *index) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    if (hintfile_begin_reading(index, &txn) != 0)
        return names;
    if (mdb_cursor_open(txn, index->meta, &cursor) == 0) {
        for (int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); rc == 0;
             rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
            if (key.mv_size > 2 && memcmp(key.mv_data, "m:", 2) == 0)
                g_ptr_array_add(names, g_strndup((const char *)key.mv_data + 2, key.mv_size - 2));
        mdb_cursor_close(cursor);
    }
    hintfile_end_reading(index, txn);
    return names;
}

/* ---- Folding ---- */

static bool begin(HintIndex *index) {
    if (!index->env && !hintfile_renew(index))
        return false;
    hintfile_grow(index);
    pthread_rwlock_rdlock(&index->map);
    index->failed = mdb_txn_begin(index->env, NULL, 0, &index->txn);
    if (index->failed == 0)
        return true;
    index->txn = NULL;
    pthread_rwlock_unlock(&index->map);
    return false;
}

bool hintindex_begin(HintIndex *index) {
    pthread_mutex_lock(&index->writing);
    bool begun = begin(index);
    if (!begun)
        pthread_mutex_unlock(&index->writing);
    return begun;
}

static size_t entries(HintIndex *index, MDB_dbi table) {
    MDB_stat stat;
    return mdb_stat(index->txn, table, &stat) == 0 ? stat.ms_entries : 0;
}

static void forget_deadline(HintIndex *index, const char *id);

/* What else goes when the oldest entry of a table goes: the key of an age, the deadlines of a thread. */
static void forget_with(HintIndex *index, MDB_dbi table, MDB_val *value) {
    if (table == index->ages) {
        char copy[KEY_MAX];
        MDB_val key = {MIN(value->mv_size, KEY_MAX), copy};
        memcpy(copy, value->mv_data, key.mv_size);
        mdb_del(index->txn, index->keys, &key, NULL);
        return;
    }
    ThreadHint *hint = value->mv_size && *(const char *)value->mv_data == 'T' ? read_record(value) : thread_hint_new();
    for (guint i = 0; i < hint->deadlines->len; i++)
        forget_deadline(index, g_ptr_array_index(hint->deadlines, i));
    thread_hint_free(hint);
}

static void trim(HintIndex *index, MDB_dbi table, size_t most) {
    MDB_cursor *cursor;
    MDB_val key, value;
    size_t have = entries(index, table);
    if (have <= most || mdb_cursor_open(index->txn, table, &cursor) != 0)
        return;
    for (size_t i = 0; i < MIN(have - most, TRIM_MAX); i++) {
        if (mdb_cursor_get(cursor, &key, &value, i ? MDB_NEXT : MDB_FIRST) != 0)
            break;
        forget_with(index, table, &value);
        mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
}

bool hintindex_end(HintIndex *index) {
    if (index->failed == 0) {
        trim(index, index->ages, KEYS_MAX);
        trim(index, index->threads, THREADS_MAX);
        hintpeople_trim(index);
        index->failed = mdb_txn_commit(index->txn);
        hintfile_make_whole(index);
    } else {
        mdb_txn_abort(index->txn);
    }
    index->txn = NULL;
    pthread_rwlock_unlock(&index->map);
    if (index->failed != 0)
        log_error("hint index: %s", mdb_strerror(index->failed));
    if (hintfile_is_damaged(index))
        hintfile_renew(index);
    bool good = index->failed == 0;
    pthread_mutex_unlock(&index->writing);
    return good;
}

static void fill(char **into, const char *text) {
    g_free(*into);
    *into = g_strdup(text);
}

/* What a message of `when` says, unless something later is known. */
static void fill_later(char **into, int64_t *at, const char *text, int64_t when) {
    if (!*text || (**into && *at > when))
        return;
    fill(into, text);
    *at = when;
}

/* What was said in another thread that is now this one: of two that are as old ours stays. */
static void fill_from_other(char **into, int64_t *at, const char *text, int64_t when) {
    if (!**into || *at < when)
        fill_later(into, at, text, when);
}

static void forget_deadline(HintIndex *index, const char *id) {
    MDB_val key = hintfile_val(id);
    if (key.mv_size && key.mv_size <= KEY_MAX)
        mdb_del(index->txn, index->deadlines, &key, NULL);
}

static void add_deadline(HintIndex *index, ThreadHint *hint, const char *id) {
    if (g_ptr_array_find_with_equal_func(hint->deadlines, id, g_str_equal, NULL))
        return;
    if (hint->deadlines->len >= DEADLINES_MAX) {
        forget_deadline(index, g_ptr_array_index(hint->deadlines, 0));
        g_ptr_array_remove_index(hint->deadlines, 0);
    }
    g_ptr_array_add(hint->deadlines, g_strdup(id));
}

/* Is it this client's thread, or nobody's? A stranger who names other people's messages must not take their thread
 * over. */
static bool belongs(const ThreadHint *hint, const char *client) {
    return !*client || !*hint->client || strcmp(hint->client, client) == 0;
}

/* What a fold found: the oldest thread, its content with that of the others merged in, and whose the others are. */
typedef struct {
    ThreadNumber root;
    ThreadHint *hint;
    GArray *merged; /* ThreadNumber */
} Union;

static void take_over(HintIndex *index, Union *all, ThreadNumber number, ThreadHint *other) {
    if (!all->root || number < all->root) {
        if (all->root)
            g_array_append_val(all->merged, all->root);
        ThreadHint *younger = all->hint;
        all->root = number;
        all->hint = other;
        other = younger;
    } else {
        g_array_append_val(all->merged, number);
    }
    if (!other)
        return;
    if (!*all->hint->client)
        fill(&all->hint->client, other->client);
    fill_from_other(&all->hint->matter, &all->hint->matter_at, other->matter, other->matter_at);
    fill_from_other(&all->hint->owner, &all->hint->owner_at, other->owner, other->owner_at);
    all->hint->encrypted |= other->encrypted;
    for (guint i = 0; i < other->deadlines->len; i++)
        add_deadline(index, all->hint, g_ptr_array_index(other->deadlines, i));
    thread_hint_free(other);
}

static bool is_known(const Union *all, ThreadNumber number) {
    if (number == all->root)
        return true;
    for (guint i = 0; i < all->merged->len; i++)
        if (g_array_index(all->merged, ThreadNumber, i) == number)
            return true;
    return false;
}

/* Keys that lead to a foreign client's thread are cleared from `own`, which has a flag for each key. */
static Union unite(HintIndex *index, const GPtrArray *keys, const char *client, bool *own) {
    Union all = {.merged = g_array_new(FALSE, FALSE, sizeof(ThreadNumber))};
    for (guint i = 0; i < keys->len; i++) {
        MDB_val value;
        ThreadNumber number = thread_root(
            index, index->txn, number_of(index, index->txn, index->keys, g_ptr_array_index(keys, i)), &value);
        own[i] = true;
        if (!number || (all.root && is_known(&all, number)))
            continue;
        ThreadHint *hint = read_record(&value);
        own[i] = belongs(hint, client);
        if (own[i])
            take_over(index, &all, number, hint);
        else
            thread_hint_free(hint);
    }
    return all;
}

static void put_key(HintIndex *index, const char *name, ThreadNumber number) {
    MDB_val key = hintfile_val(name);
    if (key.mv_size == 0 || key.mv_size > KEY_MAX)
        return;
    ThreadNumber known = number_of(index, index->txn, index->keys, name);
    if (known == number)
        return;
    hintfile_put(index, index->keys, key, (MDB_val){sizeof number, &number}, 0);
    if (known)
        return;
    uint64_t age = hintfile_next_number(index, index->ages);
    hintfile_put(index, index->ages, (MDB_val){sizeof age, &age}, key, MDB_APPEND);
}

void hintindex_fold_thread(HintIndex *index, const ThreadFold *fold) {
    const GPtrArray *keys = fold->keys;
    if (!index->txn || keys->len == 0)
        return;
    int64_t at = instant_seconds(fold->at);
    g_autofree bool *own = g_new0(bool, keys->len);
    Union all = unite(index, keys, fold->client, own);
    if (!all.root) {
        all.root = hintfile_next_number(index, index->threads);
        all.hint = thread_hint_new();
    }
    if (*fold->client)
        fill(&all.hint->client, fold->client);
    fill_later(&all.hint->matter, &all.hint->matter_at, fold->matter, at);
    fill_later(&all.hint->owner, &all.hint->owner_at, fold->owner, at);
    write_record(index, all.root, all.hint);
    for (guint i = 0; i < all.merged->len; i++) {
        ThreadNumber merged = g_array_index(all.merged, ThreadNumber, i);
        char redirect[1 + sizeof(ThreadNumber)] = "R";
        memcpy(redirect + 1, &all.root, sizeof all.root);
        hintfile_put(index, index->threads, (MDB_val){sizeof merged, &merged}, (MDB_val){sizeof redirect, redirect}, 0);
    }
    for (guint i = 0; i < keys->len; i++)
        if (own[i])
            put_key(index, g_ptr_array_index(keys, i), all.root);
    thread_hint_free(all.hint);
    g_array_unref(all.merged);
}

/* The thread that the first of these keys leads to which any does; 0: none. */
static ThreadNumber first_thread(HintIndex *index, const GPtrArray *keys, ThreadHint **hint) {
    for (guint i = 0; i < keys->len; i++) {
        MDB_val value;
        ThreadNumber root = thread_root(index, index->txn,
                                        number_of(index, index->txn, index->keys, g_ptr_array_index(keys, i)), &value);
        if (!root)
            continue;
        *hint = read_record(&value);
        return root;
    }
    return 0;
}

void hintindex_fold_open(HintIndex *index, const GPtrArray *keys, const char *deadline) {
    ThreadHint *hint = NULL;
    if (!index->txn || !*deadline || strlen(deadline) > KEY_MAX)
        return;
    ThreadNumber root = first_thread(index, keys, &hint);
    if (!root)
        return;
    add_deadline(index, hint, deadline);
    write_record(index, root, hint);
    thread_hint_free(hint);
    hintfile_put(index, index->deadlines, hintfile_val(deadline), (MDB_val){sizeof root, &root}, 0);
}

void hintindex_fold_encrypted(HintIndex *index, const GPtrArray *keys) {
    ThreadHint *hint = NULL;
    ThreadNumber root = index->txn ? first_thread(index, keys, &hint) : 0;
    if (!root)
        return;
    if (!hint->encrypted) {
        hint->encrypted = true;
        write_record(index, root, hint);
    }
    thread_hint_free(hint);
}

void hintindex_fold_close(HintIndex *index, const char *deadline) {
    MDB_val value;
    guint at;
    if (!index->txn)
        return;
    ThreadNumber root =
        thread_root(index, index->txn, number_of(index, index->txn, index->deadlines, deadline), &value);
    forget_deadline(index, deadline);
    if (!root)
        return;
    ThreadHint *hint = read_record(&value);
    if (g_ptr_array_find_with_equal_func(hint->deadlines, deadline, g_str_equal, &at)) {
        g_ptr_array_remove_index(hint->deadlines, at);
        write_record(index, root, hint);
    }
    thread_hint_free(hint);
}

void hintindex_set_mark(HintIndex *index, const char *writer, uint64_t seq) {
    char text[32];
    g_autofree char *name = mark_name(writer);
    g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, seq);
    if (index->txn && index->failed == 0)
        hintfile_keep_failure(index, hintfile_set_meta(index, index->txn, name, text));
}
