/* SPDX-License-Identifier: Apache-2.0 */
/* Making, freeing and naming facts. Every string member is set from the start, so that no reader has to ask for NULL
 * where the header does not name it. */
#include "facts/facts.h"
#include <stdarg.h>

Envelope *envelope_new(void) {
    Envelope *envelope = g_new0(Envelope, 1);
    envelope->sender = g_strdup("");
    envelope->recipients = g_ptr_array_new_with_free_func(g_free);
    return envelope;
}

Envelope *envelope_copy(const Envelope *envelope) {
    Envelope *copy = envelope_new();
    g_free(copy->sender);
    copy->sender = g_strdup(envelope->sender);
    for (guint i = 0; i < envelope->recipients->len; i++)
        g_ptr_array_add(copy->recipients, g_strdup(g_ptr_array_index(envelope->recipients, i)));
    copy->login = g_strdup(envelope->login);
    copy->client_address = g_strdup(envelope->client_address);
    copy->queue_id = g_strdup(envelope->queue_id);
    copy->received = envelope->received;
    return copy;
}

void envelope_free(Envelope *envelope) {
    if (!envelope)
        return;
    g_free(envelope->sender);
    g_ptr_array_unref(envelope->recipients);
    g_free(envelope->login);
    g_free(envelope->client_address);
    g_free(envelope->queue_id);
    g_free(envelope);
}

static void header_fact_free(void *data) {
    HeaderFact *header = data;
    g_free(header->name);
    g_free(header->raw);
    g_free(header->text);
    g_free(header->others);
    g_free(header);
}

HeaderFact *header_fact_take(char *name, char *raw, char *text) {
    HeaderFact *header = g_new0(HeaderFact, 1);
    header->name = name;
    header->raw = raw;
    header->text = text;
    return header;
}

HeaderFact *header_fact_new(const char *name, const char *raw, const char *text) {
    return header_fact_take(g_strdup(name), g_strdup(raw), g_strdup(text));
}

static void attachment_fact_free(void *data) {
    AttachmentFact *attachment = data;
    g_free(attachment->name);
    g_ptr_array_unref(attachment->names);
    g_free(attachment->type);
    g_free(attachment->sha256);
    g_free(attachment->kind);
    g_free(attachment->why);
    g_free(attachment->text);
    g_ptr_array_unref(attachment->authors);
    g_ptr_array_unref(attachment->entries);
    g_free(attachment);
}

AttachmentFact *attachment_fact_new(void) {
    AttachmentFact *attachment = g_new0(AttachmentFact, 1);
    attachment->name = g_strdup("");
    attachment->names = g_ptr_array_new_with_free_func(g_free);
    attachment->type = g_strdup("");
    attachment->sha256 = g_strdup("");
    attachment->kind = g_strdup("");
    attachment->why = g_strdup("");
    attachment->text = g_strdup("");
    attachment->authors = g_ptr_array_new_with_free_func(g_free);
    attachment->entries = g_ptr_array_new_with_free_func(g_free);
    return attachment;
}

Facts *facts_new(Envelope *envelope) {
    Facts *facts = g_new0(Facts, 1);
    facts->envelope = envelope;
    facts->judged = true;
    facts->headers = g_ptr_array_new_with_free_func(header_fact_free);
    facts->from = g_ptr_array_new_with_free_func(g_free);
    facts->to = g_ptr_array_new_with_free_func(g_free);
    facts->cc = g_ptr_array_new_with_free_func(g_free);
    facts->from_names = g_ptr_array_new_with_free_func(g_free);
    facts->sender = g_ptr_array_new_with_free_func(g_free);
    facts->reply_to = g_ptr_array_new_with_free_func(g_free);
    facts->subject = g_strdup("");
    facts->message_id = g_strdup("");
    facts->date = g_strdup("");
    facts->thread = g_ptr_array_new_with_free_func(g_free);
    facts->thread_index = g_strdup("");
    facts->automatic_why = g_strdup("");
    facts->encryption_why = g_strdup("");
    signature_fact_init(&facts->signature);
    facts->proofs = g_array_new(FALSE, TRUE, sizeof(Proof));
    facts->proof_whys = g_ptr_array_new_with_free_func(g_free);
    facts->key_states = g_ptr_array_new_with_free_func(g_free);
    facts->key_whys = g_ptr_array_new_with_free_func(g_free);
    facts->keys = g_array_new(FALSE, TRUE, sizeof(RecipientKeys));
    facts->attachments = g_ptr_array_new_with_free_func(attachment_fact_free);
    facts->text = g_strdup("");
    facts->aside = g_strdup("");
    facts->detections = g_ptr_array_new_with_free_func((GDestroyNotify)detection_free);
    facts->bounce_failed = g_ptr_array_new_with_free_func(g_free);
    facts->accounts = g_ptr_array_new_with_free_func(g_free);
    facts->anomalies = g_ptr_array_new_with_free_func(g_free);
    facts->body_digest = g_strdup("");
    return facts;
}

static void facts_free_texts(Facts *facts) {
    char *const texts[] = {facts->subject,       facts->message_id,     facts->date, facts->thread_index,
                           facts->automatic_why, facts->encryption_why, facts->text, facts->aside, facts->body_digest};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}

void facts_free(Facts *facts) {
    if (!facts)
        return;
    envelope_free(facts->envelope);
    GPtrArray *const arrays[] = {facts->headers,    facts->from,       facts->to,          facts->cc,
                                 facts->thread,     facts->proof_whys, facts->key_states, facts->key_whys, facts->attachments, facts->anomalies,
                                 facts->detections, facts->accounts,   facts->bounce_failed};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_ptr_array_unref(arrays[i]);
    GPtrArray *const people[] = {facts->from_names, facts->sender, facts->reply_to};
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++)
        g_ptr_array_unref(people[i]);
    g_array_unref(facts->proofs);
    signature_fact_clear(&facts->signature);
    g_array_unref(facts->keys);
    facts_free_texts(facts);
    g_free(facts->bounce_track);
    g_free(facts);
}

void facts_add_anomaly(Facts *facts, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *anomaly = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!g_ptr_array_find_with_equal_func(facts->anomalies, anomaly, g_str_equal, NULL))
        g_ptr_array_add(facts->anomalies, g_steal_pointer(&anomaly));
}

bool facts_has_anomaly(const Facts *facts, const char *prefix) {
    for (guint i = 0; i < facts->anomalies->len; i++) {
        if (g_str_has_prefix(g_ptr_array_index(facts->anomalies, i), prefix))
            return true;
    }
    return false;
}

const HeaderFact *facts_header(const Facts *facts, const char *name) {
    for (guint i = 0; i < facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        if (!g_ascii_strcasecmp(header->name, name))
            return header;
    }
    return NULL;
}

const char *automatic_name(Automatic automatic) {
    static const char *const names[] = {"none", "auto-reply", "bulk", "bounce", "receipt", "calendar", "own"};
    return names[automatic];
}

const char *asks_name(Asks asks) {
    static const char *const names[] = {"unknown", "yes", "no"};
    return names[asks];
}

const char *encryption_name(EncryptionState state) {
    static const char *const names[] = {"none", "smime", "openpgp", "container", "broken", "unknown"};
    return names[state];
}

const char *proof_name(Proof proof) {
    static const char *const names[] = {"none", "smime", "openpgp", "container", "unknown"};
    return names[proof];
}
