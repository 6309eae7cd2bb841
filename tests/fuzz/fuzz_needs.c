/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern, a line end, a text: where the pattern matches, its needs are met, and a window lies there, or a rule would
 * miss what it looks for. */
#include "policy/condition.h"
#include "policy/needs.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const pcre2_code *code, const char *pattern, const char *text) {
    Pieces *pieces = pieces_new();
    Needs *needs = needs_of(pieces, pattern);
    g_autoptr(Sightings) seen = pieces_seen(pieces, text, strlen(text));
    bool matches = pattern_match(code, text) == MATCH_YES;
    if (!needs_met(needs, seen) && matches)
        abort();
    g_autoptr(GArray) windows = needs_windows(needs, seen);
    bool found = !windows;
    for (guint i = 0; windows && !found && i < windows->len; i++) {
        const Window *window = &g_array_index(windows, Window, i);
        Subject subject = {text, strlen(text), window->from, window->last, false};
        size_t from, to;
        found = pattern_find(code, &subject, &from, &to) != MATCH_NO;
    }
    if (matches && !found)
        abort();
    needs_free(needs);
    pieces_free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int error;
    PCRE2_SIZE where;
    g_autofree char *pattern = g_strndup((const char *)data, size);
    char *text = strchr(pattern, '\n');
    if (!text || !g_utf8_validate(pattern, -1, NULL))
        return 0;
    *text++ = '\0';
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PATTERN_OPTIONS, &error, &where, NULL);
    if (code)
        compare(code, pattern, text);
    pcre2_code_free(code);
    return 0;
}
