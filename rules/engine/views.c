/* SPDX-License-Identifier: Apache-2.0 */
/* A view is a second reading beside the first, never instead of it: a firm may look for words in any alphabet. */
#include "engine/views.h"
#include <stdlib.h>
#include <string.h>

enum { MARKS_MAX = 30, PIECE = 512 };

/* Letters of other alphabets that look like Latin ones (Unicode UTS 39), in the order of their code points. */
typedef struct {
    gunichar other;
    char latin;
} Likeness;

static const Likeness likenesses[] = {
    {0x0131, 'i'}, {0x0251, 'a'}, {0x0261, 'g'}, {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'},
    {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'}, {0x039C, 'M'}, {0x039D, 'N'}, {0x039F, 'O'}, {0x03A1, 'P'},
    {0x03A4, 'T'}, {0x03A5, 'Y'}, {0x03A7, 'X'}, {0x03B1, 'a'}, {0x03B9, 'i'}, {0x03BD, 'v'}, {0x03BF, 'o'},
    {0x03C1, 'p'}, {0x03C5, 'u'}, {0x0405, 'S'}, {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'},
    {0x0415, 'E'}, {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'},
    {0x0422, 'T'}, {0x0423, 'Y'}, {0x0425, 'X'}, {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'},
    {0x0441, 'c'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04AE, 'Y'},
    {0x04BB, 'h'}, {0x04C0, 'I'}, {0x0501, 'd'}, {0x050C, 'G'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x0555, 'O'},
    {0x0570, 'h'}, {0x0578, 'n'}, {0x057D, 'u'}, {0x0581, 'g'}, {0x0585, 'o'},
};

static int compare_likeness(const void *key, const void *element) {
    gunichar wanted = *(const gunichar *)key, other = ((const Likeness *)element)->other;
    return wanted < other ? -1 : wanted > other;
}

static gunichar likeness_of(gunichar c) {
    if (c < likenesses[0].other)
        return c;
    const Likeness *found = bsearch(&c, likenesses, G_N_ELEMENTS(likenesses), sizeof *likenesses, compare_likeness);
    return found ? (gunichar)found->latin : c;
}

/* Format characters, fillers and variation selectors: they take no room and part a word only for a program. */
static bool is_unseen(gunichar c) {
    return c >= 0xAD && (g_unichar_type(c) == G_UNICODE_FORMAT || c == 0x034F || c == 0x115F || c == 0x1160 ||
                         (c >= 0x180B && c <= 0x180F) || c == 0x2065 || c == 0x3164 || c == 0xFFA0 ||
                         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF));
}

static bool is_ascii(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* No script needs more marks on one letter (Unicode UAX 15, stream-safe text), and putting a million of them in order
 * takes quadratic time. */
static char *without_heaps_of_marks(const char *text) {
    GString *out = g_string_sized_new(strlen(text));
    unsigned marks = 0;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        marks = c >= 0x300 && g_unichar_combining_class(c) != 0 ? marks + 1 : 0;
        if (marks <= MARKS_MAX)
            g_string_append_len(out, at, g_utf8_next_char(at) - at);
    }
    return g_string_free(out, FALSE);
}

/* The end of a piece that can be read alone: GLib moves the whole rest for each letter it composes. */
static const char *piece_end(const char *at) {
    const char *end = at;
    while (*end && (end - at < PIECE || g_unichar_combining_class(g_utf8_get_char(end)) != 0))
        end = g_utf8_next_char(end);
    return end;
}

static void append_view(GString *view, const char *piece, gssize length) {
    g_autofree char *plain = g_utf8_normalize(piece, length, G_NORMALIZE_NFKC);
    for (const char *at = plain ? plain : ""; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!is_unseen(c))
            g_string_append_unichar(view, likeness_of(c));
    }
}

char *view_of(const char *text) {
    if (is_ascii(text))
        return NULL;
    g_autofree char *safe = without_heaps_of_marks(text);
    GString *view = g_string_sized_new(strlen(safe));
    for (const char *at = safe, *end; *at; at = end) {
        end = piece_end(at);
        append_view(view, at, end - at);
    }
    bool same = g_str_equal(view->str, text);
    return g_string_free(view, same);
}

const char *view_cached(View *view, const char *text) {
    if (!view->made)
        view->text = view_of(text);
    view->made = true;
    return view->text;
}

void view_clear(View *view) {
    g_clear_pointer(&view->text, g_free);
    view->made = false;
}
