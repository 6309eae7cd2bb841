/* SPDX-License-Identifier: Apache-2.0 */
/* Encoded words in headers (RFC 2047), as lenient mail programs read them: also inside quotes, also cut between two
 * words in the middle of a character or of a base64 quantum. */
#pragma once
#include "message/charset.h"

/* `raw` is unfolded. Valid UTF-8 on one line: control characters become spaces. Caller owns. */
char *words_decode(Slice raw);

/* One header in every reading. */
typedef struct {
    char *text;          /* as words_decode(), which most programs do */
    char *others;        /* what others show (each word decoded alone; folds taken out), a reading on a line; NULL: none */
    CharsetResult worst; /* of its words */
    Slice charset;       /* of the worst word; within the unfolded value */
} HeaderWords;

/* `unfolded` is header_unfold() of `value`, which stands as it is in the message. Both texts belong to the caller. */
void words_read(const char *unfolded, Slice value, HeaderWords *words);
