/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments and answers of store/fill.lua and store/matters.lua. */
#include "store/fill.h"
#include "base/text.h"
#include "store/link.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(GPtrArray *words, const char *word) {
    g_ptr_array_add(words, g_strdup(word));
}

static void add_number(GPtrArray *words, int64_t number) {
    g_ptr_array_add(words, g_strdup_printf("%" PRId64, number));
}

static bool broken(GError **error) {
    g_set_error_literal(error, STORE_ERROR, STORE_BROKEN,
                        "redis: what it says of how it was filled makes no sense; `lexgate rebuild` makes it anew");
    return false;
}

bool store_fill(Store *store, const Filler *filler, FillKind *kind, GError **error) {
    static const char *const kinds[] = {
        [FILL_WHOLE] = "whole", [FILL_LISTED] = "listed", [FILL_APART] = "apart", [FILL_LATER] = "wiping"};
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    add(arguments, filler->writer);
    add(arguments, filler->listed ? "ck" : "all");
    add_number(arguments, instant_seconds(filler->at));
    add_number(arguments, (int64_t)filler->through);
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_FILL, filler->now, arguments, error);
    if (!reply || !link_is_text(reply, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (text_equal(reply->str, kinds[i])) {
            *kind = (FillKind)i;
            return true;
        }
    return broken(error);
}

static redisReply *ask_hash(Store *store, const char *verb, const char *field, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *key = g_strconcat(link_prefix(link_of(store)), "filled", NULL);
    g_ptr_array_add(words, (char *)verb);
    g_ptr_array_add(words, key);
    if (field)
        g_ptr_array_add(words, (char *)field);
    return link_command(link_of(store), words, error);
}

/* "ck MADE THROUGH"; false: another line. */
static bool read_line(const char *line, Instant *made, uint64_t *through) {
    int64_t seconds;
    if (sscanf(line, "ck %" SCNd64 " %" SCNu64, &seconds, through) != 2)
        return false;
    *made = instant_from_seconds(seconds);
    return true;
}

bool store_filled(Store *store, const char *writer, uint64_t *through, Instant *made, GError **error) {
    g_autoptr(redisReply) reply = ask_hash(store, "HGET", writer, error);
    *through = 0;
    if (!reply || (reply->type != REDIS_REPLY_NIL && !link_is_text(reply, error)))
        return false;
    if (reply->type != REDIS_REPLY_NIL && !read_line(reply->str, made, through))
        *through = 0;
    return true;
}

bool store_is_filled_in_part(Store *store, Instant *made, GError **error) {
    g_autoptr(redisReply) reply = ask_hash(store, "HVALS", NULL, error);
    bool found = false;
    *made = instant_from_seconds(0);
    for (size_t i = 0; reply && link_is_texts(reply, 0, error) && i < reply->elements; i++) {
        Instant at;
        uint64_t through;
        if (!read_line(reply->element[i]->str, &at, &through))
            continue;
        if (!found || instant_compare(at, *made) > 0)
            *made = at;
        found = true;
    }
    return found;
}

bool store_matters(Store *store, const GPtrArray *changes, Instant now, char *answers, GError **error) {
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    add(arguments, "matters");
    add_number(arguments, store_retention(store));
    for (guint i = 0; i < changes->len; i++)
        add(arguments, g_ptr_array_index(changes, i));
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_AUDIT, now, arguments, error);
    if (!reply || !link_is_texts(reply, changes->len, error))
        return false;
    for (guint i = 0; i < changes->len; i++) {
        answers[i] = reply->element[i]->str[0];
        if (!strchr("0123", answers[i]) || !answers[i])
            return broken(error);
    }
    return true;
}

bool store_matters_since(Store *store, Duration youth, Instant now, Instant *since, GError **error) {
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    add(arguments, "since");
    add_number(arguments, youth.us / 1000000);
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_AUDIT, now, arguments, error);
    if (!reply || !link_is_texts(reply, 0, error))
        return false;
    *since = reply->elements ? instant_from_seconds(strtoll(reply->element[0]->str, NULL, 10)) : INSTANT_NEVER;
    return true;
}

bool store_note_oldest(Store *store, const char *writer, Instant at, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    add(words, "HSET");
    g_ptr_array_add(words, g_strconcat(link_prefix(link_of(store)), "oldest", NULL));
    add(words, writer);
    add_number(words, instant_seconds(at));
    g_autoptr(redisReply) reply = link_command(link_of(store), words, error);
    return reply != NULL;
}
