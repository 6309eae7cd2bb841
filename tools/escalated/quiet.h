/* SPDX-License-Identifier: Apache-2.0 */
/* Times of day at which nobody wants mail from us: they move a notice, never what is due. */
#pragma once
#include "policy/policy.h"

/* Is `t` in the person's quiet hours (local time of their calendar, else the firm's)? Then *end is when these are over.
 */
bool quiet_at(const Policy *policy, const Staff *person, Instant t, Instant *end);
