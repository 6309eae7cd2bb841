/* SPDX-License-Identifier: Apache-2.0 */
/* From what a configuration says to a Calendar that may be used: everything that can be wrong with it is said here. */
#include "calendar/calendar.h"
#include "calendar/expand.h"
#include "calendar/holidays.h"

#define DAYS_BEFORE 40 /* expanded when loaded, from the reference on */
#define DAYS_AFTER 430
#define HOLIDAY_YEARS 50

static GArray *hours_without_breaks(const GPtrArray *texts, const GArray *breaks, GError **error) {
    GArray *hours = hours_parse(texts, error);
    if (hours)
        hours_subtract(hours, breaks);
    return hours;
}

static bool read_exception(Calendar *cal, const CalendarException *exception, const GArray *breaks, GError **error) {
    LocalDate date;
    if (!date_parse(exception->date, &date)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "\"%s\" is no date of an exception; write \"2026-12-24\"",
                    exception->date ? exception->date : "");
        return false;
    }
    GArray *hours = hours_without_breaks(exception->hours, breaks, error);
    if (!hours)
        return false;
    if (g_hash_table_insert(cal->exceptions, GINT_TO_POINTER(date), hours))
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s has two exceptions; leave one", exception->date);
    return false;
}

static bool read_hours(Calendar *cal, const CalendarSpec *spec, GError **error) {
    g_autoptr(GArray) breaks = hours_parse(spec->breaks, error);
    if (!breaks)
        return false;
    for (int i = 0; i < 7; i++)
        if (!(cal->weekday[i] = hours_without_breaks(spec->weekday[i], breaks, error)))
            return false;
    for (guint i = 0; spec->exceptions && i < spec->exceptions->len; i++)
        if (!read_exception(cal, g_ptr_array_index(spec->exceptions, i), breaks, error))
            return false;
    return true;
}

bool calendar_check_file(const CalendarFile *file, GError **error) {
    g_autoptr(GHashTable) dates = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return holidays_read(file, 0, dates, error);
}

static bool read_holidays(Calendar *cal, const CalendarSpec *spec, Instant reference, GError **error) {
    int64_t wall;
    LocalDate today = zone_to_local(cal->zone, instant_seconds(reference), &wall);
    for (guint i = 0; spec->holidays && i < spec->holidays->len; i++)
        if (!holidays_read(g_ptr_array_index(spec->holidays, i), today + HOLIDAY_YEARS * 366, cal->holidays, error))
            return false;
    return true;
}

/* Nothing is left to be made when the first message comes. */
static bool is_ever_open(const Calendar *cal, Instant reference) {
    Instant open;
    int64_t from = MAX(reference.us - DAYS_BEFORE * DAY_US, 0);
    calendar_elapsed(cal, (Instant){from}, (Instant){reference.us + DAYS_AFTER * DAY_US});
    return calendar_next_open(cal, reference, &open);
}

static bool load(Calendar *cal, const CalendarSpec *spec, Instant reference, GError **error) {
    cal->zone = zone_load(spec->timezone);
    if (!cal->zone) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "\"%s\" is no time zone; write one like \"Europe/London\"",
                    spec->timezone ? spec->timezone : "");
        return false;
    }
    if (reference.us < 0 || reference.us >= LAST_US) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "this machine's clock is outside the years 1970 to 9998; set it");
        return false;
    }
    if (!read_hours(cal, spec, error) || !read_holidays(cal, spec, reference, error))
        return false;
    if (is_ever_open(cal, reference))
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no working hours in the next %d days; give it hours",
                IDLE_DAYS);
    return false;
}

Calendar *calendar_new(const CalendarSpec *spec, Instant reference, GError **error) {
    g_autoptr(Calendar) cal = calendar_begin(spec->name);
    if (load(cal, spec, reference, error))
        return g_steal_pointer(&cal);
    g_prefix_error(error, "calendar \"%s\": ", cal->name);
    return NULL;
}

Calendar *calendar_common(const Calendar *firm, const Calendar *client, Instant reference, GError **error) {
    g_autofree char *name = g_strdup_printf("%s & %s", firm->name, client->name);
    g_autoptr(Calendar) cal = calendar_begin(name);
    cal->firm = firm;
    cal->client = client;
    cal->zone = g_time_zone_ref(firm->zone);
    if (is_ever_open(cal, reference))
        return g_steal_pointer(&cal);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "the calendars \"%s\" and \"%s\" have no working hours in common in the next %d days", firm->name,
                client->name, IDLE_DAYS);
    return NULL;
}
