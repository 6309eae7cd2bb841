/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be known of the people of a message beside their kind: personal webmail, roles, and whether the headers
 * agree on who speaks. */
#pragma once
#include "engine/resolve.h"

/* After sender, recipients and matters are resolved: fills what of Person and Decision says so. */
void people_describe(const EngineInput *in, Decision *decision);

/* The role of staff in the register, or of a party in the person's matters; NULL: none. Borrowed. */
const char *person_role(const Person *person);

/* How From can differ, as rules name it (NULL-ended): "several", "sender", "sender-domain", "reply-to", … */
extern const char *const from_differences[];
