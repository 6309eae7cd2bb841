/* SPDX-License-Identifier: Apache-2.0 */
/* A message that went out, and what became of it for each recipient; who may be told what of it. Plain values. */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>

typedef enum { FATE_NONE, FATE_SENT, FATE_BOUNCED } FateState;

typedef struct {
    char *address; /* as the MTA was given it, normalised */
    char *client;  /* whose it is; "" */
    FateState state;
    bool fresh;    /* its state is not reported yet */
    bool deferred; /* the last attempt was */
    char *relay, *said, *tls;
    Instant at;
} FateRecipient;

typedef struct {
    char *track, *queue_id;        /* queue_id "": it goes on as copies */
    char *client, *matter, *staff; /* of the decision; "" */
    GPtrArray *matters;            /* char *: all that it is about */
    Instant accepted;
    bool clears;           /* a deadline depends on it */
    bool held;             /* by us, and not let go yet */
    bool seen;             /* the MTA has it */
    bool on_hold;          /* in the MTA's queue, by an administrator */
    bool delay_told;       /* that it waits */
    uint64_t lines;        /* of the log that were read when it came */
    GPtrArray *recipients; /* FateRecipient: those outside */
} FateMessage;

FateMessage *fate_message_new(const char *track, const char *queue_id, Instant accepted);
void fate_message_free(FateMessage *message);
void fate_message_add(FateMessage *message, const char *address, const char *client); /* a recipient; no repeats */

int fate_place_of(const FateMessage *message, const char *address); /* -1: no recipient */

/* The journal says that this was reported of the recipient at `place`. */
void fate_settled(FateMessage *message, unsigned place, FateState state);

typedef enum {
    FATE_REPORT_QUEUED,
    FATE_REPORT_SENT,     /* recipients that are fresh and FATE_SENT */
    FATE_REPORT_BOUNCED,  /* recipients that are fresh and FATE_BOUNCED */
    FATE_REPORT_EXPIRED,  /* all that are open */
    FATE_REPORT_REMOVED,  /* all that are open, or a held message as a whole */
    FATE_REPORT_RELEASED, /* a held message */
    FATE_REPORT_UNQUEUED, /* the MTA never took it */
    FATE_REPORT_DEFERRED, /* it waits too long: those that are open */
} FateReport;

bool fate_has_fresh(const FateMessage *message, FateState state);
void fate_settle_fresh(const FateMessage *message, FateState state); /* they are reported now */
bool fate_has_open(const FateMessage *message);
bool fate_waits(const FateMessage *message); /* for a server, or for whoever put it on hold */

/* The clients for whom this report ends the question whether they were answered: by FATE_REPORT_SENT those whom it
 * reached, else those of whom nobody has it or will. char *, borrowed; caller owns the array. */
GPtrArray *fate_clients(const FateMessage *message, FateReport what);

/* Is the report about this recipient? */
bool fate_concerns(const FateRecipient *recipient, FateReport what);
