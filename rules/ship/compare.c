/* SPDX-License-Identifier: Apache-2.0 */
/* Entries become the changes that were applied once; those that open a question are asked for. */
#include "ship/compare.h"
#include "ship/translate.h"

#define AT_ONCE 48

void comparison_clear(Comparison *comparison) {
    g_clear_pointer(&comparison->faults, g_ptr_array_unref);
}

static bool opens(const char *change) {
    return g_str_has_prefix(change, "{\"op\":\"open\"") || g_str_has_prefix(change, "{\"op\":\"join\"");
}

/* Leaves in `changes` what opens something. */
static void keep_openings(GPtrArray *changes) {
    for (guint i = changes->len; i-- > 0;)
        if (!opens(g_ptr_array_index(changes, i)))
            g_ptr_array_remove_index(changes, i);
}

static bool ask(Store *store, const CompareRange *range, GPtrArray *openings, Comparison *comparison, GError **error) {
    comparison->opened += openings->len;
    bool good = openings->len == 0 || store_audit_compare(store, openings, range->now, comparison->faults, error);
    g_ptr_array_set_size(openings, 0);
    return good;
}

bool compare_writer(Store *store, const CompareRange *range, Comparison *comparison, GError **error) {
    g_autoptr(JournalReader) reader = journal_reader_open(range->folder, range->writer, range->after, error);
    g_autoptr(GPtrArray) openings = g_ptr_array_new_with_free_func(g_free);
    if (!comparison->faults)
        comparison->faults = g_ptr_array_new_with_free_func(store_fault_free);
    ReadResult result = reader ? READ_ENTRY : READ_BROKEN;
    while (result == READ_ENTRY) {
        g_autoptr(Entry) entry = NULL;
        result = journal_read(reader, &entry, error);
        if (result == READ_ENTRY && entry->seq > range->last)
            break;
        g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
        bool counts = result == READ_ENTRY && (!range->only || checkpoint_next(range->only, entry->seq) == entry->seq);
        if (counts && translate_to_changes(entry, changes))
            keep_openings(changes);
        g_ptr_array_extend_and_steal(openings, g_steal_pointer(&changes));
        if (openings->len >= AT_ONCE && !ask(store, range, openings, comparison, error))
            return false;
    }
    return result != READ_BROKEN && ask(store, range, openings, comparison, error);
}
