/* SPDX-License-Identifier: Apache-2.0 */
/* SCAN, which never holds up the server for long. */
#include "store/scan.h"
#include "base/text.h"
#include <string.h>

#define SCAN_COUNT "500"

/* The beginning with what a pattern would read as its own signs taken literally; caller owns. */
static char *pattern(const Link *link, const char *start) {
    g_autofree char *whole = g_strconcat(link_prefix(link), start, NULL);
    GString *text = g_string_new(NULL);
    for (const char *c = whole; *c; c++) {
        if (strchr("*?[]\\^", *c))
            g_string_append_c(text, '\\');
        g_string_append_c(text, *c);
    }
    g_string_append_c(text, '*');
    return g_string_free(text, FALSE);
}

static redisReply *scan_step(Link *link, const char *cursor, const char *match, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    const char *const scan[] = {"SCAN", cursor, "MATCH", match, "COUNT", SCAN_COUNT};
    for (size_t i = 0; i < G_N_ELEMENTS(scan); i++)
        g_ptr_array_add(words, (char *)scan[i]);
    return link_command(link, words, error);
}

bool scan_keys(Link *link, const char *start, ScanKeys take, void *state, GError **error) {
    g_autofree char *cursor = g_strdup("0");
    g_autofree char *match = pattern(link, start);
    do {
        g_autoptr(redisReply) reply = scan_step(link, cursor, match, error);
        if (!reply)
            return false;
        if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
            g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: a list of keys makes no sense");
            return false;
        }
        if (!link_is_text(reply->element[0], error) || !link_is_texts(reply->element[1], 0, error) ||
            !take(reply->element[1], state, error))
            return false;
        g_free(cursor);
        cursor = g_strdup(reply->element[0]->str);
    } while (!text_equal(cursor, "0"));
    return true;
}
