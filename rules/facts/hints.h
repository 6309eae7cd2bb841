/* SPDX-License-Identifier: Apache-2.0 */
/* Hints: what earlier mail taught that one message may need to know. A plain value that travels with a message to its judge,
 * and that `lexgate explain --hints FILE` reads from JSON:
 *
 *   { "missing": false,
 *     "threads": { "<Message-ID without brackets or Thread-Index GUID>":
 *                  { "matter": "2026-0117", "client": "harbour", "owner": "alice@firm.test",
 *                    "deadlines": [ "id", … ], "people": [ "…" ] } } }
 *
 * `matter`, `client` may be ""; `owner` is the staff member who last wrote to the client there. */
#pragma once
#include "base/json.h"

typedef struct {
    char *matter, *client, *owner; /* "" when unknown */
    GPtrArray *deadlines;          /* char *: open ones of this thread */
} ThreadHint;

typedef struct {
    bool missing;        /* the index could not be asked or is behind: nothing follows from absence */
    GHashTable *threads; /* char * → ThreadHint, both owned */
} Hints;

Hints *hints_new(void);
void hints_free(Hints *hints);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hints, hints_free)

ThreadHint *thread_hint_new(void);
void thread_hint_free(ThreadHint *hint);

/* Unknown members are ignored; a wrong type is an error that names it. */
Hints *hints_from_json(const json_t *object, GError **error);
json_t *hints_to_json(const Hints *hints); /* new reference */
