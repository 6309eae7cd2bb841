/* SPDX-License-Identifier: Apache-2.0 */
/* Who owes the answer (DESIGN section 6): the only staff member addressed, else who last wrote to the client in the
 * thread, else the matter's handler, its responsible, its team, else whose the mailbox is (policy), else somebody in
 * charge. Nobody is handed what a wall keeps from them, or what they will have left before. */
#pragma once
#include "engine/resolve.h"

/* Of a message from a client, filed under `matter` (NULL: none). A staff address or "team:NAME"; "" when the firm has
 * nobody at all. Caller owns. */
char *owner_of(const EngineInput *in, const Decision *decision, const Matter *matter);
