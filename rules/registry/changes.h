/* SPDX-License-Identifier: Apache-2.0 */
/* What a new registry changes of an old one, for people who are about to import it. */
#pragma once
#include "registry/registry.h"

typedef enum { TABLE_STAFF, TABLE_CLIENTS, TABLE_MATTERS, TABLES } RegistryTable;

typedef struct {
    unsigned long added, changed, removed;
    GPtrArray *lines; /* char *: the first of them, "~ 2026-0117: level confidential → strict" */
} TableChanges;

typedef struct {
    TableChanges of[TABLES];
} RegistryChanges;

/* At most `lines` lines a table. `before` NULL: there was none. NULL when one of them is damaged. Memory does not grow
 * with the registers. */
RegistryChanges *registry_changes(const Registry *before, const Registry *after, unsigned lines);
void registry_changes_free(RegistryChanges *changes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RegistryChanges, registry_changes_free)

const char *registry_table_name(RegistryTable table);
