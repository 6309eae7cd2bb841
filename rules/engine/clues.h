/* SPDX-License-Identifier: Apache-2.0 */
/* What names a matter in a message: tags in its subject and addresses, X-Matter, the thread (DESIGN section 4). */
#pragma once
#include "engine/resolve.h"

typedef struct Clues Clues;

/* What tags and thread hints name, looked up once. `trust_header`: X-Matter counts (the sender is proven staff). */
Clues *clues_gather(const EngineInput *in, bool trust_header);
void clues_free(Clues *clues);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clues, clues_free)

/* The matters: NamedMatter, no id twice, tags first. Borrowed. */
const GArray *clues_named(const Clues *clues);

/* A look-up failed: there may be more. */
bool clues_failed(const Clues *clues);

/* A word of a trusted X-Matter names no matter: somebody believes in a tag that does nothing. */
bool clues_misnamed(const Clues *clues);

/* Does the message refer to earlier mail? */
bool facts_has_thread(const Facts *facts);

/* The hint for one id of the thread; NULL when there is none. */
const ThreadHint *thread_hint_of(const Hints *hints, const char *id);
