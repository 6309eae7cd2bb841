/* SPDX-License-Identifier: Apache-2.0 */
/* Headers as an MTA changes them for a milter: by name and number, new ones at the end; the body by the judge's edits.
 */
#include "ctl/rewritten.h"
#include "base/text.h"
#include "ctl/mailfile.h"
#include <string.h>

bool rewritten_goes_on(const Decision *decision) {
    return decision->observe || decision->action == ACTION_ACCEPT || decision->action == ACTION_HOLD ||
           decision->action == ACTION_CONFIRM;
}

/* RFC 2047 section 2: a line with encoded words has 76 bytes at most. */
static char *field_of(const HeaderEdit *edit) {
    g_autoptr(GString) value = g_string_new(edit->value);
    if (text_equal_nocase(edit->name, "Subject"))
        g_string_replace(value, " =?", "\r\n =?", 0);
    return g_strdup_printf("%s: %s\r\n", edit->name, value->str);
}

/* The place of the edit's header among the fields, or their number. */
static guint place_of(const GPtrArray *fields, const HeaderEdit *edit) {
    unsigned met = 0;
    for (guint i = 0; i < fields->len; i++)
        if (mailfile_is_field(g_ptr_array_index(fields, i), edit->name) && ++met == edit->index)
            return i;
    return fields->len;
}

static void change(GPtrArray *fields, const HeaderEdit *edit) {
    guint place = text_equal(edit->op, "add") ? fields->len : place_of(fields, edit);
    if (text_equal(edit->op, "delete")) {
        if (place < fields->len)
            g_ptr_array_remove_index(fields, place);
        return;
    }
    if (place == fields->len) {
        g_ptr_array_add(fields, field_of(edit));
        return;
    }
    g_free(g_ptr_array_index(fields, place));
    g_ptr_array_index(fields, place) = field_of(edit);
}

static bool append(void *state, const char *data, size_t length) {
    g_string_append_len(state, data, (gssize)length);
    return true;
}

GString *rewritten_message(const GString *wire, const Decision *decision) {
    g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    size_t body = mailfile_fields(wire, fields);
    for (guint i = 0; !decision->observe && i < decision->headers->len; i++)
        change(fields, g_ptr_array_index(decision->headers, i));
    GString *out = g_string_sized_new(wire->len + decision->body_bytes->len + 1024);
    for (guint i = 0; i < fields->len; i++)
        g_string_append(out, g_ptr_array_index(fields, i));
    byteedits_each(wire->str, body, wire->len, decision->observe ? none : decision->body_edits,
                   decision->body_bytes->str, append, out);
    return out;
}
