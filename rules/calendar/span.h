/* SPDX-License-Identifier: Apache-2.0 */
/* A length of time as a policy writes it: "8h", "30m", "45s" are business time; "1d" is the same wall time on the next
 * working day; a suffix w ("2hw", "1dw") counts wall time. Sums join with '+': "1d+2h". */
#pragma once
#include "calendar/calendar.h"

typedef struct {
    int days;          /* working days */
    Duration business;
    Duration wall;
} Span;

/* False with a sentence when the text is none. */
bool span_parse(const char *text, Span *span, GError **error);

/* days, then business, then wall. False as calendar_due(). */
bool span_add(const Calendar *cal, Instant from, Span span, Instant *result);

bool span_is_zero(Span span);
