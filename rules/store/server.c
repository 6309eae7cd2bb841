/* SPDX-License-Identifier: Apache-2.0 */
/* hiredis writes to sockets that the server may have closed: SIGPIPE is held back meanwhile, for this thread alone. */
#include "store/server.h"
#include "base/io.h"
#include "base/seal.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PASSWORD_MAX 4096

void server_clear(Server *server) {
    g_free(server->name);
    g_free(server->path);
    g_free(server->host);
    *server = (Server){0};
}

void server_at_path(Server *server, const char *path) {
    server_clear(server);
    server->name = g_strdup(path);
    server->path = g_strdup(path);
}

void server_at_host(Server *server, const char *host, int port) {
    server_clear(server);
    server->name = g_strdup_printf(strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
    server->host = g_strdup(host);
    server->port = port;
}

void server_at(Server *server, const char *host_port, int default_port) {
    const char *colon = strrchr(host_port, ':');
    size_t length = strlen(host_port);
    int port = default_port;
    if (colon && strchr(colon, ']') == NULL) {
        port = atoi(colon + 1);
        length = (size_t)(colon - host_port);
    }
    bool bracketed = length >= 2 && host_port[0] == '[' && host_port[length - 1] == ']';
    g_autofree char *host = bracketed ? g_strndup(host_port + 1, length - 2) : g_strndup(host_port, length);
    server_at_host(server, host, port);
}

void server_away(const Server *server, const char *what, GError **error) {
    g_set_error(error, STORE_ERROR, STORE_AWAY, "redis at %s: %s", server->name, what);
}

void server_silent(const Server *server, const redisContext *context, GError **error) {
    bool late = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    server_away(server, late ? "no answer in time" : context->errstr, error);
}

redisReply *server_ask(redisContext *context, const GPtrArray *words) {
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

/* AUTH with the first line of the password file. */
static bool log_in(redisContext *context, const Server *server, const Login *login, GError **error) {
    g_autoptr(GError) unread = NULL;
    if (!login->password_file || !*login->password_file)
        return true;
    g_autofree char *password = io_read_file(login->password_file, PASSWORD_MAX, NULL, &unread);
    if (!password) {
        server_away(server, unread->message, error);
        return false;
    }
    size_t length = strlen(password);
    password[strcspn(password, "\r\n")] = 0;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (char *)"AUTH");
    if (login->user && *login->user)
        g_ptr_array_add(words, (char *)login->user);
    g_ptr_array_add(words, password);
    g_autoptr(redisReply) reply = server_ask(context, words);
    seal_wipe(password, length);
    if (reply && reply->type != REDIS_REPLY_ERROR)
        return true;
    server_away(server, reply ? "refuses the user and password of the configuration" : "closed the connection", error);
    return false;
}

redisContext *server_connect(const Server *server, const Login *login, GError **error) {
    redisContext *context = server->path ? redisConnectUnixWithTimeout(server->path, login->timeout)
                                         : redisConnectWithTimeout(server->host, server->port, login->timeout);
    if (!context || context->err)
        server_away(server, context ? context->errstr : "no memory", error);
    else if (redisSetTimeout(context, login->timeout) != REDIS_OK)
        server_away(server, "cannot set a time-out", error);
    else if (fcntl(context->fd, F_SETFD, FD_CLOEXEC) == 0 && log_in(context, server, login, error))
        return context;
    if (context)
        redisFree(context);
    return NULL;
}
