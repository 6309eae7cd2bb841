/* SPDX-License-Identifier: Apache-2.0 */
/* Words that stand in a text under a code which programs undo before they show it. All of it in linear time. */
#pragma once
#include "message/slice.h"

/* The text as such programs show it: XML and text/enriched without their tags, JSON without its escapes, properties of
 * calendars and cards decoded. `type` is the media type, "" when unknown; `text` is valid UTF-8 with LF, as all that
 * comes back. NULL when the text is none of these; caller owns. */
char *codes_read(const char *type, Slice text);

/* What a link carries in itself: the body of "data:", or the link without its percent signs; NULL when there is
 * nothing. Caller owns. */
char *codes_link_data(const char *link, size_t *length);

/* The same as text; "" and *binary when it is no text. */
char *codes_link(const char *link, bool *binary);

/* Adds the strings of a style sheet (CSS Syntax 4.3.5), which "content:" puts into the page: those with nothing but
 * white space between them on one line. */
void codes_css(GString *out, Slice css);
