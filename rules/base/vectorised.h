/* SPDX-License-Identifier: Apache-2.0 */
/* For loops that look at every byte of every message, written so that a compiler makes vector instructions of them: to
 * their end, without branches. Clang does so by itself. */
#pragma once

#ifdef __clang__
#define VECTORISED
#else
#define VECTORISED __attribute__((optimize("O3")))
#endif
