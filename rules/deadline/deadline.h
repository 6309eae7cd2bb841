/* SPDX-License-Identifier: Apache-2.0 */
/* One answer owed to one client, as a pure state machine: what it is, which acts it allows, which step is due.
 *
 * No clock, no Redis, no mail. The store's Lua applies the same transitions; tests compare the two. */
#pragma once
#include "calendar/ladder.h"
#include <glib.h>

typedef enum { DEADLINE_OPEN, DEADLINE_SNOOZED, DEADLINE_PROVISIONAL, DEADLINE_ANSWERED, DEADLINE_CLOSED } DeadlineState;
typedef enum { ACT_ANSWER, ACT_CLOSE, ACT_SNOOZE, ACT_ASSIGN } ActKind;

typedef struct {
    Instant at;
    char *tell;   /* "owner cover": words separated by one space */
    bool sent;
    bool passed_over; /* a later one was due before it could be told: that one tells its people too */
} DeadlineStep;

typedef struct {
    char *id, *client, *matter, *owner, *service_level; /* matter may be ""; owner is a staff address or "team:NAME" */
    DeadlineState state;
    bool soft;
    unsigned priority;      /* 0; one more each time the client asks again */
    unsigned generation;    /* one more at every snooze, hand-over and re-opening */
    Instant start, due, snoozed_until;
    GPtrArray *steps;       /* DeadlineStep, by time */
    char *sealed;           /* {"subject","from","message_id"} under the client's key */
    char *answered_by;      /* "" */
    GPtrArray *history;     /* char *: "2026-11-23T14:00:00Z opened …", oldest first */
} Deadline;

Deadline *deadline_new(void);
void deadline_free(Deadline *deadline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Deadline, deadline_free)
DeadlineStep *deadline_step_new(Instant at, const char *tell);

const char *deadline_state_name(DeadlineState state);
bool deadline_state_parse(const char *word, DeadlineState *state);
const char *act_name(ActKind act);
bool act_parse(const char *word, ActKind *act);

/* What a person sees: a snooze that has run out is open again. */
DeadlineState deadline_state_at(const Deadline *deadline, Instant now);
bool deadline_is_late(const Deadline *deadline, Instant now); /* open or snoozed, and now > due */

/* Index of the earliest unsent step with at <= now while the state is open; -1: none. Steps that became due together with a
 * later one are passed over: only the latest due one is told. */
int deadline_due_step(const Deadline *deadline, Instant now);

/* May this act be done now? False with a sentence for the person who asked. */
bool deadline_allows(const Deadline *deadline, ActKind act, Instant now, GError **error);

/* The steps that remain after a snooze until `until`: none before it, and at it all that it put off; of those told
 * before it the first and the latest once more, so that a snooze never ends in silence, and who is told first is not
 * passed over in favour of the supervisor. Array of DeadlineStep, none sent, caller owns. */
GPtrArray *deadline_steps_after_snooze(const Deadline *deadline, Instant until);

/* The id of a question: the same message gives the same id, a reused Message-ID with another content gives another. 26 base32
 * characters; caller owns. */
char *deadline_id(const char *client, const char *message_id, const char *from, const char *date, const char *subject,
                  const char *body_digest);
