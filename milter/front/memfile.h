/* SPDX-License-Identifier: Apache-2.0 */
/* Memory files that hold messages: the front's only copy of them.
 *
 * A file is mapped writable by the front, then sealed against growing, shrinking and any other writer. Small files are
 * reused, since a fresh one pays its page faults each time; large ones are given back at once. A file that a judge died
 * on is never reused. What a judge was lent it may have kept, so each class of judges has a pool of its own. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct MemPool MemPool;
typedef struct MemFile MemFile;

/* How much idle memory may be kept, and how much may be in use at once (SIZE_MAX: no limit). Safe for threads. */
MemPool *mempool_new(size_t keep_bytes, size_t use_bytes);

/* Gives idle memory back when no file was taken since the last call: once a second, say. */
void mempool_trim(MemPool *pool);

void mempool_free(MemPool *pool); /* after the last file was given back */

/* NULL with errno when memory is out. `expect` bytes are a guess (SIZE=), not a limit. */
MemFile *memfile_take(MemPool *pool, size_t expect);
bool memfile_append(MemFile *file, const void *data, size_t length); /* grows when needed; false: memory is out */
void memfile_rewind(MemFile *file);                                  /* empties it */
size_t memfile_length(const MemFile *file);
int memfile_seal(MemFile *file);          /* before it is lent: its descriptor, borrowed; -1 with errno */
uint64_t memfile_id(const MemFile *file); /* names its memory while it is small and may come again; 0: it may not */
const char *memfile_data(const MemFile *file);
void memfile_give(MemFile *file, bool spoiled); /* back to the pool, or closed when spoiled */
