/* SPDX-License-Identifier: Apache-2.0 */
/* HTML as text: what a reader is shown, and what is there besides. */
#pragma once
#include "message/slice.h"

typedef struct {
    GString *shown; /* gets what a reader sees; what is quoted (blockquote and the like) begins its lines with '>' */
    size_t max;     /* stops when `shown` is so long */
    GString *aside; /* gets lines that are not part of the page: alternative texts, titles, targets of links,
                       comments, programs; and where
                       text is hidden by styles or meant for one program alone, the whole text as programs without
                       styles show it; at most `max` more bytes. NULL: not wanted */
    bool file;      /* out: a link carries a file that is neither text nor picture */
    bool cut;       /* out: there was more for `aside` than had room */
    bool hidden;    /* out: some text is hidden from the reader */
    bool reversed;  /* out: some text is written backwards */
} HtmlText;

/* `html` is valid UTF-8. Linear, whatever it holds. */
void html_read(Slice html, HtmlText *text);

/* The charset that a page names for itself at its beginning; length 0 when none. */
Slice html_charset(Slice html);
