/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of all writers in some folders, read side by side with Redis: what each has and how much of it is in. */
#pragma once
#include "journal/reader.h"
#include "store/store.h"

typedef struct {
    char *writer;
    JournalReader *reader;
    uint64_t written; /* its last entry when it was opened */
    uint64_t mark;    /* and how far Redis had followed */
    uint64_t entries; /* read */
} Source;

/* All writers with files in these folders (char *); a writer met twice counts once. NULL with error: a folder cannot be
 * read, or holds no journal. Array of Source; caller owns. */
GPtrArray *sources_open(const GPtrArray *folders, GError **error);

/* Reads how far Redis has followed, and waits, while it moves on, until it has followed to `written`; at most
 * `seconds`. */
bool sources_wait(GPtrArray *sources, Store *store, int seconds, GError **error);

/* Is Redis still at least where it was? Not after it was wiped. */
bool sources_are_in(const GPtrArray *sources, Store *store, bool *still, GError **error);

/* Writers that Redis has heard of and that are none of these: char *; caller owns. NULL with error. */
GPtrArray *sources_absent(const GPtrArray *sources, Store *store, GError **error);

/* All entries there are now; may be called again for what came since. `late`: it is behind the mark. False with error:
 * a journal is damaged. */
typedef void (*SourceTake)(Entry *entry, bool late, void *state);
bool sources_read(GPtrArray *sources, SourceTake take, void *state, GError **error);
