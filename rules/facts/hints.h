/* SPDX-License-Identifier: Apache-2.0 */
/* Hints: what earlier mail taught that one message may need to know. A plain value that travels with a message to its
 * judge, and that `lexgate explain --hints FILE` reads from JSON:
 *
 *   { "missing": false, "behind": false,
 *     "threads": { "<Message-ID without brackets or Thread-Index GUID>":
 *                  { "matter": "2026-0117", "client": "harbour", "owner": "alice@firm.test",
 *                    "deadlines": [ "id", … ], "people": [ "…" ], "encrypted": false } },
 *     "correspondents": { "ceo@harbour.test": [ "alice@firm.test", … ] },
 *     "queued": [ "jane@harbour.test" ] }
 *
 * `correspondents` are outside addresses of envelope and From, without detail, with which the firm has exchanged mail
 * before, each with those of the envelope inside who did; and "FROM via DOMAIN" (correspondent_name), where such mail
 * has come before. Who is not there is written to, or heard from, for the first time. `queued` are recipients for whom
 * a copy of this very message is in the MTA's hands already, since it did not come to its end when it came before.
 * `matter`, `client` may be ""; `owner` is the staff member who last wrote to the client there; `encrypted`: the
 * client, or a party, has written encrypted there. */
#pragma once
#include "base/json.h"

typedef struct {
    char *matter, *client, *owner; /* "" when unknown */
    GPtrArray *deadlines;          /* char *: open ones of this thread */
    bool encrypted;                /* a client or party has written encrypted in it */
    int64_t matter_at, owner_at;   /* seconds: of the messages that gave them; the index's alone */
} ThreadHint;

typedef struct {
    bool missing;        /* the index could not be asked or is behind: nothing follows from absence */
    bool behind;         /* that is so, or may be, because what another gateway learnt has not come yet */
    GHashTable *threads; /* char * → ThreadHint, both owned */
    GHashTable *correspondents;  /* char * → GPtrArray of char *, both owned */
    bool correspondents_missing; /* not all of them were asked for: nothing follows from absence */
    GPtrArray *queued;           /* char *: who has a copy of this very message already */
    char *from;                  /* the only From that was asked for, "" none; NULL: whatever it is */
} Hints;

Hints *hints_new(void);
void hints_free(Hints *hints);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hints, hints_free)

ThreadHint *thread_hint_new(void);
void thread_hint_free(ThreadHint *hint);

/* Unknown members are ignored; a wrong type is an error that names it. */
Hints *hints_from_json(const json_t *object, GError **error);

/* An address as correspondents are called: in small letters, without detail. Caller owns. */
char *correspondent_plain(const char *written);

/* Under which name a sender is a correspondent, of plain addresses. The envelope says where answers of machines go, From who
 * writes: of one owner, or with a null return path, From is the name; of two owners "FROM via DOMAIN OF THE ENVELOPE". Without
 * a From it is the envelope's address. Caller owns. */
char *correspondent_name(const char *envelope, const char *from);

bool hints_are_empty(const Hints *hints);
