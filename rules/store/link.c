/* SPDX-License-Identifier: Apache-2.0 */
/* A hiredis context is dead after any error, and says nothing of what the server did with the last command: it is
 * thrown away, and only the marks tell what was applied. */
#include "store/link.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct Link {
    char *socket, *host, *user, *password, *prefix;
    int port;
    struct timeval timeout;
    redisContext *context; /* NULL: not connected */
    unsigned long opened;
    char *sha[SCRIPT_COUNT];
};

GQuark store_error_quark(void) {
    return g_quark_from_static_string("lexgate-store");
}

/* "[::1]:6379", "redis.test:6379"; without a port 6379. */
static void take_server(Link *link, const char *server) {
    const char *colon = strrchr(server, ':');
    size_t length = strlen(server);
    link->port = 6379;
    if (colon && strchr(colon, ']') == NULL) {
        link->port = atoi(colon + 1);
        length = (size_t)(colon - server);
    }
    if (length >= 2 && server[0] == '[' && server[length - 1] == ']')
        link->host = g_strndup(server + 1, length - 2);
    else
        link->host = g_strndup(server, length);
}

Link *link_new(const StoreSettings *settings) {
    Link *link = g_new0(Link, 1);
    link->socket = g_strdup(settings->socket);
    if (!settings->socket)
        take_server(link, settings->server ? settings->server : "127.0.0.1");
    link->user = g_strdup(settings->user);
    link->password = g_strdup(settings->password);
    link->prefix = g_strdup_printf("lexgate:{%s}:", settings->tag);
    int64_t us = settings->timeout.us > 0 ? settings->timeout.us : 1000000;
    link->timeout = (struct timeval){us / 1000000, us % 1000000};
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
    g_free(link->socket);
    g_free(link->host);
    g_free(link->user);
    g_free(link->password);
    g_free(link->prefix);
    g_free(link);
}

const char *link_prefix(const Link *link) {
    return link->prefix;
}

unsigned long link_opened(const Link *link) {
    return link->opened;
}

static void away(const Link *link, const char *what, GError **error) {
    g_set_error(error, STORE_ERROR, STORE_AWAY, "redis at %s: %s", link->socket ? link->socket : link->host, what);
}

/* Sends and receives with SIGPIPE held back: hiredis writes to a socket that the server may have closed. */
static redisReply *exchange(redisContext *context, const GPtrArray *words) {
    g_autofree size_t *lengths = g_new(size_t, words->len);
    sigset_t one, old, pending;
    for (guint i = 0; i < words->len; i++)
        lengths[i] = strlen(g_ptr_array_index(words, i));
    sigemptyset(&one);
    sigaddset(&one, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &one, &old);
    sigpending(&pending);
    redisReply *reply = redisCommandArgv(context, (int)words->len, (const char **)words->pdata, lengths);
    int why = errno;
    if (!reply && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&one, NULL, &(struct timespec){0, 0});
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = why;
    return reply;
}

static bool authenticate(Link *link, GError **error) {
    if (!link->password)
        return true;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (char *)"AUTH");
    if (link->user)
        g_ptr_array_add(words, link->user);
    g_ptr_array_add(words, link->password);
    g_autoptr(redisReply) reply = exchange(link->context, words);
    if (reply && reply->type != REDIS_REPLY_ERROR)
        return true;
    away(link, reply ? "refuses the user and password of the configuration" : "closed the connection", error);
    return false;
}

static bool connect_link(Link *link, GError **error) {
    if (link->context)
        return true;
    link->context = link->socket ? redisConnectUnixWithTimeout(link->socket, link->timeout)
                                 : redisConnectWithTimeout(link->host, link->port, link->timeout);
    if (!link->context || link->context->err)
        away(link, link->context ? link->context->errstr : "no memory", error);
    else if (redisSetTimeout(link->context, link->timeout) != REDIS_OK)
        away(link, "cannot set a time-out", error);
    else if (fcntl(link->context->fd, F_SETFD, FD_CLOEXEC) == 0 && authenticate(link, error)) {
        link->opened++;
        return true;
    }
    hang_up(link);
    return false;
}

/* States of a server that pass; whatever else it complains of is our mistake or a foreign hand in the data. */
static bool passes(const char *complaint) {
    static const char *const words[] = {
        "READONLY", "LOADING",   "BUSY",       "MISCONF",   "OOM ",   "MASTERDOWN",           "CLUSTERDOWN",
        "NOAUTH",   "WRONGPASS", "NOREPLICAS", "TRYAGAIN ", "NOPERM", "max number of clients"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(complaint, words[i]))
            return true;
    return false;
}

/* NULL when the connection failed; an error reply of the server is returned as such. */
static redisReply *ask(Link *link, const GPtrArray *words, GError **error) {
    if (!connect_link(link, error))
        return NULL;
    redisReply *reply = exchange(link->context, words);
    if (!reply) {
        bool late = link->context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
        away(link, late ? "no answer in time" : link->context->errstr, error);
        hang_up(link);
    }
    return reply;
}

static redisReply *without_complaint(Link *link, redisReply *reply, GError **error) {
    if (!reply || reply->type != REDIS_REPLY_ERROR)
        return reply;
    if (passes(reply->str)) {
        away(link, reply->str, error);
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
    g_autofree char *key = g_strconcat(link->prefix, "writers", NULL);
    g_autofree char *seconds = g_strdup_printf("%" PRId64, instant_seconds(now));
    if (!link->sha[script] && !load_script(link, script, error))
        return NULL;
    for (int tries = 0; tries < 2; tries++) {
        char *head[] = {(char *)"EVALSHA", link->sha[script], (char *)"1", key, link->prefix, seconds};
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
