/* SPDX-License-Identifier: Apache-2.0 */
/* A field is a piece of the message, or one that was written here. */
#include "judge/rewrite.h"
#include "base/text.h"
#include "message/fields.h"

typedef struct {
    Slice name, text;
    char *written; /* NULL: `text` lies in the message */
} Entry;

static void entry_clear(void *data) {
    g_free(((Entry *)data)->written);
}

static size_t read_fields(Slice message, GArray *entries) {
    Slice rest = message;
    const char *start = rest.at;
    for (RawHeader header; header_next(&rest, &header); start = rest.at) {
        Entry entry = {header.name, slice_between(start, rest.at), NULL};
        g_array_append_val(entries, entry);
    }
    return (size_t)(rest.at - message.at);
}

/* RFC 2047 section 2: a line with encoded words has 76 bytes at most. */
static Entry entry_of(const HeaderEdit *edit) {
    g_autoptr(GString) value = g_string_new(edit->value);
    if (text_equal_nocase(edit->name, "Subject"))
        g_string_replace(value, " =?", "\r\n =?", 0);
    char *written = g_strdup_printf("%s: %s\r\n", edit->name, value->str);
    return (Entry){{written, strlen(edit->name)}, {written, strlen(written)}, written};
}

/* The place of the edit's field among the entries, or their number. */
static guint place_of(const GArray *entries, const HeaderEdit *edit) {
    unsigned met = 0;
    for (guint i = 0; i < entries->len; i++)
        if (slice_is(g_array_index(entries, Entry, i).name, edit->name) && ++met == edit->index)
            return i;
    return entries->len;
}

static void change(GArray *entries, const HeaderEdit *edit) {
    guint place = text_equal(edit->op, "add") ? entries->len : place_of(entries, edit);
    if (text_equal(edit->op, "delete")) {
        if (place < entries->len)
            g_array_remove_index(entries, place);
        return;
    }
    Entry entry = entry_of(edit);
    if (place < entries->len)
        g_array_remove_index(entries, place);
    g_array_insert_val(entries, place, entry);
}

GString *rewrite_head(const char *message, size_t length, const GPtrArray *edits, size_t *body_at) {
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(entries, entry_clear);
    *body_at = read_fields((Slice){message, length}, entries);
    for (guint i = 0; edits && i < edits->len; i++)
        change(entries, g_ptr_array_index(edits, i));
    GString *head = g_string_sized_new(*body_at + 512);
    for (guint i = 0; i < entries->len; i++) {
        Slice text = g_array_index(entries, Entry, i).text;
        g_string_append_len(head, text.at, (gssize)text.length);
        if (!g_str_has_suffix(head->str, "\n"))
            g_string_append(head, "\r\n");
    }
    g_string_append(head, "\r\n");
    return head;
}
