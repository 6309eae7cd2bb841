/* SPDX-License-Identifier: Apache-2.0 */
/* A header ends with an empty line, or with the bytes. */
#include "base/fields.h"
#include <string.h>

/* Outlook and Exchange repeat the subject as the topic of the thread. HP-Outer means something inside only (RFC 9788),
 * and repeats there what stands outside. */
const char *const fields_confidential[] = {"Subject",       "Comments",   "Keywords",  "Thread-Topic",
                                           "Summary",       "Abstract",   "X-Subject", "X-Original-Subject",
                                           "X-Old-Subject", "X-Keywords", "Bcc",       "Resent-Bcc",
                                           "HP-Outer",      NULL};

bool field_is_confidential(const char *name, size_t length) {
    for (const char *const *one = fields_confidential; *one; one++)
        if (strlen(*one) == length && g_ascii_strncasecmp(*one, name, length) == 0)
            return true;
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t field_end(const char *data, size_t at, size_t length) {
    if (at < length && (data[at] == '\r' || data[at] == '\n'))
        return at;
    while (at < length) {
        const char *end = memchr(data + at, '\n', length - at);
        at = end ? (size_t)(end - data) + 1 : length;
        if (at == length || (data[at] != ' ' && data[at] != '\t'))
            break;
    }
    return at;
}

/* Of the name with its blanks; the whole field when it has none. */
static size_t name_length(const char *field, size_t length) {
    const char *colon = memchr(field, ':', length);
    return colon ? (size_t)(colon - field) : length;
}

char *field_name(const char *field, size_t length) {
    return g_strchomp(g_ascii_strdown(field, (gssize)name_length(field, length)));
}

void field_relaxed(GString *out, const char *field, size_t length) {
    g_autofree char *name = field_name(field, length);
    g_string_append(out, name);
    g_string_append_c(out, ':');
    bool space = false;
    gsize begin = out->len;
    for (size_t i = name_length(field, length) + 1; i < length; i++) {
        if (is_blank(field[i])) {
            space = true;
            continue;
        }
        if (space && out->len > begin)
            g_string_append_c(out, ' ');
        g_string_append_c(out, field[i]);
        space = false;
    }
    g_string_append_c(out, '\n');
}
