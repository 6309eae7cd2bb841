/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of Redis's "Guidelines for Sentinel clients": each in turn, connect, ROLE. */
#include "store/sentinel.h"
#include "base/text.h"
#include "store/store.h"
#include <stdlib.h>
#include <string.h>

#define SENTINEL_PORT 26379

void sentinels_set(Sentinels *sentinels, const GPtrArray *places, const char *master, const Login *login) {
    sentinels->places = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; places && i < places->len; i++)
        g_ptr_array_add(sentinels->places, g_strdup(places->pdata[i]));
    sentinels->master = g_strdup(master);
    sentinels->password_file = g_strdup(login->password_file);
    sentinels->timeout = login->timeout;
}

void sentinels_clear(Sentinels *sentinels) {
    g_clear_pointer(&sentinels->places, g_ptr_array_unref);
    g_clear_pointer(&sentinels->master, g_free);
    g_clear_pointer(&sentinels->password_file, g_free);
}

/* The reply to words, of this type and with this many elements at least; NULL with error. */
static redisReply *ask(const Server *server, redisContext *context, const char *const *words, size_t elements,
                       GError **error) {
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    for (; *words; words++)
        g_ptr_array_add(list, (char *)*words);
    g_autoptr(redisReply) reply = server_ask(context, list);
    if (!reply)
        server_silent(server, context, error);
    else if (reply->type == REDIS_REPLY_ERROR)
        server_away(server, reply->str, error);
    else if (reply->type != REDIS_REPLY_ARRAY || reply->elements < elements ||
             reply->element[0]->type != REDIS_REPLY_STRING)
        server_away(server, "knows no such master", error);
    else
        return g_steal_pointer(&reply);
    return NULL;
}

/* Where this Sentinel says that the master is. */
static bool ask_for_master(const Sentinels *sentinels, const char *place, Server *found, GError **error) {
    const char *const words[] = {"SENTINEL", "get-master-addr-by-name", sentinels->master, NULL};
    Login login = {.password_file = sentinels->password_file, .timeout = sentinels->timeout};
    Server sentinel = {0};
    server_at(&sentinel, place, SENTINEL_PORT);
    redisContext *context = server_connect(&sentinel, &login, error);
    g_autoptr(redisReply) reply = context ? ask(&sentinel, context, words, 2, error) : NULL;
    bool good = reply && reply->element[1]->type == REDIS_REPLY_STRING;
    int port = good ? atoi(reply->element[1]->str) : 0;
    if (reply && (port <= 0 || port > 65535 || !*reply->element[0]->str)) {
        server_away(&sentinel, "names a master that can be nowhere", error);
        good = false;
    }
    if (good)
        server_at_host(found, reply->element[0]->str, port);
    if (context)
        redisFree(context);
    server_clear(&sentinel);
    return good;
}

/* It may have been demoted since it was named. */
static bool is_master(const Server *server, redisContext *context, GError **error) {
    const char *const words[] = {"ROLE", NULL};
    g_autoptr(redisReply) reply = ask(server, context, words, 1, error);
    if (!reply)
        return false;
    bool master = text_equal(reply->element[0]->str, "master");
    if (!master)
        server_away(server, "is no master, though a Sentinel says so", error);
    return master;
}

static redisContext *try_one(const Sentinels *sentinels, const char *place, const Login *login, Server *found,
                             GError **error) {
    redisContext *context = ask_for_master(sentinels, place, found, error) ? server_connect(found, login, error) : NULL;
    if (context && is_master(found, context, error))
        return context;
    if (context)
        redisFree(context);
    return NULL;
}

/* This one was right, so it is asked first from now on. */
static void move_first(Sentinels *sentinels, guint index) {
    char *place = g_ptr_array_steal_index(sentinels->places, index);
    g_ptr_array_insert(sentinels->places, 0, place);
}

Named sentinels_ask(Sentinels *sentinels, const Server *server) {
    for (guint i = 0; i < sentinels->places->len; i++) {
        Server found = {0};
        bool answered = ask_for_master(sentinels, sentinels->places->pdata[i], &found, NULL);
        bool same = answered && text_equal(found.name, server->name);
        server_clear(&found);
        if (!answered)
            continue;
        move_first(sentinels, i);
        return same ? NAMED_STILL : NAMED_ANOTHER;
    }
    return NAMED_NOBODY;
}

redisContext *sentinels_connect(Sentinels *sentinels, const Login *login, Server *found, GError **error) {
    for (guint i = 0; i < sentinels->places->len; i++) {
        g_clear_error(error);
        redisContext *context = try_one(sentinels, sentinels->places->pdata[i], login, found, error);
        if (!context)
            continue;
        move_first(sentinels, i);
        return context;
    }
    return NULL;
}
