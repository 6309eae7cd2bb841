/* SPDX-License-Identifier: Apache-2.0 */
/* Local dates become half-open UTC intervals here, a chunk of days at a time. A chunk never changes once it is made, so
 * threads may share it; chunks of all calendars have the same ends, so that those of two can be laid side by side. */
#include "calendar/expand.h"

#define CHUNK_US (256 * DAY_US)
#define CHUNKS_KEPT 286 /* until 2170: a day has some bytes */

Calendar *calendar_begin(const char *name) {
    Calendar *cal = g_new0(Calendar, 1);
    cal->name = g_strdup(name ? name : "");
    cal->exceptions = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
    cal->holidays = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    cal->chunks = g_new0(Timetable *, CHUNKS_KEPT);
    return cal;
}

void calendar_free(Calendar *cal) {
    if (!cal)
        return;
    for (int i = 0; i < 7; i++)
        g_clear_pointer(&cal->weekday[i], g_array_unref);
    for (int i = 0; i < CHUNKS_KEPT; i++)
        timetable_free(cal->chunks[i]);
    g_clear_pointer(&cal->zone, g_time_zone_unref);
    g_hash_table_unref(cal->exceptions);
    g_hash_table_unref(cal->holidays);
    g_free(cal->chunks);
    g_free(cal->name);
    g_free(cal);
}

DayHours day_hours(const Calendar *cal, LocalDate day) {
    static const GArray closed;
    const GArray *exceptional = g_hash_table_lookup(cal->exceptions, GINT_TO_POINTER(day));
    const char *holiday = g_hash_table_lookup(cal->holidays, GINT_TO_POINTER(day));
    if (exceptional) /* beats a holiday */
        return (DayHours){holiday, exceptional, CALENDAR_EXCEPTION};
    if (holiday)
        return (DayHours){holiday, &closed, CALENDAR_HOLIDAY};
    return (DayHours){NULL, cal->weekday[date_weekday(day)], CALENDAR_WEEKDAY};
}

void expand_day(const Calendar *cal, ZoneCursor *cursor, LocalDate day, GArray *open) {
    const GArray *hours = day_hours(cal, day).hours;
    zone_cursor_move(cursor, day);
    for (guint i = 0; i < hours->len; i++) {
        Hours shift = g_array_index(hours, Hours, i);
        Open one = {zone_cursor_to_utc(cursor, shift.start) * SECOND_US,
                    zone_cursor_to_utc(cursor, shift.end) * SECOND_US, 0};
        if (one.start < one.end) /* a change of clocks may leave nothing of it */
            g_array_append_val(open, one);
    }
}

static LocalDate day_of(const Calendar *cal, int64_t us) {
    int64_t wall;
    return zone_to_local(cal->zone, us / SECOND_US, &wall);
}

static Timetable *expand(const Calendar *cal, int64_t from, int64_t to) {
    Timetable *table = timetable_new(from, to);
    ZoneCursor cursor = {.zone = cal->zone};
    /* A Saturday night shift belongs to Saturday: start a day early, or Sunday 00:30 looks closed. One more, since a
     * zone that skips a date (Samoa, 2011) pushes that date's hours a day on. */
    for (LocalDate day = day_of(cal, from) - 2, last = day_of(cal, to); day <= last; day++)
        expand_day(cal, &cursor, day, table->open);
    timetable_settle(table);
    return table;
}

static Timetable *make_chunk(const Calendar *cal, int64_t number) {
    int64_t from = number * CHUNK_US;
    if (!cal->firm)
        return expand(cal, from, from + CHUNK_US);
    g_autoptr(Timetable) own_firm = NULL, own_client = NULL;
    const Timetable *firm = chunk_at(cal->firm, from, &own_firm);
    return timetable_common(firm, chunk_at(cal->client, from, &own_client));
}

const Timetable *chunk_at(const Calendar *cal, int64_t us, Timetable **own) {
    int64_t number = us / CHUNK_US;
    if (number >= CHUNKS_KEPT)
        return *own = make_chunk(cal, number);
    Timetable **place = &cal->chunks[number], *known = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (known)
        return known;
    Timetable *made = make_chunk(cal, number);
    if (__atomic_compare_exchange_n(place, &known, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    timetable_free(made); /* another thread was first */
    return known;
}
