/* SPDX-License-Identifier: Apache-2.0 */
/* Which known name does this one resemble? Names are gathered while a registry is imported and lie in its snapshot as
 * values: their keys (base/likeness.h) in order, where the keys begin that have the same first bits, and what the keys
 * lead to. A look-up reads a few pages of them. */
#pragma once
#include "base/snapshot.h"
#include <stdint.h>

typedef struct Lookalikes Lookalikes;

/* KIND_DOMAIN: registered domains, each with a client. KIND_PERSON: names, each with an address. */
typedef enum { KIND_DOMAIN, KIND_PERSON, KINDS } LookalikeKind;

Lookalikes *lookalikes_new(void);
void lookalikes_free(Lookalikes *lookalikes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lookalikes, lookalikes_free)

/* Any host in the domain; one that is known already, or is of personal webmail, adds nothing. */
void lookalikes_add_domain(Lookalikes *lookalikes, const char *domain, const char *client);
void lookalikes_add_person(Lookalikes *lookalikes, const char *name, const char *address);

/* Puts all into the snapshot. */
void lookalikes_write(Lookalikes *lookalikes, Snapshot *snapshot);

/* The values of a snapshot, borrowed. */
typedef struct {
    const void *buckets, *keys, *names;
    size_t buckets_size, keys_size, names_size;
} LookalikeIndex;

/* The names of those values in their order, to be fetched under KEY_LOOKALIKE. */
enum { LOOKALIKE_VALUES = 3 };
extern const char *const lookalike_values[KINDS][LOOKALIKE_VALUES];

/* A known name, borrowed from the index. */
typedef struct {
    const char *skeleton, *name, *owner;
} Known;

/* The nearest client's domain that is not this one; false when there is none. */
bool lookalike_domain(const LookalikeIndex *index, const char *domain, Known *known);

/* The nearest person; the same name counts. */
bool lookalike_person(const LookalikeIndex *index, const char *name, Known *known);

/* Do two registered domains look alike? How far from each other they are; -1: they do not, or are the same. */
int domains_alike(const char *known, const char *other);
