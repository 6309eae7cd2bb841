/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to Redis and the scripts in it: connects when it must, loads a script where it is missing, and turns
 * every answer that is no answer into a GError. Not for threads. */
#pragma once
#include "store/scripts.h"
#include "store/server.h"
#include "store/store.h"

typedef struct Link Link;

Link *link_new(const StoreSettings *settings); /* copies */
void link_free(Link *link);
Link *link_of(Store *store);               /* for the store's own files */
const char *link_prefix(const Link *link); /* "lexgate:{TAG}:" */

unsigned long link_opened(const Link *link); /* how often a connection was made */
uint64_t link_not_tried(const Link *link);   /* calls that failed at once (store/breaker.h) */

/* A command of words; `lengths` NULL: they are strings. NULL with error. The caller frees the reply, which is never an
 * error. */
redisReply *link_command(Link *link, GPtrArray *words, GError **error);

bool link_ping(Link *link, GError **error);

/* What Redis says of itself under this name in a section of INFO; NULL when it does not say. Caller owns. */
char *link_info(Link *link, const char *section, const char *name);

/* A script with the prefix and `now` before its own arguments (char *, borrowed). */
redisReply *link_script(Link *link, Script script, Instant now, const GPtrArray *arguments, GError **error);

/* Is it a string, or an array of at least `count` strings? Otherwise STORE_BROKEN. */
bool link_is_text(const redisReply *reply, GError **error);
bool link_is_texts(const redisReply *reply, size_t count, GError **error);
bool link_broken(GError **error, const char *what); /* says so of what it was; false */
