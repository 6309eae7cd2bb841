/* SPDX-License-Identifier: Apache-2.0 */
/* What a helper gives up, and what the programs that it starts give up besides. */
#pragma once
#include <stdbool.h>

/* No new rights, no network, no tracing of others. Where the kernel lets us, no network device either. */
bool confine_helper(void);

/* Before exec: limits on time, memory and files, no further processes, nothing on disk may be changed. */
bool confine_program(void);
