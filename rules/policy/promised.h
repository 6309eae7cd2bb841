/* SPDX-License-Identifier: Apache-2.0 */
/* What a service level promises for a question, as policy and register are now: for one that is counted anew. */
#pragma once
#include "policy/hours.h"

typedef struct {
    Instant due;
    GPtrArray *steps;      /* LadderStep; they borrow from the policy */
    const Calendar *hours; /* borrowed from the policy */
} Promised;

void promised_clear(Promised *promised);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Promised, promised_clear)

/* False when the policy has no such level any more, or its hours never reach the end of the promise. `client` and
 * `matter` are ids, each of which may be "" or unknown. */
bool policy_promised(const Policy *policy, const Registry *registry, const char *level, const char *client,
                     const char *matter, Instant start, Promised *promised);
