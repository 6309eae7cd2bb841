/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that listens to the keeper and keeps house: new judges, a new policy, stop; metrics, lag of the hints, the
 * hourly head of the journal. */
#pragma once
#include "front/shared.h"

/* False with errno. The thread lives as long as the process. */
bool control_start(Front *front);

/* Tells the keeper that policy `generation` is in use here. */
bool control_say_ready(unsigned generation);
