/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern, a line end, a text: where the pattern matches, its needs are met, or a rule would miss what it looks for.
 */
#include "policy/condition.h"
#include "policy/needs.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPTIONS = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C };

static void compare(const pcre2_code *code, const char *pattern, const char *text) {
    Pieces *pieces = pieces_new();
    Needs *needs = needs_of(pieces, pattern);
    g_autofree unsigned char *seen = pieces_seen(pieces, text, strlen(text));
    if (!needs_met(needs, seen) && pattern_match(code, text) == MATCH_YES)
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
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, OPTIONS, &error, &where, NULL);
    if (code)
        compare(code, pattern, text);
    pcre2_code_free(code);
    return 0;
}
