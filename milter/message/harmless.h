/* SPDX-License-Identifier: Apache-2.0 */
/* Words that may stand in clear beside an encrypted file: every line of a text is one that the policy lists.
 *
 * A listed line is compared with a whole line, without white space at the ends, whatever the case of letters; "*"
 * stands for any characters. Lines without letters and digits and those of the firm's footers are harmless. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* `lines`, `footers` (as owntext_footer() makes them): char *, may be NULL. */
bool harmless_text(const char *text, const GPtrArray *lines, const GPtrArray *footers);
bool harmless_line(const char *line, const GPtrArray *lines);
