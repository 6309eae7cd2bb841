/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a text that give way to others. Pure. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* From `at` on `removed` bytes give way to the next `added` ones of what is added. */
typedef struct {
    size_t at, removed, added;
} ByteEdit;

/* False: stop. */
typedef bool (*ByteUse)(void *state, const char *data, size_t length);

/* The new text from byte `from` to `end` in pieces, of `data` and of `added` in turn. `edits` (ByteEdit) are in order, apart
 * from each other, between the two, and add no more than there is. False when `use` stopped. */
bool byteedits_each(const char *data, size_t from, size_t end, const GArray *edits, const char *added, ByteUse use,
                    void *state);
