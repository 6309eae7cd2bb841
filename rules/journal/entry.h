/* SPDX-License-Identifier: Apache-2.0 */
/* The form of one journal line, and the chain that ties it to the line before.
 *
 *   {"v":1,"writer":"milter-k3f…","seq":12,"boot":"…","t":"2026-11-23T14:00:00Z","kind":"decision", …,"h":"<64 hex>"}
 *
 * h is the SHA-256 of (the previous line's 64 hex digits, nothing for a writer's first line) followed by the exact
 * bytes of this line before `,"h":`. A line ends with LF. Numbers of one writer have no gap but for those a `void`
 * names. */
#pragma once
#include "base/instant.h"
#include "base/json.h"
#include "base/jsonview.h"
#include <stdint.h>

#define JOURNAL_HASH 64          /* hex digits, without NUL */
#define JOURNAL_LINE_MAX 1048576 /* bytes; longer payloads are refused at writing */

/* kinds: decision, queued, sent, bounced, expired, released, removed, act, step-sending, step-sent, closed, void,
 * unjudged, held-sent (the notice to a held sender), notice-sent (that of a rule's notify), checkpoint, mended, … Payload shapes:
 * journal/payloads.md. */
typedef struct {
    char *writer, *boot, *kind;
    uint64_t seq;
    Instant t;
    json_t *body;           /* the whole line as an object */
    char *text;             /* the same as JSON text */
    JsonDocument *document; /* of entry_view() */
    char hash[JOURNAL_HASH + 1];
} Entry;

void entry_free(Entry *entry);

/* The text to be read; the entry's. NULL when it is none that we write. */
const JsonView *entry_view(Entry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Entry, entry_free)

/* The line for a payload (an object; its members follow `kind` in their order), with LF. Caller owns. `hash` holds the
 * previous hash ("" at first) and gets the new one. */
char *entry_line(const char *writer, uint64_t seq, const char *boot, Instant t, const char *kind, const json_t *payload,
                 char hash[JOURNAL_HASH + 1], size_t *length);

/* The same in two halves, for a writer that numbers many at once: the payload as text (caller owns; NULL with error
 * when it is no object, is too long or has a member of ours), and later the line around it, appended to `out`. */
typedef struct {
    const char *writer, *boot, *kind, *t; /* t as text */
    uint64_t seq;
    const char *members; /* of entry_members() */
} EntryText;
char *entry_members(const char *kind, const json_t *payload, GError **error);
bool entry_may_hold(const char *kind, const char *members, GError **error); /* is it of a fit kind and length? */
void entry_append(GString *out, const EntryText *text, char hash[JOURNAL_HASH + 1]);

/* Parses one line without its LF. With `previous` the chain is checked too. NULL with what is wrong. */
Entry *entry_parse(const char *line, size_t length, const char *previous, GError **error);

/* The number of a line in the form we write, without looking at the rest; 0: another form. */
uint64_t entry_peek_seq(const char *line, size_t length, const char *writer);
