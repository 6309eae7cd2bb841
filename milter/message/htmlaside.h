/* SPDX-License-Identifier: Apache-2.0 */
/* What a page carries beside its text: what attributes say, what links carry in themselves, strings of style sheets,
 * programs and comments. For the readers of HTML alone. */
#pragma once
#include "message/html.h"
#include "message/htmltag.h"

/* All of them add lines to text->aside where it is wanted; what has no room makes text->cut. */
void aside_add(HtmlText *text, Slice line);
void aside_add_attributes(HtmlText *text, const Tag *tag);
void aside_add_style(HtmlText *text, Slice css);
