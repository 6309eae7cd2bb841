/* SPDX-License-Identifier: Apache-2.0 */
/* One tag of HTML, taken apart as browsers do. */
#pragma once
#include "message/slice.h"

enum { TAG_ATTRIBUTES = 24 };

typedef struct {
    Slice name, value; /* as written; `value` without its quotes */
} TagAttribute;

typedef struct {
    Slice name;
    bool closing, self_closing;
    unsigned count;
    TagAttribute attributes[TAG_ATTRIBUTES]; /* the first ones */
    Slice further;                           /* all others, as they stand */
    const char *end;                         /* behind it */
} Tag;

/* `at` is at '<', a letter or "/" and a letter behind it. *failures counts searches for a closing quote that went all
 * the way in vain: after some of them a quote is no longer looked for, or a page of nothing but `<a b="` would take
 * minutes. */
void tag_read(const char *at, const char *end, unsigned *failures, Tag *tag);

/* NULL when the tag has no such attribute. */
const Slice *tag_attribute(const Tag *tag, const char *name);

/* Its references decoded, on one line. Caller owns. */
char *tag_text(Slice value);
