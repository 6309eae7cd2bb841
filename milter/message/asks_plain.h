/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer of a message wrote himself, and its sentences in a form that phrases can be looked for in. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes of a text that are looked at. */
size_t asks_extent(const char *text);

typedef struct {
    GString *text; /* his lines; without what he answers, signature, advertisements and what stands below a ruler */
    GString *rest; /* the lines of signature and postscripts to it, where something may be asked too */
} OwnWords;

/* Of as much as is ever read of a text: asks_extent(). Where more than `enough` is his own, not of all of it. */
OwnWords *own_words(const char *text, size_t length, size_t enough);
void own_words_free(OwnWords *own);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OwnWords, own_words_free)

typedef struct {
    const char *at; /* lower case, single spaces between words */
    size_t length;
    bool question; /* ends with a question mark, outside quotation marks, brackets and links */
    bool last;     /* of its paragraph */
} Sentence;

/* Of a text that ends with a line or a NUL. With room behind it for cue_at(). Caller owns. */
char *asks_plain(const char *text, size_t length);

/* Where in a paragraph one may begin to read for its last sentence alone; 0: at its beginning. */
size_t asks_last_sentence(const char *paragraph, size_t length);

/* Moves *plain behind the sentence; false at the end. */
bool asks_next_sentence(const char **plain, Sentence *sentence);
