/* SPDX-License-Identifier: Apache-2.0 */
/* Claims what is due, looks again, journals, sends, journals: one round.
 *
 * A step is told at least once: what is known to have been sent is journalled, everything else stays due. While a lease
 * lives no other daemon sends it, so a round stops well before its leases end. */
#pragma once
#include "escalated/daemon.h"

/* Sends what is due now. Gives the number of notices sent, and in *next when to look again at the latest. `store`
 * belongs to the calling thread. False when the store could not be asked. */
bool steps_round(Daemon *daemon, Store *store, unsigned *sent, Instant *next);
