/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of deadlines by SCAN, those long over from the stream, a hundred in a call: Redis serves others too. The keys
 * first: what moves into the stream meanwhile is met there. */
#include "store/inventory.h"
#include "base/json.h"
#include "base/text.h"
#include "store/link.h"
#include "store/scan.h"
#include <string.h>

#define KEYS_AT_ONCE 100
#define NOW instant_from_seconds(0) /* no script here asks */

typedef struct {
    Link *link;
    InventoryTake take;
    void *state;
} Inventory;

/* Texts of deadlines, from `first` on. */
static bool give(const Inventory *inventory, const redisReply *reply, size_t first, GError **error) {
    if (!link_is_texts(reply, first, error))
        return false;
    for (size_t i = first; i < reply->elements; i++) {
        g_autoptr(json_t) deadline = json_parse(reply->element[i]->str, reply->element[i]->len, NULL);
        if (json_is_object(deadline) && json_text(deadline, "id"))
            inventory->take(deadline, inventory->state);
    }
    return true;
}

static redisReply *ask(Link *link, GPtrArray *arguments, GError **error) {
    redisReply *reply = link_script(link, SCRIPT_INVENTORY, NOW, arguments, error);
    g_ptr_array_set_size(arguments, 1);
    return reply;
}

static bool take_keys(const redisReply *keys, void *state, GError **error) {
    const Inventory *inventory = state;
    size_t before = strlen(link_prefix(inventory->link)) + strlen("d:");
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    g_ptr_array_add(arguments, (char *)"keys");
    for (size_t i = 0; i < keys->elements; i++) {
        if (keys->element[i]->len > before)
            g_ptr_array_add(arguments, keys->element[i]->str + before);
        if (arguments->len <= 1 || (arguments->len <= KEYS_AT_ONCE && i + 1 < keys->elements))
            continue;
        g_autoptr(redisReply) reply = ask(inventory->link, arguments, error);
        if (!reply || !give(inventory, reply, 0, error))
            return false;
    }
    return true;
}

static bool take_record(const Inventory *inventory, GError **error) {
    g_autofree char *place = g_strdup("");
    do {
        g_autoptr(GPtrArray) arguments = g_ptr_array_new();
        g_ptr_array_add(arguments, (char *)"record");
        g_ptr_array_add(arguments, place);
        g_autoptr(redisReply) reply = ask(inventory->link, arguments, error);
        if (!reply || !give(inventory, reply, 1, error))
            return false;
        g_free(place);
        place = g_strdup(reply->element[0]->str);
    } while (*place);
    return true;
}

bool store_inventory(Store *store, InventoryTake take, void *state, GError **error) {
    Inventory inventory = {link_of(store), take, state};
    return scan_keys(inventory.link, "d:", take_keys, &inventory, error) && take_record(&inventory, error);
}

bool store_knows(Store *store, const GPtrArray *ids, bool *known, GError **error) {
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    g_ptr_array_add(arguments, (char *)"known");
    for (guint i = 0; i < ids->len; i++)
        g_ptr_array_add(arguments, g_ptr_array_index(ids, i));
    g_autoptr(redisReply) reply = ask(link_of(store), arguments, error);
    if (!reply || !link_is_texts(reply, ids->len, error))
        return false;
    for (guint i = 0; i < ids->len; i++)
        known[i] = text_equal(reply->element[i]->str, "1");
    return true;
}

/* One command on one of our keys. */
static redisReply *look(Store *store, const char *command, const char *name, GError **error) {
    g_autofree char *key = g_strconcat(link_prefix(link_of(store)), name, NULL);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (char *)command);
    g_ptr_array_add(words, key);
    return link_command(link_of(store), words, error);
}

GHashTable *store_marks(Store *store, GError **error) {
    g_autoptr(redisReply) reply = look(store, "HGETALL", "writers", error);
    if (!reply || !link_is_texts(reply, 0, error))
        return NULL;
    GHashTable *marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        uint64_t *mark = g_new(uint64_t, 1);
        *mark = g_ascii_strtoull(reply->element[i + 1]->str, NULL, 10);
        g_hash_table_insert(marks, g_strdup(reply->element[i]->str), mark);
    }
    return marks;
}

bool store_over(Store *store, uint64_t *count, GError **error) {
    g_autoptr(redisReply) reply = look(store, "ZCARD", "done", error);
    if (reply && reply->type == REDIS_REPLY_INTEGER)
        *count = (uint64_t)reply->integer;
    else if (reply)
        g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: the list of what is over makes no sense");
    return reply && reply->type == REDIS_REPLY_INTEGER;
}
