/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: every rule is read, the most severe action wins, stamps, copies and deadlines add up. The same code runs in
 * the milter, in `lexgate explain` and in policy tests. */
#pragma once
#include "engine/resolve.h"

/* Never NULL, never fails: what cannot be known is unknown, and the rules' on_unknown says what follows. Caller owns. */
Decision *decide(const EngineInput *in);

/* What the decision rests on cannot be had: the gateway cannot encrypt the message, and `why`, for people, says so. It
 * becomes a refusal by the rules that wanted the encryption, and changes nothing any more. */
void decide_refusal(const EngineInput *in, Decision *decision, const char *why);
