/* SPDX-License-Identifier: Apache-2.0 */
/* By which accepted way does the message reach each outside recipient encrypted? DESIGN section 5. */
#pragma once
#include "engine/resolve.h"

/* YES: everyone has a way. NO: somebody surely has none. UNKNOWN: only a missing certificate or a failed look-up stands between.
 * Sets person->way where one was found, and result->concerned to those without. */
Match ways_find(const EngineInput *in, Decision *decision, RuleResult *result);
