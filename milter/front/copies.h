/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies an answer makes of a message, checked as if an enemy had written it: everybody who is to get the message
 * is in one of them and nobody else, and clear text is for colleagues and for those who may have it. */
#pragma once
#include "front/answer.h"

/* Appends to `answer->copies` and sets `copies_size`. False unless the answer says nothing of copies, or they are sound
 * and a rule that applies encrypts. The rest of the answer was checked before. */
bool copies_check(const JsonView *json, const AnswerContext *context, Answer *answer);
void answer_copy_free(AnswerCopy *copy);
