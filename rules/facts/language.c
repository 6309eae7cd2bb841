/* SPDX-License-Identifier: Apache-2.0 */
/* Neighbours are among them on purpose: a text that is as near to Portuguese as to Spanish is then neither for certain.
 */
#include "facts/language.h"
#include <glib.h>
#include <string.h>

const char *const language_words[] = {"en", "de", "fr", "es", "it",      "nl", "pt",
                                      "pl", "sv", "da", "cs", "unknown", NULL};

const char *language_of_tag(const char *tag) {
    size_t length = strcspn(tag, "-_");
    for (const char *const *word = language_words; length == 2 && *word; word++)
        if (strlen(*word) == length && g_ascii_strncasecmp(*word, tag, length) == 0)
            return *word;
    return NULL;
}
