/* SPDX-License-Identifier: Apache-2.0 */
/* What the scripts say of a deadline, taken as from a stranger: Redis may hold anything. Pure. */
#pragma once
#include "deadline/deadline.h"
#include <stddef.h>

/* Id and record in MessagePack, as `shown` of lib.lua puts them together; NULL when they make no sense. */
Deadline *decode_deadline(const char *packed, size_t length);

/* The record alone, of the deadline that a job names ("step:ID:GENERATION:INDEX", "ask:ID:MAIL"). */
Deadline *decode_job(const char *key, const char *record, size_t length);
