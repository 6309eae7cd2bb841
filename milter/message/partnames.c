/* SPDX-License-Identifier: Apache-2.0 */
/* What a part is called: each name under which some program would save or open it. */
#include "base/text.h"
#include "message/tree.h"

/* Without control characters and those that change the direction of writing ("fdp.exe" shown as "exe.pdf"). */
static char *clean_name(const char *name) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0x200e && c != 0x200f &&
            c != 0x061c && c != 0xfeff)
            g_string_append_unichar(out, c);
    }
    /* Windows saves "a.docm. " as "a.docm". */
    while (out->len > 0 && strchr(" .\t", out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    return text_printable(out->str, out->len, 512);
}

static void add_name(GPtrArray *names, const char *written) {
    g_autofree char *name = clean_name(written);
    if (*name != '\0' && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_steal_pointer(&name));
}

static void add_names(GPtrArray *names, const Field *field, const char *param, bool raw) {
    for (guint i = 0; field != NULL && i < field->params->len; i++) {
        const FieldParam *found = &g_array_index(field->params, FieldParam, i);
        if (strcmp(found->name, param) != 0)
            continue;
        add_name(names, found->value);
        if (raw && found->raw != NULL)
            add_name(names, found->raw);
    }
}

static GPtrArray *names_of(const Part *part, bool raw) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    add_names(names, part->disposition, "filename", raw);
    add_names(names, part->content_type, "name", raw);
    for (guint i = 0; part->further != NULL && i < part->further->len; i++) {
        add_names(names, g_ptr_array_index(part->further, i), "filename", raw);
        add_names(names, g_ptr_array_index(part->further, i), "name", raw);
    }
    if (part->given_name != NULL)
        add_name(names, part->given_name);
    return names;
}

GPtrArray *part_names(const Part *part) {
    return names_of(part, true);
}

bool part_has_two_names(const Part *part) {
    g_autoptr(GPtrArray) names = names_of(part, false);
    return names->len > 1;
}
