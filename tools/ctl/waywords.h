/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision in the journal says of the ways by which it reached people, for people. */
#pragma once
#include "base/json.h"

/* A list of sentences; NULL where the entry names no way. Who they were is said where the sealed part was opened (its
 * member "opened"). New reference. */
json_t *way_words(const json_t *entry);
