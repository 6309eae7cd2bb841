/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends, which way, about which matter: DESIGN section 4, before any rule is asked. */
#pragma once
#include "engine/decision.h"
#include "engine/views.h"
#include "facts/hints.h"

/* All that a decision is a function of. Borrowed; thread safe when the parts are. */
typedef struct {
    const Policy *policy;
    const Registry *registry;
    const Facts *facts;
    const Hints *hints;
    Instant now;
    Views *views; /* of these facts; NULL: decide() makes them */
    bool brief; /* rules that do not match need not say why: most do not, and only `explain` tells of them */
    const char *no_seal[SEALS]; /* why the gateway can encrypt to nobody so; NULL: it can */
} EngineInput;

/* Fills sender, by, direction, recipients, matter and anomalies of an empty decision. */
void resolve_people(const EngineInput *in, Decision *decision);

/* Is this person walled off from any matter that the resolved message may be about? NULL: nobody is walled off. */
Match decision_walled(const Decision *decision, const Staff *staff);
