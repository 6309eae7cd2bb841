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

/* Nothing but ASCII: then FOLD_SEEN is the text itself, and the other two change case alone. */
bool fold_is_ascii(const char *text, size_t length);

/* Does a word begin or end at byte `at` of a text? Also at both ends of it, and anywhere in scripts that are written
 * without spaces. */
bool fold_edge(const char *text, size_t length, size_t at);

/* A folded text without white space: words that were split by a line's end, a header's fold or inserted spaces are whole
 * again. What stood apart is remembered. */
typedef struct {
    char *text;
    size_t length;
    unsigned char *gaps; /* a bit for each byte: white space stood before it */
} FoldBare;

/* `also`: ASCII characters to drop like white space, such as "-"; quotation marks at the beginning of a line ("> ") go
 * with the line's end. */
FoldBare *fold_bare(const char *folded, const char *also);
void fold_bare_free(FoldBare *bare);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FoldBare, fold_bare_free)

static inline bool fold_bare_gap(const FoldBare *bare, size_t at) {
    return bare->gaps[at / 8] >> at % 8 & 1;
}

/* As fold_edge(), of the text as it was before. */
bool fold_bare_edge(const FoldBare *bare, size_t at);

/* Is [from, to) of it a word, or several, that stood there: whole words in their usual place, or evidently split ones?
 * "s e c r e t" and "confi dential" are, "in a" is not "ina": what was put together from pieces must be at least 8 bytes
 * long or spelt letter by letter. `apart`: how many gaps the words sought have themselves. */
bool fold_bare_is_words(const FoldBare *bare, size_t from, size_t to, unsigned apart);
