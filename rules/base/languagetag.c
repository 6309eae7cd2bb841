/* SPDX-License-Identifier: Apache-2.0 */
/* ICU has the languages; what people write instead are names, and countries. */
#include "base/languagetag.h"
#include <glib.h>
#include <string.h>
#include <unicode/uloc.h>

bool language_tag_is_known(const char *tag) {
    size_t length = strcspn(tag, "-_");
    for (const char *const *known = uloc_getISOLanguages(); *known; known++)
        if (strlen(*known) == length && g_ascii_strncasecmp(*known, tag, length) == 0)
            return tag[length] == '\0' || g_ascii_isalnum(tag[length + 1]);
    return false;
}

const char *language_tag_meant(const char *word) {
    static const struct {
        const char *tag, *words;
    } rows[] = {
        {"en", " english gb us "},
        {"de", " german deutsch ger at "},
        {"fr", " french français francais fre "},
        {"es", " spanish español espanol sp "},
        {"it", " italian italiano "},
        {"nl", " dutch nederlands dut "},
        {"pt", " portuguese português portugues br "},
        {"pl", " polish polski "},
        {"sv", " swedish svenska "},
        {"da", " danish dansk dk "},
        {"cs", " czech čeština cestina cz "},
    };
    g_autofree char *folded = g_utf8_strdown(word, -1);
    g_autofree char *whole = g_strdup_printf(" %s ", folded);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strstr(rows[i].words, whole))
            return rows[i].tag;
    return NULL;
}
