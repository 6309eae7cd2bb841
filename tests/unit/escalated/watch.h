/* SPDX-License-Identifier: Apache-2.0 */
/* A whole lexgate-escalated without its threads: a real Redis, a real journal and shipper, a relay of our own, and a
 * clock that stands. */
#pragma once
#include "escalated/daemon.h"

#include "../post/sink.h"

typedef struct {
    char *folder;
    pid_t redis;
    Sink *sink;
    Instant now;
    Store *store;
    Daemon daemon;
    void (*at_append)(void); /* is called once, while the journal writes its next entry; NULL: nothing is */
} Watch;

/* Leaves the process with 77 (skipped) where Redis is not installed; NULL when something else is wrong. */
Watch *watch_start(void);
void watch_stop(Watch *watch);

void watch_set_clock(Watch *watch, const char *time);

/* One round; gives the number of notices sent. */
unsigned watch_round(Watch *watch);

/* What only the process remembers is lost, as in a crash. */
void watch_forget(Watch *watch);

/* Journals, and waits until it is in Redis. */
void watch_append(Watch *watch, const char *kind, const json_t *payload);

/* Opens a deadline for client harbour, due 14:00 on 2026-11-23, with steps at 12:00 owner, 14:00 owner and cover, 15:00
 * managers. */
void watch_open(Watch *watch, const char *id, const char *matter, const char *owner);

/* An act as a person asks for it, with uid; gives "ok: …" or "error: …". Caller owns. */
char *watch_act(Watch *watch, const char *request, unsigned uid);

/* "alice bob": who got the mails in the sink, in order; empties it. Caller owns. */
char *watch_told(Watch *watch);
