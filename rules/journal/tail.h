/* SPDX-License-Identifier: Apache-2.0 */
/* Where a writer's journal ends: its last whole entry, and what a crash left behind it. Not for threads. */
#pragma once
#include "journal/entry.h"

typedef struct {
    char *file;    /* name, without the folder */
    int64_t bytes; /* behind the last whole entry */
    char *sha256;
} Tear;

typedef struct {
    uint64_t seq; /* 0 and "" when there is no entry at all */
    char hash[JOURNAL_HASH + 1];
    unsigned last_file; /* 0: no file */
    int64_t last_size;
    GPtrArray *tears; /* Tear, in the order of files */
} Tail;

void tail_clear(Tail *tail);

/* Looks from the end backwards, so that an old journal costs no more than a young one. */
bool tail_find(const char *folder, const char *writer, Tail *tail, GError **error);
