/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars and service levels: from the tree to the types of calendar/, with the line of whatever is wrong. */
#include "base/io.h"
#include "base/text.h"
#include "policy/loading.h"
#include <string.h>

#define ALWAYS "always"
#define DAYS 7
#define SOFT_CLOSES_AFTER "5d"

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

static GPtrArray *borrowed_new(void) {
    return g_ptr_array_new();
}

static int weekday_of(const char *word) {
    for (int day = 0; weekdays[day]; day++)
        if (text_equal_nocase(word, weekdays[day]))
            return day;
    return -1;
}

/* "mon", or "mon-thu" with both ends; a range may go over the weekend. False when the name is neither. */
static bool parse_days(const char *name, int *first, int *last) {
    g_auto(GStrv) ends = g_strsplit(name, "-", 2);
    *first = weekday_of(ends[0]);
    *last = ends[1] ? weekday_of(ends[1]) : *first;
    return *first >= 0 && *last >= 0;
}

/* Texts of hours, each checked here so that the problem has its line. Caller owns. */
static GPtrArray *load_hours(Loading *loading, const Node *node) {
    GPtrArray *hours = node_texts(loading->problems, node);
    if (!hours)
        return g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < hours->len; i++)
        if (!text_is_hours(hours->pdata[i]))
            node_error(loading->problems, node, "\"%s\" are no hours; write them like \"09:00-17:30\"",
                       (char *)hours->pdata[i]);
    return hours;
}

static void load_weekday(Loading *loading, const Node *node, GPtrArray *week[DAYS]) {
    int first, last;
    if (!parse_days(node->name, &first, &last)) {
        g_autofree char *hint = suggestion(node->name, weekdays);
        node_error(loading->problems, node, "\"%s\" is no day of the week or range such as mon-thu%s", node->name,
                   hint);
        return;
    }
    g_autoptr(GPtrArray) hours = load_hours(loading, node);
    for (int day = first;; day = (day + 1) % DAYS) {
        if (week[day])
            node_error(loading->problems, node, "the hours of %s are given twice; keep one", weekdays[day]);
        else
            week[day] = g_ptr_array_ref(hours);
        if (day == last)
            return;
    }
}

static void exception_free(CalendarException *exception) {
    g_free(exception->date);
    g_ptr_array_unref(exception->hours);
    g_free(exception);
}

static void load_exception(Loading *loading, const Node *node, GPtrArray *exceptions) {
    static const char *const names[] = {"date", "hours", NULL};
    node_check_names(loading->problems, node, names, "an exception");
    const Node *date = node_member(node, "date"), *hours = node_member(node, "hours");
    const char *day = date ? node_text(loading->problems, date) : NULL;
    if (!date)
        node_error(loading->problems, node, "an exception needs a date; write date = \"2026-12-24\"");
    else if (day && !text_is_day(day))
        node_error(loading->problems, date, "\"%s\" is no day; write it like \"2026-12-24\"", day);
    else if (day) {
        CalendarException *exception = g_new0(CalendarException, 1);
        exception->date = g_strdup(day);
        exception->hours = hours ? load_hours(loading, hours) : g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(exceptions, exception);
    }
}

static void load_holidays(Loading *loading, const Node *node, GPtrArray *holidays) {
    g_autoptr(GPtrArray) elements = node_elements(node);
    for (guint i = 0; i < elements->len; i++) {
        const Node *element = elements->pdata[i];
        const char *text = node_text(loading->problems, element);
        if (!text)
            continue;
        g_autofree char *joined = io_path_from(element->path, text);
        g_autofree char *path = g_canonicalize_filename(joined, NULL);
        const SourceFile *file = source_calendar(loading->source, path);
        if (!file) {
            node_error(loading->problems, element,
                       "the holidays \"%s\" were not read with the configuration; reload it", text);
            continue;
        }
        CalendarFile *calendar = g_new0(CalendarFile, 1);
        *calendar = (CalendarFile){file->file, file->text, file->length};
        g_ptr_array_add(holidays, calendar);
    }
}

typedef struct {
    GPtrArray *week[DAYS];
    GPtrArray *exceptions, *holidays;
    GPtrArray *breaks; /* NULL: none */
} Parts;

static void parts_clear(Parts *parts) {
    for (int day = 0; day < DAYS; day++)
        g_clear_pointer(&parts->week[day], g_ptr_array_unref);
    g_clear_pointer(&parts->breaks, g_ptr_array_unref);
    g_ptr_array_unref(parts->exceptions);
    g_ptr_array_unref(parts->holidays);
}

static void make_calendar(Loading *loading, const Node *node, const char *zone_name, const Parts *parts) {
    CalendarSpec spec = {.name = node->name,
                         .timezone = zone_name,
                         .exceptions = parts->exceptions,
                         .holidays = parts->holidays,
                         .breaks = parts->breaks};
    for (int day = 0; day < DAYS; day++)
        spec.weekday[day] = parts->week[day];
    g_autoptr(GError) error = NULL;
    Calendar *calendar = calendar_new(&spec, loading->now, &error);
    if (calendar)
        g_hash_table_insert(loading->policy->calendars, (char *)calendar_name(calendar), calendar);
    else
        node_error(loading->problems, node, "%s", error->message);
}

static void load_calendar(Loading *loading, const Node *node) {
    static const char *const names[] = {"timezone", "hours", "breaks", "exceptions", "holidays", NULL};
    GPtrArray *problems = loading->problems;
    guint before = problems->len;
    if (!node_is_group(problems, node))
        return;
    node_check_names(problems, node, names, "a calendar");
    Parts parts = {.exceptions = g_ptr_array_new_with_free_func((GDestroyNotify)exception_free),
                   .holidays = g_ptr_array_new_with_free_func(g_free)};
    const Node *zone = node_member(node, "timezone"), *hours = node_member(node, "hours");
    const Node *exceptions = node_member(node, "exceptions"), *holidays = node_member(node, "holidays");
    const Node *breaks = node_member(node, "breaks");
    const char *zone_name = zone ? node_text(problems, zone) : "UTC";
    if (!hours)
        node_error(problems, node, "calendar %s has no hours; write hours: { mon-fri = [\"09:00-17:00\"]; };",
                   node->name);
    for (guint i = 0; hours && node_is_group(problems, hours) && i < hours->children->len; i++)
        load_weekday(loading, hours->children->pdata[i], parts.week);
    g_autoptr(GPtrArray) groups = exceptions ? node_groups(problems, exceptions) : borrowed_new();
    for (guint i = 0; i < groups->len; i++)
        load_exception(loading, groups->pdata[i], parts.exceptions);
    if (holidays)
        load_holidays(loading, holidays, parts.holidays);
    if (breaks)
        parts.breaks = load_hours(loading, breaks);
    if (problems->len == before)
        make_calendar(loading, node, zone_name, &parts);
    parts_clear(&parts);
}

/* Open at all hours: for a firm that has defined no calendar yet. */
static void add_always(Loading *loading) {
    g_autoptr(Node) node = node_new(NODE_GROUP, ALWAYS, NULL, 0);
    Parts parts = {.exceptions = borrowed_new(), .holidays = borrowed_new()};
    for (int day = 0; day < DAYS; day++) {
        parts.week[day] = g_ptr_array_new();
        g_ptr_array_add(parts.week[day], (char *)"00:00-24:00");
    }
    make_calendar(loading, node, "UTC", &parts);
    parts_clear(&parts);
}

static void choose_firm_calendar(Loading *loading, const Node *group) {
    Settings *settings = &loading->policy->settings;
    guint count = group ? group->children->len : 0;
    const char *const *known = (const char *const *)loading->calendar_names->pdata;
    if (settings->firm_calendar && !g_strv_contains(known, settings->firm_calendar)) {
        const Node *firm = node_member(loading->root, "firm");
        const Node *place = firm ? node_member(firm, "calendar") : NULL;
        g_autofree char *hint = suggestion(settings->firm_calendar, known);
        node_error(loading->problems, place ? place : loading->root, "there is no calendar \"%s\"%s",
                   settings->firm_calendar, hint);
    }
    if (settings->firm_calendar)
        return;
    if (count > 1)
        node_warning(loading->problems, group,
                     "several calendars and no firm.calendar: \"%s\" is used; say which is the firm's", known[0]);
    settings->firm_calendar = g_strdup(count ? known[0] : ALWAYS);
}

void load_calendars(Loading *loading) {
    const Node *group = node_member(loading->root, "calendars");
    if (group && !node_is_group(loading->problems, group))
        group = NULL;
    bool own_always = false;
    for (guint i = 0; group && i < group->children->len; i++) {
        const Node *node = group->children->pdata[i];
        own_always |= text_equal(node->name, ALWAYS);
        g_ptr_array_add(loading->calendar_names, node->name);
        load_calendar(loading, node);
    }
    if (!own_always) {
        g_ptr_array_add(loading->calendar_names, (char *)ALWAYS);
        add_always(loading);
    }
    g_ptr_array_add(loading->calendar_names, NULL);
    choose_firm_calendar(loading, group);
}

static const char *const tell_words[] = {"owner",       "cover", "supervisor", "managers", "handler",
                                         "responsible", "team",  "duty",       NULL};

static void load_tell(Loading *loading, const Node *node, GPtrArray *tell) {
    g_autoptr(GPtrArray) words = node_texts(loading->problems, node);
    for (guint i = 0; words && i < words->len; i++) {
        const char *word = words->pdata[i];
        if (!g_strv_contains(tell_words, word) && !address_is_plausible(word)) {
            g_autofree char *hint = suggestion(word, tell_words);
            node_error(loading->problems, node, "nobody is called \"%s\"%s; or write an address", word, hint);
            continue;
        }
        if (strchr(word, '@') && !policy_is_ours(loading->policy, word))
            node_warning(loading->problems, node,
                         "tell: %s is in none of firm.domains; notices about clients leave the firm", word);
        g_ptr_array_add(tell, g_strdup(word));
    }
    if (words && words->len == 0)
        node_error(loading->problems, node, "\"tell\" is empty; name owner, cover, supervisor, managers or an address");
}

static bool load_span(Loading *loading, const Node *node, Span *span) {
    g_autoptr(GError) error = NULL;
    const char *text = node_text(loading->problems, node);
    if (!text)
        return false;
    if (!span_parse(text, span, &error)) {
        node_error(loading->problems, node, "%s: %s", node->name, error->message);
        return false;
    }
    if (span_is_zero(*span))
        node_error(loading->problems, node, "%s is nothing; write a length such as \"8h\" or \"1d\"", node->name);
    return true;
}

static void load_rung(Loading *loading, const Node *node, bool is_last, GPtrArray *into) {
    static const char *const names[] = {"at", "tell", "repeat", NULL};
    GPtrArray *problems = loading->problems;
    Rung *rung = rung_new();
    rung->file = g_strdup(node->file);
    rung->line = node->line;
    g_autoptr(GError) error = NULL;
    node_check_names(problems, node, names, "a step of a ladder");
    const Node *at = node_member(node, "at"), *tell = node_member(node, "tell"), *repeat = node_member(node, "repeat");
    const char *text = at ? node_text(problems, at) : NULL;
    if (!at)
        node_error(problems, node, "a step needs \"at\"; write at = \"50%%\" or at = \"100%%+4h\"");
    else if (text && !rung_parse_at(text, rung, &error))
        node_error(problems, at, "at: %s", error->message);
    if (tell)
        load_tell(loading, tell, rung->tell);
    else
        node_error(problems, node, "a step needs \"tell\"; write tell = [\"owner\"]");
    if (repeat && !is_last)
        node_error(problems, repeat, "only the last step of a ladder may repeat; move it there");
    else if (repeat)
        load_span(loading, repeat, &rung->repeat);
    g_ptr_array_add(into, rung);
}

static Rung *rung_at_end(void) {
    Rung *rung = rung_new();
    rung->percent = 100;
    g_ptr_array_add(rung->tell, g_strdup("owner"));
    return rung;
}

/* Without a ladder the owner still hears of it when the answer is due, and whoever covers. */
static void default_ladder(ServiceLevel *level) {
    Rung *rung = rung_at_end();
    g_ptr_array_add(rung->tell, g_strdup("cover"));
    g_ptr_array_add(level->ladder, rung);
}

/* What is expected of a client is for who asked, and only they hear of it. */
static void load_chase(Loading *loading, const Node *node, ServiceLevel *level) {
    const Node *chase = node_member(node, "chase");
    g_autoptr(GPtrArray) rungs = chase ? node_groups(loading->problems, chase) : borrowed_new();
    for (guint i = 0; i < rungs->len; i++)
        load_rung(loading, rungs->pdata[i], i + 1 == rungs->len, level->chase);
    if (!chase)
        g_ptr_array_add(level->chase, rung_at_end());
    else if (rungs->len == 0)
        node_warning(loading->problems, chase, "chase of service level %s is empty: nobody is reminded", level->name);
}

const Calendar *load_calendar_name(Loading *loading, const Node *node) {
    const char *const *known = (const char *const *)loading->calendar_names->pdata;
    const char *name = node_text(loading->problems, node);
    if (name && !g_strv_contains(known, name)) {
        g_autofree char *hint = suggestion(name, known);
        node_error(loading->problems, node, "there is no calendar \"%s\"%s", name, hint);
    }
    return name ? g_hash_table_lookup(loading->policy->calendars, name) : NULL;
}

static void load_level_hours(Loading *loading, const Node *node, ServiceLevel *level) {
    const Node *calendar = node_member(node, "calendar"), *client_hours = node_member(node, "client_hours");
    level->names_calendar = calendar != NULL;
    level->calendar = calendar ? load_calendar_name(loading, calendar) : policy_calendar(loading->policy, NULL);
    if (client_hours)
        node_flag(loading->problems, client_hours, &level->client_hours);
}

static void load_service_level(Loading *loading, const Node *node) {
    static const char *const names[] = {"answer_within", "calendar",   "client_hours",  "ladder", "soft_closes_after",
                                        "duty",          "cleared_by", "joint_clients", "chase",  NULL};
    GPtrArray *problems = loading->problems;
    if (!node_is_group(problems, node))
        return;
    ServiceLevel *level = service_level_new(node->name);
    g_hash_table_insert(loading->policy->levels, level->name, level);
    g_autofree char *where = g_strdup_printf("service level %s", node->name);
    bool all_known = node_check_names(problems, node, names, where);
    const Node *within = node_member(node, "answer_within"), *ladder = node_member(node, "ladder");
    if (within)
        load_span(loading, within, &level->answer_within);
    else if (all_known) /* a mistyped key is one mistake, not two */
        node_error(problems, node, "%s has no answer_within; write answer_within = \"8h\"", where);
    load_level_hours(loading, node, level);
    load_clearing(loading, node, level);
    g_autoptr(GPtrArray) rungs = ladder ? node_groups(problems, ladder) : borrowed_new();
    for (guint i = 0; i < rungs->len; i++)
        load_rung(loading, rungs->pdata[i], i + 1 == rungs->len, level->ladder);
    load_chase(loading, node, level);
    if (!ladder)
        default_ladder(level);
    else if (rungs->len == 0)
        node_warning(problems, ladder, "the ladder of %s is empty: nobody is told", where);
    const Node *silence = node_member(node, "soft_closes_after");
    if (silence)
        load_span(loading, silence, &level->soft_closes_after);
    else
        span_parse(SOFT_CLOSES_AFTER, &level->soft_closes_after, NULL);
    load_level_duty(loading, node, level);
}

void load_service_levels(Loading *loading) {
    const Node *group = node_member(loading->root, "service_levels");
    if (group && !node_is_group(loading->problems, group))
        group = NULL;
    for (guint i = 0; group && i < group->children->len; i++) {
        const Node *node = group->children->pdata[i];
        g_ptr_array_add(loading->level_names, node->name);
        load_service_level(loading, node);
    }
    g_ptr_array_add(loading->level_names, NULL);
}
