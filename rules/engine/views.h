/* SPDX-License-Identifier: Apache-2.0 */
/* Other readings of a text, for rules that look for words: what the eye takes for a word must not escape because it is
 * written with other characters, or in pieces. They stand beside the text as written, never in its place: a firm may
 * look for words in any alphabet. */
#pragma once
#include "base/fold.h"
#include "policy/condition.h"

/* The readings of one text, each made when it is first asked for. Zero is empty; the text must outlive them. */
typedef struct {
    bool made[FOLD_ALIKE + 1];
    char *forms[FOLD_ALIKE + 1];
    FoldBare *bare;
} View;

/* NULL when that reading shows a caseless pattern nothing that those before it did not. `text` is valid UTF-8. */
const char *view_form(View *view, const char *text, Fold fold);

/* Look-alikes folded, without white space. */
const FoldBare *view_bare(View *view, const char *text);

void view_clear(View *view);

/* Is a pattern's match in it a word that was split? */
Match view_bare_match(const FoldBare *bare, const pcre2_code *pattern);
