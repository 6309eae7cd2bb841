/* SPDX-License-Identifier: Apache-2.0 */
/* A decision told to people. */
#pragma once
#include "engine/decision.h"

/* A page of text that a paralegal understands: what would happen, why, what the rules said; those that do not apply are
 * counted. Caller owns. */
char *explain_text(const Decision *decision, const Facts *facts);

/* The same with each rule that does not apply, and why not. Caller owns. */
char *explain_text_all(const Decision *decision, const Facts *facts);

/* What a text with {placeholders} is told from: matter, level, client, missing, recipients, sender, section, policy,
 * rule, firm, document, direction, reference. Borrowed. */
typedef struct {
    const Decision *decision;
    const Facts *facts;
    const Policy *policy;
    const RuleResult *result;
    bool may_tell; /* the reader is not walled off: matter, level and client may be named */
} Telling;

/* Caller owns. */
char *explain_fill(const Telling *telling, const char *pattern);

/* The lines of an SMTP reply for authenticated staff, and the plain ones for everybody else (nothing but the
 * reference). Arrays of char *, caller owns. */
GPtrArray *explain_refusal(const Decision *decision, const Facts *facts, const Policy *policy,
                           const RuleResult *decisive);
GPtrArray *explain_plain_refusal(const Decision *decision);
