/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of `lexgate explain` about one person, and about headers that disagree. */
#pragma once
#include "engine/decision.h"

/* Behind "ADDRESS is KIND": role, webmail, … */
void explain_person(GString *page, const Person *person);

/* Lines of their own, under the sender. */
/* By which way the message reaches them; of a consent whose and until when. */
void explain_way(GString *page, const Person *person);

void explain_differences(GString *page, const Decision *decision);
