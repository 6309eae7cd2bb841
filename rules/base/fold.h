/* SPDX-License-Identifier: Apache-2.0 */
/* Text as people read it, so that no word escapes because of the characters it is written with.
 *
 * All texts are valid UTF-8. Linear in the length, whatever a stranger wrote; text in ASCII costs next to nothing. Any
 * thread. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Each step does what those before it do. */
typedef enum {
    FOLD_SEEN,  /* compatible forms (full width, ligatures, "bold" letters) as plain ones, composed (NFKC); characters that
                   take no room dropped; every white space as an ASCII one, typographic quotes and dashes as ' " - */
    FOLD_WORDS, /* and without case and accents: "Großes Ärgernis" is "grosses argernis" */
    FOLD_ALIKE, /* and letters of any alphabet that look like Latin ones as those (Unicode UTS 39), so that a Latin word
                   is found which only the eye takes for one; of little use for words of another alphabet */
} Fold;

/* Once per process, before it is confined: ICU's tables. Others call it at first use. */
void fold_prepare(void);

/* Caller owns (g_free). */
char *fold_text(const char *text, size_t length, Fold fold);

/* Capitals of a text in ASCII as small letters, in place. */
void fold_lower_ascii(char *text, size_t length);

/* Nothing but ASCII: then FOLD_SEEN is the text itself, and the other two change case alone. */
bool fold_is_ascii(const char *text, size_t length);

/* Does a word begin or end at byte `at` of a text? Also at both ends of it, and anywhere in scripts that are written
 * without spaces. */
bool fold_edge(const char *text, size_t length, size_t at);
