/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the master through Sentinels. What one of them says may be old, or wrong: whoever it names is asked for its
 * ROLE, and the next one is asked where that is not master. Not for threads.
 *
 * A master that hung and was replaced calls itself master when it wakes, for some seconds: who heard nothing of it for
 * a while asks here before it is believed again. */
#pragma once
#include "store/server.h"

typedef struct {
    GPtrArray *places; /* "host:port" (char *), owned; the one that was right last comes first */
    char *master;      /* the name that they know it by */
    char *password_file;
    struct timeval timeout;
} Sentinels;

/* Copies; `login` is the Sentinels' own. */
void sentinels_set(Sentinels *sentinels, const GPtrArray *places, const char *master, const Login *login);
void sentinels_clear(Sentinels *sentinels);

/* A connection to the master, logged in there; *found says where it is. NULL with what the last one had to say. */
redisContext *sentinels_connect(Sentinels *sentinels, const Login *login, Server *found, GError **error);

/* Do they still name this one? The first that answers is believed, and asked first from then on. */
Named sentinels_ask(Sentinels *sentinels, const Server *server);
