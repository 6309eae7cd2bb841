/* SPDX-License-Identifier: Apache-2.0 */
/* Correspondents: a set of hashed keys that forgets the oldest. Somebody who still writes is put among the newest again
 * before half of the set has gone by, so that a flood of strangers drives out strangers. */
#include "facts/hintfile.h"
#include <string.h>

#define PEOPLE_MAX UINT64_C(2000000)
#define TRIM_MAX 1000 /* in one transaction */

static uint64_t age_of(HintIndex *index, MDB_txn *txn, const char *name) {
    MDB_val key = hintfile_val(name), value;
    uint64_t age = 0;
    if (key.mv_size && key.mv_size <= KEY_MAX && mdb_get(txn, index->people, &key, &value) == 0 &&
        value.mv_size == sizeof age)
        memcpy(&age, value.mv_data, sizeof age);
    return age;
}

bool hintindex_people(HintIndex *index, const GPtrArray *keys, bool *known) {
    MDB_txn *txn;
    if (hintfile_begin_reading(index, &txn) != 0)
        return false;
    for (guint i = 0; i < keys->len; i++)
        known[i] = age_of(index, txn, g_ptr_array_index(keys, i)) != 0;
    hintfile_end_reading(index, txn);
    return true;
}

static void remember(HintIndex *index, const char *name) {
    MDB_val key = hintfile_val(name);
    if (!key.mv_size || key.mv_size > KEY_MAX)
        return;
    uint64_t known = age_of(index, index->txn, name), age = hintfile_next_number(index, index->people_ages);
    if (known && age - known < PEOPLE_MAX / 2)
        return;
    if (known)
        mdb_del(index->txn, index->people_ages, &(MDB_val){sizeof known, &known}, NULL);
    hintfile_put(index, index->people, key, (MDB_val){sizeof age, &age}, 0);
    hintfile_put(index, index->people_ages, (MDB_val){sizeof age, &age}, key, MDB_APPEND);
}

void hintindex_fold_people(HintIndex *index, const GPtrArray *keys) {
    for (guint i = 0; index->txn && index->failed == 0 && i < keys->len; i++)
        remember(index, g_ptr_array_index(keys, i));
}

void hintpeople_trim(HintIndex *index) {
    MDB_cursor *cursor;
    MDB_val age, name;
    MDB_stat stat;
    if (mdb_stat(index->txn, index->people_ages, &stat) != 0 || stat.ms_entries <= PEOPLE_MAX ||
        mdb_cursor_open(index->txn, index->people_ages, &cursor) != 0)
        return;
    for (size_t i = 0; i < MIN(stat.ms_entries - PEOPLE_MAX, TRIM_MAX); i++) {
        char copy[KEY_MAX];
        if (mdb_cursor_get(cursor, &age, &name, i ? MDB_NEXT : MDB_FIRST) != 0)
            break;
        MDB_val key = {MIN(name.mv_size, KEY_MAX), copy};
        memcpy(copy, name.mv_data, key.mv_size);
        mdb_del(index->txn, index->people, &key, NULL);
        mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
}
