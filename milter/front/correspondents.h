/* SPDX-License-Identifier: Apache-2.0 */
/* Who writes to whom by envelope and From, and who of them has done so before: as hashed keys for journal and hint
 * index, and as hints for the judge. */
#pragma once
#include "base/keyring.h"
#include "facts/facts.h"
#include "facts/hintindex.h"
#include "policy/policy.h"

/* Looks at one header. *from: NULL before there was a From, then its address; "" when it has none, or there are
 * several. Roughly: the judge reads From properly, and takes a hint only of the very address that it reads itself. */
void correspondents_note_from(char **from, const char *name, const char *value);

/* Fills hints->correspondents and hints->from from the index (NULL: nothing is known, which hints->missing says
 * already). `from` as above. What goes to the journal, so that it is known next time, is appended to `keys` (char *).
 * At most 32 outside addresses are asked for. */
void correspondents_look_up(HintIndex *index, Keyring *keyring, const Policy *policy, const Envelope *envelope,
                            const char *from, GPtrArray *keys, Hints *hints);
