/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a snapshot. Nobody reads the file before it is renamed, so there are no locks and no syncs until the end; a
 * transaction is committed now and then because LMDB keeps its changed pages in a list of limited length. */
#include "base/snapshot.h"
#include "base/io.h"
#include "base/text.h"
#include "base/timesource.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUTS_PER_TRANSACTION 100000
#define LEFTOVER_AGE 3600 /* seconds */

/* The map is address space, not memory. The worst row of a CSV, short parties of a long matter id, grows thirty-fold.
 */
#define MAP_FACTOR 48
#define MAP_LEAST ((size_t)64 << 20)

struct Snapshot {
    char *path; /* NULL once renamed */
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    unsigned puts;
    int fault;
};

static bool begin(Snapshot *snapshot) {
    if (!snapshot->fault)
        snapshot->fault = mdb_txn_begin(snapshot->env, NULL, 0, &snapshot->txn);
    if (!snapshot->fault)
        snapshot->fault = mdb_dbi_open(snapshot->txn, NULL, 0, &snapshot->dbi);
    return snapshot->fault == 0;
}

static bool commit(Snapshot *snapshot) {
    if (snapshot->txn && !snapshot->fault)
        snapshot->fault = mdb_txn_commit(snapshot->txn);
    else if (snapshot->txn)
        mdb_txn_abort(snapshot->txn);
    snapshot->txn = NULL;
    snapshot->puts = 0;
    return snapshot->fault == 0;
}

Snapshot *snapshot_new(const char *folder, const char *kind, size_t source_bytes, GError **error) {
    g_autoptr(Snapshot) snapshot = g_new0(Snapshot, 1);
    snapshot->path = g_strdup_printf("%s/.%s-XXXXXX", folder, kind);
    int fd = mkstemp(snapshot->path);
    if (fd < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot write a snapshot in %s: %s", folder,
                    g_strerror(errno));
        g_clear_pointer(&snapshot->path, g_free);
        return NULL;
    }
    close(fd);
    snapshot->fault = mdb_env_create(&snapshot->env);
    if (!snapshot->fault)
        snapshot->fault = mdb_env_set_mapsize(snapshot->env, MAP_LEAST + source_bytes * MAP_FACTOR);
    if (!snapshot->fault)
        snapshot->fault = mdb_env_open(snapshot->env, snapshot->path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600);
    if (begin(snapshot))
        return g_steal_pointer(&snapshot);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot write a snapshot in %s: %s", folder,
                mdb_strerror(snapshot->fault));
    return NULL;
}

void snapshot_free(Snapshot *snapshot) {
    if (!snapshot)
        return;
    if (snapshot->txn)
        mdb_txn_abort(snapshot->txn);
    if (snapshot->env)
        mdb_env_close(snapshot->env);
    if (snapshot->path)
        unlink(snapshot->path);
    g_free(snapshot->path);
    g_free(snapshot);
}

const char *snapshot_fault(const Snapshot *snapshot) {
    return snapshot->fault ? mdb_strerror(snapshot->fault) : NULL;
}

static bool make_key(char key[SNAPSHOT_KEY_MAX + 1], const char *prefix, const char *name, MDB_val *out) {
    int length = snprintf(key, SNAPSHOT_KEY_MAX + 1, "%s%s", prefix, name);
    *out = (MDB_val){(size_t)length, key};
    return length > 0 && length <= SNAPSHOT_KEY_MAX;
}

Put snapshot_put(Snapshot *snapshot, const char *prefix, const char *name, const void *data, size_t length) {
    char buffer[SNAPSHOT_KEY_MAX + 1];
    MDB_val key, value = {length, (void *)data};
    if (!snapshot->fault && !make_key(buffer, prefix, name, &key))
        snapshot->fault = MDB_BAD_VALSIZE;
    if (snapshot->fault)
        return PUT_FAILED;
    int rc = mdb_put(snapshot->txn, snapshot->dbi, &key, &value, MDB_NOOVERWRITE);
    if (rc == MDB_KEYEXIST)
        return PUT_EXISTS;
    snapshot->fault = rc;
    if (++snapshot->puts >= PUTS_PER_TRANSACTION && commit(snapshot))
        begin(snapshot);
    return snapshot->fault ? PUT_FAILED : PUT_DONE;
}

const void *snapshot_get(Snapshot *snapshot, const char *prefix, const char *name, size_t *length) {
    char buffer[SNAPSHOT_KEY_MAX + 1];
    MDB_val key, value;
    if (snapshot->fault || !make_key(buffer, prefix, name, &key) ||
        mdb_get(snapshot->txn, snapshot->dbi, &key, &value) != 0)
        return NULL;
    if (length)
        *length = value.mv_size;
    return value.mv_data;
}

void snapshot_each(Snapshot *snapshot, const char *prefix, SnapshotVisit visit, void *state) {
    snapshot_from(snapshot, prefix, "", visit, state);
}

void snapshot_from(Snapshot *snapshot, const char *prefix, const char *start, SnapshotVisit visit, void *state) {
    char buffer[SNAPSHOT_KEY_MAX + 1];
    MDB_cursor *cursor;
    MDB_val key, value;
    size_t length = strlen(prefix);
    if (snapshot->fault || !make_key(buffer, prefix, start, &key) ||
        mdb_cursor_open(snapshot->txn, snapshot->dbi, &cursor) != 0)
        return;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        if (key.mv_size < length || memcmp(key.mv_data, prefix, length) != 0)
            break;
        g_autofree char *name = g_strndup((char *)key.mv_data + length, key.mv_size - length);
        if (!visit(name, value.mv_data, value.mv_size, state))
            break;
    }
    mdb_cursor_close(cursor);
}

/* What root writes at a prompt, a daemon without rights must read. */
static bool give_to_owner(const char *path, const char *folder) {
    struct stat owner;
    return geteuid() != 0 || (stat(folder, &owner) == 0 && chown(path, owner.st_uid, owner.st_gid) == 0);
}

bool snapshot_keep(Snapshot *snapshot, const char *path, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    if (commit(snapshot))
        snapshot->fault = mdb_env_sync(snapshot->env, 1);
    if (snapshot->fault) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot write the snapshot %s: %s", path,
                    mdb_strerror(snapshot->fault));
        return false;
    }
    if (!give_to_owner(snapshot->path, folder) || rename(snapshot->path, path) != 0 || !io_sync_folder_of(path)) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot keep the snapshot %s: %s", path,
                    g_strerror(errno));
        return false;
    }
    g_clear_pointer(&snapshot->path, g_free);
    return true;
}

/* ---- Finished ones ---- */

/* Pages beyond the end of a shortened file would kill the reader. */
static bool is_whole(MDB_env *env, off_t size) {
    MDB_envinfo info;
    MDB_stat stat;
    if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0)
        return false;
    return (info.me_last_pgno + 1) * stat.ms_psize <= (size_t)size;
}

bool snapshot_read(const char *path, MDB_env **env, MDB_dbi *dbi, GError **error) {
    struct stat file;
    MDB_txn *txn;
    if (stat(path, &file) != 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s", g_strerror(errno));
        return false;
    }
    int rc = mdb_env_create(env);
    /* The map is as large as the file and no larger: judges live under a memory limit. */
    if (rc == 0)
        rc = mdb_env_set_mapsize(*env, (size_t)file.st_size);
    if (rc == 0)
        rc = mdb_env_open(*env, path, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600);
    if (rc == 0 && !is_whole(*env, file.st_size))
        rc = MDB_CORRUPTED;
    if (rc == 0)
        rc = mdb_txn_begin(*env, NULL, MDB_RDONLY, &txn);
    if (rc == 0) {
        rc = mdb_dbi_open(txn, NULL, 0, dbi);
        mdb_txn_abort(txn);
    }
    if (rc != 0)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", mdb_strerror(rc));
    return rc == 0;
}

/* A writer that runs at this moment has its own file there. */
static bool is_old(const char *path) {
    struct stat file;
    TimeSource now = timesource_system();
    return lstat(path, &file) == 0 && instant_seconds(timesource_now(&now)) - file.st_mtime > LEFTOVER_AGE;
}

static bool is_newer(const char *path, const struct stat *than) {
    struct stat file;
    if (lstat(path, &file) != 0)
        return true;
    return file.st_mtim.tv_sec != than->st_mtim.tv_sec ? file.st_mtim.tv_sec > than->st_mtim.tv_sec
                                                       : file.st_mtim.tv_nsec > than->st_mtim.tv_nsec;
}

void snapshot_prune(const char *folder, const char *kind, const char *keep) {
    struct stat kept;
    if (stat(keep, &kept) != 0)
        return;
    g_autofree char *finished = g_strdup_printf("%s-", kind), *unfinished = g_strdup_printf(".%s-", kind);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        bool one = g_str_has_prefix(name, finished) && g_str_has_suffix(name, ".mdb");
        bool leftover = g_str_has_prefix(name, unfinished) && is_old(path);
        if ((one && !text_equal(path, keep) && !is_newer(path, &kept)) || leftover)
            unlink(path);
    }
}
