/* SPDX-License-Identifier: Apache-2.0 */
/* Which answers does this message make owed, and which does it give? DESIGN section 6. */
#pragma once
#include "engine/resolve.h"

/* Fills decision->deadlines from the rules that apply; the action must have been decided and let the message on. */
void owed_answers(const EngineInput *in, Decision *decision);
