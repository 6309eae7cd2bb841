/* SPDX-License-Identifier: Apache-2.0 */
/* A folded text without white space: words that were split by a line's end, a header's fold or inserted spaces are
 * whole again. What stood apart is remembered. */
#pragma once
#include "base/fold.h"

typedef struct FoldMark FoldMark;
typedef struct {
    char *text;
    size_t length;
    bool *gaps;      /* for each byte: white space stood before it */
    FoldMark *marks; /* now and then: where it stood; NULL: not known */
    size_t marked;
    bool quoted; /* there are quotation marks that it does not have */
} FoldBare;

/* Of a text that is folded; quotation marks at the beginning of a line ("> ") go with the line's end. */
FoldBare *fold_bare(const char *folded, size_t length);

/* Of one that is not yet. */
FoldBare *fold_bare_text(const char *text, size_t length, Fold fold);

/* The same also without an ASCII sign, such as '-', which then parts words as white space does. NULL: it has none. */
FoldBare *fold_bare_without(const FoldBare *bare, char sign);

void fold_bare_free(FoldBare *bare);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FoldBare, fold_bare_free)

/* Where byte `at` of it stands in the folded text that fold_bare() made it from. Looks at some 200 bytes. *from: 0,
 * then what the look-up of an earlier byte left there. */
size_t fold_bare_place(const FoldBare *bare, const char *folded, size_t at, size_t *from);

/* As fold_edge(), of the text as it was before. */
bool fold_bare_edge(const FoldBare *bare, size_t at);

/* Is [from, to) of it a word, or several, that stood there: whole words in their usual place, or evidently split ones?
 * "s e c r e t" and "confi dential" are, "in a" is not "ina": what was put together from pieces must be at least 8
 * bytes long or spelt letter by letter. `apart`: how many gaps the words sought have themselves. */
bool fold_bare_is_words(const FoldBare *bare, size_t from, size_t to, unsigned apart);
