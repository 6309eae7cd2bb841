/* SPDX-License-Identifier: Apache-2.0 */
/* Names in conditions that the registers do not have. Registers change, so they are warnings. */
#pragma once
#include "policy/policy.h"

/* Appends a Problem for each client, matter and team that a rule or an exception names and the registry does not know. */
void policy_check_registered(const Policy *policy, const Registry *registry, GPtrArray *problems);

/* Appends a warning for each mailbox and roster that names somebody whom the register of staff does not have. */
void policy_check_rosters(const Policy *policy, const Registry *registry, GPtrArray *problems);

/* Appends a Problem for each step of a ladder that would tell nobody whom the registry has, and what
 * policy_check_rosters() says. */
void policy_check_told(const Policy *policy, const Registry *registry, GPtrArray *problems);
