/* SPDX-License-Identifier: Apache-2.0 */
/* Holidays from iCalendar (RFC 5545), the only part that knows libical.
 *
 * Holidays are whole local dates: VEVENTs with a DATE (or midnight to midnight), repeated by RRULE and RDATE, less EXDATE and
 * overridden instances. A cancelled event is none. */
#pragma once
#include "calendar/calendar.h"
#include "calendar/zone.h"

/* Adds the dates (GINT_TO_POINTER(LocalDate) → char *, the day's name) up to `last`. False with a sentence naming the file: no iCalendar, an
 * event that cannot be understood, or more than a firm could have. For one thread at a time, as libical. */
bool holidays_read(const CalendarFile *file, LocalDate last, GHashTable *dates, GError **error);
