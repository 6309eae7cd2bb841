/* SPDX-License-Identifier: Apache-2.0 */
/* What the scripts say of a deadline, taken as from a stranger: Redis may hold anything. Pure. */
#pragma once
#include "deadline/deadline.h"
#include <stddef.h>

/* NULL when it makes no sense. */
Deadline *decode_deadline(const char *json, size_t length);
