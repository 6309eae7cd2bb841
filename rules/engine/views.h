/* SPDX-License-Identifier: Apache-2.0 */
/* Other readings of a text, for rules that look for words: what the eye takes for a word must not escape because it is
 * written with other characters, or in pieces. They stand beside the text as written, never in its place: a firm may
 * look for words in any alphabet. */
#pragma once
#include "base/foldbare.h"
#include "policy/condition.h"
#include "policy/needs.h"

/* As written, the folded forms, and without white space. */
enum { READING_WRITTEN = FOLD_ALIKE + 1, READING_BARE, READINGS };

/* The readings of one text, each made when it is first asked for. Zero is empty; the text must outlive them. */
typedef struct {
    bool made[FOLD_ALIKE + 1];
    char *forms[FOLD_ALIKE + 1];
    FoldBare *bare;
    const Pieces *pieces;          /* of the policy; NULL: every pattern is tried */
    bool looked[READINGS];
    unsigned char *seen[READINGS]; /* pieces that each reading holds */
} View;

/* NULL when that reading shows a caseless pattern nothing that those before it did not. `text` is valid UTF-8. */
const char *view_form(View *view, const char *text, Fold fold);

/* Look-alikes folded, without white space. */
const FoldBare *view_bare(View *view, const char *text);

/* Which pieces a reading of the text (a Fold, or one of those above) holds: for needs_met(), borrowed. */
const unsigned char *view_seen(View *view, int reading, const char *text);

void view_clear(View *view);

/* Is a pattern's match in it a word that was split? */
Match view_bare_match(const FoldBare *bare, const pcre2_code *pattern);
