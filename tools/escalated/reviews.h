/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon that runs for months says once a day what in its policy has come to its end. */
#pragma once
#include "escalated/daemon.h"

/* Logs what policy_due() says when a day has passed since *last, which then is now. Gives how many lines. */
unsigned reviews_note(Instant *last, Daemon *daemon);
