/* SPDX-License-Identifier: Apache-2.0 */
/* How many days or weeks does a text name: "3 days", "within two weeks", "in 5 Werktagen"? English, German, French and
 * Spanish. */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define DAYCOUNT_MAX 366

typedef struct {
    unsigned days;  /* working days; 0: none named */
    unsigned weeks; /* 0: none named */
} DayCount;

/* The first that it names; its first 200 bytes are looked at. False: none, or more than DAYCOUNT_MAX. */
bool daycount_find(const char *text, DayCount *count);
