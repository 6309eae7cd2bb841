/* SPDX-License-Identifier: Apache-2.0 */
/* Readable words of a message: of HTML what a reader sees, and whether they ask for an answer. */
#pragma once
#include "facts/facts.h"
#include "message/slice.h"

/* Appends all text of HTML (valid UTF-8), as html_read() finds it: what is shown, then the rest. `out` grows to `max` and
 * a few bytes more. */
void text_append_html(GString *out, Slice html, size_t max);

/* Does this ask for something? NO needs positive evidence: nothing but thanks or an acknowledgement, which may name the
 * people in the header. */
Asks text_asks(const char *text, const Facts *facts);

/* A question mark, or a word that requests. */
bool text_requests(const char *text);
