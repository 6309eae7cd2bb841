/* SPDX-License-Identifier: Apache-2.0 */
/* A decision told to people. */
#pragma once
#include "engine/decision.h"

/* A page of text that a paralegal understands: what would happen, why, what each rule said. Caller owns. */
char *explain_text(const Decision *decision, const Facts *facts);

/* The lines of an SMTP reply for authenticated staff, and the plain ones for everybody else (nothing but the reference).
 * Arrays of char *, caller owns. */
GPtrArray *explain_refusal(const Decision *decision, const Facts *facts, const Policy *policy, const RuleResult *decisive);
GPtrArray *explain_plain_refusal(Action action, const char *reference);
