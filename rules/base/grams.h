/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a text does any of many short pieces stand? All are sought in one pass, whose time does not grow with their
 * number as long as few of them occur. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Pieces of one length. Not changed once it is searched, it may be shared by threads. */
typedef struct Grams Grams;

enum { GRAM_MAX = 8 };

typedef struct {
    unsigned width;  /* bytes of each piece, 1 to GRAM_MAX */
    unsigned stride; /* only each so many-th place of a text is looked at: 1 or 2 */
    bool caseless;   /* ASCII letters of either case are one; so are a few signs, whoever minds looks again */
} GramKind;

Grams *grams_new(const GramKind *kind);
void grams_free(Grams *grams);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grams, grams_free)

/* `width` bytes from `at`. What is added twice is found twice. */
void grams_add(Grams *grams, const char *at, guint32 id);

/* Each place (of those looked at) where a piece stands, from left to right, many at a time. */
typedef struct {
    size_t at;
    guint32 id;
} GramPlace;
typedef void (*GramsFound)(const GramPlace *places, size_t count, void *state);
void grams_find(const Grams *grams, const char *text, size_t length, GramsFound found, void *state);
