/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines and held mail as a view in Redis: applied from journals, asked by queries, claimed for notices.
 *
 * Every key is `lexgate:{TAG}:…`. A Store is one connection for one thread at a time; after an error it reconnects at
 * the next call. Errors are GErrors in the STORE_ERROR domain; none of them may stop mail. */
#pragma once
#include "base/instant.h"
#include "deadline/deadline.h"
#include <glib.h>
#include <jansson.h>

typedef struct Store Store;

typedef enum {
    STORE_AWAY,   /* cannot be reached, timed out, or read-only */
    STORE_MARK,   /* the batch does not follow this writer's mark: read store_mark() and resume there */
    STORE_ABSENT, /* no such deadline */
    STORE_BROKEN, /* an answer that makes no sense */
} StoreError;
#define STORE_ERROR store_error_quark()
GQuark store_error_quark(void);

typedef struct {
    const char *socket;         /* path; or NULL and */
    const char *server;         /* host:port; or NULL and */
    const GPtrArray *sentinels; /* "host:port" (char *) that know */
    const char *master;         /* of this name; or NULL and */
    const GPtrArray *cluster;   /* "host:port" (char *) of some nodes of a cluster */
    const char *user;           /* NULL: the default one */
    const char *password_file, *sentinel_password_file; /* read at each connection; NULL: no password */
    const char *tag;
    Duration timeout;   /* to connect, and for each command */
    Duration retention; /* how long answered and closed ones are kept; 0: 90 days */
} StoreSettings;

Store *store_new(const StoreSettings *settings); /* copies; connects at first use */
void store_free(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_free)

bool store_ping(Store *store, GError **error);
int64_t store_retention(const Store *store); /* seconds */

/* Calls that failed at once, since those before them had all failed (store/breaker.h). */
uint64_t store_not_tried(const Store *store);

/* How Redis throws keys away where memory is short ("allkeys-lru"), and with them deadlines that nobody misses; NULL
 * when it refuses writes then, as it must, or does not say. Caller owns. */
char *store_eviction(Store *store);

/* The last entry of this writer that is in (0: none, as after a wipe). */
bool store_mark(Store *store, const char *writer, uint64_t *seq, GError **error);

/* Sets the mark back to the end of a journal that was cut (a mark beyond it would refuse every batch to come). */
bool store_set_mark(Store *store, const char *writer, uint64_t seq, Instant now, GError **error);

/* One batch of consecutive entries of one writer, applied in Lua calls of a few milliseconds each, an entry all or
 * nothing. `changes` are texts (char *) of JSON objects (store/changes.md), each with its "seq"; entries without effect
 * are simply not in it. `head` is the
 * writer's last entry that is known, so that claims wait while a writer catches up. An empty batch (last = first - 1)
 * only tells the head and asks whether the mark still fits. */
typedef struct {
    const char *writer;
    uint64_t first, last, head;
    const GPtrArray *changes; /* NULL: none */
    bool listed; /* only what the writer's checkpoint lists (store/fill.h): refused where all has to be read by now */
    const char *lesson; /* what they teach, sealed, for the writer's stream (store/peers.h); NULL: it gets nothing */
    Instant now;
} StoreBatch;
bool store_apply(Store *store, const StoreBatch *batch, GError **error);

/* Work whose time has come. */
typedef struct {
    char *key;          /* "step:ID:GENERATION:INDEX", "held:QUEUE-ID", "unjudged:QUEUE-ID", "notice:QUEUE-ID",
                         * "ask:ID:MAIL" */
    char *token;        /* of the lease */
    Deadline *deadline; /* for steps and asks, as it is now; NULL for the others */
    int step;
    json_t *record; /* for held and unjudged (store/changes.md) */
} StoreJob;
void store_job_free(StoreJob *job);

/* Up to `max` due jobs, each leased until now + lease. Empty while any writer catches up, and after Redis was lost or
 * wiped until all writers that were there are back (a minute at most), whom it looks for: to be called every second or
 * so, also where nothing is due. `writer`, `mark`: the caller's own journal must be in up to here. Where Redis was
 * silent, what it claimed for this Store and could not give back it takes back now. Array of StoreJob, caller owns;
 * NULL with error. */
typedef struct {
    const char *writer;
    uint64_t mark;
    Instant now;
    Duration lease;
    unsigned max;
} StoreClaim;
GPtrArray *store_claim(Store *store, const StoreClaim *claim, GError **error);

/* Redis counts in whole seconds: from then on others may claim, a part of a second before `lease` is over. */
Instant store_lease_end(const StoreClaim *claim);

/* The lease must cover what is done with the job: a job whose lease ran out is given to the next who asks. A step
 * leaves with the change step-sent, a held message's with held-sent, an unjudged one's with unjudged-done. */

/* Is the job still leased to the caller? Not after a wipe, nor when the lease ran out and somebody else took it. False
 * with or without error. */
bool store_holds(Store *store, const StoreJob *job, GError **error);

/* Gives a job back, to be due again at `at` (a notice that could not be sent). Where that fails the next store_claim()
 * that reaches Redis does it. */
bool store_release(Store *store, const StoreJob *job, Instant at, GError **error);

/* When the next job is due; INSTANT_NEVER when none. */
bool store_next_due(Store *store, Instant *at, GError **error);

Deadline *store_deadline(Store *store, const char *id, GError **error);

typedef struct {
    const char *owner, *client, *matter; /* NULL: any */
    const char *state;                   /* NULL: open, snoozed and provisional ones; "any" */
    bool overdue;
    bool expected; /* what is expected of clients; else what is owed to them */
    Instant now;
    unsigned limit;
} StoreQuery;

/* Deadlines by due time (Deadline); caller owns. Walls are the caller's business: may_see() before showing any. */
GPtrArray *store_query(Store *store, const StoreQuery *query, GError **error);

/* Held mail: JSON array of records (new reference); or one, by queue id. */
json_t *store_held(Store *store, GError **error);
json_t *store_held_one(Store *store, const char *queue_id, GError **error);

/* What became of the messages with these tracking ids (char *): JSON array of changes `fate` (store/changes.md), oldest
 * first; new reference. */
json_t *store_fates(Store *store, const GPtrArray *tracks, GError **error);

/* Removes all of the tag but the names of its writers: `lexgate rebuild`. The shippers notice and bring everything
 * back; nothing is claimed until all have, or stand still for a minute. */
bool store_wipe(Store *store, GError **error);

/* The same, but the shippers bring back what the checkpoints of their journals say still matters, as after FLUSHALL. */
bool store_empty(Store *store, GError **error);
