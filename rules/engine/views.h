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

/* The readings of one text, each made when it is first asked for. */
typedef struct {
    const char *text; /* borrowed, valid UTF-8 */
    size_t length;
    const Pieces *pieces;         /* of the policy; NULL: every pattern is tried */
    bool ascii, sound;            /* sound: it was checked */
    char *forms[FOLD_ALIKE + 1];  /* those that are new */
    const char *folded[FOLD_ALIKE + 1]; /* all of them, the same or an equal one; NULL: not made */
    FoldBare *bare;
    bool looked[READINGS];
    Sightings *seen[READINGS];
    const char *found; /* where the last match is, in one of the readings; NULL: there was none */
    size_t found_length;
} View;

View view_of(const char *text, const Pieces *pieces);
void view_clear(View *view);

/* NULL when that reading shows a caseless pattern nothing that those before it did not. */
const char *view_form(View *view, Fold fold);

/* Look-alikes folded, without white space. */
const FoldBare *view_bare(View *view);

/* The same in FOLD_WORDS; NULL when it is no other. Caller owns. */
FoldBare *view_bare_words(View *view);

/* One of the readings: READING_WRITTEN, READING_BARE, or a Fold of which there is a form. Borrowed. */
const char *view_reading(View *view, int reading);

/* Does a pattern match a reading? `needs`: of that pattern. */
Match view_match(View *view, int reading, const pcre2_code *pattern, const Needs *needs);

/* Is its match in the text without white space a word that was split? */
Match view_bare_match(View *view, const pcre2_code *pattern, const Needs *needs);

/* What matched last, in a few words for people, with its digits hidden, since a pattern may look for numbers that
 * identify somebody. "" when nothing did. Caller owns. */
char *view_found(const View *view);

/* The texts of one message. */
typedef struct Views Views;

Views *views_new(const Policy *policy, const Facts *facts); /* borrows both */
void views_free(Views *views);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Views, views_free)

View *views_text(Views *views);
View *views_own(Views *views); /* what the writer wrote himself (facts/owntext.h) */
View *views_aside(Views *views);
View *views_attachment(Views *views, guint index);
