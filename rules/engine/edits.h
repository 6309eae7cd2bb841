/* SPDX-License-Identifier: Apache-2.0 */
/* What changes in the header of a message that goes on: DESIGN section 7. */
#pragma once
#include "engine/resolve.h"

/* Fills decision->headers: deletions of what is ours or forged first, highest index first, then additions. Deadlines must have
 * been decided. */
void edit_headers(const EngineInput *in, Decision *decision);
