/* SPDX-License-Identifier: Apache-2.0 */
/* One journal entry as changes for the store (store/changes.md). Pure. */
#pragma once
#include "journal/entry.h"

/* Appends 0 or more changes, each as the text of a JSON object (char *, the array's). An entry that cannot be
 * understood appends nothing and returns false. */
bool translate_to_changes(Entry *entry, GPtrArray *changes);
