/* SPDX-License-Identifier: Apache-2.0 */
/* One round of claimed jobs: what its parts (steps, held mail, unjudged messages) share. */
#pragma once
#include "escalated/daemon.h"

typedef struct {
    Daemon *daemon;
    Store *store;
    Firm *firm;
    NoticeContext context; /* its `now` is the moment of claiming */
    Instant lease_end;
    unsigned sent;
    bool relay_down;     /* the relay does not answer: the rest of the round waits, */
    Duration relay_wait; /* this long */
} Round;

/* Is there time left within the lease, and a relay? */
bool round_may_send(const Round *round);

/* We stop: what is not sent yet is given back for the next daemon at once. */
void round_give_up(Round *round);

/* Sends to one person, once in the life of this process for each key. True: they have it. */
bool round_tell(Round *round, const char *key, const Staff *to, const GString *message);

/* The job could not be finished: due again after a back-off that grows. */
void round_put_back(Round *round, const StoreJob *job);
void round_put_off(Round *round, const StoreJob *job, Instant until);

/* Mail on hold: its sender is told, or the managers when the sender is nobody of ours. */
void held_tell(Round *round, const StoreJob *job);

/* A rule reports a message: those it names are told. */
void report_tell(Round *round, const StoreJob *job);

/* Somebody wrote to a client who waits, though not in the thread: whoever owns the question is asked whether that was
 * the answer. */
void answer_ask(Round *round, const StoreJob *job);

/* A message waits in the mail server's queue: its writer is told. */
void delayed_tell(Round *round, const StoreJob *job);

/* Mail in the name of one client opened too many deadlines within an hour: those who run the system are told. */
void capped_tell(Round *round, const StoreJob *job);

/* A message that no judge could read opens a deadline from its envelope. */
void unjudged_open(Round *round, const StoreJob *job);
