/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile text may repeat the beginning of a sentence without end, so tries are counted. */
#include "message/bears.h"
#include "base/foldbare.h"
#include <string.h>

enum { TEXT_MOST = 1 << 20, BETWEEN_MOST = 1000, TRIES = 2000 };

struct Wrapped {
    GString *text;
    GByteArray *starts; /* for each byte of it: a line begins here */
};

static bool is_mark(char c) {
    return c == '>' || c == '|' || g_ascii_isspace(c);
}

Wrapped *wrapped_new(const char *text, size_t length) {
    Wrapped *wrapped = g_new0(Wrapped, 1);
    const char *end = text + MIN(length, TEXT_MOST);
    while (end < text + length && end > text && ((unsigned char)*end & 0xC0) == 0x80)
        end--;
    g_autofree char *folded = fold_text(text, (size_t)(end - text), FOLD_WORDS);
    wrapped->text = g_string_sized_new(strlen(folded));
    wrapped->starts = g_byte_array_new();
    bool start = true, quoting = true;
    for (const char *at = folded; *at; at++) {
        bool newline = *at == '\n' || *at == '\r';
        if (newline)
            start = quoting = true;
        if (g_ascii_isspace(*at) || (quoting && is_mark(*at)))
            continue;
        guint8 begins = start;
        g_string_append_c(wrapped->text, *at);
        g_byte_array_append(wrapped->starts, &begins, 1);
        start = quoting = false;
    }
    return wrapped;
}

void wrapped_free(Wrapped *wrapped) {
    g_string_free(wrapped->text, TRUE);
    g_byte_array_unref(wrapped->starts);
    g_free(wrapped);
}

static bool line_begins(const Wrapped *wrapped, size_t at) {
    return at >= wrapped->text->len || wrapped->starts->data[at];
}

/* Behind the piece, which begins at `from` or a little later; NULL without. */
static const char *find_piece(const Wrapped *wrapped, const char *piece, size_t from, size_t most) {
    const char *text = wrapped->text->str + from;
    size_t length = strlen(piece), room = MIN(wrapped->text->len - from, most + length);
    const char *found = memmem(text, room, piece, length);
    return found == NULL ? NULL : found + length;
}

/* The last piece must end a line: an earlier place of it is not the end. */
static bool ends_line(const Wrapped *wrapped, const char *piece, size_t *at, size_t most) {
    size_t last = MIN(*at + most, wrapped->text->len);
    for (size_t end = *at; *piece == '\0' && end <= last; end++)
        if (line_begins(wrapped, end)) {
            *at = end;
            return true;
        }
    for (const char *found; *piece != '\0' && (found = find_piece(wrapped, piece, *at, last - *at)) != NULL;) {
        size_t end = (size_t)(found - wrapped->text->str);
        if (line_begins(wrapped, end)) {
            *at = end;
            return true;
        }
        *at = end - strlen(piece) + 1;
        if (*at > last)
            break;
    }
    return false;
}

bool wrapped_bears_at(const Wrapped *wrapped, const GPtrArray *pieces, size_t *at) {
    size_t next = *at;
    if (pieces->len == 0 || !line_begins(wrapped, next) || next >= wrapped->text->len)
        return false;
    for (guint i = 0; i < pieces->len; i++) {
        const char *piece = g_ptr_array_index(pieces, i);
        size_t most = i == 0 ? 0 : BETWEEN_MOST;
        if (i + 1 == pieces->len) {
            if (!ends_line(wrapped, piece, &next, most))
                return false;
            continue;
        }
        const char *found = find_piece(wrapped, piece, next, most);
        if (found == NULL)
            return false;
        next = (size_t)(found - wrapped->text->str);
    }
    if (next == *at)
        return false;
    *at = next;
    return true;
}

bool wrapped_bears(const Wrapped *wrapped, const GPtrArray *pieces) {
    const char *first = pieces->len > 0 ? g_ptr_array_index(pieces, 0) : "";
    for (size_t at = 0, tries = 0; at < wrapped->text->len && tries < TRIES; at++) {
        const char *found =
            *first == '\0' ? NULL : memmem(wrapped->text->str + at, wrapped->text->len - at, first, strlen(first));
        if (*first != '\0' && found == NULL)
            return false;
        if (found != NULL)
            at = (size_t)(found - wrapped->text->str);
        tries += found != NULL || line_begins(wrapped, at);
        size_t end = at;
        if (wrapped_bears_at(wrapped, pieces, &end))
            return true;
    }
    return false;
}

char *wrapped_piece(const char *text) {
    g_autoptr(FoldBare) bare = fold_bare_text(text, strlen(text), FOLD_WORDS);
    return g_steal_pointer(&bare->text);
}
