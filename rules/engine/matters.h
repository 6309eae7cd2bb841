/* SPDX-License-Identifier: Apache-2.0 */
/* Which matter is this message about, seen from one outside party? DESIGN section 4, "Matter".
 *
 * Tags and threads are clues: they choose among a party's own matters, and what they name beyond those can raise the level
 * but never lower it, because anybody can write a tag. */
#pragma once
#include "engine/resolve.h"

typedef struct Clues Clues;

/* What tags and thread hints name, looked up once. `trust_header`: X-Matter counts (the sender is proven staff). */
Clues *clues_gather(const EngineInput *in, bool trust_header);
void clues_free(Clues *clues);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clues, clues_free)

/* A word of a trusted X-Matter names no matter: somebody believes in a tag that does nothing. */
bool clues_misnamed(const Clues *clues);

/* Sets person->matter of an outside party; may add "matter-mismatch" to the anomalies. */
void matter_of_party(const EngineInput *in, const Clues *clues, Person *person, Decision *decision);

/* Among colleagues there is no outside party: what the clues name is what it is about. NULL when they name nothing. */
ResolvedMatter *matter_of_colleagues(const EngineInput *in, const Clues *clues);

/* Does the message refer to earlier mail? */
bool facts_has_thread(const Facts *facts);

/* The hint for one id of the thread; NULL when there is none. */
const ThreadHint *thread_hint_of(const Hints *hints, const char *id);
