/* SPDX-License-Identifier: Apache-2.0 */
/* Holiday files come from the internet. libical forgives much and says so only in X-LIC-ERROR properties, nests as deep
 * as it is told, and repeats for thousands of years: each of these is bounded or turned into a sentence here. */
#include "calendar/holidays.h"
#include "base/text.h"
#include <libical/ical.h>
#include <string.h>

#define TEXT_MAX (2 << 20)
#define LINE_MAX_BYTES 65536
#define SEMICOLONS_MAX 1000 /* on a line: libical takes the square of a line's parameters */
#define DEPTH_MAX 8
#define EVENTS_MAX 10000
#define REPEATS_MAX 50000 /* of all rules of a file */
#define LENGTH_MAX 366    /* days of one event */

typedef struct {
    const CalendarFile *file;
    LocalDate last;
    GHashTable *dates;
    GHashTable *overridden; /* "DAY UID" of instances that another event replaces */
    unsigned events, repeats;
    GError **error;
} Reading;

static bool refuse(const Reading *reading, const char *event, const char *why) {
    g_autofree char *name = event ? text_printable(event, strlen(event), 60) : NULL;
    if (name)
        g_set_error(reading->error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: event \"%s\" %s", reading->file->path, name,
                    why);
    else
        g_set_error(reading->error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", reading->file->path, why);
    return false;
}

/* libical frees its tree by recursion and slows down on long lines. */
static bool is_bearable(const char *text) {
    int depth = 0;
    while (*text) {
        size_t length = strcspn(text, "\r\n"), semicolons = 0;
        depth += g_ascii_strncasecmp(text, "BEGIN", 5) == 0;
        depth -= g_ascii_strncasecmp(text, "END:", 4) == 0;
        for (size_t i = 0; i < length; i++)
            semicolons += text[i] == ';';
        if (depth > DEPTH_MAX || length > LINE_MAX_BYTES || semicolons > SEMICOLONS_MAX)
            return false;
        text += length;
        text += strspn(text, "\r\n");
    }
    return true;
}

/* RFC 5545 section 3.1: a line break before a blank is none. NULL when libical should not see the text; it would not
 * look behind a NUL byte. */
static char *unfold(const CalendarFile *file) {
    const char *p = file->text, *end = p + file->length;
    if (!p || file->length > TEXT_MAX || memchr(p, 0, file->length))
        return NULL;
    if (file->length >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    GString *text = g_string_sized_new(file->length);
    while (p < end) {
        size_t eol = p[0] == '\r' && end - p > 1 && p[1] == '\n' ? 2 : p[0] == '\n' ? 1 : 0;
        if (eol && p + eol < end && (p[eol] == ' ' || p[eol] == '\t'))
            p += eol + 1;
        else
            g_string_append_c(text, *p++);
    }
    bool bearable = is_bearable(text->str);
    return g_string_free(text, !bearable);
}

/* A file that a download cut off has days that nobody would miss until they come. */
static bool is_whole(const char *text) {
    int open = 0;
    while (*text) {
        open += g_ascii_strncasecmp(text, "BEGIN:", 6) == 0;
        open -= g_ascii_strncasecmp(text, "END:", 4) == 0;
        text += strcspn(text, "\r\n");
        text += strspn(text, "\r\n");
    }
    return open <= 0;
}

/* A copy, since every look at a component moves the one cursor that libical keeps in it. */
static GPtrArray *properties_of(icalcomponent *event, icalproperty_kind kind) {
    GPtrArray *found = g_ptr_array_new();
    for (icalproperty *p = icalcomponent_get_first_property(event, kind); p;
         p = icalcomponent_get_next_property(event, kind))
        g_ptr_array_add(found, p);
    return found;
}

static const char *name_of(icalcomponent *event) {
    const char *name = icalcomponent_get_summary(event);
    if (!name || !*name)
        name = icalcomponent_get_uid(event);
    return name && *name ? name : "without a name";
}

/* What libical could not read of a property that decides dates must not vanish quietly. */
static bool was_understood(icalcomponent *event) {
    static const char *const words[] = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"};
    g_autoptr(GPtrArray) errors = properties_of(event, ICAL_XLICERROR_PROPERTY);
    for (guint i = 0; i < errors->len; i++) {
        const char *text = icalproperty_get_xlicerror(g_ptr_array_index(errors, i));
        for (size_t k = 0; text && k < G_N_ELEMENTS(words); k++)
            if (strstr(text, words[k]))
                return false;
    }
    return true;
}

static bool date_of(struct icaltimetype time, LocalDate *date) {
    bool midnight = time.is_date || (time.hour == 0 && time.minute == 0 && time.second == 0);
    return !icaltime_is_null_time(time) && midnight && date_from_parts(time.year, time.month, time.day, date);
}

/* How many days the event lasts; 0 when it has a time of day. */
static int length_of(icalcomponent *event, LocalDate first) {
    LocalDate end;
    icalproperty *dtend = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
    icalproperty *duration = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
    if (dtend) {
        if (!date_of(icalproperty_get_dtend(dtend), &end))
            return 0;
        return end - first < 1 ? 1
                               : MIN(end - first, LENGTH_MAX + 1); /* some programs write the last day, not the next */
    }
    if (!duration)
        return 1;
    struct icaldurationtype length = icalproperty_get_duration(duration);
    if (length.is_neg || length.hours % 24 || length.minutes || length.seconds || length.weeks > 53 ||
        length.days > LENGTH_MAX)
        return 0;
    return MAX(1, (int)(length.weeks * 7 + length.days + length.hours / 24));
}

static char *instance_key(LocalDate date, icalcomponent *event) {
    const char *uid = icalcomponent_get_uid(event);
    return g_strdup_printf("%d %s", date, uid ? uid : "");
}

static void add_instance(Reading *reading, icalcomponent *event, LocalDate first, int length) {
    g_autofree char *key = instance_key(first, event);
    bool overrides = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY) != NULL;
    if (!overrides && g_hash_table_contains(reading->overridden, key))
        return;
    const char *name = name_of(event);
    for (int i = 0; i < length && first + i <= reading->last; i++)
        if (!g_hash_table_contains(reading->dates, GINT_TO_POINTER(first + i)))
            g_hash_table_insert(reading->dates, GINT_TO_POINTER(first + i), text_printable(name, strlen(name), 60));
}

static struct icaltimetype start_of(icalcomponent *event) {
    icalproperty *dtstart = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    return dtstart ? icalproperty_get_dtstart(dtstart) : icaltime_null_time();
}

static bool add_rule(Reading *reading, icalcomponent *event, struct icalrecurrencetype rule, int length) {
    struct icaltimetype start = start_of(event);
    if (rule.freq < ICAL_DAILY_RECURRENCE || rule.freq > ICAL_YEARLY_RECURRENCE)
        return refuse(reading, name_of(event), "repeats within a day; a holiday is a whole day");
    start.is_date = 1;
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, start);
    if (!iterator)
        return refuse(reading, name_of(event), "has an RRULE that cannot be understood");
    LocalDate date;
    for (struct icaltimetype t = icalrecur_iterator_next(iterator);
         !icaltime_is_null_time(t) && reading->repeats <= REPEATS_MAX; t = icalrecur_iterator_next(iterator)) {
        t.is_date = 1;
        reading->repeats++;
        if (!date_of(t, &date))
            continue; /* libical goes by the Julian calendar before 1582, and so has days that never were */
        if (date > reading->last)
            break;
        add_instance(reading, event, date, length);
    }
    icalrecur_iterator_free(iterator);
    return reading->repeats <= REPEATS_MAX || refuse(reading, name_of(event), "repeats too often to be a holiday");
}

static bool add_repeats(Reading *reading, icalcomponent *event, int length) {
    g_autoptr(GPtrArray) rules = properties_of(event, ICAL_RRULE_PROPERTY);
    g_autoptr(GPtrArray) dates = properties_of(event, ICAL_RDATE_PROPERTY);
    for (guint i = 0; i < rules->len; i++)
        if (!add_rule(reading, event, icalproperty_get_rrule(g_ptr_array_index(rules, i)), length))
            return false;
    for (guint i = 0; i < dates->len; i++) {
        LocalDate date;
        if (!date_of(icalproperty_get_rdate(g_ptr_array_index(dates, i)).time, &date))
            return refuse(reading, name_of(event), "has an RDATE that is no date");
        add_instance(reading, event, date, length);
    }
    return true;
}

/* EXDATE and RECURRENCE-ID take instances out, wherever in the file they stand: so they are read first. */
static bool note_overridden(Reading *reading, icalcomponent *event) {
    static const icalproperty_kind kinds[] = {ICAL_EXDATE_PROPERTY, ICAL_RECURRENCEID_PROPERTY};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GPtrArray) found = properties_of(event, kinds[i]);
        for (guint k = 0; k < found->len; k++) {
            icalproperty *p = g_ptr_array_index(found, k);
            LocalDate date;
            if (!date_of(i == 0 ? icalproperty_get_exdate(p) : icalproperty_get_recurrenceid(p), &date))
                return refuse(reading, name_of(event), "takes out a day that is no date");
            g_hash_table_add(reading->overridden, instance_key(date, event));
        }
    }
    return true;
}

static bool add_event(Reading *reading, icalcomponent *event) {
    LocalDate first;
    if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED)
        return true;
    if (!was_understood(event))
        return refuse(reading, name_of(event), "has a date or rule that cannot be understood");
    if (!icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY))
        return refuse(reading, name_of(event), "has no DTSTART");
    if (!date_of(start_of(event), &first))
        return refuse(reading, name_of(event),
                      "begins at a time of day; holidays are whole days, for others use exceptions");
    int length = length_of(event, first);
    if (length == 0 || length > LENGTH_MAX)
        return refuse(reading, name_of(event),
                      length ? "lasts more than a year" : "ends at a time of day; holidays are whole days");
    /* DTSTART is an instance of its own rule even where the rule would pass it over (RFC 5545 section 3.8.5.3). */
    add_instance(reading, event, first, length);
    return add_repeats(reading, event, length);
}

typedef bool (*EventFunc)(Reading *reading, icalcomponent *event);

/* Recursion is bounded by unfold(). */
static bool each_event(Reading *reading, icalcomponent *parent, EventFunc act) {
    icalcompiter cursor = icalcomponent_begin_component(parent, ICAL_ANY_COMPONENT);
    for (icalcomponent *c = icalcompiter_deref(&cursor); c; c = icalcompiter_next(&cursor)) {
        icalcomponent_kind kind = icalcomponent_isa(c);
        if (kind == ICAL_VCALENDAR_COMPONENT && !each_event(reading, c, act))
            return false;
        if (kind != ICAL_VEVENT_COMPONENT)
            continue;
        if (++reading->events > EVENTS_MAX)
            return refuse(reading, NULL, "too many events for a file of holidays");
        if (!act(reading, c))
            return false;
    }
    return true;
}

static bool read_tree(Reading *reading, icalcomponent *root) {
    icalcomponent_kind kind = root ? icalcomponent_isa(root) : ICAL_NO_COMPONENT;
    if (kind != ICAL_VCALENDAR_COMPONENT && kind != ICAL_XROOT_COMPONENT)
        return refuse(reading, NULL, "no iCalendar; it should begin with BEGIN:VCALENDAR");
    if (!each_event(reading, root, note_overridden))
        return false;
    reading->events = 0;
    return each_event(reading, root, add_event);
}

bool holidays_read(const CalendarFile *file, LocalDate last, GHashTable *dates, GError **error) {
    Reading reading = {.file = file, .last = last, .dates = dates, .error = error};
    g_autofree char *text = unfold(file);
    if (!text)
        return refuse(&reading, NULL, "too large, too deeply nested or not text: no file of holidays");
    if (!is_whole(text))
        return refuse(&reading, NULL, "the file is cut off, a BEGIN has no END; fetch it again");
    icalerror_set_errors_are_fatal(0);
    reading.overridden = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    icalcomponent *root = icalparser_parse_string(text);
    bool done = read_tree(&reading, root);
    if (root)
        icalcomponent_free(root);
    icalmemory_free_ring();
    g_hash_table_unref(reading.overridden);
    return done;
}
