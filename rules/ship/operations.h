/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision does to deadlines (its `ops`: open, join, clear, suggest) as changes. */
#pragma once
#include "ship/change.h"

/* As a change of its own; false when it makes no sense and was left out. */
bool operation_add(Translation *to, const JsonView *op);
bool operations_add(Translation *to); /* all; false when one was left out */

/* All, inside another change. */
bool operations_write(const Translation *to, GString *change);
