/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a rule adds (copy_to, redirect): nobody looked for a way to them while the rules were judged. */
#pragma once
#include "engine/resolve.h"

/* Why the message must not go to somebody outside whom a rule adds: a rule that applies wants encryption, and nothing
 * protects the message on the way there. NULL: nothing is in the way. `decision` has its copies; caller owns. */
char *added_hindrance(const EngineInput *in, const Decision *decision);
