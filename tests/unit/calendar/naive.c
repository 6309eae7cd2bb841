/* SPDX-License-Identifier: Apache-2.0 */
/* Every minute is looked at. Offsets from UTC are libc's, asked for every hour, and for every minute of an hour in
 * which they change. */
#include "naive.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 1440 /* minutes */
#define MARGIN (3 * DAY)

void naive_date(int date, int *year, int *month, int *day) {
    time_t t = (time_t)date * 86400;
    struct tm tm;
    gmtime_r(&t, &tm);
    *year = tm.tm_year + 1900;
    *month = tm.tm_mon + 1;
    *day = tm.tm_mday;
}

static int offset_at(int64_t minute) {
    time_t t = minute * 60;
    struct tm tm;
    localtime_r(&t, &tm);
    return (int)(tm.tm_gmtoff / 60);
}

/* Steps through the minutes: the first that shows a local time is its own; local times that none shows come later by as
 * many as are missing. */
static void fill_clock(Naive *naive, const char *zone) {
    int64_t start = (int64_t)naive->first * DAY;
    setenv("TZ", zone, 1);
    tzset();
    naive->first_local = (int)(start - MARGIN);
    int places = naive->minutes + 2 * MARGIN, none = -1;
    for (int i = 0; i < places; i++)
        g_array_append_val(naive->utc_of, none);
    int *utc_of = (int *)(void *)naive->utc_of->data;
    for (int hour = 0; hour < naive->minutes; hour += 60) {
        int before = offset_at(start + hour), after = offset_at(start + hour + 60);
        for (int i = hour; i < hour + 60; i++) {
            int64_t local = start + i + (before == after ? before : offset_at(start + i));
            g_array_append_val(naive->local_of, local);
            int *place = &utc_of[local - naive->first_local];
            *place = *place < 0 ? i : *place;
        }
    }
    int known = 0, last = places;
    while (utc_of[known] < 0)
        known++;
    while (utc_of[last - 1] < 0)
        last--;
    for (int i = known; i < last; i++) {
        int missing = 0;
        while (utc_of[i + missing] < 0)
            missing++;
        for (int k = 0; k < missing; k++)
            utc_of[i + k] = utc_of[i + k + missing];
        i += missing;
    }
}

/* Of a date and a minute of its day; outside the window its nearest end. */
static int to_utc(const Naive *naive, int date, int wall) {
    int64_t place = (int64_t)date * DAY + wall - naive->first_local;
    if (place < 0)
        return 0;
    if (place >= naive->utc_of->len)
        return naive->minutes;
    int utc = g_array_index(naive->utc_of, int, place);
    return utc >= 0 ? utc : place < naive->utc_of->len / 2 ? 0 : naive->minutes;
}

static void paint(char wall[2 * DAY], const NaiveDay *day, char colour, int shift) {
    for (int i = 0; i < day->count; i++) {
        int start = day->hours[i].start, end = day->hours[i].end;
        end += end <= start ? DAY : 0;
        for (int m = MAX(start + shift, 0); m < end + shift && m < 2 * DAY; m++)
            wall[m] = colour;
    }
}

static const NaiveDay *day_on(const NaiveSpec *spec, int date) {
    static const NaiveDay closed;
    int year, month, day, y, m, d;
    for (guint i = 0; i < spec->exceptions->len; i++)
        if (g_array_index(spec->exceptions, NaiveException, i).date == date)
            return &g_array_index(spec->exceptions, NaiveException, i).day;
    naive_date(date, &year, &month, &day);
    for (guint i = 0; i < spec->holidays->len; i++) {
        const NaiveHoliday *holiday = &g_array_index(spec->holidays, NaiveHoliday, i);
        naive_date(holiday->date, &y, &m, &d);
        if (holiday->date == date || (holiday->yearly && date > holiday->date && m == month && d == day))
            return &closed;
    }
    return &spec->week[((date + 3) % 7 + 7) % 7];
}

/* Each run of minutes that begins in the day becomes minutes of the window, end by end. True when some are left. */
static bool open_date(Naive *naive, const NaiveSpec *spec, int date, char *into) {
    char wall[2 * DAY + 1] = {0};
    bool any = false;
    paint(wall, day_on(spec, date), 1, 0);
    for (int shift = -DAY; shift <= DAY; shift += DAY)
        paint(wall, &spec->breaks, 0, shift);
    for (int m = 0; m < 2 * DAY;) {
        int end = m;
        while (wall[end])
            end++;
        int from = to_utc(naive, date, m), to = to_utc(naive, date, end);
        if (from < to) {
            memset(into + from, 1, (size_t)(to - from));
            any = true;
        }
        m = end + 1;
    }
    return any;
}

static Naive *new_window(int first, int days) {
    Naive *naive = g_new0(Naive, 1);
    naive->first = first;
    naive->minutes = days * DAY;
    naive->utc_of = g_array_new(FALSE, FALSE, sizeof(int));
    naive->local_of = g_array_new(FALSE, FALSE, sizeof(int64_t));
    naive->open = g_malloc0((gsize)naive->minutes);
    naive->worked_on = g_malloc0((gsize)days);
    return naive;
}

Naive *naive_new(const NaiveSpec *spec, int first, int days) {
    Naive *naive = new_window(first, days);
    fill_clock(naive, spec->zone);
    for (int date = first - 3; date < first + days + 2; date++) {
        bool any = open_date(naive, spec, date, naive->open);
        if (date >= first && date < first + days)
            naive->worked_on[date - first] = any;
    }
    return naive;
}

Naive *naive_common(const Naive *firm, const Naive *client, const NaiveSpec *firm_spec) {
    Naive *both = new_window(firm->first, firm->minutes / DAY);
    g_array_append_vals(both->utc_of, firm->utc_of->data, firm->utc_of->len);
    g_array_append_vals(both->local_of, firm->local_of->data, firm->local_of->len);
    both->first_local = firm->first_local;
    for (int i = 0; i < both->minutes; i++)
        both->open[i] = firm->open[i] && client->open[i];
    g_autofree char *shift = g_malloc0((gsize)both->minutes);
    for (int day = 0; day < both->minutes / DAY; day++) {
        int from = MAX(0, (day - 2) * DAY), to = MIN(both->minutes, (day + 5) * DAY);
        memset(shift + from, 0, (size_t)(to - from));
        open_date(both, firm_spec, both->first + day, shift);
        for (int i = from; i < to && !both->worked_on[day]; i++)
            both->worked_on[day] = shift[i] && client->open[i];
    }
    return both;
}

void naive_free(Naive *naive) {
    g_array_unref(naive->utc_of);
    g_array_unref(naive->local_of);
    g_free(naive->open);
    g_free(naive->worked_on);
    g_free(naive);
}

int64_t naive_due(const Naive *naive, int64_t from, int64_t budget) {
    int64_t start = (int64_t)naive->first * 86400;
    for (int m = (int)((from - start) / 60); m < naive->minutes; m++) {
        int64_t now = MAX(from, start + m * INT64_C(60)), left = start + (m + 1) * INT64_C(60) - now;
        if (!naive->open[m])
            continue;
        if (budget <= left && !(budget == 0 && left == 0))
            return now + budget;
        budget -= left;
    }
    return -1;
}

int64_t naive_elapsed(const Naive *naive, int64_t from, int64_t to) {
    int64_t start = (int64_t)naive->first * 86400, sum = 0;
    for (int m = (int)((from - start) / 60); m < naive->minutes && start + m * INT64_C(60) < to; m++) {
        int64_t first = MAX(from, start + m * INT64_C(60)), last = MIN(to, start + (m + 1) * INT64_C(60));
        sum += naive->open[m] ? last - first : 0;
    }
    return sum;
}

int64_t naive_add_days(const Naive *naive, int64_t from, int days) {
    int64_t start = (int64_t)naive->first * 86400, minute = (from - start) / 60;
    int64_t local = g_array_index(naive->local_of, int64_t, minute);
    int date = (int)(local / DAY), wall = (int)(local % DAY);
    for (int left = days; left > 0;) {
        if (++date - naive->first >= naive->minutes / DAY - 3)
            return -1;
        left -= naive->worked_on[date - naive->first];
    }
    return start + to_utc(naive, date, wall) * INT64_C(60) + from % 60;
}
