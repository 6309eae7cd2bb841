/* SPDX-License-Identifier: Apache-2.0 */
/* What is followed: mail on its way out of the firm that was let pass, or held and may be let go. */
#include "front/fatebook.h"
#include "base/text.h"
#include <string.h>

enum { COPIES_MAX = 20000, DAYS = 6 };

struct FateBook {
    Keyring *keyring;
    Fates *fates;
    GHashTable *copies; /* hash of message and recipient (front/split.c) → queue id of the copy */
};

FateBook *fatebook_new(Keyring *keyring) {
    FateBook *book = g_new0(FateBook, 1);
    book->keyring = keyring;
    book->fates = fates_new();
    book->copies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return book;
}

void fatebook_free(FateBook *book) {
    if (!book)
        return;
    fates_free(book->fates);
    g_hash_table_unref(book->copies);
    g_free(book);
}

Fates *fatebook_fates(FateBook *book) {
    return book->fates;
}

char *fatebook_hash(Keyring *keyring, const char *address) {
    g_autofree char *normal = address_normalise(address);
    return keyring_index(keyring, "address", normal);
}

/* ---- a message that went out ---- */

static void set_text(char **into, const char *text) {
    g_free(*into);
    *into = g_strdup(text);
}

static bool is_followed(const Entry *entry, const JsonView *body, bool *held) {
    const char *action = view_text_or(body, "action", "");
    bool judged = strcmp(entry->kind, "decision") == 0;
    *held = strcmp(action, "hold") == 0 || strcmp(action, "confirm") == 0;
    return text_equal(view_text(body, "direction"), "outgoing") && !view_flag(body, "observe", false) &&
           (*held || (judged && strcmp(action, "accept") == 0));
}

static void add_matter(FateMessage *message, const char *matter) {
    if (*matter && !g_ptr_array_find_with_equal_func(message->matters, matter, g_str_equal, NULL))
        g_ptr_array_add(message->matters, g_strdup(matter));
}

static void take_ops(FateMessage *message, const JsonView *body) {
    const JsonView *ops = view_list(body, "ops");
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op)) {
        message->clears = true; /* or asks for an answer, which is due when the question has arrived */
        add_matter(message, view_text_or(op, "matter", ""));
    }
}

/* Those outside: what colleagues get is not asked. */
static bool take_recipients(const FateBook *book, FateMessage *message, const JsonView *body,
                            const FateReading *reading) {
    const char *sealed = view_text_or(body, "p", "");
    g_autofree char *plain = keyring_open_value(book->keyring, view_text_or(body, "k", KEYRING_FIRM), sealed, NULL);
    g_autoptr(JsonDocument) opened = plain ? jsonview_parse(plain, strlen(plain), NULL) : NULL;
    const JsonView *list = opened ? view_list(jsonview_root(opened), "rcpt") : NULL;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item)) {
        const char *address = view_string(item);
        if (!address || !*address || policy_is_ours(reading->policy, address))
            continue;
        g_autoptr(Client) client = NULL;
        bool known = registry_client_of(reading->registry, address, &client) == LOOKUP_FOUND;
        fate_message_add(message, address, known ? client->id : "");
    }
    return message->recipients->len > 0;
}

typedef struct {
    char *queue_id;
    GArray *places;
} Copy;

static void copy_clear(void *data) {
    Copy *copy = data;
    g_free(copy->queue_id);
    g_array_unref(copy->places);
}

static GArray *places_of(GArray *copies, const char *queue_id) {
    for (guint i = 0; i < copies->len; i++)
        if (strcmp(g_array_index(copies, Copy, i).queue_id, queue_id) == 0)
            return g_array_index(copies, Copy, i).places;
    Copy copy = {g_strdup(queue_id), g_array_new(FALSE, FALSE, sizeof(unsigned))};
    g_array_append_val(copies, copy);
    return copy.places;
}

/* Who has which copy was journalled as each was queued. */
static void follow_copies(FateBook *book, FateMessage *message, const char *original) {
    g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(Copy));
    g_array_set_clear_func(copies, copy_clear);
    for (guint i = 0; i < message->recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        g_autofree char *value = g_strconcat(original, " ", recipient->address, NULL);
        g_autofree char *hash = keyring_index(book->keyring, "copy", value);
        const char *queue_id = g_hash_table_lookup(book->copies, hash);
        if (queue_id)
            g_array_append_val(places_of(copies, queue_id), i);
        g_hash_table_remove(book->copies, hash);
    }
    for (guint i = 0; i < copies->len; i++)
        fates_add_copy(book->fates, message, g_array_index(copies, Copy, i).queue_id,
                       g_array_index(copies, Copy, i).places);
}

static void decision(FateBook *book, const Entry *entry, const JsonView *body, const FateReading *reading) {
    bool held;
    const char *track = view_text_or(body, "track", ""), *original = view_text_or(body, "original", "");
    if (!is_followed(entry, body, &held) || !*track)
        return;
    FateMessage *message = fate_message_new(track, *original ? "" : view_text_or(body, "qid", ""), entry->t);
    message->held = held;
    message->lines = reading->lines;
    message->seen = *original; /* the copies' MTA has said so */
    set_text(&message->client, view_text_or(body, "k", KEYRING_FIRM));
    set_text(&message->matter, view_text_or(body, "matter", ""));
    set_text(&message->staff, view_text_or(body, "staff", ""));
    add_matter(message, message->matter);
    take_ops(message, body);
    bool outside = take_recipients(book, message, body, reading);
    fates_add(book->fates, message);
    if (!outside)
        fates_drop(book->fates, track);
    else if (*original)
        follow_copies(book, message, original);
}

/* ---- what was told of it ---- */

static void queued(FateBook *book, FateMessage *message, const JsonView *body) {
    const char *as = view_text_or(body, "as", "");
    const JsonView *hashes = view_list(body, "rcpt");
    if (!*as) {
        if (message)
            message->seen = true;
        return;
    }
    if (g_hash_table_size(book->copies) >= COPIES_MAX)
        g_hash_table_remove_all(book->copies);
    for (const JsonView *item = view_first(hashes); item; item = view_next(hashes, item))
        if (view_string(item))
            g_hash_table_replace(book->copies, g_strdup(view_string(item)), g_strdup(as));
}

static void settle(const FateBook *book, FateMessage *message, const JsonView *body, FateState state) {
    const JsonView *hashes = view_list(body, "rcpt");
    for (const JsonView *item = view_first(hashes); item; item = view_next(hashes, item))
        for (guint i = 0; i < message->recipients->len; i++) {
            const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
            g_autofree char *hash = recipient->state == state ? NULL : fatebook_hash(book->keyring, recipient->address);
            if (hash && text_equal(hash, view_string(item)))
                fate_settled(message, i, state);
        }
}

static bool is_end(const char *kind) {
    return strcmp(kind, "removed") == 0 || strcmp(kind, "expired") == 0 || strcmp(kind, "unqueued") == 0;
}

static void told(FateBook *book, FateMessage *message, const Entry *entry, const JsonView *body) {
    if (strcmp(entry->kind, "sent") == 0)
        settle(book, message, body, FATE_SENT);
    else if (strcmp(entry->kind, "bounced") == 0)
        settle(book, message, body, FATE_BOUNCED);
    else if (strcmp(entry->kind, "released") == 0)
        message->held = false;
    else if (strcmp(entry->kind, "deferred") == 0)
        message->delay_told = message->seen = true;
    else if (is_end(entry->kind))
        fates_drop(book->fates, message->track);
}

void fatebook_fold(FateBook *book, Entry *entry, const FateReading *reading) {
    if (instant_since(reading->now, entry->t).us > duration_seconds(DAYS * 86400).us)
        return;
    const JsonView *body = entry_view(entry);
    if (strcmp(entry->kind, "decision") == 0 || strcmp(entry->kind, "unjudged") == 0) {
        decision(book, entry, body, reading);
        return;
    }
    FateMessage *message = fates_find(book->fates, view_text_or(body, "track", ""));
    if (strcmp(entry->kind, "queued") == 0)
        queued(book, message, body);
    else if (message)
        told(book, message, entry, body);
}
