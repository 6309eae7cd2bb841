/* SPDX-License-Identifier: Apache-2.0 */
/* A hiredis context is dead after any error, and says nothing of what the server did with the last command: it is
 * thrown away, and only the marks tell what was applied. */
#include "store/link.h"
#include "base/timesource.h"
#include "store/breaker.h"
#include "store/cluster.h"
#include "store/sentinel.h"
#include <inttypes.h>
#include <string.h>

#define REDIS_PORT 6379
#define WRITERS "writers"
#define NONE                                                                                                           \
    "none" /* a key that never exists: while its slot moves to another node no script begins that would not end */

/* So long after a command was sent that was answered its server is master for sure, where Sentinels or the nodes of a
 * cluster wait twice as long before they replace it (down-after-milliseconds, cluster-node-timeout). */
enum { SURE_MS = 250, SILENT_S = 10 };

struct Link {
    Server server;       /* of the last connection, where others say where it is */
    Sentinels sentinels; /* none, */
    Cluster cluster;     /* and none either: the server is known */
    char *user, *password_file, *prefix;
    struct timeval timeout;
    redisContext *context; /* NULL: not connected */
    Instant sure;          /* monotonic: until then it need not be asked whether the server is master */
    unsigned long opened;
    Breaker breaker;
    char *sha[SCRIPT_COUNT];
};

GQuark store_error_quark(void) {
    return g_quark_from_static_string("lexgate-store");
}

Link *link_new(const StoreSettings *settings) {
    Link *link = g_new0(Link, 1);
    int64_t us = settings->timeout.us > 0 ? settings->timeout.us : 1000000;
    link->timeout = (struct timeval){us / 1000000, us % 1000000};
    Login at_sentinels = {.password_file = settings->sentinel_password_file, .timeout = link->timeout};
    sentinels_set(&link->sentinels, settings->sentinels, settings->master, &at_sentinels);
    if (settings->socket)
        server_at_path(&link->server, settings->socket);
    else
        server_at(&link->server, settings->server ? settings->server : "127.0.0.1", REDIS_PORT);
    link->user = g_strdup(settings->user);
    link->password_file = g_strdup(settings->password_file);
    link->prefix = g_strdup_printf("lexgate:{%s}:", settings->tag);
    g_autofree char *key = g_strconcat(link->prefix, WRITERS, NULL);
    cluster_set(&link->cluster, settings->cluster, key);
    return link;
}

static void hang_up(Link *link) {
    g_clear_pointer(&link->context, redisFree);
}

void link_free(Link *link) {
    if (!link)
        return;
    hang_up(link);
    for (int i = 0; i < SCRIPT_COUNT; i++)
        g_free(link->sha[i]);
    server_clear(&link->server);
    sentinels_clear(&link->sentinels);
    cluster_clear(&link->cluster);
    breaker_clear(&link->breaker);
    g_free(link->user);
    g_free(link->password_file);
    g_free(link->prefix);
    g_free(link);
}

const char *link_prefix(const Link *link) {
    return link->prefix;
}

unsigned long link_opened(const Link *link) {
    return link->opened;
}

uint64_t link_not_tried(const Link *link) {
    return link->breaker.not_tried;
}

static Login login_of(const Link *link) {
    return (Login){.user = link->user, .password_file = link->password_file, .timeout = link->timeout};
}

static void be_sure(Link *link, Instant from, Duration lasts) {
    Instant until = instant_add(from, lasts);
    if (instant_compare(until, link->sure) > 0)
        link->sure = until;
}

static bool may_be_replaced(const Link *link) {
    return link->sentinels.places->len || link->cluster.places->len;
}

static bool connect_link(Link *link, GError **error) {
    Login login = login_of(link);
    Instant before = monotonic_now();
    if (link->sentinels.places->len)
        link->context = sentinels_connect(&link->sentinels, &login, &link->server, error);
    else if (link->cluster.places->len)
        link->context = cluster_connect(&link->cluster, &login, &link->server, error);
    else
        link->context = server_connect(&link->server, &login, error);
    link->opened += link->context != NULL;
    be_sure(link, before, duration_ms(SURE_MS));
    return link->context != NULL;
}

/* Is the server master beyond doubt, as far as anybody can tell? */
static bool is_master(Link *link) {
    Instant before = monotonic_now();
    if (!may_be_replaced(link) || instant_compare(before, link->sure) <= 0)
        return true;
    Login login = login_of(link);
    Named named = link->sentinels.places->len ? sentinels_ask(&link->sentinels, &link->server)
                                              : cluster_ask(&link->cluster, &login, &link->server);
    if (named == NAMED_NOBODY)
        be_sure(link, monotonic_now(), duration_seconds(SILENT_S));
    else if (named == NAMED_STILL)
        be_sure(link, before, duration_ms(SURE_MS));
    return named != NAMED_ANOTHER;
}

/* Connected with the master; it may have hung, and been replaced, since it was last heard of, or while we connected. */
static bool reach(Link *link, GError **error) {
    if (link->context && !is_master(link))
        hang_up(link);
    if (!link->context && !connect_link(link, error))
        return false;
    if (is_master(link))
        return true;
    server_away(&link->server, "has just been replaced as master", error);
    hang_up(link);
    return false;
}

static bool has_moved(const char *complaint) {
    return g_str_has_prefix(complaint, "MOVED ");
}

/* States of a server that pass; whatever else it complains of is our mistake or a foreign hand in the data. */
static bool passes(const char *complaint) {
    static const char *const words[] = {
        "READONLY", "LOADING",   "BUSY",       "MISCONF",   "OOM ",   "MASTERDOWN",           "CLUSTERDOWN",
        "NOAUTH",   "WRONGPASS", "NOREPLICAS", "TRYAGAIN ", "NOPERM", "max number of clients"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(complaint, words[i]))
            return true;
    return has_moved(complaint) || g_str_has_prefix(complaint, "ASK ");
}

static redisReply *try_once(Link *link, const GPtrArray *words, GError **error) {
    if (!reach(link, error))
        return NULL;
    Instant before = monotonic_now();
    redisReply *reply = server_ask(link->context, words);
    if (reply) {
        be_sure(link, before, duration_ms(SURE_MS));
    } else {
        server_silent(&link->server, link->context, error);
        hang_up(link);
    }
    return reply;
}

/* What has moved was not done, and is asked for once more where it is now. */
static redisReply *try(Link *link, const GPtrArray *words, GError **error) {
    redisReply *reply = try_once(link, words, error);
    if (!reply || reply->type != REDIS_REPLY_ERROR || !has_moved(reply->str))
        return reply;
    freeReplyObject(reply);
    hang_up(link);
    return try_once(link, words, error);
}

/* NULL when the connection failed, or is not even tried; an error reply of the server is returned as such. */
static redisReply *ask(Link *link, const GPtrArray *words, GError **error) {
    g_autoptr(GError) why = NULL;
    Instant before = monotonic_now();
    if (!breaker_lets(&link->breaker, before)) {
        g_set_error(error, STORE_ERROR, STORE_AWAY, "%s; not tried again for a moment", link->breaker.why);
        return NULL;
    }
    redisReply *reply = try(link, words, &why);
    Instant after = monotonic_now();
    if (reply)
        breaker_succeeded(&link->breaker);
    else
        breaker_failed(&link->breaker, after, instant_since(after, before), why->message);
    if (why)
        g_propagate_error(error, g_steal_pointer(&why));
    return reply;
}

static redisReply *without_complaint(Link *link, redisReply *reply, GError **error) {
    if (!reply || reply->type != REDIS_REPLY_ERROR)
        return reply;
    if (passes(reply->str)) {
        server_away(&link->server, reply->str, error);
        hang_up(link); /* after a failover another server may answer there */
    } else {
        g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: %s", reply->str);
    }
    freeReplyObject(reply);
    return NULL;
}

redisReply *link_command(Link *link, GPtrArray *words, GError **error) {
    return without_complaint(link, ask(link, words, error), error);
}

bool link_ping(Link *link, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (char *)"PING");
    g_autoptr(redisReply) reply = link_command(link, words, error);
    return reply != NULL;
}

char *link_info(Link *link, const char *section, const char *name) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *begin = g_strconcat("\n", name, ":", NULL);
    g_ptr_array_add(words, (char *)"INFO");
    g_ptr_array_add(words, (char *)section);
    g_autoptr(redisReply) reply = link_command(link, words, NULL);
    const char *at = reply && link_is_text(reply, NULL) ? strstr(reply->str, begin) : NULL;
    return at ? g_strndup(at + strlen(begin), strcspn(at + strlen(begin), "\r\n")) : NULL;
}

static bool load_script(Link *link, Script script, GError **error) {
    g_autofree char *text = script_text(script);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (char *)"SCRIPT");
    g_ptr_array_add(words, (char *)"LOAD");
    g_ptr_array_add(words, text);
    g_autoptr(redisReply) reply = link_command(link, words, error);
    if (!reply || !link_is_text(reply, error))
        return false;
    g_free(link->sha[script]);
    link->sha[script] = g_strdup(reply->str);
    return true;
}

redisReply *link_script(Link *link, Script script, Instant now, const GPtrArray *arguments, GError **error) {
    g_autofree char *key = g_strconcat(link->prefix, WRITERS, NULL), *none = g_strconcat(link->prefix, NONE, NULL);
    g_autofree char *seconds = g_strdup_printf("%" PRId64, instant_seconds(now));
    if (!link->sha[script] && !load_script(link, script, error))
        return NULL;
    for (int tries = 0; tries < 2; tries++) {
        char *head[] = {(char *)"EVALSHA", link->sha[script], (char *)"2", key, none, link->prefix, seconds};
        g_autoptr(GPtrArray) words = g_ptr_array_sized_new((guint)G_N_ELEMENTS(head) + arguments->len);
        for (size_t i = 0; i < G_N_ELEMENTS(head); i++)
            g_ptr_array_add(words, head[i]);
        for (guint i = 0; i < arguments->len; i++)
            g_ptr_array_add(words, g_ptr_array_index(arguments, i));
        redisReply *reply = ask(link, words, error);
        bool missing = reply && reply->type == REDIS_REPLY_ERROR && g_str_has_prefix(reply->str, "NOSCRIPT");
        if (!missing)
            return without_complaint(link, reply, error);
        freeReplyObject(reply);
        if (!load_script(link, script, error))
            return NULL;
    }
    g_set_error(error, STORE_ERROR, STORE_AWAY, "redis: forgets scripts as soon as they are loaded");
    return NULL;
}

bool link_is_text(const redisReply *reply, GError **error) {
    if (reply->type == REDIS_REPLY_STRING)
        return true;
    g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: gave something else where a text was asked for");
    return false;
}

bool link_is_texts(const redisReply *reply, size_t count, GError **error) {
    bool good = reply->type == REDIS_REPLY_ARRAY && reply->elements >= count;
    for (size_t i = 0; good && i < reply->elements; i++)
        good = reply->element[i]->type == REDIS_REPLY_STRING;
    if (!good)
        g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: gave something else where a list was asked for");
    return good;
}

bool link_broken(GError **error, const char *what) {
    g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: %s makes no sense; `lexgate rebuild` makes it anew", what);
    return false;
}
