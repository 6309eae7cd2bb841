/* SPDX-License-Identifier: Apache-2.0 */
/* Making and freeing parts, whoever found them. */
#include "message/tree.h"

Part *part_new(Part *parent) {
    Part *part = g_new0(Part, 1);
    part->parent = parent;
    part->children = g_ptr_array_new_with_free_func(part_free);
    part->raw = part->data = part->encoding_value = (Slice){"", 0};
    return part;
}

void part_free(void *data) {
    Part *part = data;
    g_free(part->type);
    field_free(part->content_type);
    field_free(part->disposition);
    if (part->further != NULL)
        g_ptr_array_unref(part->further);
    if (part->said != NULL)
        g_array_unref(part->said);
    if (part->noted != NULL)
        g_array_unref(part->noted);
    g_ptr_array_unref(part->children);
    content_proof_free(part->proof);
    g_free(part->given_name);
    g_free(part->owned);
    g_free(part->digest);
    g_free(part);
}

Part *part_add_found(Part *parent, char *name, const char *type, char *data, size_t length) {
    Part *part = part_new(parent);
    part->content_type = field_parse((Slice){type, strlen(type)}, 8);
    part->type = g_strdup(part->content_type->value);
    part->given_name = name;
    part->owned = data;
    part->data = (Slice){data, length};
    part->decoded = part->clean = true;
    g_ptr_array_add(parent->children, part);
    return part;
}

char *part_place(const Part *part) {
    GString *place = g_string_new(NULL);
    for (; part->parent != NULL; part = part->parent) {
        guint index = 0;
        /* An enclosed message and the multipart that it is share a number. */
        if (part->parent->kind == PART_MESSAGE && part->kind == PART_MULTIPART)
            continue;
        if (g_ptr_array_find(part->parent->children, part, &index))
            g_string_prepend(place, place->len > 0 ? "." : "");
        g_autofree char *number = g_strdup_printf("%u", index + 1);
        g_string_prepend(place, number);
    }
    if (place->len == 0)
        g_string_append_c(place, '1');
    return g_string_free(place, FALSE);
}

void part_forget(Part *part) {
    bool again = part->encoding == ENCODING_BASE64 || part->encoding == ENCODING_QUOTED;
    if (!again || part->owned == NULL || part->children->len > 0 || part->proof != NULL)
        return;
    g_clear_pointer(&part->owned, g_free);
    part->data = (Slice){"", 0};
    part->decoded = false;
}
