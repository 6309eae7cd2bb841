/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a hint index: opened, believed or thrown away, grown. Private to facts/hintindex.c. */
#pragma once
#include "facts/hintindex.h"
#include <lmdb.h>
#include <pthread.h>

enum { KEY_MAX = 64 };

typedef uint64_t ThreadNumber; /* 0: none */

struct HintIndex {
    MDB_env *env; /* NULL: could not be made again */
    char *path;
    bool writable;
    pthread_mutex_t writing; /* from hintindex_begin() to its end */
    pthread_rwlock_t map; /* held for reading by every transaction, for writing while the map grows */
    MDB_dbi keys;         /* hashed id → ThreadNumber */
    MDB_dbi threads;   /* ThreadNumber → 'T' client NUL matter NUL owner NUL "e" or "" NUL times NUL deadline NUL …, or 'R' ThreadNumber */
    MDB_dbi deadlines; /* id → ThreadNumber */
    MDB_dbi ages;      /* running number → hashed id, oldest first */
    MDB_dbi people;      /* hashed correspondent or pair → running number of its age */
    MDB_dbi people_ages; /* running number → hashed key, oldest first */
    MDB_dbi meta;      /* "format", "boot", "clean", "m:WRITER" */
    MDB_txn *txn;      /* the writer's */
    int failed;        /* what went wrong in it */
    int refused;       /* why the file could not be made the last time; 0: it could */
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

/* Inside the writer's transaction, which remembers its first failure. */
void hintfile_keep_failure(HintIndex *index, int rc);
void hintfile_put(HintIndex *index, MDB_dbi table, MDB_val key, MDB_val value, unsigned flags);
uint64_t hintfile_next_number(HintIndex *index, MDB_dbi table); /* behind the last one of a table whose keys are numbers */

/* The oldest correspondents go when there are too many: facts/hintpeople.c. */
void hintpeople_trim(HintIndex *index);

MDB_val hintfile_val(const char *text);
char *hintfile_meta(HintIndex *index, MDB_txn *txn, const char *name); /* caller owns; NULL */
int hintfile_set_meta(HintIndex *index, MDB_txn *txn, const char *name, const char *text);
