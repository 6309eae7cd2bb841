/* SPDX-License-Identifier: Apache-2.0 */
/* One Redis or Sentinel: where it is, a connection that is logged in, a question. Every step ends within the time-out.
 * Not for threads. */
#pragma once
#include <glib.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <sys/time.h>

typedef struct {
    char *name; /* for messages: the path, or HOST:PORT */
    char *path; /* of a unix socket; or NULL and */
    char *host;
    int port;
} Server;

void server_at_path(Server *server, const char *path); /* each replaces what is there */
void server_at_host(Server *server, const char *host, int port);
void server_at(Server *server, const char *host_port, int default_port); /* "[::1]:6379", "redis.test" */
void server_clear(Server *server);

typedef struct {
    const char *user, *password_file; /* NULL: none; the file is read each time, so that a password may change */
    struct timeval timeout;
} Login;

/* NULL with error (STORE_AWAY). */
redisContext *server_connect(const Server *server, const Login *login, GError **error);

/* A command of words (char *); NULL when the connection failed, with errno; the caller frees the reply. */
redisReply *server_ask(redisContext *context, const GPtrArray *words);

/* Sets STORE_AWAY: what is the matter with this server. */
void server_away(const Server *server, const char *what, GError **error);

/* The same for a reply that did not come. */
void server_silent(const Server *server, const redisContext *context, GError **error);

/* Do others still say that it is the one? Nobody: none of them answers. */
typedef enum { NAMED_NOBODY, NAMED_STILL, NAMED_ANOTHER } Named;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(redisReply, freeReplyObject)
