/* SPDX-License-Identifier: Apache-2.0 */
/* Redis away for long: said once, to those who run the system, since nobody sees what is due meanwhile. */
#pragma once
#include "escalated/daemon.h"

typedef struct {
    Instant away_since; /* INSTANT_NEVER: it is there */
    bool told;
} Trouble;

#define TROUBLE_NONE ((Trouble){.away_since = INSTANT_NEVER})

/* To be called after each round with how it went. */
void trouble_note(Trouble *trouble, Daemon *daemon, bool store_up);

/* Who runs the system: administrators, else managers; Staff, caller owns. */
GPtrArray *trouble_people(const Registry *registry);
