/* SPDX-License-Identifier: Apache-2.0 */
/* A message as the mail server would pass it on after a decision: what the front asks of it, done to a file. */
#pragma once
#include "engine/decision.h"

/* Does anything of the message go on, now or when it is released? */
bool rewritten_goes_on(const Decision *decision);

/* `wire` is the message that was judged. Marks that need a key end in "-". Caller owns. */
GString *rewritten_message(const GString *wire, const Decision *decision);
