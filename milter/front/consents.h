/* SPDX-License-Identifier: Apache-2.0 */
/* The consents by which an answer says that a message goes out in clear: into the record they come word for word as
 * the register has them. */
#pragma once
#include "base/jsontext.h"
#include "base/jsonview.h"
#include "policy/policy.h"

/* The member "consents" of a decision, checked as if an enemy had written it: some rule of the policy accepts consent,
 * and the register has each of them. */
bool consents_check(const JsonView *decision, const Policy *policy, const Registry *registry);

/* Clear members of a journal entry: client, days and scope. Nothing where there is none. */
void consents_record(GString *out, const JsonView *answer);

/* For the sealed part: who gave them, in the same order. */
void consents_record_who(GString *out, const JsonView *answer);
