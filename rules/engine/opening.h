/* SPDX-License-Identifier: Apache-2.0 */
/* Does this message make an answer owed: a deadline of its own, or one that it joins? DESIGN section 6. */
#pragma once
#include "engine/resolve.h"

void owed_open(const EngineInput *in, Decision *decision);
