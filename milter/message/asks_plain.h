/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer of a message wrote himself, and its sentences in a form that phrases can be looked for in. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    GString *text; /* his lines; without what he answers, signature, advertisements and what stands below a ruler */
    GString *rest; /* the lines of signature and postscripts to it, where something may be asked too */
} OwnWords;

OwnWords *own_words(const char *text);
void own_words_free(OwnWords *own);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OwnWords, own_words_free)

typedef struct {
    const char *at; /* lower case, single spaces between words */
    size_t length;
    bool question; /* ends with a question mark, outside quotation marks, brackets and links */
    bool last;     /* of its paragraph */
} Sentence;

/* With room behind it for cue_at(). Caller owns. */
char *asks_plain(const char *text, size_t length);

/* Moves *plain behind the sentence; false at the end. */
bool asks_next_sentence(const char **plain, Sentence *sentence);
