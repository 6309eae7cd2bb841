/* SPDX-License-Identifier: Apache-2.0 */
/* What a node names is learnt, so that one is still found when all that the configuration names are gone. */
#include "store/cluster.h"
#include "base/text.h"
#include "base/timesource.h"
#include "store/store.h"
#include <stdlib.h>
#include <string.h>

enum { NODE_PORT = 6379, HOPS = 5, PLACES_MAX = 32, HOST_MAX = 255, TIMEOUTS = 5 };

void cluster_set(Cluster *cluster, const GPtrArray *places, const char *key) {
    cluster->places = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; places && i < places->len; i++)
        g_ptr_array_add(cluster->places, g_strdup(places->pdata[i]));
    cluster->key = g_strdup(key);
}

void cluster_clear(Cluster *cluster) {
    g_clear_pointer(&cluster->places, g_ptr_array_unref);
    g_clear_pointer(&cluster->key, g_free);
}

/* Behind all others, or before them. */
static void remember(Cluster *cluster, const char *place, bool first) {
    guint index;
    char *known = NULL;
    if (g_ptr_array_find_with_equal_func(cluster->places, place, g_str_equal, &index))
        known = first ? g_ptr_array_steal_index(cluster->places, index) : NULL;
    else if (first || cluster->places->len < PLACES_MAX)
        known = g_strdup(place);
    if (known)
        g_ptr_array_insert(cluster->places, first ? 0 : -1, known);
    if (cluster->places->len > PLACES_MAX)
        g_ptr_array_set_size(cluster->places, PLACES_MAX);
}

/* "MOVED 3999 192.0.2.1:6381", "MOVED 3999 2001:db8::1:6381"; no host, or "?": the one that was asked. */
static bool read_moved(const char *words, const Server *asked, Server *named) {
    const char *place = strrchr(words, ' '), *colon = place ? strrchr(place, ':') : NULL;
    guint64 port;
    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
        return false;
    g_autofree char *host = g_strndup(place + 1, (gsize)(colon - place - 1));
    bool same = !*host || text_equal(host, "?");
    for (const char *at = host; *at; at++)
        if (!g_ascii_isgraph(*at) || at - host >= HOST_MAX)
            return false;
    server_at_host(named, same ? asked->host : host, (int)port);
    return true;
}

typedef enum { HAS_SLOT, SLOT_MOVED, SLOT_UNKNOWN } Answer;

/* Has it the slot? SLOT_MOVED: *named has it, as it says; SLOT_UNKNOWN with error. */
static Answer ask_for_slot(const Cluster *cluster, const Server *node, redisContext *context, Server *named,
                           GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (char *)"EXISTS");
    g_ptr_array_add(words, cluster->key);
    g_autoptr(redisReply) reply = server_ask(context, words);
    if (!reply)
        server_silent(node, context, error);
    else if (reply->type == REDIS_REPLY_INTEGER)
        return HAS_SLOT;
    else if (reply->type != REDIS_REPLY_ERROR)
        server_away(node, "answers what no Redis does", error);
    else if (!g_str_has_prefix(reply->str, "MOVED "))
        server_away(node, reply->str, error);
    else if (read_moved(reply->str, node, named))
        return SLOT_MOVED;
    else
        server_away(node, "says that our keys are elsewhere, and not where", error);
    return SLOT_UNKNOWN;
}

/* From one node to the next, until one has the slot. */
static redisContext *follow(Cluster *cluster, const char *place, const Login *login, Server *found, GError **error) {
    Server node = {0}, named = {0};
    redisContext *context = NULL;
    server_at(&node, place, NODE_PORT);
    for (int hop = 0; hop <= HOPS; hop++) {
        context = server_connect(&node, login, error);
        Answer answer = context ? ask_for_slot(cluster, &node, context, &named, error) : SLOT_UNKNOWN;
        if (answer == HAS_SLOT)
            break;
        if (context)
            redisFree(g_steal_pointer(&context));
        if (answer == SLOT_UNKNOWN)
            break;
        remember(cluster, named.name, false);
        server_at_host(&node, named.host, named.port);
        if (hop == HOPS)
            server_away(&node, "the nodes of the cluster name each other in a circle", error);
    }
    if (context)
        server_at_host(found, node.host, node.port);
    server_clear(&node);
    server_clear(&named);
    return context;
}

/* However many nodes hang. */
static Instant latest_end(const Login *login) {
    Duration most = {TIMEOUTS * ((int64_t)login->timeout.tv_sec * 1000000 + login->timeout.tv_usec)};
    return instant_add(monotonic_now(), most);
}

redisContext *cluster_connect(Cluster *cluster, const Login *login, Server *found, GError **error) {
    Instant end = latest_end(login);
    for (guint i = 0; i < cluster->places->len && instant_compare(monotonic_now(), end) < 0; i++) {
        g_clear_error(error);
        g_autofree char *place = g_strdup(cluster->places->pdata[i]);
        redisContext *context = follow(cluster, place, login, found, error);
        if (!context)
            continue;
        remember(cluster, found->name, true);
        return context;
    }
    return NULL;
}

Named cluster_ask(Cluster *cluster, const Login *login, const Server *server) {
    Named said = NAMED_NOBODY;
    Instant end = latest_end(login);
    for (guint i = 0; i < cluster->places->len && !said && instant_compare(monotonic_now(), end) < 0; i++) {
        Server node = {0}, named = {0};
        server_at(&node, cluster->places->pdata[i], NODE_PORT);
        redisContext *context = text_equal(node.name, server->name) ? NULL : server_connect(&node, login, NULL);
        Answer answer = context ? ask_for_slot(cluster, &node, context, &named, NULL) : SLOT_UNKNOWN;
        if (answer == HAS_SLOT)
            said = NAMED_ANOTHER;
        else if (answer == SLOT_MOVED)
            said = text_equal(named.name, server->name) ? NAMED_STILL : NAMED_ANOTHER;
        if (context)
            redisFree(context);
        if (said != NAMED_NOBODY)
            remember(cluster, node.name, true);
        server_clear(&node);
        server_clear(&named);
    }
    return said;
}
