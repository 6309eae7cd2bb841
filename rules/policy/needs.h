/* SPDX-License-Identifier: Apache-2.0 */
/* What a text must hold for a pattern to match at all: pieces of four bytes, of which one look at the text finds all
 * that any pattern of the policy needs. Most patterns need not be tried on most texts, and the others only near such a
 * piece.
 *
 * Patterns are those of condition_load.c: caseless, UTF-8, multi-line. A pattern that is not understood needs nothing.
 */
#pragma once
#include "base/foldbare.h"
#include "policy/policy.h"
#include <stdbool.h>
#include <stddef.h>

/* The pieces that the patterns of one policy need; filled while it is loaded, never changed after. */
typedef struct Pieces Pieces;
typedef struct Needs Needs;

const Pieces *policy_pieces(const Policy *policy);

Pieces *pieces_new(void);
void pieces_free(Pieces *pieces);

/* NULL: the pattern may match any text. */
Needs *needs_of(Pieces *pieces, const char *pattern);
void needs_free(Needs *needs);

/* Which pieces a text holds, and where; the text must outlive it. NULL: not known, try every pattern everywhere. */
typedef struct Sightings Sightings;
Sightings *pieces_seen(const Pieces *pieces, const char *text, size_t length);

/* The same of a text in ASCII, from what was seen in the one without white space that fold_bare_text() made of it. All
 * must outlive it. */
Sightings *pieces_seen_written(const Sightings *seen, const FoldBare *bare, const char *text, size_t length);
void sightings_free(Sightings *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sightings, sightings_free)

/* False: the pattern cannot match that text. */
bool needs_met(const Needs *needs, const Sightings *seen);

/* Bytes at which a match may begin, the last one included; `from` begins a character. */
typedef struct {
    size_t from, last;
} Window;

/* Windows in one of which each match begins, from left to right; caller owns. NULL: it may begin anywhere. */
GArray *needs_windows(const Needs *needs, const Sightings *seen);
