/* SPDX-License-Identifier: Apache-2.0 */
/* GTimeZone is asked only for the offset at an instant; the two awkward hours of a year are decided here, where the
 * rule can be read. */
#include "calendar/zone.h"
#include <stdio.h>
#include <string.h>

#define EPOCH_JULIAN 719163 /* GDate's number of 1970-01-01 */

GTimeZone *zone_load(const char *name) {
    /* GLib would also take a path, a POSIX rule or, for nothing, this machine's own zone. */
    if (!name || !g_ascii_isalpha(name[0]) || strstr(name, "..") || strchr(name, ','))
        return NULL;
    /* "GMT+1" among them, which is west of Greenwich and hardly what is meant. */
    if (!strchr(name, '/') && strpbrk(name, "+-"))
        return NULL;
    return g_time_zone_new_identifier(name);
}

bool date_from_parts(int year, int month, int day, LocalDate *date) {
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return false;
    GDate parts;
    g_date_clear(&parts, 1);
    g_date_set_dmy(&parts, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    *date = (LocalDate)g_date_get_julian(&parts) - EPOCH_JULIAN;
    return true;
}

bool date_parse(const char *text, LocalDate *date) {
    int year, month, day, end = 0;
    if (!text || strlen(text) != 10 || strspn(text, "0123456789-") != 10 || text[4] != '-' || text[7] != '-')
        return false;
    return sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && end == 10 && month > 0 && day > 0 &&
           date_from_parts(year, month, day, date);
}

void date_to_parts(LocalDate date, int *year, int *month, int *day) {
    GDate parts;
    g_date_clear(&parts, 1);
    g_date_set_julian(&parts, (guint32)(date + EPOCH_JULIAN));
    *year = g_date_get_year(&parts);
    *month = (int)g_date_get_month(&parts);
    *day = g_date_get_day(&parts);
}

unsigned date_weekday(LocalDate date) {
    return (unsigned)(((date + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

static int64_t offset_at(GTimeZone *zone, int64_t utc) {
    return g_time_zone_get_offset(zone, g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, utc));
}

int64_t zone_to_utc(GTimeZone *zone, LocalDate date, int64_t wall) {
    int64_t local = date * DAY_SECONDS + wall;
    /* A day either way lies safely before and after whatever the clocks do around this time. */
    int64_t before = offset_at(zone, local - DAY_SECONDS), after = offset_at(zone, local + DAY_SECONDS);
    int64_t early = local - MAX(before, after), late = local - MIN(before, after);
    if (early == late)
        return early;
    if (offset_at(zone, early) == local - early)
        return early; /* the only one, or the first of two */
    if (offset_at(zone, late) == local - late)
        return late;
    return local - before; /* skipped: read with the old offset it comes out later by the gap */
}

void zone_cursor_move(ZoneCursor *cursor, LocalDate date) {
    enum { LAST = G_N_ELEMENTS(cursor->offset) - 1 };
    bool next = cursor->filled && date == cursor->date + 1;
    if (next)
        memmove(cursor->offset, cursor->offset + 1, LAST * sizeof cursor->offset[0]);
    for (int i = next ? LAST : 0; i <= LAST; i++)
        cursor->offset[i] = offset_at(cursor->zone, (date + i - 1) * DAY_SECONDS);
    cursor->steady = true;
    for (int i = 0; i < LAST; i++)
        cursor->steady &= cursor->offset[i] == cursor->offset[i + 1];
    cursor->date = date;
    cursor->filled = true;
}

int64_t zone_cursor_to_utc(const ZoneCursor *cursor, int64_t wall) {
    /* Offsets are below a day, so a steady cursor has seen both sides of every time up to 48 hours. */
    if (cursor->steady)
        return cursor->date * DAY_SECONDS + wall - cursor->offset[0];
    return zone_to_utc(cursor->zone, cursor->date, wall);
}

LocalDate zone_to_local(GTimeZone *zone, int64_t utc, int64_t *wall) {
    int64_t local = utc + offset_at(zone, utc);
    int64_t date = local / DAY_SECONDS - (local % DAY_SECONDS < 0);
    *wall = local - date * DAY_SECONDS;
    return (LocalDate)date;
}
