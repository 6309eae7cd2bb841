/* SPDX-License-Identifier: Apache-2.0 */
/* A mistyped member would silently test nothing. */
#include "ctl/words.h"
#include "base/text.h"

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
