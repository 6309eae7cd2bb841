/* SPDX-License-Identifier: Apache-2.0 */
/* Which signatures are worth carrying to the firm's certificates? */
#pragma once
#include "engine/decision.h"
#include "judge/judge.h"

/* Forgets facts->signature.kept unless the message came in, signed by whom it says it comes from, with a certificate
 * that can be encrypted to and is not known, or of whose owner's programs nothing was heard for a while. Sets
 * facts->signature.autocrypt where the policy wants such keys, and none is known of this client or party. */
void harvest_choose(const JudgeContext *context, const Decision *decision, Facts *facts);
