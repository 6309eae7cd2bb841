/* SPDX-License-Identifier: Apache-2.0 */
/* Three kinds of time in one word, kept apart until a calendar adds them. */
#include "calendar/span.h"
#include "base/text.h"
#include <string.h>

#define DIGITS_MAX 7 /* ten million seconds, hours or days: nothing overflows */

static bool refuse(const char *text, GError **error) {
    g_autofree char *shown = text_printable(text ? text : "", text ? strlen(text) : 0, 40);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "\"%s\" is no length of time; write \"8h\", \"30m\", \"1d\" (working days) or \"2hw\" (wall time)",
                shown);
    return false;
}

static bool add_term(Span *span, int64_t count, char unit, bool wall) {
    int64_t seconds = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86400 : 0;
    if (seconds == 0)
        return false;
    if (unit == 'd' && !wall)
        span->days += (int)count;
    else if (wall)
        span->wall.us += duration_seconds(count * seconds).us;
    else
        span->business.us += duration_seconds(count * seconds).us;
    return true;
}

bool span_parse(const char *text, Span *span, GError **error) {
    Span sum = {0};
    const char *p = text ? text : "";
    for (int terms = 0;; terms++) {
        size_t digits = strspn(p, "0123456789");
        if (digits == 0 || digits > DIGITS_MAX || terms == 8)
            return refuse(text, error);
        int64_t count = g_ascii_strtoll(p, NULL, 10);
        p += digits;
        char unit = *p;
        bool wall = unit && p[1] == 'w';
        if (!add_term(&sum, count, unit, wall))
            return refuse(text, error);
        p += wall ? 2 : 1;
        if (!*p)
            break;
        if (*p++ != '+')
            return refuse(text, error);
    }
    *span = sum;
    return true;
}

bool span_add(const Calendar *cal, Instant from, Span span, Instant *result) {
    Instant at = from;
    if (span.days > 0 && !calendar_add_days(cal, at, span.days, &at))
        return false;
    if (span.business.us > 0 && !calendar_due(cal, at, span.business, &at))
        return false;
    *result = instant_add(at, span.wall);
    return true;
}

bool span_is_zero(Span span) {
    return span.days == 0 && span.business.us == 0 && span.wall.us == 0;
}
