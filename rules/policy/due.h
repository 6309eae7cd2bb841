/* SPDX-License-Identifier: Apache-2.0 */
/* What in a policy has an end of its own: its review, and the exceptions of its rules. */
#pragma once
#include "policy/policy.h"
#include "registry/import.h"

/* Appends a warning (Problem) for a review whose day has passed, for each exception that has ended, and for each that
 * ends within 30 days. */
void policy_due(const Policy *policy, Instant now, GPtrArray *problems);

/* Has the exception ended? Its last day is whole, in UTC. */
bool exception_is_over(const RuleException *exception, Instant now);

/* The day at the firm: of its calendar's zone, and of UTC where it has none. Writes CALENDAR_DAY bytes into `day` and
 * returns it. */
char *policy_day(const Policy *policy, Instant t, char day[CALENDAR_DAY]);

/* The same of what the register has: appends a warning for each consent that has ended, which is no way any more, and
 * for each that ends within 30 days. */
void policy_due_consents(const Policy *policy, const Registry *registry, Instant now, GPtrArray *problems);
