/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients are few and lie in the order in which they were named: all is looked for from the beginning. */
#include "front/fatemessage.h"
#include "base/text.h"
#include <string.h>

static void recipient_free(void *data) {
    FateRecipient *recipient = data;
    g_free(recipient->address);
    g_free(recipient->client);
    g_free(recipient->relay);
    g_free(recipient->said);
    g_free(recipient->tls);
    g_free(recipient);
}

FateMessage *fate_message_new(const char *track, const char *queue_id, Instant accepted) {
    FateMessage *message = g_new0(FateMessage, 1);
    message->track = g_strdup(track);
    message->queue_id = g_strdup(queue_id);
    message->client = g_strdup("");
    message->matter = g_strdup("");
    message->staff = g_strdup("");
    message->matters = g_ptr_array_new_with_free_func(g_free);
    message->accepted = accepted;
    message->recipients = g_ptr_array_new_with_free_func(recipient_free);
    return message;
}

int fate_place_of(const FateMessage *message, const char *address) {
    g_autofree char *wanted = address_normalise(address);
    for (guint i = 0; i < message->recipients->len; i++)
        if (text_equal(((const FateRecipient *)g_ptr_array_index(message->recipients, i))->address, wanted))
            return (int)i;
    return -1;
}

void fate_message_add(FateMessage *message, const char *address, const char *client) {
    if (fate_place_of(message, address) >= 0)
        return;
    FateRecipient *recipient = g_new0(FateRecipient, 1);
    recipient->address = address_normalise(address);
    recipient->client = g_strdup(client);
    g_ptr_array_add(message->recipients, recipient);
}

void fate_message_free(FateMessage *message) {
    char *const texts[] = {message->track, message->queue_id, message->client, message->matter, message->staff};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_ptr_array_unref(message->matters);
    g_ptr_array_unref(message->recipients);
    g_free(message);
}

void fate_settled(FateMessage *message, unsigned place, FateState state) {
    FateRecipient *recipient = g_ptr_array_index(message->recipients, place);
    recipient->state = state;
    recipient->fresh = false;
    message->seen = true;
}

bool fate_has_fresh(const FateMessage *message, FateState state) {
    for (guint i = 0; i < message->recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        if (recipient->fresh && recipient->state == state)
            return true;
    }
    return false;
}

void fate_settle_fresh(const FateMessage *message, FateState state) {
    for (guint i = 0; i < message->recipients->len; i++) {
        FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        if (recipient->state == state)
            recipient->fresh = false;
    }
}

bool fate_has_open(const FateMessage *message) {
    for (guint i = 0; i < message->recipients->len; i++)
        if (((const FateRecipient *)g_ptr_array_index(message->recipients, i))->state == FATE_NONE)
            return true;
    return false;
}

bool fate_waits(const FateMessage *message) {
    for (guint i = 0; i < message->recipients->len; i++)
        if (((const FateRecipient *)g_ptr_array_index(message->recipients, i))->deferred)
            return true;
    return message->on_hold;
}

bool fate_concerns(const FateRecipient *recipient, FateReport what) {
    switch (what) {
    case FATE_REPORT_SENT:
        return recipient->fresh && recipient->state == FATE_SENT;
    case FATE_REPORT_BOUNCED:
        return recipient->fresh && recipient->state == FATE_BOUNCED;
    default:
        return recipient->state == FATE_NONE;
    }
}

/* Has one of the client's people the message, or may still get it? */
static bool may_have_it(const FateMessage *message, const char *client, FateReport what) {
    for (guint i = 0; i < message->recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        if (strcmp(recipient->client, client) == 0 &&
            (recipient->state == FATE_SENT || (recipient->state == FATE_NONE && what == FATE_REPORT_BOUNCED)))
            return true;
    }
    return false;
}

GPtrArray *fate_clients(const FateMessage *message, FateReport what) {
    GPtrArray *clients = g_ptr_array_new();
    for (guint i = 0; i < message->recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        if (*recipient->client && fate_concerns(recipient, what) &&
            !g_ptr_array_find_with_equal_func(clients, recipient->client, g_str_equal, NULL) &&
            (what == FATE_REPORT_SENT || !may_have_it(message, recipient->client, what)))
            g_ptr_array_add(clients, recipient->client);
    }
    return clients;
}
