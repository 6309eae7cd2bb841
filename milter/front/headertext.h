/* SPDX-License-Identifier: Apache-2.0 */
/* What a header of a checked answer says in the message. */
#pragma once
#include "base/keyring.h"
#include "front/answer.h"

/* Its value without the space before it, folded with LF: with the MAC that a judge has no key for. Caller owns. */
char *headertext_value(Keyring *ring, const Answer *answer, const AnswerHeader *header);
