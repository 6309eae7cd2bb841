/* SPDX-License-Identifier: Apache-2.0 */
/* Matters that belong together: a client's, or those that name one address or whole domain as a party; the open ones
 * and the closed ones apart. Judging asks all of them the same few questions, so a group holds each different answer
 * once, and twenty thousand matters cost no more than their different teams, walls and people. Large groups are
 * gathered while a registry is imported, small ones when they are asked for, by the same code. */
#pragma once
#include "registry/registry.h"
#include <stddef.h>

/* Groups of more matters than this lie in the snapshot. */
#define GROUP_SMALL 32

typedef enum { GROUP_CLIENT, GROUP_PARTY, GROUP_KINDS } GroupKind;

/* What a matter says, as texts; one that is empty is said too. */
typedef enum {
    COLUMN_ID, /* of a group: strictest first, then by id */
    COLUMN_CLIENT,
    COLUMN_TEAM,
    COLUMN_SERVICE_LEVEL,
    COLUMN_HANDLER,
    COLUMN_RESPONSIBLE,
    COLUMN_WALL,     /* each of walled_off */
    COLUMN_ACCOUNTS, /* letters and digits of the cell, in capitals; not when empty */
    MATTER_COLUMNS
} MatterColumn;

/* Letters and digits of a cell of bank accounts, in capitals: spaces and strokes stand here and there. Caller owns. */
char *account_compact(const char *cell);

/* True ends a visit. */
typedef bool (*ValueVisit)(const char *value, void *state);

/* True when the visit was ended. */
bool matter_visit(const Matter *matter, MatterColumn column, ValueVisit visit, void *state);

typedef struct MatterGroup MatterGroup;

/* The matters of one kind, name (a client's id; an address or "@domain", normalised) and status. NULL with
 * LOOKUP_ABSENT when there are none. Valid as long as the registry is open. */
Lookup registry_group(const Registry *registry, GroupKind kind, MatterStatus status, const char *name,
                      MatterGroup **group);
void group_free(MatterGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MatterGroup, group_free)

GroupKind group_kind(const MatterGroup *group);
MatterStatus group_status(const MatterGroup *group);
unsigned group_count(const MatterGroup *group);
Level group_level(const MatterGroup *group); /* the strictest */
bool group_privileged(const MatterGroup *group);

/* Each different value of the column; true when the visit was ended. */
bool group_visit(const MatterGroup *group, MatterColumn column, ValueVisit visit, void *state);

/* Each matter, in the order of COLUMN_ID. */
typedef bool (*PlaceVisit)(Level level, const char *id, void *state);
bool group_visit_places(const MatterGroup *group, PlaceVisit visit, void *state);

/* Each role that the (normalised) address has in a matter of a GROUP_PARTY, with the strictest such matter. As in
 * matter_party_role() a matter that names the address itself does not count for its domain. */
typedef bool (*RoleVisit)(Level level, const char *id, const char *role, void *state);
bool group_visit_roles(const MatterGroup *group, const char *address, RoleVisit visit, void *state);

/* "2031-01-31 2026-0117": the last day on which one must be preserved, and that matter; NULL: none must. Borrowed. */
const char *group_preserved(const MatterGroup *group);
