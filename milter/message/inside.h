/* SPDX-License-Identifier: Apache-2.0 */
/* Files that lie inside of a part without being parts themselves: uuencoded in its text, in a calendar or
 * card, or in Outlook's winmail.dat. */
#pragma once
#include "message/tree.h"

/* Adds them to the leaf as its children. What is there and cannot be read is an anomaly, makes the part opaque and the
 * facts unreadable: "inline-file" (with its kind where we know no more: "inline-file:yenc"), "tnef". */
void inside_find(Facts *facts, Part *leaf, PrescanBudget *budget);

/* By type, name or first bytes. */
bool inside_is_tnef(Part *leaf);
