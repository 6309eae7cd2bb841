/* SPDX-License-Identifier: Apache-2.0 */
/* Midnights and closing times are looked for by halving what calendar.h answers, to the second: whatever makes a
 * calendar, they follow from it. */
#include "calendar/dayend.h"
#include <string.h>

#define DAY INT64_C(86400)
#define ZONES (15 * 3600) /* no local date is further from UTC's */
#define CLOSED_DAYS 31    /* without hours before the date: then it ends at midnight */

typedef struct {
    const Calendar *cal;
    const char *day;
    Instant midnight;
} Search;

static bool is_past_day(const Search *search, Instant t) {
    char day[CALENDAR_DAY];
    return strcmp(calendar_day(search->cal, t, day), search->day) > 0;
}

static bool is_past_work(const Search *search, Instant t) {
    return calendar_elapsed(search->cal, t, search->midnight).us == 0;
}

/* The first second in (low, high] at which it is so; it is at `high`. */
static int64_t first_second(const Search *search, bool (*is_so)(const Search *, Instant), int64_t low, int64_t high) {
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (is_so(search, instant_from_seconds(middle)))
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* The end of the date that has noon in UTC at `noon`. */
static Instant midnight_after(const Calendar *cal, const char *day, int64_t noon) {
    Search search = {.cal = cal, .day = day};
    return instant_from_seconds(first_second(&search, is_past_day, noon - DAY / 2 - ZONES, noon + DAY / 2 + ZONES));
}

Instant day_midnight(const Calendar *cal, Instant from) {
    char day[CALENDAR_DAY];
    Search search = {.cal = cal, .day = calendar_day(cal, from, day)};
    int64_t now = instant_seconds(from);
    return instant_from_seconds(first_second(&search, is_past_day, now, now + 2 * DAY + ZONES));
}

bool day_end(const Calendar *cal, Instant from, const char *day, Instant *end) {
    g_autofree char *text = g_strdup_printf("%sT12:00:00Z", day);
    Instant noon;
    if (strlen(day) != strlen("2026-11-27") || !instant_parse(text, &noon))
        return false;
    Search search = {.cal = cal, .midnight = midnight_after(cal, day, instant_seconds(noon))};
    int64_t high = instant_seconds(search.midnight), low = high - CLOSED_DAYS * DAY;
    *end = search.midnight;
    if (!is_past_work(&search, instant_from_seconds(low)))
        *end = instant_from_seconds(first_second(&search, is_past_work, low, high));
    if (instant_compare(*end, from) <= 0)
        *end = search.midnight;
    return instant_compare(*end, from) > 0;
}
