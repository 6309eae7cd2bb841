/* SPDX-License-Identifier: Apache-2.0 */
/* A run of one writer's entries, read once and folded twice: into the hints at once, into the store when Redis is
 * there. Not for threads; a Batch may be handed over. */
#pragma once
#include "journal/checkpoint.h"
#include "journal/reader.h"
#include "journal/writer.h"

enum { BATCH_ENTRIES = 64 }; /* a call to Redis of a few milliseconds */

typedef struct {
    uint64_t first, last; /* numbers it accounts for; void ones among them have no entry */
    GPtrArray *entries;   /* Entry */
} Batch;

void batch_free(Batch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Batch, batch_free)

/* A place in a journal. The reader is opened when something is read. */
typedef struct {
    const char *folder;    /* borrowed */
    JournalWriter *writer; /* borrowed */
    JournalReader *reader; /* NULL: to be opened behind `at` */
    uint64_t at;           /* the last number taken */
    const Checkpoint *only; /* borrowed; NULL: every entry, else those that matter by it, and all behind it */
} Cursor;

void cursor_set(Cursor *cursor, uint64_t at); /* the reader goes with its place */

/* The entries behind the cursor, at most some hundred and up to number `limit` (of synced ones), and moves it. NULL
 * when there are none. A line that cannot be read is logged and left out: what comes behind it is worth no less. */
Batch *cursor_read(Cursor *cursor, uint64_t limit);
