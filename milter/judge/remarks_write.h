/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences that a decision wants in the text of a message: written there, or turned into headers with the reason.
 */
#pragma once
#include "judge/judge.h"
#include "message/tree.h"

/* `tree` NULL: the message could not be read whole. Changes decision->headers, body_edits and body_bytes. */
void remarks_write(const JudgeMessage *message, const Facts *facts, Tree *tree, Decision *decision);
