/* SPDX-License-Identifier: Apache-2.0 */
/* One message, one body for all: where that cannot be, who gets which copy.
 *
 * An encrypted body names whom it is encrypted to. So a recipient whom To and Cc do not name gets a copy that nobody
 * else gets, and colleagues get the message in clear. */
#pragma once
#include "engine/resolve.h"

/* Fills `copies` of a decision that is complete but for them: everybody who will get the message is in one, colleagues
 * first, then outside recipients whose way needs no encryption of ours, those of each seal, and each blind one. Fills
 * nothing when nobody needs the gateway's encryption, when all can share one body, or when somebody has no way. */
void copies_plan(const EngineInput *in, Decision *decision);

/* Who gets which copy, for the page of `explain`; nothing when all share one body. */
void copies_tell(GString *page, const Decision *decision);
