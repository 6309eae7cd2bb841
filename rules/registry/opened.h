/* SPDX-License-Identifier: Apache-2.0 */
/* A registry as it was opened. For the files of this folder alone. */
#pragma once
#include "registry/import.h"
#include <lmdb.h>

struct Registry {
    MDB_env *env;
    MDB_dbi dbi;
    char *digest;
    RegistryCounts counts;
};

/* One record, made by `unpack` from what lies under the key; NULL from it means that the snapshot is damaged. */
typedef gpointer (*Unpack)(const void *data, size_t length);
Lookup registry_fetch(const Registry *registry, const char *prefix, const char *name, Unpack unpack, gpointer *record);

/* The same of a text; caller owns. */
Lookup registry_fetch_text(const Registry *registry, const char *prefix, const char *name, char **text);

/* Calls `visit` for each key of the prefix, in order. False when a read failed or `visit` said so. */
typedef bool (*RegistryVisit)(const char *name, const char *value, size_t length, void *state);
bool registry_walk(const Registry *registry, const char *prefix, RegistryVisit visit, void *state);
