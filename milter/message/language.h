/* SPDX-License-Identifier: Apache-2.0 */
/* Which language a text is written in, by its groups of letters (libexttextcat). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Reads the fingerprints, once per process, before it is confined. False when they cannot be read: every language is
 * unknown then. Not to be called by two threads at once. */
bool language_prepare(void);

/* An entry of language_words (facts/language.h), or NULL: the text is too short, or as near to a second one. Looks at
 * its first 4 KiB, in at most 1 ms. `text` is valid UTF-8. */
const char *language_of_text(const char *text, size_t length);
