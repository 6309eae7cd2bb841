/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of a writer still mattered at a moment: the file FOLDER/WRITER.checkpoint beside its journal.
 *
 * It is believed only where the journal vouches for it: an entry `checkpoint` has its digest, and the entry that it
 * stands for has the hash that it names. An old, a garbled or a foreign one is none. Not for threads. */
#pragma once
#include "journal/writer.h"

typedef struct {
    uint64_t first, last;
} SeqRange;

typedef struct {
    uint64_t through; /* what comes behind it is not spoken of */
    Instant made;
    GArray *matters; /* SeqRange, ascending, none behind `through`: these entries matter */
} Checkpoint;

Checkpoint *checkpoint_new(uint64_t through, Instant made);
void checkpoint_free(Checkpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Checkpoint, checkpoint_free)

void checkpoint_add(Checkpoint *checkpoint, uint64_t seq); /* ascending */
uint64_t checkpoint_count(const Checkpoint *checkpoint);   /* entries */

/* The first number from `from` on that matters, or that it does not speak of. */
uint64_t checkpoint_next(const Checkpoint *checkpoint, uint64_t from);

/* First into the journal, then the file: what a crash leaves is the one before. */
bool checkpoint_save(JournalWriter *writer, const char *folder, const Checkpoint *checkpoint, GError **error);

/* NULL with error; G_FILE_ERROR_NOENT: there is none. */
Checkpoint *checkpoint_load(const char *folder, const char *writer, GError **error);
