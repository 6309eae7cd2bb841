/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a hint index: opened, believed or thrown away, grown. Private to facts/hintindex.c. */
#pragma once
#include "facts/hintindex.h"
#include <lmdb.h>
#include <pthread.h>

typedef uint64_t ThreadNumber; /* 0: none */

struct HintIndex {
    MDB_env *env; /* NULL: could not be made again */
    char *path;
    bool writable;
    pthread_rwlock_t map; /* held for reading by every transaction, for writing while the map grows */
    MDB_dbi keys;         /* hashed id → ThreadNumber */
    MDB_dbi threads;   /* ThreadNumber → 'T' client NUL matter NUL owner NUL deadline NUL …, or 'R' ThreadNumber */
    MDB_dbi deadlines; /* id → ThreadNumber */
    MDB_dbi ages;      /* running number → hashed id, oldest first */
    MDB_dbi meta;      /* "format", "boot", "clean", "m:WRITER" */
    MDB_txn *txn;      /* the writer's */
    int failed;        /* what went wrong in it */
};

/* Every look-up stands between these; 0 or LMDB's error. */
int hintfile_begin_reading(HintIndex *index, MDB_txn **txn);
void hintfile_end_reading(HintIndex *index, MDB_txn *txn);

/* Before and after a transaction of the writer's: room for it, and a file as long as its pages say. */
void hintfile_grow(HintIndex *index);
void hintfile_make_whole(HintIndex *index);

/* Did the last transaction fail over the file itself? Then it is moved away and made anew, empty, under the readers'
 * hands. The writer's alone; false with a line in the log. */
bool hintfile_is_damaged(const HintIndex *index);
bool hintfile_renew(HintIndex *index);

MDB_val hintfile_val(const char *text);
char *hintfile_meta(HintIndex *index, MDB_txn *txn, const char *name); /* caller owns; NULL */
int hintfile_set_meta(HintIndex *index, MDB_txn *txn, const char *name, const char *text);
