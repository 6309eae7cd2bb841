/* SPDX-License-Identifier: Apache-2.0 */
/* From words to a complete RFC 5322 message: text and HTML as multipart/alternative, 7-bit clean, CRLF.
 *
 * Everything that goes into a header may come from a stranger: control characters become '?', long and non-ASCII values
 * are folded and encoded (RFC 2047), so no value can end its header. */
#pragma once
#include "base/instant.h"
#include <glib.h>

typedef struct {
    const char *from_name, *from;
    const char *to_name, *to;
    const char *subject;
    const char *message_id;  /* all ids with their angle brackets */
    const char *in_reply_to; /* NULL: none */
    const char *references;  /* NULL: none */
    Instant date;
    const char *text, *html; /* UTF-8, lines end with LF */
} Draft;

/* Caller owns. */
GString *draft_compose(const Draft *draft);
