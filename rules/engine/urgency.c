/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/urgency.h"
#include "base/text.h"
#include "engine/tests.h"

static bool says_urgent(const HeaderFact *header) {
    static const char *const words[] = {"high", "urgent", "highest"};
    bool numbered = text_equal_nocase(header->name, "X-Priority");
    bool ranked = numbered || text_equal_nocase(header->name, "Importance") ||
                  text_equal_nocase(header->name, "Priority") || text_equal_nocase(header->name, "X-MSMail-Priority");
    if (!ranked)
        return false;
    g_autofree char *value = g_strstrip(g_strdup(header->text));
    if (numbered && (*value == '1' || *value == '2') && !g_ascii_isdigit(value[1]))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (text_equal_nocase(value, words[i]))
            return true;
    return false;
}

Match urgency_is_marked(const Facts *facts) {
    for (guint i = 0; i < facts->headers->len; i++)
        if (says_urgent(g_ptr_array_index(facts->headers, i)))
            return MATCH_YES;
    return headers_are_unknown(facts) ? MATCH_UNKNOWN : MATCH_NO;
}
