/* SPDX-License-Identifier: Apache-2.0 */
/* Finds any of many phrases in a text, in a time that does not grow with their number.
 *
 * Phrases and text are folded (base/fold.h): case, accents, look-alikes and invisible characters make no difference, nor
 * do hyphens, line ends and the width of spaces. A phrase begins and ends where words do. */
#pragma once
#include "base/foldbare.h"

typedef struct PhraseBook PhraseBook;

/* Longer phrases are refused: a text of a million words is read in time for words, not for pages. */
enum { PHRASE_MAX = 200 };

PhraseBook *phrasebook_new(void);
void phrasebook_free(PhraseBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PhraseBook, phrasebook_free)

/* `phrase` is valid UTF-8; `list` is the caller's. False when nothing of it is a word, or it is too long. Not after the
 * first search. */
bool phrasebook_add(PhraseBook *book, const char *phrase, unsigned list);

/* Called for each phrase that is found, at least once for each place and list; `phrase` is as it was added, and borrowed. */
typedef void (*PhraseFound)(unsigned list, const char *phrase, void *state);

/* In a folded text without white space. FOLD_ALIKE finds all phrases in ASCII text, and Latin words in any; other text is
 * searched again in FOLD_WORDS. The first search puts the book in order. Any thread. */
void phrasebook_find(PhraseBook *book, const FoldBare *bare, PhraseFound found, void *state);
