/* SPDX-License-Identifier: Apache-2.0 */
/* Fields are compared without their folding; each that came is good for one. */
#include "front/copymail.h"
#include "base/fields.h"
#include "base/text.h"
#include "front/headertext.h"
#include "front/sealed.h"
#include <string.h>

enum { LINE_BYTES = 998 };

/* ---- The header that goes on ---- */

static bool is_named(const char *field, const char *name) {
    g_autofree char *own = field_name(field, strlen(field));
    return text_equal_nocase(own, name);
}

static bool is_ours(const char *field) {
    for (int i = 0; i < OUR_HEADERS; i++)
        if (is_named(field, session_our_headers[i]))
            return true;
    return false;
}

/* The place of the `index`-th field of that name, or the number of fields. */
static guint place_of(const GPtrArray *fields, const char *name, unsigned index) {
    unsigned met = 0;
    for (guint i = 0; i < fields->len; i++)
        if (is_named(g_ptr_array_index(fields, i), name) && ++met == index)
            return i;
    return fields->len;
}

static char *field_of(const CopySource *source, const AnswerHeader *header) {
    g_autofree char *value = headertext_value(source->session->front->keyring, source->answer, header);
    g_autoptr(GString) wire = g_string_new(value);
    g_string_replace(wire, "\n", "\r\n", 0);
    return g_strdup_printf("%s: %s\r\n", header->name, wire->str);
}

static void change(const CopySource *source, GPtrArray *fields, const AnswerHeader *header) {
    guint place = header->op == '+' ? fields->len : place_of(fields, header->name, header->index);
    if (place < fields->len)
        g_ptr_array_remove_index(fields, place);
    if (header->op != '-')
        g_ptr_array_insert(fields, (gint)place, field_of(source, header));
}

/* The fields that came, ours taken away and the answer's changes made: char *, the caller's. */
static GPtrArray *fields_of(const CopySource *source) {
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
    const char *data = memfile_data(source->session->file);
    for (size_t at = 0, end; (end = field_end(data, at, source->session->body_at)) > at; at = end) {
        g_autofree char *field = g_strndup(data + at, end - at);
        if (!is_ours(field))
            g_ptr_array_add(fields, g_steal_pointer(&field));
    }
    const GPtrArray *headers = source->answer->headers;
    for (guint i = 0; i < headers->len; i++)
        change(source, fields, g_ptr_array_index(headers, i));
    return fields;
}

/* ---- In clear ---- */

static bool gather(void *state, const char *data, size_t length) {
    Bytes piece = {data, length};
    if (length)
        g_array_append_val((GArray *)state, piece);
    return true;
}

static void clear_body(const CopySource *source, GArray *body) {
    const Session *session = source->session;
    const char *data = memfile_data(session->file);
    size_t length = memfile_length(session->file);
    byteedits_each(data, session->body_at, length, source->answer->body, source->made, gather, body);
    if (length > session->body_at && data[length - 1] != '\n')
        gather(body, "\r\n", 2);
}

/* ---- Encrypted ---- */

static char *relaxed(const char *field, size_t length) {
    GString *text = g_string_new(NULL);
    field_relaxed(text, field, length);
    return g_string_free(text, FALSE);
}

static void list_destroy(void *list) {
    g_ptr_array_unref(list);
}

/* A field as a judge writes it → those (char *, borrowed) as they go on. The hyphen in the place of the track's MAC is
 * the judge's. */
static GHashTable *known_fields(const CopySource *source, const GPtrArray *fields) {
    GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_destroy);
    for (guint i = 0; i < fields->len; i++) {
        char *field = g_ptr_array_index(fields, i);
        g_autofree char *text = is_named(field, "X-Lexgate-Track")
                                    ? g_strdup_printf("x-lexgate-track:%s.-\n", source->answer->track)
                                    : relaxed(field, strlen(field));
        GPtrArray *same = g_hash_table_lookup(known, text);
        if (!same)
            g_hash_table_insert(known, g_steal_pointer(&text), same = g_ptr_array_new());
        g_ptr_array_add(same, field);
    }
    return known;
}

/* Each is good for one. NULL: there is none. What described the body that came does not describe the encrypted one; the
 * version of MIME, with whatever comment its program wrote there, is that of both. */
static const char *take_known(GHashTable *known, const char *field, size_t length) {
    g_autofree char *text = relaxed(field, length);
    if (g_str_has_prefix(text, "content-"))
        return NULL;
    GPtrArray *same = g_hash_table_lookup(known, text);
    return same && same->len ? g_ptr_array_steal_index(same, 0) : NULL;
}

/* What describes the encrypted body, each field once, and the subject that hides one. */
static bool describes(const CopySource *source, Seal seal, const char *field, size_t length, GHashTable *met) {
    bool hides = source->answer->hides_subject;
    g_autofree char *text = relaxed(field, length);
    char *value = strchr(text, ':') + 1;
    *strchrnul(value, '\n') = '\0';
    g_autofree char *name = g_strndup(text, (gsize)(value - 1 - text));
    HeaderChange added = {.op = '+', .name = name, .value = value, .index = 1}, changed = added;
    changed.op = '=';
    return (sealed_allows_header(seal, hides, &added) || sealed_allows_header(seal, hides, &changed)) &&
           g_hash_table_add(met, g_steal_pointer(&name));
}

/* In one line: what was compared, not what was written. */
static void write_described(GString *header, const char *field, size_t length) {
    g_autofree char *text = relaxed(field, length);
    const char *value = strchr(text, ':') + 1;
    g_string_append_len(header, field, value - 1 - text);
    g_string_append_printf(header, ": %.*s\r\n", (int)strlen(value) - 1, value);
}

static bool take_fields(const CopySource *source, const AnswerCopy *copy, Bytes message, size_t *end, GString *header) {
    g_autoptr(GPtrArray) fields = fields_of(source);
    g_autoptr(GHashTable) known = known_fields(source, fields),
                          met = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *data = message.data;
    for (*end = 0;;) {
        size_t at = *end;
        *end = field_end(data, at, message.length);
        if (*end == at)
            return g_hash_table_contains(met, "content-type");
        const char *field = take_known(known, data + at, *end - at);
        if (field)
            g_string_append(header, field);
        else if (describes(source, copy->seal, data + at, *end - at, met))
            write_described(header, data + at, *end - at);
        else
            return false;
    }
}

/* Lines of seven bits, none longer than a server must take. */
static bool is_plain(const char *data, size_t length) {
    size_t line = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)data[i];
        bool breaks = c == '\r' && i + 1 < length && data[i + 1] == '\n';
        if (breaks) {
            line = 0;
            i++;
        } else if (c == 0 || c == '\r' || c == '\n' || c > 0x7e || ++line > LINE_BYTES) {
            return false;
        }
    }
    return length > 2 && line == 0;
}

static const char *take_sealed(const CopySource *source, const AnswerCopy *copy, CopyBytes *bytes) {
    Bytes message = {source->made + copy->offset, copy->size};
    size_t at = 0;
    if (!take_fields(source, copy, message, &at, bytes->header))
        return "its header is not the message's";
    if (message.length - at < 2 || memcmp((const char *)message.data + at, "\r\n", 2) != 0)
        return "it has no body";
    at += 2;
    if (!is_plain((const char *)message.data + at, message.length - at))
        return "its body is not as encrypted bodies are written";
    gather(bytes->body, (const char *)message.data + at, message.length - at);
    return NULL;
}

CopyBytes *copymail_make(const CopySource *source, const AnswerCopy *copy, const char **why) {
    g_autoptr(CopyBytes) bytes = g_new0(CopyBytes, 1);
    bytes->header = g_string_new(NULL);
    bytes->body = g_array_new(FALSE, FALSE, sizeof(Bytes));
    *why = copy->seal != SEAL_NONE ? take_sealed(source, copy, bytes) : NULL;
    if (*why)
        return NULL;
    if (copy->seal == SEAL_NONE) {
        g_autoptr(GPtrArray) fields = fields_of(source);
        for (guint i = 0; i < fields->len; i++)
            g_string_append(bytes->header, g_ptr_array_index(fields, i));
        clear_body(source, bytes->body);
    }
    return g_steal_pointer(&bytes);
}

void copymail_free(CopyBytes *bytes) {
    if (!bytes)
        return;
    g_string_free(bytes->header, TRUE);
    g_array_unref(bytes->body);
    g_free(bytes);
}
