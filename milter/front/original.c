/* SPDX-License-Identifier: Apache-2.0 */
/* A client that brings a message without Message-ID again gets a new one from Postfix each time: "time.QUEUEID@host",
 * or "QUEUEID@host" where queue ids are long. */
#include "front/original.h"
#include "base/fields.h"
#include "base/text.h"
#include <string.h>

static bool is_of_this_try(const OriginalMail *mail, const char *field, size_t length) {
    g_autofree char *name = field_name(field, length);
    if (text_equal(name, "received") || text_equal(name, "date"))
        return true;
    if (!text_equal(name, "message-id") || !mail->queue_id || !*mail->queue_id)
        return false;
    g_autofree char *mark = g_strconcat(mail->queue_id, "@", NULL);
    return g_strstr_len(field, (gssize)length, mark) != NULL;
}

char *original_digest(const OriginalMail *mail) {
    unsigned char digest[SHA256_SIZE];
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Bytes));
    Bytes sender = {mail->sender, strlen(mail->sender) + 1};
    g_array_append_val(pieces, sender);
    size_t at = 0, end;
    for (; at < mail->body_at && (end = field_end(mail->data, at, mail->body_at)) > at; at = end)
        if (!is_of_this_try(mail, mail->data + at, end - at)) {
            Bytes field = {mail->data + at, end - at};
            g_array_append_val(pieces, field);
        }
    Bytes rest = {mail->data + at, mail->length - at};
    g_array_append_val(pieces, rest);
    sha256_of((const Bytes *)(void *)pieces->data, pieces->len, digest);
    return hex_encode(digest, sizeof digest);
}
