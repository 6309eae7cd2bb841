/* SPDX-License-Identifier: Apache-2.0 */
/* Strangers who look like somebody the firm knows. What they look like is told to staff, never to the stranger. */
#pragma once
#include "engine/resolve.h"

/* Fills person->alike of the sender and of each recipient who is outside and not known, and notes the anomalies
 * "lookalike:KIND". */
void lookalikes_note(const EngineInput *in, Decision *decision);

/* "client-domain", as rules name it. */
const char *likeness_kind_name(LikenessKind kind);
