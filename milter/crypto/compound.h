/* SPDX-License-Identifier: Apache-2.0 */
/* Reading streams of a compound file ([MS-CFB]), what Office wraps encrypted documents in. Bounded: no chain is
 * followed longer than the file could hold; for this folder, and for who asks what kind of file it is. */
#pragma once
#include "crypto/container.h"

typedef struct Compound Compound;

Compound *compound_open(Octets file); /* NULL when it is none; borrows `file` */
void compound_free(Compound *compound);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Compound, compound_free)

typedef struct {
    char name[33]; /* ASCII; other characters are '?' */
    bool stream;
    uint32_t start;
    uint64_t size;
    uint32_t id, left, right, child; /* its place in the directory, and the neighbours that it names there */
} CompoundEntry;

/* Storages and streams in directory order; false behind the last. */
bool compound_entry(const Compound *compound, unsigned index, CompoundEntry *entry);

/* Everything in the file, in directory order, with the place in this list of the storage that it lies in; the root's is
 * its own, and so is that of who is in no storage. *cut: there is more than we look at. Caller unrefs. */
typedef struct {
    CompoundEntry entry;
    guint parent;
} CompoundItem;

GArray *compound_list(const Compound *compound, bool *cut);

/* The first `limit` bytes of a stream, or NULL when its chain is broken. Caller unrefs. */
GByteArray *compound_read(const Compound *compound, const CompoundEntry *entry, size_t limit);
