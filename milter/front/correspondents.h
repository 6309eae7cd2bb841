/* SPDX-License-Identifier: Apache-2.0 */
/* Who writes to whom in an envelope, and who of them has done so before: as hashed keys for journal and hint index, and
 * as hints for the judge. */
#pragma once
#include "base/keyring.h"
#include "facts/facts.h"
#include "facts/hintindex.h"
#include "policy/policy.h"

/* Fills hints->correspondents from the index (NULL: nothing is known, which hints->missing says already). What goes to
 * the journal, so that it is known next time, is appended to `keys` (char *). At most 32 outside addresses are asked
 * for. */
void correspondents_look_up(HintIndex *index, Keyring *keyring, const Policy *policy, const Envelope *envelope,
                            GPtrArray *keys, Hints *hints);
