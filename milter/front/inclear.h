/* SPDX-License-Identifier: Apache-2.0 */
/* To whom held mail would leave unencrypted, in the record: the clear member says that there is somebody, the sealed
 * part who. */
#pragma once
#include "base/jsontext.h"
#include "base/jsonview.h"
#include "facts/facts.h"
#include "front/answer.h"
#include "policy/policy.h"

/* The member "in_clear" of a decision, checked as if an enemy had written it: recipients of the envelope alone, each
 * once, and "yes" or "unknown" where there are any. */
bool inclear_check(const JsonView *decision, const Envelope *envelope);

/* The clear member of a journal entry: "no" where nobody is named, so that it differs from what was held before this was
 * known; nothing of mail that is not held. And the one for its sealed part, which names a hundred at most. */
void inclear_record(GString *out, const Answer *answer);
void inclear_record_to(GString *out, const JsonView *answer);

/* Of a held message that nobody judged: the outside recipients, a hundred at most, when a rule in force may ask for
 * encryption. char *, borrowed from the envelope; caller owns the array. */
GPtrArray *inclear_unjudged(const Policy *policy, const Envelope *envelope);
