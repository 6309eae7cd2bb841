/* SPDX-License-Identifier: Apache-2.0 */
/* Turns of phrase in English, German, French and Spanish that tell whether a sentence wants something. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CUE_REQUEST = 1 << 0,  /* asks the reader for something: "could you", "bitte", "merci de" */
    CUE_LETTER = 1 << 11,  /* the same, in a letter to one person: "i need your", "call me today" */
    CUE_NEED = 1 << 1,     /* may want something: "urgent", "problem", "ich verstehe nicht" */
    CUE_IF = 1 << 2,       /* what is asked for in this sentence is asked for in some case only */
    CUE_COURTESY = 1 << 3, /* a request in form: "please find attached" */
    CUE_STANDING = 1 << 4, /* a sentence of letters in general: "if you have any questions" */
    CUE_RHETORIC = 1 << 5, /* a question that nobody is to answer: "who would have thought" */
    CUE_PERSON = 1 << 6,   /* the writer or the reader: "you", "wir" */
    CUE_ANYBODY = 1 << 7,  /* a question to whoever reads it: "does anybody", "how do i" */
    CUE_DONE = 1 << 8,     /* tells or hands over: "for your information", "anbei" */
    CUE_CIRCULAR = 1 << 9, /* "unsubscribe" */
} Cue;

/* The cue of the longest phrase that begins at `at`, which is the beginning of a word; 0 when there is none. Text is
 * lower case, its words have single spaces between them, and CUE_ROOM bytes follow it; *length is that of the phrase.
 */
enum { CUE_ROOM = 8 };
unsigned cue_at(const char *at, size_t *length);

/* False: nothing in that text, as it was written, is a phrase of circulars. One look at its bytes. */
bool cues_may_be_circular(const char *text, size_t length);
