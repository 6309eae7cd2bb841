/* SPDX-License-Identifier: Apache-2.0 */
/* Looks in the texts of a message for what the policy's rules ask for. */
#pragma once
#include "facts/facts.h"
#include "policy/policy.h"

/* Fills facts->detections and facts->accounts from subject, text, and the texts and names of attachments. Costs nothing where no rule asks. */
void detections_find(const Policy *policy, Facts *facts);
