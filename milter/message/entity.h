/* SPDX-License-Identifier: Apache-2.0 */
/* Where a part stands in the bytes of its message, for who writes into it. */
#pragma once
#include "message/tree.h"

typedef struct {
    Slice head; /* with the empty line that ends it */
    Slice body;
} Entity;

/* False unless it is certain: the lines of its multiparts are counted once more and must be those of the tree. `part`
 * lies in `message` itself, not in what was decoded. */
bool entity_find(Slice message, const Part *part, Entity *entity);

/* The header of that name in a head; how many there are. */
unsigned entity_header(Slice head, const char *name, RawHeader *found);
