/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `lexgate explain` that speaks of rules: why first, what else, and what did not matter last. */
#pragma once
#include "engine/decision.h"

/* Why the message is not simply let on: the rules that ask for what is done. Nothing for one that is accepted. */
void explain_why(GString *page, const Decision *decision);

/* All other rules: those that do something beside, those that only observe, those of which nothing is certain, and
 * those that do not apply, with one reason each where `each` says so, else their number. */
void explain_other_rules(GString *page, const Decision *decision, bool each);

/* What the sender can do about it, for the lines they read. `rule` is the one that decided; NULL: none. */
const char *explain_what_to_do(Action action, const Rule *rule);
