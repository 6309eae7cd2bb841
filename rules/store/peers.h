/* SPDX-License-Identifier: Apache-2.0 */
/* What gateways teach one another, as it passes through Redis: each writer's lessons are a stream that keeps the
 * newest; what a reader lacks beyond that it wishes for, and the writer puts that aside for it. A writer's lessons
 * follow one another without a gap in their numbers. */
#pragma once
#include "store/store.h"

typedef struct {
    char *name;
    uint64_t mark, head; /* what Redis has of it, and what there is */
    Instant moved;       /* when it last said so */
} StoreWriter;

typedef struct {
    char *writer, *sealed; /* "": it teaches nothing */
    uint64_t first, last;
} StoreLesson;

typedef struct {
    char *reader;
    uint64_t from;
} StoreWish;

/* A gateway that takes lessons, and up to where. */
typedef struct {
    char *name;
    Instant at;            /* when it last looked */
    GHashTable *positions; /* char * → uint64_t * */
} StoreReader;

typedef struct {
    GPtrArray *writers, *lessons, *wishes, *readers; /* of others; each owns its elements */
} StorePeers;
void store_peers_free(StorePeers *peers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePeers, store_peers_free)

/* One look: lessons behind the caller's positions, in their order for each writer, and what others wish of it. */
typedef struct {
    const char *own;       /* the caller's writer */
    GHashTable *positions; /* char * → uint64_t *; NULL: it takes no lessons */
    Instant now;
} StoreLook;
StorePeers *store_peers_look(Store *store, const StoreLook *look, GError **error);

/* Fulfils a wish. */
bool store_peers_give(Store *store, const char *reader, const StoreLesson *lesson, GError **error);
