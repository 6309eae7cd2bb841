/* SPDX-License-Identifier: Apache-2.0 */
/* From lexgate.conf to a checked generation: what `-t`, the start and a reload do alike. */
#pragma once
#include "keeper/judges.h"
#include "policy/policy.h"

/* Reads and checks the configuration; with `generation` also writes the registry's snapshot into paths.state and fills
 * all of *generation but its number. NULL when something is wrong. All problems, warnings too, are appended (Problem).
 */
Policy *policyload(const char *path, Generation *generation, GPtrArray *problems);

void generation_clear(Generation *generation);
