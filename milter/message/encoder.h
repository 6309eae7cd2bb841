/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 into the charset of a text that is there already, and such a text into UTF-8: strictly, or not at all. */
#pragma once
#include "message/slice.h"

/* May ASCII be put between two lines of such a text as it is? Not in UTF-16, and not in what we do not know. */
bool charset_keeps_ascii(Slice charset);

/* Is a text of escapes (ISO-2022) in ASCII behind these bytes? Any other always is. */
bool charset_is_at_rest(Slice charset, Slice before);

/* A copy in which what such escapes make of bytes that look like ASCII is 'x'; caller owns. */
char *charset_mask(Slice charset, Slice bytes);

/* NULL when a character is not in that charset, or programs differ about it. Caller owns. */
GString *charset_encode(Slice charset, const char *text);

/* Every character, line ends included; NULL when a byte means nothing or must be guessed. Caller owns. */
GString *charset_decode(Slice charset, Slice bytes);
