/* SPDX-License-Identifier: Apache-2.0 */
/* By which way each address outside was reached, as an answer says it: into the record comes only what the copies, the
 * registry and the rest of the answer bear out. */
#pragma once
#include "base/jsontext.h"
#include "front/answer.h"

/* Sets `answer->ways` from the decision's member "ways", checked as if an enemy had written it: each is a recipient
 * outside and once, the gateway encrypted what it is said to have encrypted, and the registry knows the verified TLS
 * and the consents. The rest of the answer was checked before. */
bool ways_check(const JsonView *json, const AnswerContext *context, Answer *answer);
void answer_way_free(AnswerWay *way);

/* Clear members of a journal entry: way, by whom, how many. Nothing where nobody needed a way. */
void ways_record(GString *out, const Answer *answer);

/* For the sealed part, in the same order: to whom, with which keys, and what of TLS is demanded. */
void ways_record_who(GString *out, const Answer *answer);
