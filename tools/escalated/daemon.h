/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of lexgate-escalated share. The main thread runs the loop of steps; one thread waits for signals, one
 * serves acts; the shipper has its own. */
#pragma once
#include "base/keyring.h"
#include "base/metrics.h"
#include "escalated/attempts.h"
#include "escalated/decided.h"
#include "escalated/firm.h"
#include "notice/notice.h"
#include "post/post.h"
#include "ship/peers.h"
#include <pthread.h>

typedef struct {
    pthread_mutex_t lock; /* guards firm, stop, stop_at and reload */
    pthread_cond_t wake;  /* by the monotonic clock */
    Firm *firm;
    bool stop, reload;
    int64_t stop_at; /* monotonic microseconds; a send that still runs then is given up */
    int stop_event;  /* eventfd, readable from stop on */

    Keyring *keyring; /* thread safe, as are the next four */
    JournalWriter *journal;
    Shipper *shipper;
    Peers *peers;
    Metrics *metrics;
    TimeSource clock;

    Store *acts_store;  /* of the thread that serves acts */
    Decided *decided;   /* the same thread's */
    Attempts *attempts; /* of the thread that runs the steps */
} Daemon;

/* The rules as they are now; the caller unrefs. */
Firm *daemon_firm(Daemon *daemon);
bool daemon_stopping(Daemon *daemon);
void daemon_stop(Daemon *daemon); /* any thread */

NoticeContext daemon_context(const Daemon *daemon, const Firm *firm);

/* Sends one notice to one person, within `limit` and what the settings allow. False with POST_ERROR. */
bool daemon_post(Daemon *daemon, const Firm *firm, const Staff *to, const GString *message, Duration limit,
                 GError **error);

/* The object sealed as `sealed` under the client's key (KEYRING_FIRM for ""); NULL when the key is gone. New reference.
 */
json_t *daemon_open_sealed(Daemon *daemon, const char *client, const char *sealed);

/* Seals an object under the client's key; NULL when that cannot be done (logged). Caller owns. */
char *daemon_seal(Daemon *daemon, const char *client, const json_t *value);

/* Appends; what goes wrong is logged and counted. */
bool daemon_append(Daemon *daemon, const char *kind, const json_t *payload);
