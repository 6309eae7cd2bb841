/* SPDX-License-Identifier: Apache-2.0 */
/* Shifts stay wall times and become instants when somebody asks; which week it is follows from local dates alone. */
#include "calendar/roster.h"
#include "base/text.h"
#include "calendar/zone.h"
#include <stdio.h>
#include <string.h>

#define WEEK 7

typedef struct {
    unsigned weekday; /* 0: Monday */
    int64_t wall;     /* seconds since its midnight */
    GPtrArray *who;   /* char * */
} Shift;

typedef struct {
    int64_t from, to; /* seconds since 1970, half-open */
    char *who;
} Row;

struct Roster {
    GTimeZone *zone;
    LocalDate since;   /* the Monday of the first week */
    GPtrArray *shifts; /* Shift */
    GArray *rows;      /* Row */
};

static void shift_free(gpointer data) {
    Shift *shift = data;
    g_ptr_array_unref(shift->who);
    g_free(shift);
}

static void row_clear(gpointer data) {
    g_free(((Row *)data)->who);
}

void roster_free(Roster *roster) {
    if (!roster)
        return;
    g_clear_pointer(&roster->zone, g_time_zone_unref);
    g_ptr_array_unref(roster->shifts);
    g_array_unref(roster->rows);
    g_free(roster);
}

static bool wrong(GError **error, const char *format, const char *text) {
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, format, text);
    return false;
}

/* "09:00", with 24:00 as the end of a day. */
static bool parse_wall(const char *text, int64_t *wall) {
    int hour, minute, end = 0;
    if (sscanf(text, "%2d:%2d%n", &hour, &minute, &end) != 2 || text[end] || strlen(text) != 5 || hour < 0 ||
        minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60)
        return false;
    *wall = hour * 3600 + minute * 60;
    return true;
}

static bool parse_shift(const char *text, Shift *shift) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (unsigned day = 0; day < WEEK; day++)
        if (g_ascii_strncasecmp(text, days[day], 3) == 0 && text[3] == ' ') {
            shift->weekday = day;
            return parse_wall(text + 4, &shift->wall) && shift->wall < DAY_SECONDS;
        }
    return false;
}

static bool read_shifts(Roster *roster, const RosterSpec *spec, GError **error) {
    for (guint i = 0; spec->shifts && i < spec->shifts->len; i++) {
        const RosterShift *said = spec->shifts->pdata[i];
        Shift *shift = g_new0(Shift, 1);
        shift->who = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(roster->shifts, shift);
        if (!parse_shift(said->from, shift))
            return wrong(error, "\"%s\" is no beginning of a shift; write it like \"mon 09:00\"", said->from);
        for (guint other = 0; other < i; other++) {
            const Shift *before = roster->shifts->pdata[other];
            if (before->weekday == shift->weekday && before->wall == shift->wall)
                return wrong(error, "two shifts begin at \"%s\"; leave one", said->from);
        }
        if (said->who->len > 1 && !spec->since)
            return wrong(
                error,
                "several take turns from \"%s\" on: say with since = \"2026-11-02\" in which week the first of "
                "them is on duty",
                said->from);
        for (guint w = 0; w < said->who->len; w++)
            g_ptr_array_add(shift->who, address_normalise(said->who->pdata[w]));
    }
    return true;
}

/* "2026-11-23 18:00", or with a T between. */
static bool parse_time(const Roster *roster, const char *text, int64_t *seconds) {
    g_autofree char *day = g_strndup(text, 10);
    LocalDate date;
    int64_t wall;
    if (strlen(text) < 11 || (text[10] != ' ' && text[10] != 'T') || !date_parse(day, &date) ||
        !parse_wall(text + 11, &wall))
        return false;
    *seconds = zone_to_utc(roster->zone, date, wall);
    return true;
}

static bool read_row(Roster *roster, const RosterSpec *spec, unsigned line, char *const *cells, GError **error) {
    Row row = {0};
    if (g_strv_length((char **)cells) != 3 || !parse_time(roster, cells[0], &row.from) ||
        !parse_time(roster, cells[1], &row.to) || row.from >= row.to || !address_is_plausible(cells[2])) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s:%u: write from,to,address, as in 2026-12-24 18:00,2026-12-27 08:00,alice@firm.test",
                    spec->table_file, line);
        return false;
    }
    row.who = address_normalise(cells[2]);
    g_array_append_val(roster->rows, row);
    return true;
}

/* No cell of it can hold a comma or a quote. */
static bool read_table(Roster *roster, const RosterSpec *spec, GError **error) {
    if (!spec->table)
        return true;
    g_autofree char *text = g_strndup(spec->table, spec->table_length);
    g_auto(GStrv) lines = g_strsplit(g_str_has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        g_auto(GStrv) cells = g_strsplit(g_strstrip(lines[i]), ",", -1);
        for (char **cell = cells; *cell; cell++)
            g_strstrip(*cell);
        bool header = i == 0 && cells[0] && text_equal_nocase(cells[0], "from");
        if (*lines[i] && *lines[i] != '#' && !header && !read_row(roster, spec, i + 1, cells, error))
            return false;
    }
    return true;
}

Roster *roster_new(const RosterSpec *spec, GError **error) {
    g_autoptr(Roster) roster = g_new0(Roster, 1);
    roster->shifts = g_ptr_array_new_with_free_func(shift_free);
    roster->rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_array_set_clear_func(roster->rows, row_clear);
    roster->zone = zone_load(spec->timezone);
    if (!roster->zone) {
        wrong(error, "\"%s\" is no time zone; write one like \"Europe/London\"", spec->timezone ? spec->timezone : "");
        return NULL;
    }
    if (spec->since && !date_parse(spec->since, &roster->since)) {
        wrong(error, "\"%s\" is no day; write it like \"2026-11-02\"", spec->since);
        return NULL;
    }
    roster->since -= (LocalDate)date_weekday(roster->since);
    return read_shifts(roster, spec, error) && read_table(roster, spec, error) ? g_steal_pointer(&roster) : NULL;
}

static void add(GPtrArray *people, char *address) {
    if (!g_ptr_array_find_with_equal_func(people, address, g_str_equal, NULL))
        g_ptr_array_add(people, address);
}

/* Weeks since the first, also for those before it. */
static guint turn_of(const Roster *roster, LocalDate monday, guint count) {
    int64_t week = ((int64_t)monday - roster->since) / WEEK;
    return (guint)(((week % count) + count) % count);
}

/* Who has the weekly shift: the one that began last. NULL: none. */
static char *on_shift(const Roster *roster, int64_t now) {
    int64_t wall, latest = INT64_MIN;
    LocalDate today = zone_to_local(roster->zone, now, &wall), monday = today - (LocalDate)date_weekday(today);
    char *who = NULL;
    for (LocalDate week = monday - WEEK; week <= monday; week += WEEK)
        for (guint i = 0; i < roster->shifts->len; i++) {
            const Shift *shift = roster->shifts->pdata[i];
            int64_t began = zone_to_utc(roster->zone, week + (LocalDate)shift->weekday, shift->wall);
            if (began > now || began < latest)
                continue;
            latest = began;
            who = shift->who->len ? shift->who->pdata[turn_of(roster, week, shift->who->len)] : NULL;
        }
    return who;
}

GPtrArray *roster_on_duty(const Roster *roster, Instant t) {
    GPtrArray *people = g_ptr_array_new();
    int64_t now = instant_seconds(t);
    for (guint i = 0; i < roster->rows->len; i++) {
        const Row *row = &g_array_index(roster->rows, Row, i);
        if (row->from <= now && now < row->to)
            add(people, row->who);
    }
    char *shift = people->len ? NULL : on_shift(roster, now);
    if (shift)
        add(people, shift);
    return people;
}

GPtrArray *roster_everybody(const Roster *roster) {
    GPtrArray *people = g_ptr_array_new();
    for (guint i = 0; i < roster->rows->len; i++)
        add(people, g_array_index(roster->rows, Row, i).who);
    for (guint i = 0; i < roster->shifts->len; i++) {
        const Shift *shift = roster->shifts->pdata[i];
        for (guint w = 0; w < shift->who->len; w++)
            add(people, shift->who->pdata[w]);
    }
    return people;
}
