/* SPDX-License-Identifier: Apache-2.0 */
/* Each writer moves its time in `writers` about once a second while all it has is in (batch.lua). */
#include "store/known.h"
#include "base/timesource.h"
#include <stdlib.h>
#include <string.h>

#define ALIVE_S 60    /* heard of within */
#define PATIENCE_S 60 /* a writer that is not back by then was taken away */

struct Known {
    GHashTable *alive;    /* names */
    GHashTable *moved;    /* name → int64_t *, of this look */
    unsigned long opened; /* of the connection at the last look; 0: none yet */
    Instant doubt;        /* since when; INSTANT_NEVER: none */
};

Known *known_new(void) {
    Known *known = g_new0(Known, 1);
    known->alive = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    known->moved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    known->doubt = INSTANT_NEVER;
    return known;
}

void known_free(Known *known) {
    g_hash_table_unref(known->alive);
    g_hash_table_unref(known->moved);
    g_free(known);
}

static bool in_doubt(const Known *known) {
    return instant_compare(known->doubt, INSTANT_NEVER) != 0;
}

static redisReply *ask_for_writers(Link *link, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *key = g_strconcat(link_prefix(link), "writers", NULL);
    g_ptr_array_add(words, (char *)"HGETALL");
    g_ptr_array_add(words, key);
    return link_command(link, words, error);
}

/* Pairs of a name and "mark head moved". */
static bool read_writers(Known *known, Link *link, GError **error) {
    g_autoptr(redisReply) reply = ask_for_writers(link, error);
    if (!reply || !link_is_texts(reply, 0, error))
        return false;
    g_hash_table_remove_all(known->moved);
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        const char *last = strrchr(reply->element[i + 1]->str, ' ');
        int64_t *moved = g_new(int64_t, 1);
        *moved = last ? strtoll(last + 1, NULL, 10) : 0;
        g_hash_table_replace(known->moved, g_strdup(reply->element[i]->str), moved);
    }
    return true;
}

/* Have all told since `since` where they stand? */
static bool all_told(const Known *known, int64_t since) {
    GHashTableIter iter;
    void *name;
    g_hash_table_iter_init(&iter, known->alive);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        const int64_t *moved = g_hash_table_lookup(known->moved, name);
        if (!moved || *moved < since)
            return false;
    }
    return true;
}

static void remember(Known *known, Instant now) {
    GHashTableIter iter;
    void *name, *moved;
    g_hash_table_remove_all(known->alive);
    g_hash_table_iter_init(&iter, known->moved);
    while (g_hash_table_iter_next(&iter, &name, &moved))
        if (*(int64_t *)moved > instant_seconds(now) - ALIVE_S)
            g_hash_table_add(known->alive, g_strdup(name));
}

bool known_look(Known *known, Link *link, Instant now, bool *back, GError **error) {
    Instant before = monotonic_now();
    if (!read_writers(known, link, error))
        return false;
    Instant reached = instant_add(now, instant_since(monotonic_now(), before)); /* Redis, again */
    bool again = known->opened && link_opened(link) != known->opened;
    known->opened = link_opened(link);
    if (again) /* what was told in the same second may have been told to the server that a failover replaced */
        known->doubt = instant_add(reached, duration_seconds(1));
    else if (!in_doubt(known) && !all_told(known, INT64_MIN))
        known->doubt = reached;
    *back = !in_doubt(known) || all_told(known, instant_seconds(known->doubt)) ||
            instant_since(now, known->doubt).us > duration_seconds(PATIENCE_S).us;
    if (!*back)
        return true;
    known->doubt = INSTANT_NEVER;
    remember(known, now);
    return true;
}
