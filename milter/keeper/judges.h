/* SPDX-License-Identifier: Apache-2.0 */
/* The judges as the keeper sees them: so many of each class, each started, handed to the front when it says that it is
 * ready, and replaced when it ends. */
#pragma once
#include "keeper/roles.h"
#include <glib.h>
#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

enum { CLASSES = 2 };

/* What a policy means for new processes; the keeper has one that is current. */
typedef struct {
    unsigned number;
    int source;      /* descriptor of the policy source */
    char *registry;  /* path of the snapshot */
    unsigned judges; /* of each class */
    unsigned last_good; /* files of holidays that were replaced by their copies */
} Generation;

typedef struct {
    bool foreground;
    const Generation *generation; /* the current one */
    GPtrArray *judges;            /* Judge */
    unsigned next_slot;
    uint64_t restarts, failures;
} Judges;

void judges_init(Judges *judges, bool foreground);

/* Another generation is current: judges of the one before are no longer replaced, new ones are started. */
void judges_renew(Judges *judges, const Generation *generation);

/* Starts what is due at `now` (milliseconds); gives when to call again, INT64_MAX for never. */
int64_t judges_start_due(Judges *judges, int64_t now);

/* For poll(): appends the sockets of judges that have not said that they are ready (struct pollfd). */
void judges_poll(const Judges *judges, GArray *fds);

/* Takes the ready words that came; then sends to the front (-1: none) whoever is ready and not sent. */
void judges_take_ready(Judges *judges, const GArray *fds, int64_t now);
void judges_send(Judges *judges, int front);

/* A child ended. False: it was none of ours. */
bool judges_ended(Judges *judges, pid_t pid, int status, int64_t now);

/* The front asks for another one in this place. */
void judges_replace(Judges *judges, unsigned slot, unsigned generation, const char *why);

/* The front died: those it held are of no use. */
void judges_kill_sent(Judges *judges);
void judges_kill_all(Judges *judges);

/* Is there one of each class, of the current generation, in the front's hands? */
bool judges_serve(const Judges *judges);
unsigned judges_alive(const Judges *judges);
