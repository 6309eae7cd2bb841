/* SPDX-License-Identifier: Apache-2.0 */
/* The local index behind the hints: an LMDB file folded from journals, disposable, asked without Redis.
 *
 * Keys are keyed hashes (keyring_index) of Message-IDs, Thread-Index GUIDs and correspondents, so the file names
 * nobody. One process writes (its shipper), any number read. Each write transaction also stores, per journal writer,
 * the last sequence number folded. */
#pragma once
#include "base/instant.h"
#include "facts/hints.h"
#include <stdint.h>

typedef struct HintIndex HintIndex;

/* Opens or makes the file. A damaged one is moved away and made anew (the fold starts over), and so is one with which
 * the process died twice, each time soon after it was opened. */
HintIndex *hintindex_open(const char *path, bool writable, GError **error);
void hintindex_free(HintIndex *index);

/* One that could not be opened, for the writer: it knows nothing until hintindex_begin(), which tries again each time,
 * can open or make the file. */
HintIndex *hintindex_postponed(const char *path);

/* The writer's last act, where others may still read and nothing is freed: says that the file may be believed after a
 * restart of the machine. hintindex_free() does the same. */
void hintindex_end_cleanly(HintIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HintIndex, hintindex_free)

/* What is known of a thread by one hashed key; false with *hint NULL when nothing (or, errno set, when it failed). */
bool hintindex_thread(HintIndex *index, const char *key, ThreadHint **hint);

/* Which of these hashed correspondents are known: known[i] is set for keys[i], in one look. False when it failed. */
bool hintindex_people(HintIndex *index, const GPtrArray *keys, bool *known);

/* One write transaction: begin, any of the folds, end (commits). Of several threads one at a time is let in. After a
 * failure the file may have been made anew: hintindex_mark() says where to go on. */
bool hintindex_begin(HintIndex *index);
bool hintindex_end(HintIndex *index);

/* All `keys` (hashed) belong to one thread about this matter and client; "" leaves what was known. `owner` "" likewise.
 * Of two matters, or owners, the one of the later message stays, in whatever order gateways tell of them. */
typedef struct {
    const GPtrArray *keys;
    const char *client, *matter, *owner;
    Instant at; /* of the message */
} ThreadFold;
void hintindex_fold_thread(HintIndex *index, const ThreadFold *fold);
void hintindex_fold_open(HintIndex *index, const GPtrArray *keys, const char *deadline);
/* In the thread of these keys somebody outside has written encrypted. */
void hintindex_fold_encrypted(HintIndex *index, const GPtrArray *keys);
void hintindex_fold_close(HintIndex *index, const char *deadline);

/* Mail was exchanged with these (hashed). Only the newest are kept; who writes again becomes new. */
void hintindex_fold_people(HintIndex *index, const GPtrArray *keys);

uint64_t hintindex_mark(HintIndex *index, const char *writer);
GPtrArray *hintindex_writers(HintIndex *index); /* char *, those that have one; caller owns */
void hintindex_set_mark(HintIndex *index, const char *writer, uint64_t seq);
