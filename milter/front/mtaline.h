/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an MTA's log: what does it say of which message? Postfix 3.5 to 3.9 and Sendmail 8.17, with timestamps of
 * RFC 3339 or of BSD syslog.
 *
 * A line holds what strangers chose: names of their hosts, words of their servers, local parts of addresses. So fields
 * are taken in the MTA's own order, addresses with their quotes, and nothing that stands behind the place where a
 * stranger's words begin is read as a field. Takes time linear in the length, allocates nothing, and any bytes are fit.
 * Any thread. */
#pragma once
#include "base/instant.h"
#include <glib.h>

typedef enum {
    MTA_NOTHING,  /* of no use, or no line of an MTA */
    MTA_NAMED,    /* the message is there: its queue id was given */
    MTA_TAKEN,    /* it is in the queue, */
    MTA_QUEUED,   /* and its recipients are about to be served */
    MTA_REFUSED,  /* it is not taken after all, whatever was said of it before */
    MTA_SENT,     /* to the recipients in `to` */
    MTA_DEFERRED, /* them too */
    MTA_BOUNCED,  /* them too */
    MTA_EXPIRED,  /* all who have not got it will not */
    MTA_HELD,     /* somebody put it on hold */
    MTA_RELEASED, /* and let it go */
    MTA_REMOVED,  /* somebody threw it away */
    MTA_DONE,     /* nothing is left to do for it */
    MTA_RENAMED,  /* `queue_id` is what was `other_id` */
    MTA_TLS,      /* the process `pid` has an encrypted connection to `relay` */
} MtaWhat;

enum { MTA_ID = 32, MTA_NAME = 64, MTA_LIST = 1200, MTA_RELAY = 300, MTA_SAID = 400, MTA_SHORT = 40, MTA_LEVEL = 80 };

typedef struct {
    MtaWhat what;
    Instant at;
    unsigned pid;
    char queue_id[MTA_ID];
    char other_id[MTA_ID];  /* under which the next MTA has it ("queued as", "forwarded as"); "" unless it is on this
                               host */
    char to[MTA_LIST];      /* addresses, one a line, as the MTA writes them */
    char orig_to[MTA_LIST]; /* Postfix: the address before it was rewritten; "" */
    char relay[MTA_RELAY];  /* "mx.birch.test[192.0.2.1]:25"; "" */
    char dsn[MTA_SHORT];    /* "5.1.1"; "" */
    char tls[MTA_LEVEL];    /* of MTA_TLS: "verified TLSv1.3"; or trusted, untrusted, anonymous */
    char said[MTA_SAID];    /* what the next server said; any bytes but NUL */
} MtaLine;

/* `length` bytes at `text`, without a final LF; `now` says which year a BSD timestamp is of (the latest that is not in
 * the future). `names`: syslog names that are taken (char *: "postfix", "sm-mta"); NULL or empty: those that begin with
 * "postfix", and Sendmail's usual ones. False (and MTA_NOTHING): of no use. */
bool mtaline_read(const char *text, size_t length, const GPtrArray *names, Instant now, MtaLine *line);

/* The same for an entry of systemd's journal, which has time, name ("postfix/smtp") and process apart. */
typedef struct {
    Instant at;
    const char *identifier;
    unsigned pid;
} MtaOrigin;
bool mtaline_read_message(const MtaOrigin *origin, const char *text, size_t length, const GPtrArray *names,
                          MtaLine *line);

/* Is this the name of a program of an MTA? */
bool mtaline_is_mta(const char *identifier, const GPtrArray *names);

/* What `address` is in the list of addresses `to`: each in turn from *at on; NULL at the end. Copied into `room`. */
const char *mtaline_next(const char *list, const char **at, char room[MTA_LIST]);
