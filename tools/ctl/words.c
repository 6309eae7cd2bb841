/* SPDX-License-Identifier: Apache-2.0 */
/* A mistyped member would silently test nothing. */
#include "ctl/words.h"
#include "base/text.h"
#include <string.h>

bool words_check_keys(const json_t *object, const char *const *known, const char *where, GError **error) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (g_strv_contains(known, key))
            continue;
        const char *near = text_suggest(key, known);
        g_autofree char *all = near ? NULL : g_strjoinv(", ", (char **)known);
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "unknown \"%s\" in %s; %s%s%s", key, where,
                    near ? "did you mean \"" : "known: ", near ? near : all, near ? "\"?" : "");
        return false;
    }
    return true;
}

bool words_check_texts(const json_t *object, const char *const *keys, GError **error) {
    for (; *keys; keys++) {
        const json_t *value = json_object_get(object, *keys);
        if (!value || json_is_string(value))
            continue;
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is no text; write it in double quotes",
                    *keys);
        return false;
    }
    return true;
}

static unsigned line_at(const char *text, size_t place) {
    unsigned line = 1;
    for (size_t i = 0; i < place; i++)
        line += text[i] == '\n';
    return line;
}

unsigned words_line(const char *text, size_t from, size_t end, const char *word) {
    g_autofree char *quoted = word ? g_strdup_printf("\"%s\"", word) : NULL;
    const char *found = quoted ? g_strstr_len(text + from, (gssize)(end - from), quoted) : NULL;
    return line_at(text, found ? (size_t)(found - text) : from);
}

char *words_quoted(const char *message) {
    const char *open = strchr(message, '"'), *close = open ? strchr(open + 1, '"') : NULL;
    return close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
}
