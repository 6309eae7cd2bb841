/* SPDX-License-Identifier: Apache-2.0 */
/* A digest of the body and of the headers that a reader sees, and the recipient as addresses are compared. Servers on
 * the way fold lines anew and add headers of their own: only what is read counts, white space as one. */
#include "base/noticemark.h"
#include "base/seal.h"
#include "base/text.h"
#include <string.h>

static bool is_seen(const char *name) {
    static const char *const names[] = {"from",     "sender",     "reply-to",    "to",       "cc",
                                        "subject",  "date",       "in-reply-to", "comments", "mime-version",
                                        "keywords", "references", "importance",  "priority", NULL};
    static const char *const kinds[] = {"content-", "resent-", "list-", NULL};
    for (int i = 0; kinds[i]; i++)
        if (g_str_has_prefix(name, kinds[i]))
            return true;
    return g_strv_contains(names, name);
}

/* One header with its folded lines: name in small letters, words with one space between. Others are left out. */
static void add_header(GString *all, const char *header, size_t length) {
    const char *colon = memchr(header, ':', length);
    g_autofree char *raw = colon ? g_ascii_strdown(header, colon - header) : NULL;
    const char *name = raw ? g_strchomp(raw) : "";
    if (!is_seen(name))
        return;
    bool gap = true;
    g_string_append_printf(all, "%s:", name);
    for (const char *at = colon + 1; at < header + length; at++) {
        bool blank = strchr(" \t\r\n", *at) != NULL && *at != '\0';
        if (!blank && gap)
            g_string_append_c(all, ' ');
        if (!blank)
            g_string_append_c(all, *at);
        gap = blank;
    }
    g_string_append_c(all, '\n');
}

/* Caller owns. */
static char *headers_seen(const char *head, size_t length) {
    GString *all = g_string_new(NULL);
    for (const char *at = head, *end = head + length; at < end;) {
        const char *next = at;
        do {
            const char *line_end = memchr(next, '\n', (size_t)(end - next));
            next = line_end ? line_end + 1 : end;
        } while (next < end && (*next == ' ' || *next == '\t'));
        add_header(all, at, (size_t)(next - at));
        at = next;
    }
    return g_string_free(all, FALSE);
}

char *noticemark_of(Keyring *ring, const char *recipient, const NoticeText *text) {
    unsigned char digest[SHA256_SIZE];
    g_autofree char *seen = headers_seen(text->head, text->head_length);
    /* The NUL keeps a header from becoming a body. */
    Bytes pieces[] = {{seen, strlen(seen) + 1}, {text->body, text->body_length}};
    sha256_of(pieces, G_N_ELEMENTS(pieces), digest);
    g_autofree char *said = base32_encode(digest, sizeof digest);
    g_autofree char *address = address_normalise(recipient);
    g_autofree char *value = g_strconcat(said, " ", address, NULL);
    return keyring_mac(ring, "notice", value);
}

bool noticemark_is(Keyring *ring, const char *mark, const char *recipient, const NoticeText *text) {
    g_autofree char *wanted = noticemark_of(ring, recipient, text);
    return strlen(mark) == strlen(wanted) &&
           mac_equal((const unsigned char *)mark, (const unsigned char *)wanted, strlen(wanted));
}
