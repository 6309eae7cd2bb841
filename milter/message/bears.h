/* SPDX-License-Identifier: Apache-2.0 */
/* Does a text bear a sentence of the firm already, however a mail program wrapped and quoted it? Compared are folded
 * letters without white space and marks of quotation; a sentence begins and ends where lines do. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Wrapped Wrapped;

/* Valid UTF-8; of a long text the first MiB. */
Wrapped *wrapped_new(const char *text, size_t length);
void wrapped_free(Wrapped *wrapped);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wrapped, wrapped_free)

/* `pieces` (char *, of wrapped_piece()) are what is the same in each copy of the sentence, in order: anything short may
 * stand between two of them, and before the first and behind the last where these are "". */
bool wrapped_bears(const Wrapped *wrapped, const GPtrArray *pieces);

/* The same at the byte *at, which moves behind it; 0 is the top of the text. */
bool wrapped_bears_at(const Wrapped *wrapped, const GPtrArray *pieces, size_t *at);

/* A piece as it is compared; caller owns. */
char *wrapped_piece(const char *text);
