/* SPDX-License-Identifier: Apache-2.0 */
/* One journal entry as changes for the store (store/changes.md) and as folds of the hints. Pure. */
#pragma once
#include "facts/hintindex.h"
#include "journal/entry.h"

/* Appends 0 or more changes, each as the text of a JSON object (char *, the array's). An entry that cannot be
 * understood appends nothing and returns false. */
bool translate_to_changes(Entry *entry, GPtrArray *changes);

/* Inside hintindex_begin()/end(). */
void translate_to_hints(Entry *entry, HintIndex *index);
