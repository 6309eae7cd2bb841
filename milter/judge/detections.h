/* SPDX-License-Identifier: Apache-2.0 */
/* Looks in the texts of a message for what the policy's rules ask for. */
#pragma once
#include "engine/views.h"

/* Fills facts->detections and facts->accounts from subject, text, and the texts and names of attachments; `views` are of these facts. Costs
 * nothing where no rule asks. */
void detections_find(const Policy *policy, Facts *facts, Views *views);
