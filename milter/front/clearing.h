/* SPDX-License-Identifier: Apache-2.0 */
/* Who may answer a question, and in whose name a reply answers, beside the operation in the journal: taken from policy
 * and registry here, not from a judge. */
#pragma once
#include "base/jsonview.h"
#include "front/rulebook.h"

/* Members `by, as, clears, joint` (journal/payloads.md) of the operation `item` of a checked answer; `staff`: who sent
 * the message, "" nobody of the staff. */
void clearing_record(GString *out, const JsonView *item, const char *staff, const Rulebook *book);
