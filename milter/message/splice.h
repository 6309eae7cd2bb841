/* SPDX-License-Identifier: Apache-2.0 */
/* Writes texts into one text part, in its own charset and transfer encoding where these can hold them. What is not
 * replaced keeps its bytes. */
#pragma once
#include "message/entity.h"

typedef struct {
    const char *at; /* in the message */
    size_t removed;
    GString *added;
} Splice;

typedef struct {
    GArray *splices;    /* Splice, of all parts, unsorted */
    char *content_type; /* what the header of the message itself must say instead; NULL: as it is */
    char *encoding;
} Splices;

Splices *splices_new(void);
void splices_free(Splices *splices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Splices, splices_free)

/* `text` (taken over) in the place of `old`, a piece of the message. */
void splices_add(Splices *splices, Slice old, GString *text);

/* A part that can be written into. */
typedef struct {
    Part *part;
    Entity entity;
    Slice data;    /* decoded */
    Slice charset; /* "" when it does not say */
    GString *text; /* in UTF-8, owned */
    bool html;
    bool doubted; /* it may be in another charset too, in which ASCII is the same */
} Leaf;

/* NULL, or why it cannot be written into, for people. */
const char *leaf_open(Slice message, Part *part, Leaf *leaf);
void leaf_clear(Leaf *leaf);

/* In HTML, what we put there ourselves: the element of ours at the top, and the next one behind it; *at goes on behind
 * what was found. False when there is none. */
bool leaf_next_of_ours(const Leaf *leaf, size_t *at, Slice *element);

/* Where the first one would be. */
size_t leaf_top(const Leaf *leaf);

/* Texts (char *, UTF-8 on one line) to put above and below what is there. NULL, or why not. */
const char *leaf_write(const Leaf *leaf, const GPtrArray *top, const GPtrArray *bottom, Splices *splices);
