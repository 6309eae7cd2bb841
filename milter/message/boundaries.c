/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers differ in where a value ends, in pieces and comments they do not know, and in which of two they take. */
#include "message/boundaries.h"
#include "message/fields.h"
#include "message/prescan.h"

enum { MOST = 12, LENGTH = 256, PIECES = 10, PARAMETERS = 64, TRIES = 64 };

static void boundary_clear(void *data) {
    g_free(((Boundary *)data)->text);
}

static void add(GArray *boundaries, const char *text, size_t length, bool guessed) {
    if (length == 0 || length > LENGTH || boundaries->len >= MOST)
        return;
    g_autofree char *copy = g_strndup(text, length);
    for (guint i = 0; i < boundaries->len; i++)
        if (strcmp(g_array_index(boundaries, Boundary, i).text, copy) == 0)
            return;
    Boundary boundary = {g_steal_pointer(&copy), guessed};
    g_array_append_val(boundaries, boundary);
}

/* A value as it stands: whole, without its comment, its first word, what its quotes hold. Gives the longest reading
 * without quotes, for a piece of several. */
static Slice add_written(GArray *boundaries, const char *at, bool piece) {
    Slice whole = slice_strip((Slice){at, strcspn(at, ";")});
    if (*at == '"') {
        const char *close = strchr(at + 1, '"');
        whole = slice_between(at + 1, close == NULL ? at + strlen(at) : close);
    }
    if (piece)
        return whole;
    g_autofree char *text = g_strndup(whole.at, whole.length);
    Slice bare = slice_strip((Slice){text, strcspn(text, "(")});
    add(boundaries, text, strlen(text), false);
    add(boundaries, bare.at, bare.length, false);
    add(boundaries, text, strcspn(text, " \t("), false);
    return whole;
}

/* boundary=…, boundary*0=…, boundary*=…, found by their letters alone. */
static void add_from_letters(GArray *boundaries, const char *text) {
    g_autofree char *lower = g_ascii_strdown(text, -1);
    Slice pieces[PIECES] = {{NULL, 0}};
    g_autoptr(GString) joined = g_string_new(NULL);
    unsigned tries = 0;
    for (const char *found = lower; (found = strstr(found, "boundary")) != NULL && tries++ < TRIES; found++) {
        const char *at = text + (found - lower) + 8;
        int number = at[0] == '*' && g_ascii_isdigit(at[1]) ? at[1] - '0' : -1;
        at += strspn(at, "*0123456789 \t");
        if (*at++ != '=')
            continue;
        at += strspn(at, " \t");
        Slice value = add_written(boundaries, at, false);
        if (number >= 0 && pieces[number].at == NULL)
            pieces[number] = value;
    }
    for (unsigned i = 0; i < PIECES; i++)
        if (pieces[i].at != NULL)
            g_string_append_len(joined, pieces[i].at, (gssize)pieces[i].length);
    add(boundaries, joined->str, joined->len, false);
}

/* As the first line that looks like one has it. */
static void add_guess(GArray *boundaries, Slice body) {
    Slice line;
    for (unsigned lines = 0; lines < 1000 && slice_line(&body, &line); lines++) {
        Slice text = slice_strip(line);
        if (line.length > 2 && line.at[0] == '-' && line.at[1] == '-' && text.length > 2) {
            add(boundaries, text.at + 2, text.length - 2, true);
            return;
        }
    }
}

GArray *boundaries_of(Slice type, Slice body) {
    GArray *boundaries = g_array_new(FALSE, FALSE, sizeof(Boundary));
    g_array_set_clear_func(boundaries, boundary_clear);
    g_autoptr(Field) field = field_parse(type, PARAMETERS);
    for (guint i = 0; i < field->params->len; i++) {
        const FieldParam *param = &g_array_index(field->params, FieldParam, i);
        if (strcmp(param->name, "boundary") == 0)
            add(boundaries, param->value, strlen(param->value), false);
    }
    g_autofree char *text = header_unfold((Slice){type.at, MIN(type.length, 16384)});
    add_from_letters(boundaries, text);
    add_guess(boundaries, body);
    return boundaries;
}

BoundaryLine boundary_next(Slice *rest, Slice *line, const Boundary *boundary) {
    size_t length = strlen(boundary->text);
    while (rest->length > 0) {
        const char *at = rest->at, *end = at + rest->length;
        /* rest->at begins a line. */
        if (end - at < 2 || at[0] != '-' || at[1] != '-') {
            const char *found = memmem(at, (size_t)(end - at), "\n--", 3);
            if (found == NULL)
                return LINE_NONE;
            *rest = slice_between(found + 1, end);
        }
        bool closing;
        slice_line(rest, line);
        if (prescan_is_boundary(*line, (Slice){boundary->text, length}, &closing))
            return closing ? LINE_END : LINE_PART;
        if (line->length >= length + 2 && memcmp(line->at + 2, boundary->text, length) == 0)
            return LINE_PREFIX;
    }
    return LINE_NONE;
}
