/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot while it is written: a private LMDB file that nobody else has open, renamed or thrown away when complete.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Snapshot Snapshot;

typedef enum { PUT_DONE, PUT_EXISTS, PUT_FAILED } Put;

/* Makes FOLDER/.registry-XXXXXX. `csv_bytes` sizes the map. NULL with error. */
Snapshot *snapshot_new(const char *folder, size_t csv_bytes, GError **error);

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

/* Syncs and renames to `path`. False with error. */
bool snapshot_keep(Snapshot *snapshot, const char *path, GError **error);
