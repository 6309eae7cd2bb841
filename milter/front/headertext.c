/* SPDX-License-Identifier: Apache-2.0 */
/* A judge writes the track as "ID.-", and a subject in one line. */
#include "front/headertext.h"
#include "base/text.h"

/* RFC 2047 section 2: a line with encoded words has 76 bytes at most. */
static char *folded(const char *value) {
    GString *text = g_string_new(value);
    g_string_replace(text, " =?", "\n =?", 0);
    return g_string_free(text, FALSE);
}

char *headertext_value(Keyring *ring, const Answer *answer, const AnswerHeader *header) {
    if (text_equal(header->name, "Subject"))
        return folded(header->value);
    if (!text_equal(header->name, "X-Lexgate-Track") || !g_str_has_suffix(header->value, ".-"))
        return g_strdup(header->value);
    g_autofree char *mac = keyring_mac(ring, "track", answer->track);
    return g_strdup_printf("%s.%s", answer->track, mac);
}
