/* SPDX-License-Identifier: Apache-2.0 */
/* Held mail, and what became of mail that went out: records whose meaning their readers know. */
#include "base/json.h"
#include "base/text.h"
#include "store/words.h"

#define SCAN_COUNT "500"

static bool add_records(const redisReply *pairs, json_t *records, GHashTable *seen, GError **error) {
    if (!link_is_texts(pairs, 0, error))
        return false;
    for (size_t i = 0; i + 1 < pairs->elements; i += 2) {
        const redisReply *text = pairs->element[i + 1];
        if (!g_hash_table_add(seen, g_strdup(pairs->element[i]->str)))
            continue; /* HSCAN may give an element twice */
        json_t *record = json_parse(text->str, text->len, NULL);
        if (json_is_object(record))
            json_array_append_new(records, record);
        else
            json_decref(record);
    }
    return true;
}

/* One step of HSCAN; *cursor is replaced. */
static bool scan_held(Store *store, char **cursor, json_t *records, GHashTable *seen, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "HSCAN");
    words_key(words, link_of(store), "held");
    words_add(words, *cursor);
    words_add(words, "COUNT");
    words_add(words, SCAN_COUNT);
    g_autoptr(redisReply) reply = link_command(link_of(store), words, error);
    if (!reply)
        return false;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        return link_broken(error, "the list of held mail");
    if (!link_is_text(reply->element[0], error) || !add_records(reply->element[1], records, seen, error))
        return false;
    g_free(*cursor);
    *cursor = g_strdup(reply->element[0]->str);
    return true;
}

json_t *store_held(Store *store, GError **error) {
    g_autoptr(json_t) records = json_array();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *cursor = g_strdup("0");
    do {
        if (!scan_held(store, &cursor, records, seen, error))
            return NULL;
    } while (!text_equal(cursor, "0"));
    return g_steal_pointer(&records);
}

json_t *store_held_one(Store *store, const char *queue_id, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "HGET");
    words_key(words, link_of(store), "held");
    words_add(words, queue_id);
    g_autoptr(redisReply) reply = link_command(link_of(store), words, error);
    if (!reply)
        return NULL;
    if (reply->type == REDIS_REPLY_NIL) {
        g_set_error(error, STORE_ERROR, STORE_ABSENT, "no message %s is held", queue_id);
        return NULL;
    }
    if (!link_is_text(reply, error))
        return NULL;
    json_t *record = json_parse(reply->str, reply->len, NULL);
    if (json_is_object(record))
        return record;
    json_decref(record);
    link_broken(error, "a held message's record");
    return NULL;
}

json_t *store_fates(Store *store, const GPtrArray *tracks, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    for (guint i = 0; i < tracks->len; i++)
        words_add(arguments, g_ptr_array_index(tracks, i));
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_FATES, instant_from_seconds(0), arguments, error);
    if (!reply)
        return NULL;
    json_t *fates = json_array();
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        const redisReply *one = reply->element[i];
        json_t *fate = one->type == REDIS_REPLY_STRING ? json_parse(one->str, one->len, NULL) : NULL;
        if (json_is_object(fate))
            json_array_append(fates, fate);
        json_decref(fate);
    }
    return fates;
}
