/* SPDX-License-Identifier: Apache-2.0 */
/* Header lines where they lie, and the structured ones of MIME: a value and its parameters (RFC 2045, 2183, 2231). */
#pragma once
#include "message/slice.h"

typedef struct {
    Slice name, value; /* value: behind the colon, folds included, without the last line end */
    bool odd;          /* no colon, or white space or control characters in the name */
} RawHeader;

/* The next header of a block; false at its end or at the empty line, behind which *rest then stands. */
bool header_next(Slice *rest, RawHeader *header);

/* Without the line that mailboxes put above a message: it is no header, and no reason to distrust what follows. */
Slice header_skip_mbox_line(Slice message);

/* The value in one line, without white space at its ends; caller owns. Tab, NUL and bare CR become spaces. */
char *header_unfold(Slice value);

typedef struct {
    char *name;  /* lower case, without *0* */
    char *value; /* decoded to UTF-8, pieces in the order of their numbers */
    char *raw;   /* as written, pieces in the order in which they stand; NULL when that is the same */
    bool plain;  /* one piece, no RFC 2231, no encoded word */
} FieldParam;

typedef struct {
    char *value;    /* "text/plain", "attachment": lower case; "" when there is none to be read */
    GArray *params; /* FieldParam */
    bool comment;   /* "(…)" somewhere */
    bool odd;       /* cannot be read in one way only */
    bool too_many;  /* parameters over `limit` were passed over */
} Field;

Field *field_parse(Slice value, unsigned limit);
void field_free(Field *field);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Field, field_free)

/* Is the value "type/subtype", of tokens (RFC 2045, section 5.1)? Anything else counts as if it were absent. NULL: no.
 */
bool field_is_media(const Field *field);

/* First parameter of that name, borrowed, or NULL; how many there are. NULL field: none. */
const char *field_param(const Field *field, const char *name);
const FieldParam *field_param_entry(const Field *field, const char *name, unsigned *count);
