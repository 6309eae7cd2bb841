/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines asked for by id or by what they have in common, a page of an index at a time. */
#include "base/text.h"
#include "store/decode.h"
#include "store/words.h"
#include <string.h>

#define LOOK_AT_LEAST 20
#define LOOK_AT_MOST 100
#define EXPECTED ">" /* lib.lua */

Deadline *store_deadline(Store *store, const char *id, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    words_add(arguments, id);
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_SHOW, instant_from_seconds(0), arguments, error);
    if (!reply)
        return NULL;
    if (reply->type == REDIS_REPLY_NIL) {
        g_set_error(error, STORE_ERROR, STORE_ABSENT, "there is no deadline %s", id);
        return NULL;
    }
    Deadline *deadline = reply->type == REDIS_REPLY_STRING ? decode_deadline(reply->str, reply->len) : NULL;
    if (!deadline)
        link_broken(error, "a deadline's record");
    return deadline;
}

/* A place in an index, as query.lua gives it. */
typedef struct {
    char *from, *skip;
} Place;

static bool query_page(Store *store, const StoreQuery *query, const char *index, Place *place, GPtrArray *found,
                       GError **error) {
    const char *state = query->state && !text_equal(query->state, "any") ? query->state : "";
    const char *const filters[] = {query->owner, query->client, query->matter, state};
    g_autoptr(GPtrArray) arguments = words_new();
    words_add(arguments, index);
    words_add(arguments, place->from);
    words_add(arguments, place->skip);
    words_number(arguments, CLAMP(query->limit, LOOK_AT_LEAST, LOOK_AT_MOST));
    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
        words_add(arguments, filters[i] ? filters[i] : "");
    words_add(arguments, query->overdue ? "1" : "");
    words_add(arguments, query->expected ? EXPECTED : "");
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_QUERY, query->now, arguments, error);
    if (!reply || !link_is_texts(reply, 2, error))
        return false;
    for (size_t i = 2; i < reply->elements; i++) {
        Deadline *deadline = decode_deadline(reply->element[i]->str, reply->element[i]->len);
        if (!deadline)
            return link_broken(error, "a deadline's record");
        g_ptr_array_add(found, deadline);
    }
    g_free(place->from);
    g_free(place->skip);
    place->from = g_strdup(reply->element[0]->str);
    place->skip = g_strdup(reply->element[1]->str);
    return true;
}

static bool query_index(Store *store, const StoreQuery *query, const char *index, GPtrArray *found, GError **error) {
    Place place = {g_strdup("-inf"), g_strdup("0")};
    guint enough = found->len + query->limit;
    bool good = true;
    while (good && *place.from && found->len < enough)
        good = query_page(store, query, index, &place, found, error);
    g_free(place.from);
    g_free(place.skip);
    return good;
}

/* The index that leaves least to look through. Caller owns. */
static char *best_index(const StoreQuery *query) {
    const char *side = query->expected ? EXPECTED : "";
    if (query->matter && *query->matter)
        return g_strconcat(side, "m:", query->matter, NULL);
    if (query->client && *query->client)
        return g_strconcat(side, "c:", query->client, NULL);
    return query->owner && *query->owner ? g_strconcat(side, "o:", query->owner, NULL) : g_strconcat(side, "all", NULL);
}

static gint by_due(gconstpointer a, gconstpointer b) {
    const Deadline *x = *(const Deadline *const *)a, *y = *(const Deadline *const *)b;
    int order = instant_compare(x->due, y->due);
    return order ? order : strcmp(x->id, y->id);
}

static void free_deadline(void *deadline) {
    deadline_free(deadline);
}

GPtrArray *store_query(Store *store, const StoreQuery *query, GError **error) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_deadline);
    g_autofree char *index = best_index(query);
    bool any = text_equal(query->state, "any");
    bool done = text_equal(query->state, "answered") || text_equal(query->state, "closed");
    if (!done && !query_index(store, query, index, found, error))
        return NULL;
    if ((done || any) && !query_index(store, query, "done", found, error))
        return NULL;
    g_ptr_array_sort(found, by_due);
    if (found->len > query->limit)
        g_ptr_array_set_size(found, (gint)query->limit);
    return g_steal_pointer(&found);
}
