/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a message as a decision leaves it: what an MTA makes of the edits, by name and number, new ones at the
 * end. Pure. */
#pragma once
#include "engine/decision.h"

/* With the empty line that ends it. `edits` (HeaderEdit) may be NULL; *body_at is where the body begins in `message`.
 * Caller owns. */
GString *rewrite_head(const char *message, size_t length, const GPtrArray *edits, size_t *body_at);
