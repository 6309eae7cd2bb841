/* SPDX-License-Identifier: Apache-2.0 */
/* A judge's answer as the front wants it: of the JSON of DESIGN section 8 the members that are applied, journalled or
 * logged, with "subject" and "message_id" beside them. Recipients, attachments and rules that did not match stay out:
 * they cost both sides more than the judging. What is there is equal to what decision_to_json() says (a test holds the
 * two together). */
#pragma once
#include "engine/decision.h"

/* Writes into `room` bytes at `out`. 0: it does not fit. */
size_t answerjson_write(const Decision *decision, const Facts *facts, char *out, size_t room);
