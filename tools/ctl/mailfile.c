/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough of RFC 5322 to guess an envelope from a message that was saved without one. */
#include "ctl/mailfile.h"
#include "base/text.h"
#include <string.h>

static bool wholly_lf(const char *data, size_t length) {
    return !memchr(data, '\r', length) && memchr(data, '\n', length);
}

GString *mailfile_to_wire(const char *data, size_t length) {
    const char *end = data + length;
    if (length > 5 && memcmp(data, "From ", 5) == 0) {
        const char *line_end = memchr(data, '\n', length);
        data = line_end ? line_end + 1 : end;
        length = (size_t)(end - data);
    }
    if (!wholly_lf(data, length))
        return g_string_new_len(data, (gssize)length);
    GString *wire = g_string_sized_new(length + length / 32 + 2);
    while (data < end) {
        const char *line_end = memchr(data, '\n', (size_t)(end - data));
        g_string_append_len(wire, data, (line_end ? line_end : end) - data);
        if (line_end)
            g_string_append(wire, "\r\n");
        data = line_end ? line_end + 1 : end;
    }
    return wire;
}

/* Where one address list is being read. */
typedef struct {
    GString *plain; /* outside angle brackets, without comments */
    GString *angle; /* inside them */
    bool quoted, in_angle, had_angle;
    unsigned comment; /* depth */
    GPtrArray *addresses;
} Splitter;

static void add_address(GPtrArray *addresses, const char *text) {
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    if (address_is_plausible(trimmed))
        g_ptr_array_add(addresses, g_steal_pointer(&trimmed));
}

static void finish_address(Splitter *s) {
    const char *route_end = s->had_angle && s->angle->str[0] == '@' ? strrchr(s->angle->str, ':') : NULL;
    add_address(s->addresses, !s->had_angle ? s->plain->str : route_end ? route_end + 1 : s->angle->str);
    g_string_truncate(s->plain, 0);
    g_string_truncate(s->angle, 0);
    s->had_angle = s->in_angle = false;
}

/* Outside quotes and comments. */
static void take_special(Splitter *s, char c) {
    if (c == '"') {
        s->quoted = true;
        g_string_append_c(s->in_angle ? s->angle : s->plain, c);
    } else if (c == '(') {
        s->comment = 1;
    } else if (c == '<') {
        s->in_angle = s->had_angle = true;
    } else if (c == '>') {
        s->in_angle = false;
    } else if (s->in_angle) {
        g_string_append_c(s->angle, c); /* a route's comma and colon */
    } else if (c == ':') {
        g_string_truncate(s->plain, 0); /* the name of a group */
    } else if (c == ',' || c == ';') {
        finish_address(s);
    } else {
        g_string_append_c(s->plain, c);
    }
}

void mailfile_split_addresses(const char *text, size_t length, GPtrArray *addresses) {
    Splitter s = {.plain = g_string_new(NULL), .angle = g_string_new(NULL), .addresses = addresses};
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool escaped = c == '\\' && (s.quoted || s.comment) && i + 1 < length;
        if (c == '\r' || c == '\n' || c == '\0')
            continue;
        if (s.comment) {
            s.comment += c == '(' && !escaped;
            s.comment -= c == ')';
            i += escaped;
        } else if (s.quoted) {
            g_string_append_len(s.in_angle ? s.angle : s.plain, text + i, escaped ? 2 : 1);
            i += escaped;
            s.quoted = escaped || c != '"';
        } else {
            take_special(&s, c);
        }
    }
    finish_address(&s);
    g_string_free(s.plain, TRUE);
    g_string_free(s.angle, TRUE);
}

/* The end of the header field that begins at `line`: behind its last folded line. */
static const char *field_end(const char *line, const char *end) {
    for (;;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        if (!line_end)
            return end;
        line = line_end + 1;
        if (line == end || (*line != ' ' && *line != '\t'))
            return line;
    }
}

static bool is_named(const char *field, size_t length, const char *name) {
    size_t size = strlen(name);
    if (length <= size || g_ascii_strncasecmp(field, name, size) != 0)
        return false;
    while (size < length && (field[size] == ' ' || field[size] == '\t')) /* RFC 5322 section 4.5.3 */
        size++;
    return size < length && field[size] == ':';
}

static GPtrArray *without_repeats(GPtrArray *addresses) {
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *once = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < addresses->len; i++)
        if (g_hash_table_add(seen, address_normalise(g_ptr_array_index(addresses, i))))
            g_ptr_array_add(once, g_strdup(g_ptr_array_index(addresses, i)));
    return once;
}

/* The body of the next field with one of the names; *field moves behind it. NULL at the end of the header. */
static const char *next_body(const GString *message, const char **field, const char *const *names, size_t *length) {
    const char *end = message->str + message->len;
    while (*field < end && **field != '\r' && **field != '\n') {
        const char *start = *field, *next = field_end(start, end);
        *field = next;
        for (size_t i = 0; names[i]; i++) {
            if (!is_named(start, (size_t)(next - start), names[i]))
                continue;
            const char *body = (const char *)memchr(start, ':', (size_t)(next - start)) + 1;
            *length = (size_t)(next - body);
            return body;
        }
    }
    return NULL;
}

GPtrArray *mailfile_addresses(const GString *message, const char *const *names) {
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    const char *field = message->str, *body;
    for (size_t length; (body = next_body(message, &field, names, &length));)
        mailfile_split_addresses(body, length, addresses);
    return without_repeats(addresses);
}

char *mailfile_field(const GString *message, const char *name) {
    const char *field = message->str;
    size_t length;
    const char *body = next_body(message, &field, (const char *const[]){name, NULL}, &length);
    if (!body)
        return NULL;
    char *text = g_strndup(body, length);
    return g_strstrip(g_strdelimit(text, "\r\n\t", ' '));
}

GPtrArray *mailfile_ids(const GString *message, const char *const *names, guint limit) {
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    const char *field = message->str, *body;
    for (size_t length; (body = next_body(message, &field, names, &length));) {
        const char *end = body + length, *open, *close;
        while (ids->len < limit && (open = memchr(body, '<', (size_t)(end - body))) &&
               (close = memchr(open, '>', (size_t)(end - open)))) {
            char *id = g_strndup(open + 1, (size_t)(close - open) - 1);
            if (*id && g_hash_table_add(seen, id))
                g_ptr_array_add(ids, id);
            else
                g_free(id);
            body = close + 1;
        }
    }
    return ids;
}
