/* SPDX-License-Identifier: Apache-2.0 */
/* All deadlines that Redis has, one after the other, for a comparison with the journals; and the marks to compare by.
 */
#pragma once
#include "store/store.h"

/* One deadline (borrowed): {"id", "client", "matter", "owner", "state", "soft", "start", "due", "until", "since"
 * (seconds), "by", "qid" (of the answer that counts, TRACK:CLIENT; ""), "asks": [{"id", "start", "threads"}],
 * "replies": [qid], "restricted" (not anybody may answer it), "listed" (in the queue, where it waits)}; or {"id",
 * "broken": true}. */
typedef void (*InventoryTake)(const json_t *deadline, void *state);

/* Gives all, those that end meanwhile perhaps twice; what is neither in a key nor in the record stream for long enough
 * to be met may be missed: ask store_knows(). */
bool store_inventory(Store *store, InventoryTake take, void *state, GError **error);

/* Which of these ids (char *, a hundred at a time at most) are known, under their own or another name: bool for each.
 */
enum { STORE_KNOWS_MAX = 100 };
bool store_knows(Store *store, const GPtrArray *ids, bool *known, GError **error);

/* Writers and up to which entry they are in: char * → uint64_t *. NULL with error. Caller owns. */
GHashTable *store_marks(Store *store, GError **error);

/* How many deadlines are over and still kept; beyond STORE_OVER_MAX the oldest go. */
enum { STORE_OVER_MAX = 1000000 };
bool store_over(Store *store, uint64_t *count, GError **error);
