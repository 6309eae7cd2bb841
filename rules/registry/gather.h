/* SPDX-License-Identifier: Apache-2.0 */
/* Making groups of matters. For the files of this folder alone. */
#pragma once
#include "registry/groups.h"
#include "base/snapshot.h"
#include <stdint.h>

/* Packed, a group is this header, then its sections; a section is texts, each ended by a NUL. Places: a digit, the less
 * the stricter, and the id. Roles: place, role, and the addresses that count for themselves (each between spaces),
 * three texts. Preserved: day, space and id. The others are columns of matters. */
enum { SECTION_PLACES = COLUMN_ID, SECTION_ROLES = MATTER_COLUMNS, SECTION_PRESERVED, SECTIONS };

typedef struct {
    uint32_t count, privileged;
    uint32_t end[SECTIONS]; /* from the first byte behind the header */
} GroupHeader;

typedef struct Gatherer Gatherer;

/* `name` as of registry_group(). */
Gatherer *gatherer_new(GroupKind kind, const char *name);
void gatherer_free(Gatherer *gatherer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gatherer, gatherer_free)

void gatherer_add(Gatherer *gatherer, const Matter *matter);

/* All that was added. Caller owns. */
GByteArray *gatherer_pack(const Gatherer *gatherer);

/* Over packed bytes; `owned` is taken over, NULL when they lie elsewhere for longer. NULL when they are damaged. */
MatterGroup *group_over(GroupKind kind, MatterStatus status, const void *data, size_t size, GByteArray *owned);

/* The prefix of its key in a snapshot, and of the index that leads to all its matters. */
const char *group_prefix(GroupKind kind, MatterStatus status);
const char *group_index(GroupKind kind);

/* Puts the large groups of all matters into the snapshot. */
void groups_write(Snapshot *snapshot);
