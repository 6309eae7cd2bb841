/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots: LMDB files that are written once, by one process, and then only read or replaced by another one.
 *
 * While it is written it is a private file that nobody else has open, renamed or thrown away when complete. */
#pragma once
#include <glib.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>

/* LMDB's own limit; nothing longer can be in a snapshot. */
#define SNAPSHOT_KEY_MAX 511

typedef struct Snapshot Snapshot;

typedef enum { PUT_DONE, PUT_EXISTS, PUT_FAILED } Put;

/* Makes FOLDER/.KIND-XXXXXX. `source_bytes` sizes the map. NULL with error. */
Snapshot *snapshot_new(const char *folder, const char *kind, size_t source_bytes, GError **error);

/* Closes; a file that was not kept is removed. */
void snapshot_free(Snapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_free)

/* Adds a key, prefix and name joined; never replaces. After a PUT_FAILED nothing works any more and
 * snapshot_fault() says why; it is NULL before. */
Put snapshot_put(Snapshot *snapshot, const char *prefix, const char *name, const void *data, size_t length);
const char *snapshot_fault(const Snapshot *snapshot);

/* The value of a key, or NULL; valid until the next put. */
const void *snapshot_get(Snapshot *snapshot, const char *prefix, const char *name, size_t *length);

/* Calls `visit` for each key of the prefix, in order, until it returns false. `name` is NUL-ended. `visit` may get, not
 * put. */
typedef bool (*SnapshotVisit)(const char *name, const void *data, size_t length, void *state);
void snapshot_each(Snapshot *snapshot, const char *prefix, SnapshotVisit visit, void *state);

/* The same from the first that is not below `start`. */
void snapshot_from(Snapshot *snapshot, const char *prefix, const char *start, SnapshotVisit visit, void *state);

/* Syncs and renames to `path`; one that root made belongs to the owner of the folder. False with error. */
bool snapshot_keep(Snapshot *snapshot, const char *path, GError **error);

/* Opens a finished one for reading: no locks, a map as large as the file. The environment is the caller's, also after
 * an error, and may be NULL. */
bool snapshot_read(const char *path, MDB_env **env, MDB_dbi *dbi, GError **error);

/* Removes FOLDER/KIND-….mdb that are older than `keep` (a path), and what a broken writer left behind. Whoever has one
 * open keeps reading it. */
void snapshot_prune(const char *folder, const char *kind, const char *keep);
