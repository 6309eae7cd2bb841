/* SPDX-License-Identifier: Apache-2.0 */
/* Readable words of a message: of HTML what a reader sees, and whether they ask for an answer. */
#pragma once
#include "facts/facts.h"
#include "message/slice.h"

/* Appends all text of HTML (valid UTF-8), as html_read() finds it: what is shown, then the rest. `out` grows to `max` and
 * a few bytes more. */
void text_append_html(GString *out, Slice html, size_t max);

/* Does this ask for something? NO needs evidence too: thanks, an acknowledgement, something that is handed over or told
 * for information, and nothing beside it that may want something. */
Asks text_asks(const char *text, const Facts *facts);

/* Does the subject alone ask? Below "Re:" it is an old one. */
bool subject_asks(const Facts *facts);
