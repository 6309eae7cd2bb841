/* SPDX-License-Identifier: Apache-2.0 */
/* Which answers does this message give? DESIGN section 6. */
#pragma once
#include "engine/resolve.h"

void owed_clear(const EngineInput *in, Decision *decision);
