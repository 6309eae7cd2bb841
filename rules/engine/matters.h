/* SPDX-License-Identifier: Apache-2.0 */
/* Which matter is this message about, seen from one outside party? DESIGN section 4, "Matter".
 *
 * Tags and threads are clues: they choose among a party's own matters, and what they name beyond those can raise the
 * level but never lower it, because anybody can write a tag. */
#pragma once
#include "engine/clues.h"

/* Sets person->matter of an outside party; may add "matter-mismatch" to the anomalies. */
void matter_of_party(const EngineInput *in, const Clues *clues, Person *person, Decision *decision);

/* Among colleagues there is no outside party: what the clues name is what it is about. NULL when they name nothing. */
ResolvedMatter *matter_of_colleagues(const EngineInput *in, const Clues *clues);
