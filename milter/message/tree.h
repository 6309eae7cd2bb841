/* SPDX-License-Identifier: Apache-2.0 */
/* GMime's view of a message or MIME entity, as parts whose bytes lie in the message. */
#pragma once
#include "facts/facts.h"
#include "message/part.h"
#include "message/prescan.h"
#include "message/slice.h"

typedef struct Tree Tree;

/* Runs the pre-scan, then GMime, then the same on what opaque S/MIME signatures and encoded messages carry. NULL when
 * it is over a limit or GMime gives up; differences between the two readings are anomalies. `entity` must outlive the
 * tree. */
Tree *tree_parse(Facts *facts, Slice entity, OddBytes odd);
void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)

Part *tree_top(const Tree *tree);

/* Can it be read in other ways? */
bool tree_has_others(const Tree *tree);

/* Calls for every leaf that mail programs find which read the message in other ways, and for what is inside of it:
 * parts of the tree among them, and the same part several times. None where only one reading is possible. */
void tree_each_other(Tree *tree, void (*visit)(Part *part, void *state), void *state);
