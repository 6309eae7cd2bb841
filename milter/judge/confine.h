/* SPDX-License-Identifier: Apache-2.0 */
/* Gives up everything a judge does not need: no network, no exec, no new files (EPERM), anything else kills; limits on
 * memory. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* After everything is opened. False with errno. `memory` bytes of data segment and mappings. */
bool confine_judge(uint64_t memory);

/* CPU time for one message from now on; the process dies when it is used up. */
void confine_allow_cpu(int64_t ms);
