/* SPDX-License-Identifier: Apache-2.0 */
/* What one attachment is, what it says and what it tells of its authors. */
#pragma once
#include "message/allowance.h"
#include "message/tree.h"

typedef struct {
    Facts *facts;
    Allowance *allowance; /* of the whole message */
    bool sealed;          /* known to be encrypted */
    Slice text;           /* what it says, when it is declared as text and was read so; borrowed */
} AttachmentReading;

/* Fills readable, kind, why, text and the rest of a fact that has its names and declared type. */
void attachment_read(const AttachmentReading *reading, AttachmentFact *fact, Part *part);
