/* SPDX-License-Identifier: Apache-2.0 */
/* The journal entry of a message: rules/journal/payloads.md, with everything personal sealed under the client's key. */
#pragma once
#include "front/answer.h"
#include "front/session.h"

/* What was answered in place of the decision, since a message could not go on as copies. */
typedef struct {
    Action action; /* defer or reject */
    int code;
    const GPtrArray *reached; /* char *: who has a copy all the same */
    const GPtrArray *unsent;  /* char *: for whom none could be queued; NULL: not even that is known */
    const char *why;          /* NULL: unknown */
} SplitFailure;

/* What a record is made of; all borrowed. */
typedef struct {
    const Session *session;
    const GPtrArray *threads; /* char *: hashed ids, the message's own first */
    const GPtrArray *people;  /* char *: hashed correspondents */
    int64_t ms;               /* of judging */
    const GPtrArray *before;  /* char *: who has a copy by an earlier attempt; NULL: nobody */
    const SplitFailure *failure; /* not all its copies are queued; NULL: they are, or there are none */
    const char *original;    /* hash of a message that went on as copies; NULL: it went on itself */
    const GPtrArray *copies; /* char *: their queue ids */
    const char *body_before, *body_after; /* SHA-256 of a body that is changed; NULL: it is not */
} RecordInput;

/* Payload of `decision` for journal_append_members(), the caller's; NULL with error when something cannot be sealed. */
char *record_decision(const RecordInput *input, const Answer *answer, GError **error);

/* Of a copy that is put on hold: what `lexgate held` needs to list it, should the others never be queued. Nothing of
 * one that goes on its way. */
void record_held_copy(GString *out, const Answer *answer);

/* Ids of the rules that took part in the decision, those that are only observed left out: char *, the
 * answer's; the array is the caller's. */
GPtrArray *record_rules(const Answer *answer);

/* Payload of `unjudged`; `track` is the reference, `action` what becomes of the message. */
char *record_unjudged(const RecordInput *input, const char *track, Action action, GError **error);
