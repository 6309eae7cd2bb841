/* SPDX-License-Identifier: Apache-2.0 */
/* Character references of HTML, as browsers read them. */
#pragma once
#include "message/slice.h"

enum { ENTITY_BYTES = 8 };

/* The reference at `at`, which is '&': how many bytes it takes, 0 when it is none, and its text in UTF-8, NUL-ended.
 * Never looks further than the reference itself, or 40 bytes. */
size_t entity_read(const char *at, const char *end, char text[ENTITY_BYTES]);
