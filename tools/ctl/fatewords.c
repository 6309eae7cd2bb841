/* SPDX-License-Identifier: Apache-2.0 */
/* Other servers' words come last in their line, printable and cut. */
#include "ctl/fatewords.h"
#include "base/text.h"
#include <string.h>

enum { WORDS_MAX = 300 };

static const struct {
    const char *what, *words;
} table[] = {
    {"queued", "in the mail server's queue"},
    {"sent", "sent"},
    {"bounced", "bounced"},
    {"expired", "given up by the mail server"},
    {"removed", "thrown away from the mail server's queue"},
    {"unqueued", "never taken into the mail server's queue"},
    {"released", "let go in the mail server's queue"},
    {"deferred", "waiting in the mail server's queue"},
    {"undelivered", "bounced, says a report by mail"},
};

/* "verified TLSv1.3" as "with verified TLS 1.3". */
static void add_tls(GString *line, const char *tls) {
    const char *version = strstr(tls, " TLSv");
    if (version)
        g_string_append_printf(line, " with %.*s TLS %s", (int)(version - tls), tls, version + strlen(" TLSv"));
    else if (*tls)
        g_string_append_printf(line, " with %s", tls);
}

/* The name without address and port: "mx.birch.test[192.0.2.1]:25". */
static char *host_of(const char *relay) {
    return g_strndup(relay, strcspn(relay, "[ "));
}

static char *line_of(const char *what, const char *words, const json_t *entry, const json_t *opened, size_t i) {
    g_autoptr(GString) line = g_string_new(words);
    const json_t *to = json_array_get(json_list(opened, "to"), i);
    const char *tls = json_string_value(json_array_get(json_list(entry, "tls"), i)), *at = json_text(entry, "at");
    const char *rcpt = json_text_or(to, "rcpt", ""), *said = json_text_or(to, "said", "");
    g_autofree char *host = host_of(json_text_or(to, "relay", ""));
    bool sent = strcmp(what, "sent") == 0;
    if (at)
        g_string_append_printf(line, " at %s", at);
    if (sent && *host)
        g_string_append_printf(line, " to %s", host);
    if (sent && tls)
        add_tls(line, tls);
    if (*rcpt)
        g_string_append_printf(line, ", for %s", rcpt);
    if (!sent && *said)
        g_string_append_printf(line, ": %s", said);
    return text_printable(line->str, line->len, WORDS_MAX);
}

GPtrArray *fate_words(const char *what, const json_t *entry, const json_t *opened) {
    for (size_t w = 0; w < G_N_ELEMENTS(table); w++) {
        if (strcmp(table[w].what, what) != 0)
            continue;
        GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
        size_t count = MAX(1, MAX(json_array_size(json_list(opened, "to")), json_array_size(json_list(entry, "tls"))));
        for (size_t i = 0; i < count; i++)
            g_ptr_array_add(lines, line_of(what, table[w].words, entry, opened, i));
        return lines;
    }
    return NULL;
}
