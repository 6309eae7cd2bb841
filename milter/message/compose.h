/* SPDX-License-Identifier: Apache-2.0 */
/* A sentence of the firm as it stands in a text: paragraphs of wrapped lines, or elements of a page. Lines end with
 * CRLF; none begins with "--" or "From ", none is longer than a line may be. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef enum { FLOW_FIXED, FLOW_FLOWED, FLOW_DELSP } Flow; /* RFC 3676 */

/* Appends the text (UTF-8 on one line). */
void compose_plain(GString *out, const char *text, Flow flow);

/* In ASCII. A notice is a box above the page, else it is small print below. */
void compose_html(GString *out, const char *text, bool notice);

/* How such a box begins. */
extern const char compose_box[];
