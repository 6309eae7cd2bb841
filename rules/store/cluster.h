/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the node of a Redis Cluster that has our keys: all of a firm are of one hash slot. Each node that is asked has
 * the slot, or says who does ("MOVED"), which may be old or wrong: whoever it names is asked as well. Not for threads.
 *
 * A master that hung and was replaced believes in itself when it wakes, until another node speaks to it: who heard
 * nothing of it for a while asks here before it is believed again. */
#pragma once
#include "store/server.h"

typedef struct {
    GPtrArray *places; /* "host:port" (char *), owned; the one that was right last comes first */
    char *key;         /* one of ours */
} Cluster;

/* Copies; places NULL: none. */
void cluster_set(Cluster *cluster, const GPtrArray *places, const char *key);
void cluster_clear(Cluster *cluster);

/* A connection to the node that has the slot, logged in there; *found says where it is. NULL with what the last one had
 * to say; what it takes is bounded, however many nodes hang. */
redisContext *cluster_connect(Cluster *cluster, const Login *login, Server *found, GError **error);

/* Does another node still say that this one has the slot? The first that answers is believed. */
Named cluster_ask(Cluster *cluster, const Login *login, const Server *server);
