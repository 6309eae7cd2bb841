/* SPDX-License-Identifier: Apache-2.0 */
/* What one journal entry teaches, for this gateway's hint index and, as text, for those of its peers. Pure but for
 * hintfold_apply(). */
#pragma once
#include "facts/hintindex.h"
#include "journal/entry.h"

/* All texts are borrowed from what it was made of. */
typedef struct {
    uint64_t seq;
    Instant at;
    const char *client, *matter, *owner; /* "": nothing to say */
    bool encrypted;                      /* a client, or a party, wrote encrypted */
    GPtrArray *threads, *people;         /* keyed hashes */
    GPtrArray *opens, *closes;           /* deadlines */
} HintFold;

void hintfold_clear(HintFold *fold);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HintFold, hintfold_clear)

/* False: it teaches nothing. */
bool hintfold_of_entry(Entry *entry, HintFold *fold);

/* Inside hintindex_begin()/end(). As often as one likes: the second time changes nothing. */
void hintfold_apply(const HintFold *fold, HintIndex *index);

/* As a JSON object into an array, and back; false when it is none of ours. */
void hintfold_write(const HintFold *fold, GString *out);
bool hintfold_read(const JsonView *object, HintFold *fold);
