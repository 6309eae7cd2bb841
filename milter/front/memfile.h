/* SPDX-License-Identifier: Apache-2.0 */
/* Memory files that hold messages: the front's only copy of them.
 *
 * A file is mapped writable by the front, then sealed against growing, shrinking and any other writer. Files are reused, since a
 * fresh one pays its page faults each time; large ones are given back at once. A file that a judge died on is never reused. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct MemPool MemPool;
typedef struct MemFile MemFile;

MemPool *mempool_new(size_t keep_bytes); /* how much idle memory may be kept; safe for threads */
void mempool_free(MemPool *pool);

/* NULL with errno when memory is out. `expect` bytes are a guess (SIZE=), not a limit. */
MemFile *memfile_take(MemPool *pool, size_t expect);
bool memfile_append(MemFile *file, const void *data, size_t length); /* moves to a larger file when needed; false: memory is out */
void memfile_rewind(MemFile *file);                                  /* empties it */
size_t memfile_length(const MemFile *file);
int memfile_fd(const MemFile *file);                                 /* borrowed */
const char *memfile_data(const MemFile *file);
void memfile_give(MemFile *file, bool spoiled);                      /* back to the pool, or closed when spoiled */
