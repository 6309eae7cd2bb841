/* SPDX-License-Identifier: Apache-2.0 */
/* The same hours, due time and ladder as those of a question that comes in now. */
#include "policy/promised.h"

void promised_clear(Promised *promised) {
    g_clear_pointer(&promised->steps, g_ptr_array_unref);
}

bool policy_promised(const Policy *policy, const Registry *registry, const char *level, const char *client,
                     const char *matter, Instant start, Promised *promised) {
    const ServiceLevel *known = policy_service_level(policy, level);
    if (!known)
        return false;
    promised->hours = policy_hours_of(policy, registry, known, client, matter);
    if (!ladder_due(promised->hours, start, known->answer_within, &promised->due))
        return false;
    promised->steps = ladder_steps(promised->hours, start, known->answer_within, known->ladder);
    return promised->steps != NULL;
}
