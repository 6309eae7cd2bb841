/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer of a message wrote himself: without the mail he answers, and without the firm's standing words. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const GPtrArray *footers; /* char *: each as owntext_footer() made it; NULL: none */
    bool forwards;            /* what stands below "-----Original Message-----" is what he sends */
} OwnText;

/* Left out: lines that begin with '>', the line that introduces them ("… wrote:"), what mail programs put below such a
 * line, or below the header that Outlook copies, as the message that is answered, and lines that are a footer's, if
 * most of it is there. Caller owns. */
char *owntext_of(const char *text, size_t length, const OwnText *how);

/* A footer as it is compared: folded, without white space. Caller owns. */
char *owntext_footer(const char *footer);

/* Does a subject say that something is passed on ("Fwd:", "WG:", "TR:", "RV:")? */
bool owntext_is_forward(const char *subject);

/* The two kinds of lines, without white space at their ends, of a text that ends at `end`: for those who read line by
 * line. */
bool owntext_begins_quote(const char *line, size_t length, const char *end);
bool owntext_is_attribution(const char *line, size_t length);
