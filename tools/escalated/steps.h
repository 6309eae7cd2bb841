/* SPDX-License-Identifier: Apache-2.0 */
/* Claims what is due, looks again, journals, sends, journals: one round. */
#pragma once
#include "escalated/daemon.h"

/* Sends what is due now. Gives the number of notices sent, and in *next when to look again at the latest. `store` belongs to the
 * calling thread. */
unsigned steps_round(Daemon *daemon, Store *store, Instant *next);
