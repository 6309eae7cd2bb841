/* SPDX-License-Identifier: Apache-2.0 */
/* Which language a text is written in, by its groups of letters (libexttextcat). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Reads the fingerprints, once per process, before it is confined. False when they cannot be read: every language is
 * unknown then. Not to be called by two threads at once. */
bool language_prepare(void);

/* An entry of language_words (facts/language.h), or NULL: the text is too short, as near to a second one, or its halves
 * differ. *confidence, per cent: 50 for each half that is in that language by itself, 25 for one that cannot be told, 75
 * for a text that is too short for halves. Looks at its first KiB, in at most 1 ms. `text` is valid UTF-8. */
const char *language_of_text(const char *text, size_t length, unsigned *confidence);
