/* SPDX-License-Identifier: Apache-2.0 */
/* Local dates are expanded into half-open UTC intervals, merged, with the working time before each beside it: what is
 * due is then found by binary search. The weeks around the time of loading are expanded once; what lies outside is
 * expanded when asked, so that a Calendar never changes. */
#include "calendar/calendar.h"
#include "base/text.h"
#include "calendar/holidays.h"
#include "calendar/hours.h"
#include "calendar/zone.h"
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define IDLE_DAYS 400  /* without any hours: a mistake, not a long holiday */
#define DAYS_BEFORE 40 /* of the window kept from the reference on */
#define DAYS_AFTER 430
#define CHUNK_DAYS 50
#define HOLIDAY_YEARS 50

typedef struct {
    int64_t start, end; /* microseconds since 1970, half-open */
    int64_t before;     /* working time in earlier intervals of this timetable */
} Open;

/* All working time in [from, to), nothing else. */
typedef struct {
    int64_t from, to;
    GArray *open; /* Open, by time, apart from each other */
} Timetable;

struct Calendar {
    char *name;
    GTimeZone *zone;
    GArray *weekday[7];     /* Hours, breaks already taken out */
    GHashTable *exceptions; /* LocalDate → GArray of Hours */
    GHashTable *holidays;   /* set of LocalDate */
    Timetable window;
};

static int64_t day_start(const Calendar *cal, LocalDate day) {
    return zone_to_utc(cal->zone, day, 0) * SECOND_US;
}

static LocalDate day_of(const Calendar *cal, int64_t us) {
    int64_t wall;
    return zone_to_local(cal->zone, instant_seconds((Instant){us}), &wall);
}

/* The hours of shifts that start on this date: exceptional ones beat a holiday, a holiday beats the weekday. */
static const GArray *hours_on(const Calendar *cal, LocalDate day) {
    static const GArray closed;
    const GArray *exceptional = g_hash_table_lookup(cal->exceptions, GINT_TO_POINTER(day));
    if (exceptional)
        return exceptional;
    return g_hash_table_contains(cal->holidays, GINT_TO_POINTER(day)) ? &closed : cal->weekday[date_weekday(day)];
}

/* False when a change of clocks leaves nothing of it. */
static bool open_at(const ZoneCursor *cursor, Hours hours, Open *open) {
    *open = (Open){.start = zone_cursor_to_utc(cursor, hours.start) * SECOND_US,
                   .end = zone_cursor_to_utc(cursor, hours.end) * SECOND_US};
    return open->start < open->end;
}

static gint by_start(gconstpointer a, gconstpointer b) {
    const Open *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* Merges what touches, cuts at the timetable's ends, and counts. */
static void settle(Timetable *table) {
    GArray *open = table->open;
    int64_t before = 0;
    guint kept = 0;
    g_array_sort(open, by_start);
    for (guint i = 0; i < open->len; i++) {
        Open next = g_array_index(open, Open, i);
        Open *last = kept ? &g_array_index(open, Open, kept - 1) : NULL;
        next.start = MAX(next.start, table->from);
        next.end = MIN(next.end, table->to);
        if (last && next.start <= last->end)
            last->end = MAX(last->end, next.end);
        else if (next.start < next.end)
            g_array_index(open, Open, kept++) = next;
    }
    g_array_set_size(open, kept);
    for (guint i = 0; i < kept; i++) {
        Open *one = &g_array_index(open, Open, i);
        one->before = before;
        before += one->end - one->start;
    }
}

/* From the midnight that begins `first` to that which ends the last of `days`. */
static Timetable expand(const Calendar *cal, LocalDate first, int days) {
    Timetable table = {.from = day_start(cal, first), .to = day_start(cal, first + days)};
    ZoneCursor cursor = {.zone = cal->zone};
    table.open = g_array_sized_new(FALSE, FALSE, sizeof(Open), (guint)days * 2 + 4);
    /* A Saturday night shift belongs to Saturday: start a day early, or Sunday 00:30 looks closed. One more, since a
     * zone that skips a date (Samoa, 2011) pushes that date's hours a day on. */
    for (LocalDate day = first - 2; day < first + days; day++) {
        const GArray *hours = hours_on(cal, day);
        zone_cursor_move(&cursor, day);
        for (guint i = 0; i < hours->len; i++) {
            Open open;
            if (open_at(&cursor, g_array_index(hours, Hours, i), &open))
                g_array_append_val(table.open, open);
        }
    }
    settle(&table);
    return table;
}

/* A timetable that holds `us`: the calendar's own, or a new one of `days` to be given to timetable_done(). */
static Timetable timetable_at(const Calendar *cal, int64_t us, int days) {
    if (us >= cal->window.from && us < cal->window.to)
        return cal->window;
    return expand(cal, day_of(cal, us), days);
}

static void timetable_done(const Calendar *cal, Timetable *table) {
    if (table->open != cal->window.open)
        g_array_unref(table->open);
}

/* The first interval that ends after `us`; open->len when none does. */
static guint open_after(const GArray *open, int64_t us) {
    guint low = 0, high = open->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(open, Open, middle).end > us)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Working time of this timetable before `us`. */
static int64_t worked_before(const Timetable *table, int64_t us) {
    guint i = open_after(table->open, us);
    if (i < table->open->len) {
        const Open *open = &g_array_index(table->open, Open, i);
        return open->before + MAX(us - open->start, 0);
    }
    if (i == 0)
        return 0;
    const Open *last = &g_array_index(table->open, Open, i - 1);
    return last->before + last->end - last->start;
}

/* The first interval at whose end at least `worked` has passed: at closing time exactly, it is the one that closes. */
static const Open *open_reaching(const GArray *open, int64_t worked) {
    guint low = 0, high = open->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const Open *one = &g_array_index(open, Open, middle);
        if (one->before + one->end - one->start >= worked)
            high = middle;
        else
            low = middle + 1;
    }
    return low < open->len ? &g_array_index(open, Open, low) : NULL;
}

static bool due_within(const Timetable *table, int64_t from, int64_t budget, int64_t *due) {
    if (budget == 0) { /* the next moment that is open, which closing time is not */
        guint i = open_after(table->open, from);
        if (i == table->open->len)
            return false;
        *due = MAX(from, g_array_index(table->open, Open, i).start);
        return true;
    }
    int64_t worked = worked_before(table, from) + budget;
    const Open *open = open_reaching(table->open, worked);
    if (!open)
        return false;
    *due = open->start + worked - open->before;
    return true;
}

static bool is_in_range(Instant t) {
    static const Instant last = {INT64_C(253370764800) * SECOND_US}; /* 9999-01-01 */
    return t.us >= 0 && instant_compare(t, last) < 0;
}

bool calendar_due(const Calendar *cal, Instant from, Duration budget, Instant *due) {
    int64_t left = MAX(budget.us, 0), now = from.us, idle_since = from.us, found;
    while (is_in_range((Instant){now}) && now - idle_since <= IDLE_DAYS * DAY_SECONDS * SECOND_US) {
        Timetable table = timetable_at(cal, now, CHUNK_DAYS);
        bool done = due_within(&table, now, left, &found);
        int64_t worked = worked_before(&table, table.to) - worked_before(&table, now);
        if (worked > 0)
            idle_since = table.to;
        left -= worked;
        now = table.to;
        timetable_done(cal, &table);
        if (done) {
            due->us = found;
            return true;
        }
    }
    return false;
}

Duration calendar_elapsed(const Calendar *cal, Instant from, Instant to) {
    int64_t worked = 0;
    for (int64_t now = MAX(from.us, 0), end = to.us; now < end && is_in_range((Instant){now});) {
        int64_t days = (end - now) / (DAY_SECONDS * SECOND_US) + 2;
        Timetable table = timetable_at(cal, now, (int)MIN(days, IDLE_DAYS));
        int64_t until = MIN(end, table.to);
        worked += worked_before(&table, until) - worked_before(&table, now);
        now = until;
        timetable_done(cal, &table);
    }
    return (Duration){worked};
}

bool calendar_next_open(const Calendar *cal, Instant from, Instant *open) {
    Instant next;
    if (!calendar_due(cal, from, (Duration){0}, &next) ||
        instant_since(next, from).us > IDLE_DAYS * DAY_SECONDS * SECOND_US)
        return false;
    *open = next;
    return true;
}

static bool is_working_day(const Calendar *cal, LocalDate day) {
    const GArray *hours = hours_on(cal, day);
    ZoneCursor cursor = {.zone = cal->zone};
    Open open;
    zone_cursor_move(&cursor, day);
    for (guint i = 0; i < hours->len; i++)
        if (open_at(&cursor, g_array_index(hours, Hours, i), &open))
            return true;
    return false;
}

bool calendar_add_days(const Calendar *cal, Instant from, int days, Instant *result) {
    int64_t wall, seconds = instant_seconds(from);
    if (!is_in_range(from))
        return false;
    LocalDate day = zone_to_local(cal->zone, seconds, &wall);
    if (days <= 0) {
        *result = from;
        return true;
    }
    for (int idle = 0; days > 0; idle++) {
        if (idle > IDLE_DAYS || !is_in_range((Instant){++day * DAY_SECONDS * SECOND_US}))
            return false;
        if (is_working_day(cal, day)) {
            days--;
            idle = -1;
        }
    }
    *result = (Instant){zone_to_utc(cal->zone, day, wall) * SECOND_US + from.us - seconds * SECOND_US};
    return true;
}

char *calendar_say(const Calendar *cal, Instant t) {
    static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                           "Friday", "Saturday", "Sunday"};
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    int year, month, day;
    int64_t wall;
    if (!is_in_range(t))
        return g_strdup("never");
    LocalDate date = zone_to_local(cal->zone, instant_seconds(t), &wall);
    date_to_parts(date, &year, &month, &day);
    return g_strdup_printf("%s %d %s %d, %02d:%02d", weekdays[date_weekday(date)], day, months[month - 1], year,
                           (int)(wall / 3600), (int)(wall / 60 % 60));
}

const char *calendar_name(const Calendar *cal) {
    return cal->name;
}

static GArray *hours_without_breaks(const GPtrArray *texts, const GArray *breaks, GError **error) {
    GArray *hours = hours_parse(texts, error);
    if (hours)
        hours_subtract(hours, breaks);
    return hours;
}

static bool read_hours(Calendar *cal, const CalendarSpec *spec, GError **error) {
    g_autoptr(GArray) breaks = hours_parse(spec->breaks, error);
    if (!breaks)
        return false;
    for (int i = 0; i < 7; i++)
        if (!(cal->weekday[i] = hours_without_breaks(spec->weekday[i], breaks, error)))
            return false;
    for (guint i = 0; spec->exceptions && i < spec->exceptions->len; i++) {
        const CalendarException *exception = g_ptr_array_index(spec->exceptions, i);
        LocalDate date;
        if (!date_parse(exception->date, &date)) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                        "\"%s\" is no date of an exception; write \"2026-12-24\"",
                        exception->date ? exception->date : "");
            return false;
        }
        GArray *hours = hours_without_breaks(exception->hours, breaks, error);
        if (!hours)
            return false;
        if (!g_hash_table_insert(cal->exceptions, GINT_TO_POINTER(date), hours)) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s has two exceptions; leave one", exception->date);
            return false;
        }
    }
    return true;
}

static bool read_holidays(Calendar *cal, const CalendarSpec *spec, LocalDate today, GError **error) {
    for (guint i = 0; spec->holidays && i < spec->holidays->len; i++)
        if (!holidays_read(g_ptr_array_index(spec->holidays, i), today + HOLIDAY_YEARS * 366, cal->holidays, error))
            return false;
    return true;
}

static bool load(Calendar *cal, const CalendarSpec *spec, Instant reference, GError **error) {
    Instant open;
    cal->zone = zone_load(spec->timezone);
    if (!cal->zone) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "\"%s\" is no time zone; write one like \"Europe/London\"",
                    spec->timezone ? spec->timezone : "");
        return false;
    }
    if (!is_in_range(reference)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "this machine's clock is outside the years 1970 to 9998; set it");
        return false;
    }
    LocalDate today = day_of(cal, reference.us);
    if (!read_hours(cal, spec, error) || !read_holidays(cal, spec, today, error))
        return false;
    cal->window = expand(cal, today - DAYS_BEFORE, DAYS_BEFORE + DAYS_AFTER);
    if (calendar_next_open(cal, reference, &open))
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no working hours in the next %d days; give it hours",
                IDLE_DAYS);
    return false;
}

Calendar *calendar_new(const CalendarSpec *spec, Instant reference, GError **error) {
    g_autoptr(Calendar) cal = g_new0(Calendar, 1);
    cal->name = g_strdup(spec->name ? spec->name : "");
    cal->exceptions = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
    cal->holidays = g_hash_table_new(NULL, NULL);
    if (load(cal, spec, reference, error))
        return g_steal_pointer(&cal);
    g_prefix_error(error, "calendar \"%s\": ", cal->name);
    return NULL;
}

void calendar_free(Calendar *cal) {
    if (!cal)
        return;
    for (int i = 0; i < 7; i++)
        g_clear_pointer(&cal->weekday[i], g_array_unref);
    g_clear_pointer(&cal->window.open, g_array_unref);
    g_clear_pointer(&cal->zone, g_time_zone_unref);
    g_hash_table_unref(cal->exceptions);
    g_hash_table_unref(cal->holidays);
    g_free(cal->name);
    g_free(cal);
}

char *calendar_day(const Calendar *cal, Instant t, char day[CALENDAR_DAY]) {
    int year, month, date;
    int64_t wall;
    date_to_parts(zone_to_local(cal->zone, instant_seconds(t), &wall), &year, &month, &date);
    g_snprintf(day, CALENDAR_DAY, "%04d-%02d-%02d", year, month, date);
    return day;
}
