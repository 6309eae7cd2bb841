/* SPDX-License-Identifier: Apache-2.0 */
/* A library that allocates what a stranger's file asks for is told that there is no more: its own calls to malloc fail,
 * and nobody else's. One thread at a time. */
#pragma once
#include <stdint.h>

/* Before the process is confined. Without it, or in a sanitized build, the guard does nothing. */
void memguard_prepare(void);

/* The limit that lets the data of this process grow by so much from now on. */
uint64_t memguard_limit(uint64_t more);

/* Between these two allocations beyond the limit fail. Code of ours, which may not fail, stays outside. */
void memguard_enter(uint64_t limit);
void memguard_leave(void);
