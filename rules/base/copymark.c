/* SPDX-License-Identifier: Apache-2.0 */
/* Fields are digested as DKIM's "relaxed" reads them (RFC 6376 section 3.4.2), since an MTA may fold them anew. What
 * every MTA on the way adds or takes away is left out: it is neither read nor acted upon. */
#include "base/copymark.h"
#include "base/fields.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

static bool is_left_out(const char *name) {
    static const char *const names[] = {"received",   "return-path",    "bcc",
                                        "resent-bcc", "content-length", "x-lexgate-copy"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static char *header_digest(Bytes header) {
    unsigned char digest[SHA256_SIZE];
    const char *data = header.data;
    g_autoptr(GString) fields = g_string_sized_new(header.length);
    for (size_t at = 0, end; (end = field_end(data, at, header.length)) > at; at = end) {
        g_autofree char *name = field_name(data + at, end - at);
        if (!is_left_out(name))
            field_relaxed(fields, data + at, end - at);
    }
    Bytes piece = {fields->str, fields->len};
    sha256_of(&piece, 1, digest);
    return base32_encode(digest, sizeof digest);
}

static char *body_digest(const CopyMail *mail) {
    unsigned char digest[SHA256_SIZE];
    sha256_of(mail->body, mail->pieces, digest);
    return base32_encode(digest, sizeof digest);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As addresses are compared, and sorted. */
static char *recipients_text(const GPtrArray *recipients) {
    g_autoptr(GPtrArray) sorted = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < recipients->len; i++)
        g_ptr_array_add(sorted, address_normalise(g_ptr_array_index(recipients, i)));
    g_ptr_array_sort(sorted, by_name);
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < sorted->len; i++)
        g_string_append_printf(all, "%s\n", (char *)g_ptr_array_index(sorted, i));
    return g_string_free(all, FALSE);
}

static char *mac_for(Keyring *ring, const CopyMail *mail, bool held, int64_t until) {
    g_autofree char *header = header_digest(mail->header), *body = body_digest(mail),
                    *sender = address_normalise(mail->sender), *recipients = recipients_text(mail->recipients),
                    *value = g_strdup_printf("%s\n%s\n%s\n%lld\n%s\n%s", header, body, held ? "hold" : "send",
                                             (long long)until, sender, recipients);
    return keyring_mac(ring, "copy", value);
}

static char *mark_for(Keyring *ring, const CopyMail *mail, bool held, int64_t until) {
    g_autofree char *mac = mac_for(ring, mail, held, until);
    return g_strdup_printf("%s.%lld.%s", held ? "hold" : "send", (long long)until, mac);
}

char *copymark_of(Keyring *ring, const CopyMail *mail, Instant until) {
    return mark_for(ring, mail, mail->held, instant_seconds(until));
}

bool copymark_is(Keyring *ring, const char *mark, const CopyMail *mail, Instant now, bool *held) {
    *held = g_str_has_prefix(mark, "hold.");
    int64_t until = strlen(mark) > 5 ? strtoll(mark + 5, NULL, 10) : 0;
    if (until <= instant_seconds(now))
        return false;
    g_autofree char *wanted = mark_for(ring, mail, *held, until);
    return strlen(mark) == strlen(wanted) &&
           mac_equal((const unsigned char *)mark, (const unsigned char *)wanted, strlen(wanted));
}
