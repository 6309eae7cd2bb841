/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of the firm written into the text of a message: above or below its first text and each alternative of that.
 *
 * All bytes of the message but those of these texts stay as they are. A message that is signed or encrypted anywhere,
 * that can be read in more than one way, or one of whose texts cannot be written into for certain, is left alone whole.
 */
#pragma once
#include "base/byteedit.h"
#include "message/tree.h"

typedef enum { INSERT_NOT, INSERT_DONE, INSERT_THERE } InsertResult;

typedef struct {
    const char *text;        /* UTF-8 on one line; borrowed */
    const GPtrArray *pieces; /* char *: of it, what a copy has, in order (message/bears.h); borrowed */
    bool top;                /* above, else below */
    bool anywhere;           /* one that stands elsewhere in the text, in a quotation say, counts */
    InsertResult result;     /* out */
} Insertion;

typedef struct {
    GArray *edits; /* ByteEdit of the message, in order, apart from each other */
    GString *bytes;
    char *content_type, *encoding; /* what these headers of the message must say; NULL: as they are */
    char *where;                   /* "1.1, 1.2": parts that were written into; "" when none */
} Rewriting;

Rewriting *rewriting_new(void);
void rewriting_free(Rewriting *rewriting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rewriting, rewriting_free)

/* `data` is the message that the tree and the facts were made of. NULL, or why nothing is written, for people. */
const char *insert_texts(Tree *tree, const Facts *facts, Slice data, GArray *insertions, Rewriting *out);
