/* SPDX-License-Identifier: Apache-2.0 */
/* Every boundary that some mail program would take from a Content-Type header, and the lines it finds with it. */
#pragma once
#include "message/slice.h"

typedef struct {
    char *text;   /* owned by the array */
    bool guessed; /* from the body: of use where no other is found */
} Boundary;

/* Boundary, at most a dozen; caller owns. */
GArray *boundaries_of(Slice type, Slice body);

typedef enum { LINE_NONE, LINE_PART, LINE_END, LINE_PREFIX } BoundaryLine;

/* The next line that is the boundary, ends its multipart, or only begins with it; *rest moves behind it. */
BoundaryLine boundary_next(Slice *rest, Slice *line, const Boundary *boundary);
