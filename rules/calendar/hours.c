/* SPDX-License-Identifier: Apache-2.0 */
/* Local wall time only: what a day's hours mean in UTC is decided when a calendar is expanded. */
#include "calendar/hours.h"
#include "base/text.h"
#include <string.h>

#define DAY (24 * 3600)

static bool take_number(const char **text, int *value) {
    const char *p = *text;
    int digits = 0;
    for (*value = 0; digits < 2 && g_ascii_isdigit(p[digits]); digits++)
        *value = *value * 10 + (p[digits] - '0');
    *text += digits;
    return digits > 0;
}

static bool take_clock(const char **text, int *seconds) {
    int hour, minute;
    if (!take_number(text, &hour) || *(*text)++ != ':' || !g_ascii_isdigit((*text)[0]) || !g_ascii_isdigit((*text)[1]))
        return false;
    take_number(text, &minute);
    *seconds = hour * 3600 + minute * 60;
    return minute < 60 && *seconds <= DAY;
}

static void skip_spaces(const char **text) {
    *text += strspn(*text, " ");
}

static bool parse_one(const char *text, Hours *hours) {
    skip_spaces(&text);
    if (!take_clock(&text, &hours->start) || hours->start == DAY)
        return false;
    skip_spaces(&text);
    if (*text++ != '-')
        return false;
    skip_spaces(&text);
    if (!take_clock(&text, &hours->end))
        return false;
    skip_spaces(&text);
    if (*text || hours->end == hours->start)
        return false; /* nothing at all, or the whole day? 00:00-24:00 says so */
    if (hours->end < hours->start)
        hours->end += DAY;
    return true;
}

static gint by_start(gconstpointer a, gconstpointer b) {
    const Hours *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static void merge(GArray *hours) {
    guint kept = 0;
    g_array_sort(hours, by_start);
    for (guint i = 0; i < hours->len; i++) {
        Hours next = g_array_index(hours, Hours, i);
        Hours *last = kept ? &g_array_index(hours, Hours, kept - 1) : NULL;
        if (last && next.start <= last->end)
            last->end = MAX(last->end, next.end);
        else
            g_array_index(hours, Hours, kept++) = next;
    }
    g_array_set_size(hours, kept);
}

GArray *hours_parse(const GPtrArray *texts, GError **error) {
    g_autoptr(GArray) hours = g_array_new(FALSE, FALSE, sizeof(Hours));
    for (guint i = 0; texts && i < texts->len; i++) {
        const char *text = g_ptr_array_index(texts, i);
        Hours one;
        if (!parse_one(text, &one)) {
            g_autofree char *shown = text_printable(text, strlen(text), 40);
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "\"%s\" is no interval; write \"09:00-17:30\"", shown);
            return NULL;
        }
        g_array_append_val(hours, one);
    }
    merge(hours);
    return g_steal_pointer(&hours);
}

static GArray *without(const GArray *hours, Hours gap) {
    GArray *left = g_array_new(FALSE, FALSE, sizeof(Hours));
    for (guint i = 0; i < hours->len; i++) {
        Hours one = g_array_index(hours, Hours, i);
        Hours before = {one.start, MIN(one.end, gap.start)}, after = {MAX(one.start, gap.end), one.end};
        if (before.start < before.end)
            g_array_append_val(left, before);
        if (after.start < after.end)
            g_array_append_val(left, after);
    }
    return left;
}

void hours_subtract(GArray *hours, const GArray *breaks) {
    for (guint i = 0; i < breaks->len; i++) {
        Hours gap = g_array_index(breaks, Hours, i);
        for (int day = -DAY; day <= DAY; day += DAY) { /* the break of the day before may last until this morning */
            g_autoptr(GArray) left = without(hours, (Hours){gap.start + day, gap.end + day});
            g_array_set_size(hours, 0);
            if (left->len)
                g_array_append_vals(hours, left->data, left->len);
        }
    }
}
