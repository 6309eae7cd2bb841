/* SPDX-License-Identifier: Apache-2.0 */
/* How the other side protects its mail: the signature, and whether it used encryption, in this mail or in the one that
 * this replies to. */
#pragma once
#include "engine/tests.h"

/* Sets decision->used_encryption and its why. */
void protection_note(const EngineInput *in, Decision *decision);

Match test_signature(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_sender_used_encryption(const Condition *condition, const Scope *scope, GPtrArray *why);
