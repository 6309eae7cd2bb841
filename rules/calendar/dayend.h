/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a day, for promises that name one ("by Friday"). */
#pragma once
#include "calendar/calendar.h"

/* The midnight that ends the local date there is at `from`. */
Instant day_midnight(const Calendar *cal, Instant from);

/* When the work of the local date `day` ("2026-11-27") ends, for a promise made at `from`: its closing time; of a date
 * without hours the closing time before it, since the promise would be late after it. Where that is not later than
 * `from`, the date's own end. False: no date, or it has ended before `from`. */
bool day_end(const Calendar *cal, Instant from, const char *day, Instant *end);
