/* SPDX-License-Identifier: Apache-2.0 */
/* The file is never synced while it is written, since all of it can be folded again: after a crash of the machine
 * (another boot id, and no clean end) it is thrown away. */
#include "facts/hintfile.h"
#include "base/io.h"
#include "base/log.h"
#include "base/timesource.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "4"
#define ENDS_MAX 2 /* bad ends in a row, each soon after the start */
#define SOON_S 60
#define MAP_START ((size_t)64 << 20)
#define MAP_SPARE ((size_t)24 << 20) /* room that one transaction may need */
#define READERS 1024

/* ---- Opening ---- */

static char *boot_id(void) {
    char *id = io_read_file("/proc/sys/kernel/random/boot_id", 100, NULL, NULL);
    return id ? g_strstrip(id) : g_strdup("unknown");
}

MDB_val hintfile_val(const char *text) {
    return (MDB_val){strlen(text), (void *)text};
}

char *hintfile_meta(HintIndex *index, MDB_txn *txn, const char *name) {
    MDB_val key = hintfile_val(name), value;
    return mdb_get(txn, index->meta, &key, &value) == 0 ? g_strndup(value.mv_data, value.mv_size) : NULL;
}

int hintfile_set_meta(HintIndex *index, MDB_txn *txn, const char *name, const char *text) {
    MDB_val key = hintfile_val(name), value = hintfile_val(text);
    return mdb_put(txn, index->meta, &key, &value, 0);
}

/* A file shorter than its pages say would end the process at the first touch. */
static bool is_whole(MDB_env *env, const char *path) {
    MDB_envinfo info;
    MDB_stat pages;
    struct stat st;
    if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &pages) != 0 || stat(path, &st) != 0)
        return false;
    return st.st_size == 0 || (size_t)st.st_size >= (info.me_last_pgno + 1) * pages.ms_psize;
}

static int open_env(HintIndex *index, const char *path) {
    unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (index->writable ? MDB_NOSYNC | MDB_NOMETASYNC : MDB_RDONLY);
    struct stat st;
    size_t size = stat(path, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size * 2 : 0;
    int rc = mdb_env_create(&index->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(index->env, 7);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(index->env, READERS);
    if (rc == 0)
        rc = mdb_env_set_mapsize(index->env, MAX(size, MAP_START));
    if (rc == 0)
        rc = mdb_env_open(index->env, path, flags, 0640);
    if (rc == 0 && !is_whole(index->env, path))
        rc = MDB_CORRUPTED;
    return rc;
}

static int open_tables(HintIndex *index, MDB_txn *txn) {
    unsigned make = index->writable ? MDB_CREATE : 0;
    int rc = mdb_dbi_open(txn, "keys", make, &index->keys);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "threads", make | MDB_INTEGERKEY, &index->threads);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "deadlines", make, &index->deadlines);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "ages", make | MDB_INTEGERKEY, &index->ages);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "people", make, &index->people);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "people-ages", make | MDB_INTEGERKEY, &index->people_ages);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "meta", make, &index->meta);
    return rc;
}

/* May what is in the file be believed? A new one says nothing yet. */
static bool is_trustworthy(HintIndex *index, MDB_txn *txn) {
    g_autofree char *format = hintfile_meta(index, txn, "format");
    g_autofree char *boot = hintfile_meta(index, txn, "boot");
    g_autofree char *clean = hintfile_meta(index, txn, "clean");
    g_autofree char *now = boot_id();
    if (!format)
        return !boot;
    return g_strcmp0(format, FORMAT) == 0 && (g_strcmp0(boot, now) == 0 || g_strcmp0(clean, "1") == 0);
}

static int set_clean(HintIndex *index, MDB_txn *txn, const char *clean) {
    g_autofree char *boot = boot_id();
    int rc = hintfile_set_meta(index, txn, "format", FORMAT);
    if (rc == 0)
        rc = hintfile_set_meta(index, txn, "boot", boot);
    return rc ? rc : hintfile_set_meta(index, txn, "clean", clean);
}

static int check_content(HintIndex *index) {
    MDB_txn *txn;
    int rc = mdb_txn_begin(index->env, NULL, index->writable ? 0 : MDB_RDONLY, &txn);
    if (rc != 0)
        return rc;
    rc = open_tables(index, txn);
    if (rc == 0 && !is_trustworthy(index, txn))
        rc = MDB_CORRUPTED;
    if (rc == 0 && index->writable)
        rc = set_clean(index, txn, "0");
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 && index->writable ? mdb_env_sync(index->env, 1) : rc;
}

static int try_open(HintIndex *index, const char *path) {
    int dead, rc = open_env(index, path);
    if (rc == 0)
        rc = mdb_reader_check(index->env, &dead);
    if (rc == 0)
        rc = check_content(index);
    if (rc != 0)
        g_clear_pointer(&index->env, mdb_env_close);
    return rc;
}

/* LMDB's own codes, or what asks for the impossible; a full disk or a wrong owner is no damage. */
static bool is_damage(int rc) {
    bool own = rc >= MDB_KEYEXIST && rc <= MDB_LAST_ERRCODE;
    return rc == ENOMEM || rc == EINVAL || (own && rc != MDB_MAP_FULL && rc != MDB_READERS_FULL);
}

static void move_away(const char *path) {
    g_autofree char *aside = g_strconcat(path, ".damaged", NULL);
    g_autofree char *lock = g_strconcat(path, "-lock", NULL);
    if (rename(path, aside) != 0)
        unlink(path);
    unlink(lock);
    log_warning("%s: cannot be trusted after a crash, or is damaged: it is made again from the journal", path);
}

/* What is damaged goes; what cannot be opened for another reason stays. */
static int open_or_make(HintIndex *index) {
    int rc = try_open(index, index->path);
    if (index->writable && is_damage(rc)) {
        move_away(index->path);
        rc = try_open(index, index->path);
    }
    return rc;
}

bool hintfile_renew(HintIndex *index) {
    pthread_rwlock_wrlock(&index->map); /* nobody reads */
    if (index->env)
        move_away(index->path);
    g_clear_pointer(&index->env, mdb_env_close);
    int rc = open_or_make(index);
    pthread_rwlock_unlock(&index->map);
    if (rc != 0 && rc != index->refused)
        log_error("%s: cannot be made again: %s; tried now and then", index->path, mdb_strerror(rc));
    else if (rc == 0 && index->refused != 0)
        log_info("%s: made, and folded from the journal", index->path);
    index->refused = rc;
    return rc == 0;
}

bool hintfile_is_damaged(const HintIndex *index) {
    return is_damage(index->failed) && index->failed != ENOMEM;
}

static char *unclean_path(const HintIndex *index) {
    return g_strconcat(index->path, ".unclean", NULL);
}

/* LMDB ends the process over some damages, which a new process would meet again: a file beside the index counts the
 * ends that were not clean and came soon after the start. It holds "COUNT SECONDS". */
static bool ends_again_and_again(HintIndex *index) {
    TimeSource clock = timesource_system();
    int64_t now = instant_seconds(timesource_now(&clock));
    g_autofree char *unclean = unclean_path(index);
    g_autofree char *text = io_read_file(unclean, 100, NULL, NULL);
    unsigned ends = 0;
    long long last = 0;
    if (text && (sscanf(text, "%u %lld", &ends, &last) != 2 || now - last > SOON_S))
        ends = 0;
    bool again = ends >= ENDS_MAX;
    g_autofree char *noted = g_strdup_printf("%u %lld\n", again ? 1 : ends + 1, (long long)now);
    (void)io_replace_file(unclean, noted, strlen(noted), 0640, NULL); /* a full disk does not damage the index */
    return again;
}

static HintIndex *closed_index(const char *path, bool writable) {
    HintIndex *index = g_new0(HintIndex, 1);
    index->writable = writable;
    index->path = g_strdup(path);
    pthread_rwlock_init(&index->map, NULL);
    pthread_mutex_init(&index->writing, NULL);
    return index;
}

HintIndex *hintindex_postponed(const char *path) {
    HintIndex *index = closed_index(path, true);
    index->refused = ENOENT; /* its opening will be told */
    return index;
}

HintIndex *hintindex_open(const char *path, bool writable, GError **error) {
    HintIndex *index = closed_index(path, writable);
    if (writable && ends_again_and_again(index))
        move_away(path);
    int rc = open_or_make(index);
    if (rc == 0)
        return index;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                "%s: cannot open the hint index: %s; it may be removed, it is made "
                "again from the journal",
                path, mdb_strerror(rc));
    hintindex_free(index);
    return NULL;
}

void hintindex_end_cleanly(HintIndex *index) {
    MDB_txn *txn;
    g_autofree char *unclean = unclean_path(index);
    unlink(unclean);
    if (!index->env || mdb_env_sync(index->env, 1) != 0 || mdb_txn_begin(index->env, NULL, 0, &txn) != 0)
        return;
    if (set_clean(index, txn, "1") != 0)
        mdb_txn_abort(txn);
    else if (mdb_txn_commit(txn) == 0)
        mdb_env_sync(index->env, 1);
}

void hintindex_free(HintIndex *index) {
    if (!index)
        return;
    if (index->txn)
        mdb_txn_abort(index->txn);
    if (index->env && index->writable)
        hintindex_end_cleanly(index);
    if (index->env)
        mdb_env_close(index->env);
    pthread_rwlock_destroy(&index->map);
    pthread_mutex_destroy(&index->writing);
    g_free(index->path);
    g_free(index);
}

/* ---- Transactions ---- */

int hintfile_begin_reading(HintIndex *index, MDB_txn **txn) {
    pthread_rwlock_rdlock(&index->map);
    int rc = index->env ? mdb_txn_begin(index->env, NULL, MDB_RDONLY, txn) : MDB_CORRUPTED;
    if (rc != MDB_MAP_RESIZED) {
        if (rc != 0)
            pthread_rwlock_unlock(&index->map);
        return rc;
    }
    /* Another process let the file grow. */
    pthread_rwlock_unlock(&index->map);
    pthread_rwlock_wrlock(&index->map);
    mdb_env_set_mapsize(index->env, 0);
    pthread_rwlock_unlock(&index->map);
    pthread_rwlock_rdlock(&index->map);
    rc = mdb_txn_begin(index->env, NULL, MDB_RDONLY, txn);
    if (rc != 0)
        pthread_rwlock_unlock(&index->map);
    return rc;
}

void hintfile_end_reading(HintIndex *index, MDB_txn *txn) {
    mdb_txn_abort(txn);
    pthread_rwlock_unlock(&index->map);
}

/* Doubles the map when it may not hold another transaction; nobody reads meanwhile. */
void hintfile_grow(HintIndex *index) {
    MDB_envinfo info;
    MDB_stat pages;
    if (mdb_env_info(index->env, &info) != 0 || mdb_env_stat(index->env, &pages) != 0)
        return;
    if ((info.me_last_pgno + 1) * pages.ms_psize + MAP_SPARE < info.me_mapsize && index->failed != MDB_MAP_FULL)
        return;
    pthread_rwlock_wrlock(&index->map);
    mdb_env_set_mapsize(index->env, info.me_mapsize * 2);
    pthread_rwlock_unlock(&index->map);
}

/* Pages that a transaction took and gave back were never written: without this the file may look cut off. */
void hintfile_make_whole(HintIndex *index) {
    MDB_envinfo info;
    MDB_stat pages;
    struct stat st;
    mdb_filehandle_t fd;
    if (mdb_env_info(index->env, &info) != 0 || mdb_env_stat(index->env, &pages) != 0 ||
        mdb_env_get_fd(index->env, &fd) != 0 || fstat(fd, &st) != 0)
        return;
    off_t size = (off_t)((info.me_last_pgno + 1) * pages.ms_psize);
    if (st.st_size < size && ftruncate(fd, size) != 0)
        log_warning("hint index: %s", g_strerror(errno));
}
