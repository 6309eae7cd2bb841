/* SPDX-License-Identifier: Apache-2.0 */
/* The journal entry of a message: rules/journal/payloads.md, with everything personal sealed under the client's key. */
#pragma once
#include "front/answer.h"
#include "front/session.h"

/* What a record is made of; all borrowed. */
typedef struct {
    const Session *session;
    const GPtrArray *threads; /* char *: hashed ids, the message's own first */
    int64_t ms;               /* of judging */
} RecordInput;

/* Payload of `decision`, new reference; NULL with error when something cannot be sealed. */
json_t *record_decision(const RecordInput *input, const Answer *answer, GError **error);

/* Ids of the rules that took part in the decision, those that are only observed left out: an array, new reference. */
json_t *record_rules(const Answer *answer);

/* Payload of `unjudged`; `track` is the reference, `action` what becomes of the message. */
json_t *record_unjudged(const RecordInput *input, const char *track, Action action, GError **error);
