/* SPDX-License-Identifier: Apache-2.0 */
/* A covering note has some lines; what is longer is a letter, and is not compared. */
#include "message/harmless.h"
#include "facts/owntext.h"
#include <string.h>

enum { NOTE_MAX = 8192, LINE_MAX_BYTES = 500 };

static char *comparable(const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *folded = g_utf8_casefold(g_strstrip(valid), -1);
    return g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
}

/* Going back to the last star is enough, so that no line costs more than its length times the pattern's. */
static bool matches(const char *pattern, const char *text) {
    const char *star = NULL, *from = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            from = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++from;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool harmless_line(const char *line, const GPtrArray *lines) {
    g_autofree char *said = comparable(line);
    for (guint i = 0; lines != NULL && strlen(said) <= LINE_MAX_BYTES && i < lines->len; i++) {
        g_autofree char *listed = comparable(g_ptr_array_index(lines, i));
        if (matches(listed, said))
            return true;
    }
    return false;
}

static bool is_of_footer(const char *line, const GPtrArray *footers) {
    g_autofree char *bare = owntext_footer(line);
    for (guint i = 0; footers != NULL && *bare != '\0' && i < footers->len; i++)
        if (strstr(g_ptr_array_index(footers, i), bare) != NULL)
            return true;
    return false;
}

/* "-- ", a rule of dashes, a blank line. */
static bool says_nothing(const char *line) {
    g_autofree char *valid = g_utf8_make_valid(line, -1);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_isalnum(g_utf8_get_char(at)))
            return false;
    return true;
}

bool harmless_text(const char *text, const GPtrArray *lines, const GPtrArray *footers) {
    if (strlen(text) > NOTE_MAX)
        return false;
    g_auto(GStrv) all = g_strsplit(text, "\n", -1);
    for (char **line = all; *line != NULL; line++)
        if (!says_nothing(*line) && !harmless_line(*line, lines) && !is_of_footer(*line, footers))
            return false;
    return true;
}
