/* SPDX-License-Identifier: Apache-2.0 */
/* One part, whoever found it: its bytes are decoded once, when somebody asks. */
#include "message/part.h"
#include "base/seal.h"
#include "base/text.h"

enum { CONTAINERS_AT_MOST = 6 };

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

const char *part_digest(Part *part) {
    if (part->digest == NULL) {
        unsigned char digest[SHA256_SIZE];
        Slice data = part_decode(part);
        sha256_of(&(Bytes){data.at, data.length}, 1, digest);
        part->digest = hex_encode(digest, sizeof digest);
    }
    return part->digest;
}

/* Trying the default password of an Office document takes tens of milliseconds. */
static bool may_look(Part *part) {
    Part *top = part;
    while (top->parent != NULL)
        top = top->parent;
    return top->containers++ < CONTAINERS_AT_MOST;
}

ContentVerdict part_container(Part *part) {
    if (!part->container_known) {
        g_autoptr(GPtrArray) names = part_names(part);
        Slice data = part_decode(part);
        bool costly = data.length > 8 && memcmp(data.at, "\xd0\xcf\x11\xe0", 4) == 0;
        const char *name = names->len > 0 ? g_ptr_array_index(names, 0) : "";
        part->container = costly && !may_look(part)
                              ? CONTENT_BROKEN
                              : proof_container((const unsigned char *)data.at, data.length, name);
        part->container_known = true;
    }
    return part->container;
}

Slice part_decode(Part *part) {
    if (part->decoded)
        return part->data;
    part->decoded = part->clean = true;
    part->data = part->raw;
    if (part->encoding == ENCODING_BASE64)
        part->data.at = part->owned = decode_base64(part->raw, &part->data.length, &part->clean);
    else if (part->encoding == ENCODING_QUOTED)
        part->data.at = part->owned = decode_quoted(part->raw, &part->data.length, &part->clean);
    else if (part->encoding == ENCODING_UNKNOWN)
        part->clean = false;
    return part->data;
}

void part_each(Part *part, void (*visit)(Part *part, void *state), void *state) {
    visit(part, state);
    for (guint i = 0; i < part->children->len; i++)
        part_each(g_ptr_array_index(part->children, i), visit, state);
}

bool part_is(const Part *part, const char *type) {
    return strcmp(part->type, type) == 0;
}

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

bool part_is_body(const Part *part) {
    if (part->kind != PART_LEAF || !(part_is(part, "text/plain") || part_is(part, "text/html")))
        return false;
    return (part->disposition == NULL || strcmp(part->disposition->value, "attachment") != 0) &&
           field_param(part->disposition, "filename") == NULL && field_param(part->content_type, "name") == NULL &&
           part->given_name == NULL;
}
