/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of objects from a checked answer in the record. */
#pragma once
#include "base/jsontext.h"
#include "base/jsonview.h"

/* Member `name` of `out`: for each object of `list` those of `members` (ends with NULL) that are texts. Nothing of an
 * empty list. */
void recordlist_texts(GString *out, const char *name, const JsonView *list, const char *const *members);
