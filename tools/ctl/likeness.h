/* SPDX-License-Identifier: Apache-2.0 */
/* Is one JSON value what another asks for? */
#pragma once
#include "base/json.h"

/* NULL when `got` has all that `expected` says, else where it differs (caller owns): "decision.action: expected
 * "reject", got "accept"". Members of an object that are not expected do not matter; a list must have an element like
 * each expected one, in any order, and an empty list must be empty; all else must be equal. */
char *likeness_difference(const json_t *expected, const json_t *got);
