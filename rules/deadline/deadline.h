/* SPDX-License-Identifier: Apache-2.0 */
/* One answer owed to one client, as a pure state machine: what it is, which acts it allows, which step is due.
 *
 * No clock, no Redis, no mail. How it comes into its state is store/machine.lua, which tests compare with a machine of
 * their own (tests/unit/store/model.c). */
#pragma once
#include "calendar/ladder.h"
#include "deadline/history.h"
#include <glib.h>

typedef enum {
    DEADLINE_OPEN,
    DEADLINE_SNOOZED,
    DEADLINE_PROVISIONAL,
    DEADLINE_ANSWERED,
    DEADLINE_CLOSED
} DeadlineState;
typedef enum {
    ACT_ANSWER,
    ACT_CLOSE,
    ACT_SNOOZE,
    ACT_ASSIGN,
    ACT_REOPEN,
    ACT_PRIORITY,
    ACT_MERGE,
    ACT_KEEP, /* what may have answered it did not */
} ActKind;
enum { DEADLINE_PRIORITY_MAX = 99 };

typedef struct {
    Instant at;
    char *tell; /* "owner cover": words separated by one space */
    bool sent;
    bool passed_over; /* a later one was due before it could be told: that one tells its people too */
} DeadlineStep;

typedef struct {
    char *id, *client, *matter, *owner, *service_level; /* matter may be ""; owner is a staff address or "team:NAME" */
    DeadlineState state;
    bool soft;
    unsigned priority;   /* 0; one more each time the client asks again */
    unsigned generation; /* one more at every snooze, hand-over and re-opening */
    Instant start, due, snoozed_until;
    GPtrArray *steps;   /* DeadlineStep, by time */
    char *sealed;       /* {"subject","from","message_id"} under the client's key */
    char *answered_by;  /* "" */
    char *suggested_by; /* whose mail may have answered it, though not in its thread or not theirs to answer; "" none */
    Instant suggested_at; /* when that came */
    char *suggested_own;  /* which mail: the store's hash of it; "" */
    char *kind;           /* "": a question of the client; "holding": what our own reply promised */
    char *held;           /* the queue id of the question's message while that is on hold; "" */
    GPtrArray *history;   /* HistoryEvent, oldest first */
    GPtrArray *threads;   /* hashes of its messages (char *) */
    char *clears;         /* who may answer it; "" anybody */
    bool joint;           /* replies to other clients answer it too */
    char *lead;           /* the question whose time holds, by its id: the first, or an urgent one that is due sooner */
    Instant lead_start;   /* when that was asked */
} Deadline;

Deadline *deadline_new(void);
void deadline_free(Deadline *deadline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Deadline, deadline_free)
DeadlineStep *deadline_step_new(Instant at, const char *tell);

/* The step of a soft deadline that tells nobody: nothing was said, and it is closed. */
#define DEADLINE_SILENCE "silence"

/* Why a mail that opens a soft one wants no answer: we are only copied in; it says thanks or tells; it is an absence note. */
#define SOFT_COPIED_IN "copied-in"
#define SOFT_NO_ANSWER "no-answer"
#define SOFT_ABSENCE_NOTE "absence-note"

const char *deadline_state_name(DeadlineState state);
bool deadline_state_parse(const char *word, DeadlineState *state);
const char *act_name(ActKind act);
bool act_parse(const char *word, ActKind *act);

/* What a person sees: a snooze that has run out is open again. */
DeadlineState deadline_state_at(const Deadline *deadline, Instant now);
bool deadline_is_late(const Deadline *deadline, Instant now); /* open or snoozed, and now > due */

/* Index of the earliest unsent step with at <= now while the state is open; -1: none. Steps that became due together
 * with a later one are passed over: only the latest due one is told. */
int deadline_due_step(const Deadline *deadline, Instant now);

/* May this act be done now? False with a sentence for the person who asked. What an act, a reply and what became of it
 * make of a deadline: store/changes.md, "What follows". */
bool deadline_allows(const Deadline *deadline, ActKind act, Instant now, GError **error);

/* The steps that remain after a snooze until `until`: none before it, and at it all that it put off; of those told
 * before it the first and the latest once more, so that a snooze never ends in silence, and who is told first is not
 * passed over in favour of the supervisor. Array of DeadlineStep, none sent, caller owns. */
GPtrArray *deadline_steps_after_snooze(const Deadline *deadline, Instant until);

/* The id of a question: the same message gives the same id, a reused Message-ID with another content gives another. 26
 * base32 characters; caller owns. */
char *deadline_id(const char *client, const char *message_id, const char *from, const char *date, const char *subject,
                  const char *body_digest);
