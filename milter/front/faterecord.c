/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of one entry are of one order: hashes and TLS in clear, addresses and words sealed. */
#include "front/faterecord.h"
#include "base/jsontext.h"
#include "base/text.h"
#include "front/fatebook.h"

static const char *const kinds[] = {
    [FATE_REPORT_QUEUED] = "queued",     [FATE_REPORT_SENT] = "sent",         [FATE_REPORT_BOUNCED] = "bounced",
    [FATE_REPORT_EXPIRED] = "expired",   [FATE_REPORT_REMOVED] = "removed",   [FATE_REPORT_RELEASED] = "released",
    [FATE_REPORT_UNQUEUED] = "unqueued", [FATE_REPORT_DEFERRED] = "deferred",
};

const char *faterecord_kind(FateReport what) {
    return kinds[what];
}

static GPtrArray *concerned(const FateMessage *message, FateReport what) {
    GPtrArray *recipients = g_ptr_array_new();
    for (guint i = 0; i < message->recipients->len; i++)
        if (fate_concerns(g_ptr_array_index(message->recipients, i), what))
            g_ptr_array_add(recipients, g_ptr_array_index(message->recipients, i));
    return recipients;
}

static void set_text(GString *out, const char *key, const char *text) {
    if (text && *text)
        jsontext_text(out, key, text);
}

static void set_recipients(GString *out, Keyring *keyring, const GPtrArray *recipients, bool delivered) {
    char at[INSTANT_TEXT];
    jsontext_open(out, "rcpt", '[');
    for (guint i = 0; i < recipients->len; i++) {
        g_autofree char *hash = fatebook_hash(keyring, ((const FateRecipient *)recipients->pdata[i])->address);
        jsontext_text(out, NULL, hash);
    }
    jsontext_close(out, ']');
    if (!delivered)
        return;
    jsontext_open(out, "tls", '[');
    for (guint i = 0; i < recipients->len; i++)
        jsontext_text(out, NULL, ((const FateRecipient *)recipients->pdata[i])->tls);
    jsontext_close(out, ']');
    jsontext_text(out, "at", instant_format(((const FateRecipient *)recipients->pdata[0])->at, at));
}

static char *personal(const GPtrArray *recipients) {
    GString *plain = g_string_new(NULL);
    jsontext_open(plain, NULL, '{');
    jsontext_open(plain, "to", '[');
    for (guint i = 0; i < recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(recipients, i);
        jsontext_open(plain, NULL, '{');
        jsontext_text(plain, "rcpt", recipient->address);
        set_text(plain, "relay", recipient->relay);
        set_text(plain, "said", recipient->said);
        jsontext_close(plain, '}');
    }
    jsontext_close(plain, ']');
    jsontext_close(plain, '}');
    return g_string_free(plain, FALSE);
}

char *faterecord(Keyring *keyring, const FateMessage *message, FateReport what, GError **error) {
    g_autoptr(GPtrArray) recipients = concerned(message, what);
    bool delivered = what == FATE_REPORT_SENT || what == FATE_REPORT_BOUNCED;
    g_autofree char *plain = personal(recipients);
    g_autofree char *sealed = keyring_seal(keyring, message->client, plain, error);
    if (!sealed)
        return NULL;
    GString *out = g_string_sized_new(512);
    set_text(out, "qid", message->queue_id);
    jsontext_text(out, "track", message->track);
    set_text(out, "staff", message->staff);
    set_text(out, "matter", message->matter);
    if (message->matters->len > 1)
        jsontext_texts(out, "matters", message->matters);
    if (message->clears)
        jsontext_flag(out, "clears", true);
    if (what == FATE_REPORT_RELEASED || what == FATE_REPORT_REMOVED)
        jsontext_text(out, "by", "the mail server");
    if (what != FATE_REPORT_QUEUED && what != FATE_REPORT_RELEASED && what != FATE_REPORT_DEFERRED) {
        g_autoptr(GPtrArray) clients = fate_clients(message, what);
        jsontext_texts(out, "clients", clients);
    }
    set_recipients(out, keyring, recipients, delivered && recipients->len > 0);
    jsontext_text(out, "k", message->client);
    jsontext_text(out, "p", sealed);
    return g_string_free(out, FALSE);
}
