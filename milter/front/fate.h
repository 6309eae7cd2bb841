/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the MTA's log in a thread of its own and journals what became of the mail that was let pass: queued, sent,
 * bounced, expired, released, removed, never queued, deferred for long. Mail does not wait for it, and whatever the log
 * says nothing stops. Where it was is kept in paths.state (mta-log.json), so that a front that is started again reads
 * on from there. */
#pragma once
#include "front/shared.h"

/* NULL: no thread could be started (logged). */
Fate *fate_start(Front *front);

/* The journal must still take entries. */
void fate_stop(Fate *fate);
