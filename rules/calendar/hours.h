/* SPDX-License-Identifier: Apache-2.0 */
/* The hours of one day as people write them: "09:00-13:00", over midnight "22:00-06:00", to its end "20:00-24:00". */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Half-open, in seconds since the midnight with which the day begins; the end of a night shift is beyond 24 hours. */
typedef struct {
    int start, end;
} Hours;

/* Texts to a sorted array of Hours without overlaps; NULL or empty: closed. NULL with a sentence when one is none. */
GArray *hours_parse(const GPtrArray *texts, GError **error);

/* Takes the breaks of every day out, in the night after too, and what one over midnight leaves in the morning. Both as hours_parse() gives them. */
void hours_subtract(GArray *hours, const GArray *breaks);
