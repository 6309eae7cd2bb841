/* SPDX-License-Identifier: Apache-2.0 */
/* Is one JSON value what another asks for? */
#pragma once
#include "base/json.h"

/* One place where a value is not as expected. */
typedef struct {
    char *path;     /* "decision.action", "rules[bank-details].match"; "all" for the value itself */
    char *expected; /* JSON */
    char *got;      /* JSON, cut when long; "nothing" */
} Difference;

void difference_free(Difference *difference);
Difference *difference_new(const char *path, const char *expected, const char *got);

/* Appends a Difference for each place in which `got` lacks what `expected` says. Members of an object that are not
 * expected do not matter; a list must have an element like each expected one, in any order, and an empty list must be
 * empty; all else must be equal. Elements of a list that share an id, a name or an address are compared with each
 * other. */
void likeness_compare(const json_t *expected, const json_t *got, GPtrArray *differences);
