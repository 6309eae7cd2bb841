/* SPDX-License-Identifier: Apache-2.0 */
/* Does a rule's condition hold of this message? Three-valued, one small function a condition. */
#pragma once
#include "engine/resolve.h"
#include "policy/condition.h"

/* `why` (char *, for people) gets what was decisive, unless it is NULL. NULL condition: yes. */
Match match_condition(const Condition *condition, const EngineInput *in, const Decision *decision, GPtrArray *why);

/* Appends the addresses (char *) of the recipients of whom the condition's `recipient` groups hold, without repeats:
 * those because of whom it matches. */
void match_concerned(const Condition *condition, const EngineInput *in, const Decision *decision, GPtrArray *addresses);

/* Three-valued logic. */
Match match_and(Match a, Match b);
Match match_or(Match a, Match b);
Match match_not(Match a);
