/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a snapshot. Nobody reads the file before it is renamed, so there are no locks and no syncs until the end; a
 * transaction is committed now and then because LMDB keeps its changed pages in a list of limited length. */
#include "registry/snapshot.h"
#include "base/io.h"
#include "registry/records.h"
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PUTS_PER_TRANSACTION 100000

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

Snapshot *snapshot_new(const char *folder, size_t csv_bytes, GError **error) {
    g_autoptr(Snapshot) snapshot = g_new0(Snapshot, 1);
    snapshot->path = g_build_filename(folder, ".registry-XXXXXX", NULL);
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
        snapshot->fault = mdb_env_set_mapsize(snapshot->env, MAP_LEAST + csv_bytes * MAP_FACTOR);
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

static bool make_key(char key[KEY_MAX + 1], const char *prefix, const char *name, MDB_val *out) {
    int length = snprintf(key, KEY_MAX + 1, "%s%s", prefix, name);
    *out = (MDB_val){(size_t)length, key};
    return length > 0 && length <= KEY_MAX;
}

Put snapshot_put(Snapshot *snapshot, const char *prefix, const char *name, const void *data, size_t length) {
    char buffer[KEY_MAX + 1];
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
    char buffer[KEY_MAX + 1];
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
    char buffer[KEY_MAX + 1];
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

bool snapshot_keep(Snapshot *snapshot, const char *path, GError **error) {
    if (commit(snapshot))
        snapshot->fault = mdb_env_sync(snapshot->env, 1);
    if (snapshot->fault) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot write the snapshot %s: %s", path,
                    mdb_strerror(snapshot->fault));
        return false;
    }
    if (rename(snapshot->path, path) != 0 || !io_sync_folder_of(path)) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot keep the snapshot %s: %s", path,
                    g_strerror(errno));
        return false;
    }
    g_clear_pointer(&snapshot->path, g_free);
    return true;
}
