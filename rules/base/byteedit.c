/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is joined in memory. */
#include "base/byteedit.h"

bool byteedits_each(const char *data, size_t from, size_t end, const GArray *edits, const char *added, ByteUse use,
                    void *state) {
    size_t at = from;
    for (guint i = 0; i < edits->len; i++) {
        const ByteEdit *edit = &g_array_index(edits, ByteEdit, i);
        if (!use(state, data + at, edit->at - at) || !use(state, added, edit->added))
            return false;
        added += edit->added;
        at = edit->at + edit->removed;
    }
    return use(state, data + at, end - at);
}
