/* SPDX-License-Identifier: Apache-2.0 */
/* Was this written by a machine? The order of evidence is RFC 3834's and ours: see automatic.c. */
#pragma once
#include "facts/facts.h"
#include "message/tree.h"

/* Sets facts->automatic and automatic_why from headers, envelope and, unless NULL, the parts. Mail that is bulk only by
 * its List-* headers has a why that begins with "list headers". */
void automatic_judge(Facts *facts, Part *top, const char *own_mark);
