/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters are read leniently, as mail programs do, and what they read in different ways is marked odd. */
#include "message/fields.h"
#include "base/text.h"
#include "message/charset.h"
#include "message/words.h"

bool header_next(Slice *rest, RawHeader *header) {
    Slice line, next, ahead;
    if (!slice_line(rest, &line) || line.length == 0)
        return false;
    const char *end = line.at + line.length;
    for (ahead = *rest; ahead.length > 0 && (ahead.at[0] == ' ' || ahead.at[0] == '\t') && slice_line(&ahead, &next);
         *rest = ahead)
        end = next.at + next.length;
    const char *colon = memchr(line.at, ':', line.length);
    header->name = slice_between(line.at, colon == NULL ? line.at + line.length : colon);
    header->value = colon == NULL ? (Slice){end, 0} : slice_between(colon + 1, end);
    header->odd = colon == NULL || header->name.length == 0;
    for (size_t i = 0; i < header->name.length && !header->odd; i++)
        header->odd = header->name.at[i] <= ' ' || header->name.at[i] == 0x7f;
    while (header->name.length > 0 && (unsigned char)header->name.at[header->name.length - 1] <= ' ')
        header->name.length--;
    return true;
}

Slice header_skip_mbox_line(Slice message) {
    Slice rest = message, line;
    return message.length > 5 && memcmp(message.at, "From ", 5) == 0 && slice_line(&rest, &line) ? rest : message;
}

char *header_unfold(Slice value) {
    value = slice_strip(value);
    char *text = g_malloc(value.length + 1), *to = text;
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        if (c == '\n' || (c == '\r' && i + 1 < value.length && value.at[i + 1] == '\n'))
            continue;
        *to++ = c == '\r' || c == '\0' || c == '\t' ? ' ' : c;
    }
    *to = '\0';
    return text;
}

/* A reader over one unfolded value. */
typedef struct {
    const char *at;
    Field *field;
} Reader;

static void skip_space(Reader *reader) {
    for (;;) {
        while (g_ascii_isspace(*reader->at))
            reader->at++;
        if (*reader->at != '(')
            return;
        reader->field->comment = true;
        int depth = 0;
        do {
            if (*reader->at == '\\' && reader->at[1] != '\0')
                reader->at++;
            else if (*reader->at == '(')
                depth++;
            else if (*reader->at == ')')
                depth--;
            reader->at++;
        } while (depth > 0 && *reader->at != '\0');
    }
}

static char *read_quoted(Reader *reader) {
    GString *out = g_string_new(NULL);
    for (reader->at++; *reader->at != '\0' && *reader->at != '"'; reader->at++) {
        if (*reader->at == '\\' && reader->at[1] != '\0')
            reader->at++;
        g_string_append_c(out, *reader->at);
    }
    if (*reader->at == '"')
        reader->at++;
    else
        reader->field->odd = true;
    return g_string_free(out, FALSE);
}

/* Up to `;`: a file name with spaces and no quotes is common, and no two readings of it hide anything. */
static char *read_value(Reader *reader) {
    if (*reader->at == '"')
        return read_quoted(reader);
    const char *start = reader->at;
    while (*reader->at != '\0' && *reader->at != ';' && *reader->at != '(')
        reader->at++;
    Slice value = slice_strip(slice_between(start, reader->at));
    return g_strndup(value.at, value.length);
}

/* One piece of a parameter as written: name*3*=value. */
typedef struct {
    char *name, *value;
    int number;   /* -1 without */
    bool encoded; /* ends in `*` */
} Piece;

static void piece_clear(void *data) {
    Piece *piece = data;
    g_free(piece->name);
    g_free(piece->value);
}

static Piece piece_of(char *written, char *value) {
    Piece piece = {g_steal_pointer(&written), value, -1, false};
    size_t length = strlen(piece.name);
    if (length > 1 && piece.name[length - 1] == '*') {
        piece.encoded = true;
        piece.name[--length] = '\0';
    }
    char *star = strrchr(piece.name, '*');
    if (star != NULL && star != piece.name && g_ascii_isdigit(star[1]) &&
        strspn(star + 1, "0123456789") == strlen(star + 1)) {
        piece.number = (int)MIN(g_ascii_strtoull(star + 1, NULL, 10), 100000);
        *star = '\0';
    }
    return piece;
}

static void read_pieces(Reader *reader, GArray *pieces, unsigned limit) {
    for (skip_space(reader); *reader->at != '\0'; skip_space(reader)) {
        if (*reader->at == ';') {
            reader->at++;
            continue;
        }
        const char *start = reader->at;
        while (*reader->at != '\0' && !strchr("=;(", *reader->at))
            reader->at++;
        Slice name = slice_strip(slice_between(start, reader->at));
        skip_space(reader);
        if (*reader->at != '=') {
            reader->field->odd = reader->field->odd || name.length > 0;
            if (*reader->at != ';' && *reader->at != '\0')
                reader->at++;
            continue;
        }
        reader->at++;
        skip_space(reader);
        char *value = read_value(reader);
        if (pieces->len >= limit) {
            reader->field->too_many = true;
            g_free(value);
            return;
        }
        Piece piece = piece_of(g_ascii_strdown(name.at, (gssize)name.length), value);
        g_array_append_val(pieces, piece);
    }
}

static void append_percent(GString *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (text[0] == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(text[1]) << 4 | g_ascii_xdigit_value(text[2])));
            text += 2;
        } else {
            g_string_append_c(out, *text);
        }
    }
}

static int compare_pieces(gconstpointer a, gconstpointer b) {
    return (*(const Piece *const *)a)->number - (*(const Piece *const *)b)->number;
}

/* The pieces of `first`'s name from there on, by their numbers; borrowed. */
static GPtrArray *pieces_of(GArray *pieces, guint first, Field *field) {
    Piece *piece = &g_array_index(pieces, Piece, first);
    GPtrArray *same = g_ptr_array_new();
    g_ptr_array_add(same, piece);
    for (guint i = first + 1; i < pieces->len && piece->number >= 0; i++) {
        Piece *more = &g_array_index(pieces, Piece, i);
        if (more->name != NULL && more->number >= 0 && strcmp(more->name, piece->name) == 0)
            g_ptr_array_add(same, more);
    }
    for (guint i = 0; i < same->len && piece->number >= 0; i++)
        if (((Piece *)g_ptr_array_index(same, i))->number != (int)i)
            field->odd = true; /* a gap, a repeat, disorder */
    return same;
}

/* As it stands, for a program that knows nothing of pieces and encodings. */
static char *join_raw(const GPtrArray *same) {
    g_autoptr(GString) raw = g_string_new(NULL);
    for (guint i = 0; i < same->len; i++)
        g_string_append(raw, ((const Piece *)g_ptr_array_index(same, i))->value);
    return text_printable(raw->str, raw->len, raw->len);
}

/* Appends one piece; the first may name its charset. */
static void append_piece(GString *bytes, const Piece *piece, bool is_first, Slice *charset) {
    const char *text = piece->value, *quote, *second;
    if (piece->encoded && is_first && (quote = strchr(text, '\'')) != NULL &&
        (second = strchr(quote + 1, '\'')) != NULL) {
        *charset = slice_between(text, quote);
        text = second + 1;
    }
    if (piece->encoded)
        append_percent(bytes, text);
    else
        g_string_append(bytes, text);
}

/* Joins the pieces of `first`'s name, from there on; used ones lose their name. */
static FieldParam join(GArray *pieces, guint first, Field *field) {
    Piece *piece = &g_array_index(pieces, Piece, first);
    FieldParam param = {.name = g_strdup(piece->name), .plain = piece->number < 0 && !piece->encoded};
    g_autoptr(GPtrArray) same = pieces_of(pieces, first, field);
    g_autofree char *raw = join_raw(same);
    g_ptr_array_sort(same, compare_pieces);
    g_autoptr(GString) bytes = g_string_new(NULL);
    Slice charset = {"", 0};
    for (guint i = 0; i < same->len; i++) {
        Piece *used = g_ptr_array_index(same, i);
        append_piece(bytes, used, i == 0, &charset);
        g_clear_pointer(&used->name, g_free);
    }
    if (param.plain || charset.length == 0) {
        param.value = words_decode((Slice){bytes->str, bytes->len});
        if (strcmp(param.value, bytes->str) != 0)
            param.plain = false;
    } else {
        GString *out = g_string_new(NULL);
        if (charset_append(out, charset, (Slice){bytes->str, bytes->len}) >= CHARSET_LYING)
            field->odd = true;
        param.value = g_string_free(out, FALSE);
    }
    if (strcmp(raw, param.value) != 0)
        param.raw = g_steal_pointer(&raw);
    return param;
}

static void param_clear(void *data) {
    FieldParam *param = data;
    g_free(param->name);
    g_free(param->value);
    g_free(param->raw);
}

static char *read_main(Reader *reader) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (skip_space(reader); *reader->at != '\0' && *reader->at != ';'; skip_space(reader)) {
        if (out->len > 0 && out->str[out->len - 1] != '/' && *reader->at != '/')
            reader->field->odd = true; /* two words where one belongs */
        while (*reader->at != '\0' && *reader->at != ';' && *reader->at != '(' && !g_ascii_isspace(*reader->at))
            g_string_append_c(out, g_ascii_tolower(*reader->at++));
    }
    if (!g_utf8_validate(out->str, -1, NULL)) {
        reader->field->odd = true;
        return g_strdup("");
    }
    return g_strdup(out->str);
}

Field *field_parse(Slice value, unsigned limit) {
    Field *field = g_new0(Field, 1);
    g_autofree char *text = header_unfold(value);
    Reader reader = {text, field};
    field->params = g_array_new(FALSE, FALSE, sizeof(FieldParam));
    g_array_set_clear_func(field->params, param_clear);
    field->value = read_main(&reader);
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    g_array_set_clear_func(pieces, piece_clear);
    read_pieces(&reader, pieces, limit);
    for (guint i = 0; i < pieces->len; i++) {
        if (g_array_index(pieces, Piece, i).name == NULL)
            continue;
        FieldParam param = join(pieces, i, field);
        g_array_append_val(field->params, param);
    }
    return field;
}

void field_free(Field *field) {
    if (field == NULL)
        return;
    g_free(field->value);
    g_array_unref(field->params);
    g_free(field);
}

bool field_is_media(const Field *field) {
    const char *slash = field == NULL ? NULL : strchr(field->value, '/');
    if (slash == NULL || slash == field->value || slash[1] == '\0' || strchr(slash + 1, '/') != NULL)
        return false;
    return strpbrk(field->value, "()<>@,;:\\\"[]?= \t") == NULL;
}

const FieldParam *field_param_entry(const Field *field, const char *name, unsigned *count) {
    const FieldParam *found = NULL;
    unsigned seen = 0;
    for (guint i = 0; field != NULL && i < field->params->len; i++) {
        const FieldParam *param = &g_array_index(field->params, FieldParam, i);
        if (strcmp(param->name, name) != 0)
            continue;
        if (seen++ == 0)
            found = param;
    }
    if (count != NULL)
        *count = seen;
    return found;
}

const char *field_param(const Field *field, const char *name) {
    const FieldParam *param = field_param_entry(field, name, NULL);
    return param == NULL ? NULL : param->value;
}
