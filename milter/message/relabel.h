/* SPDX-License-Identifier: Apache-2.0 */
/* Another charset or transfer encoding in the header of a text part. */
#pragma once
#include "message/splice.h"

typedef struct {
    const char *charset, *encoding; /* NULL: as it is */
} Relabelling;

/* Into the part's own header by splices, or into `content_type` and `encoding` where that is the message's. False when
 * it is written in a way that cannot be changed safely; nothing is added then. */
bool relabel(const Leaf *leaf, const Relabelling *change, Splices *splices);
