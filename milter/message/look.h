/* SPDX-License-Identifier: Apache-2.0 */
/* What HTML's styles do to text that matters here: does a reader see it? As much of CSS as is used to hide words. */
#pragma once
#include "message/slice.h"

enum { COLOUR_UNSET = -3, COLOUR_CLEAR = -2, COLOUR_UNKNOWN = -1 };

/* What one style sets (the members that are not set stay UNSET), or, once merged, how text looks. */
typedef struct {
    signed char gone;      /* taken out of the page: -1 unset, 0 no, 1 yes, and so on */
    signed char invisible; /* its children may be visible again */
    signed char tiny;      /* too small to read, until a child is larger */
    signed char reversed;  /* letters run from right to left against their nature */
    gint32 ink, ground;    /* 0xRRGGBB, or one of COLOUR_… */
} Look;

/* Black on white. */
Look look_plain(void);

/* Nothing set. */
Look look_unset(void);

/* Declarations as in a style attribute: "display: none; color: #fff". */
Look look_of(Slice declarations);

/* "white", "#fff", "rgb(1, 2, 3)". */
gint32 look_colour(Slice text);

/* What is inside of `look` and has style `own`. */
void look_add(Look *look, const Look *own);

bool look_is_hidden(const Look *look);

/* Style sheets: what is set for "td", ".name" and "#name", whatever stands around them; rules for telephones and
 * printers are left out. At most some hundred names. */
typedef struct LookSheet LookSheet;
LookSheet *look_sheet_new(void);
void look_sheet_free(LookSheet *sheet);
void look_sheet_read(LookSheet *sheet, Slice css);
void look_sheet_apply(const LookSheet *sheet, char kind, Slice name, Look *own);
