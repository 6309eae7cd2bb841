/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate calendar …`: the arithmetic of working time, and whose hours a day has, for people who want to check it. */
#include "calendar/span.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/print.h"
#include "policy/hours.h"
#include <stdio.h>
#include <string.h>

#define DAYS_DEFAULT 14
#define DAYS_MOST 400

typedef struct {
    char *calendar, *client, *team, *level, *from, *to, *span;
    int days;
    gboolean json;
    Policy *policy;
    Registry *registry;
    const Calendar *found; /* borrowed from the policy */
    Instant start;
} Question;

static void question_clear(Question *question) {
    char *const texts[] = {question->calendar, question->client, question->team, question->level,
                           question->from,     question->to,     question->span};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    registry_free(question->registry);
    g_clear_pointer(&question->policy, policy_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* The options of whose hours, and those of one command; ends with {NULL}. */
#define WHOSE(question)                                                                                                \
    {"calendar", 0, 0, G_OPTION_ARG_FILENAME, &(question).calendar, "name of a calendar (the firm's)", "C"},           \
        {"client", 0, 0, G_OPTION_ARG_FILENAME, &(question).client, "as promised to this client", "ID"},               \
        {"team", 0, 0, G_OPTION_ARG_FILENAME, &(question).team, "and by this team", "NAME"}, {                         \
        "service-level", 0, 0, G_OPTION_ARG_FILENAME, &(question).level, "in this service level", "NAME"               \
    }

/* What the client's questions fall under that no matter and no other rule changes; NULL: nothing is promised. */
static const ServiceLevel *usual_level(const Policy *policy, const Client *client) {
    const GPtrArray *rules = policy_rules(policy);
    const ServiceLevel *level = client ? policy_service_level(policy, client->service_level) : NULL;
    for (guint i = 0; !level && i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        level = rule->mode == MODE_OFF ? NULL : rule->deadline;
    }
    return level;
}

/* -1 or an exit status. */
static int find_promised(const CommandLine *line, Question *question) {
    g_autoptr(Client) client = NULL;
    if (question->calendar)
        return command_fail("--calendar names the hours; leave out --client, --team and --service-level, or it");
    if (question->client && registry_client(question->registry, question->client, &client) != LOOKUP_FOUND)
        return command_fail("--client %s: there is no such client in the registry", question->client);
    const ServiceLevel *level = question->level ? policy_service_level(question->policy, question->level)
                                                : usual_level(question->policy, client);
    if (!level)
        return question->level
                   ? command_fail("--service-level %s: there is none of this name", question->level)
                   : command_fail("no rule of %s promises an answer; say --service-level NAME", line->config);
    question->found =
        policy_hours(question->policy, level, question->team ? question->team : "", client ? client->calendar : "");
    return -1;
}

static int find_calendar(const CommandLine *line, Question *question) {
    question->policy =
        question->client ? firm_policy_and_registry(line, question->start, &question->registry) : firm_policy(line);
    if (!question->policy)
        return EXIT_USAGE;
    if (question->client || question->team || question->level)
        return find_promised(line, question);
    question->found = policy_calendar(question->policy, question->calendar);
    return question->found ? -1
                           : command_fail("there is no calendar \"%s\"; %s names those there are",
                                          question->calendar ? question->calendar : "", line->config);
}

/* What all of them need; -1 or an exit status. */
static int open_question(const CommandLine *line, const GOptionEntry *options, bool needs_from, Question *question) {
    g_auto(Args) args = {0};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    TimeSource clock = timesource_system();
    question->start = timesource_now(&clock);
    if (!question->from && needs_from)
        return command_fail("--from TIME is missing");
    if (question->from && !instant_parse(question->from, &question->start))
        return command_fail("--from %s: write a time like 2026-11-23T14:00:00Z", question->from);
    return find_calendar(line, question);
}

int cmd_calendar_due(const CommandLine *line) {
    g_auto(Question) question = {0};
    const GOptionEntry options[] = {
        WHOSE(question),
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &question.from, "the start, RFC 3339", "TIME"},
        {"for", 0, 0, G_OPTION_ARG_FILENAME, &question.span, "how long: 8h, 30m, 28800s; 1d; wall time 2hw", "SPAN"},
        {NULL}};
    int status = open_question(line, options, true, &question);
    if (status >= 0)
        return status;
    Span span;
    g_autoptr(GError) error = NULL;
    if (!question.span)
        return command_fail("--for SPAN is missing");
    if (!span_parse(question.span, &span, &error))
        return command_fail("--for %s: %s", question.span, error->message);
    Instant due;
    if (!span_add(question.found, question.start, span, &due)) {
        command_fail("calendar %s has no such working time within 400 days", calendar_name(question.found));
        return EXIT_NO;
    }
    char text[INSTANT_TEXT];
    puts(instant_format(due, text));
    return EXIT_DONE;
}

int cmd_calendar_elapsed(const CommandLine *line) {
    g_auto(Question) question = {0};
    const GOptionEntry options[] = {
        WHOSE(question),
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &question.from, "the start, RFC 3339", "TIME"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &question.to, "the end, RFC 3339", "TIME"},
        {NULL}};
    int status = open_question(line, options, true, &question);
    if (status >= 0)
        return status;
    Instant end;
    if (!question.to)
        return command_fail("--to TIME is missing");
    if (!instant_parse(question.to, &end))
        return command_fail("--to %s: write a time like 2026-11-23T14:00:00Z", question.to);
    Duration elapsed = calendar_elapsed(question.found, question.start, end);
    printf("%lld\n", (long long)(elapsed.us / 1000000));
    return EXIT_DONE;
}

int cmd_calendar_next_open(const CommandLine *line) {
    g_auto(Question) question = {0};
    const GOptionEntry options[] = {
        WHOSE(question),
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &question.from, "the start, RFC 3339 (now)", "TIME"},
        {NULL}};
    int status = open_question(line, options, false, &question);
    if (status >= 0)
        return status;
    Instant next;
    char text[INSTANT_TEXT];
    if (!calendar_next_open(question.found, question.start, &next)) {
        command_fail("calendar %s has no working hours within 400 days", calendar_name(question.found));
        return EXIT_NO;
    }
    puts(instant_format(next, text));
    return EXIT_DONE;
}

/* ---- show ---- */

/* "09:00"; of the midnight that ends a day "24:00". */
static void wall_time(const Calendar *calendar, Instant t, bool is_end, char wall[6]) {
    g_autofree char *said = calendar_say(calendar, t);
    g_strlcpy(wall, said + strlen(said) - strlen("09:00"), 6);
    if (is_end && text_equal(wall, "00:00"))
        g_strlcpy(wall, "24:00", 6);
}

static const char *const kinds[] = {
    [CALENDAR_WEEKDAY] = "weekday", [CALENDAR_HOLIDAY] = "holiday", [CALENDAR_EXCEPTION] = "exception"};

static void print_date(const Calendar *calendar, const CalendarDate *date) {
    g_autoptr(GString) hours = g_string_new(NULL);
    for (guint i = 0; i < date->hours->len; i++) {
        const CalendarHours *one = &g_array_index(date->hours, CalendarHours, i);
        char start[6], end[6];
        wall_time(calendar, one->start, false, start);
        wall_time(calendar, one->end, true, end);
        g_string_append_printf(hours, "%s%s-%s", i ? " " : "", start, end);
    }
    printf("%.3s %s  %s%s%s%s%s\n", date->weekday, date->day, hours->len ? hours->str : "closed",
           date->kind == CALENDAR_WEEKDAY ? "" : ", ", date->kind == CALENDAR_WEEKDAY ? "" : kinds[date->kind],
           date->name ? ": " : "", date->name ? date->name : "");
}

static json_t *date_json(const CalendarDate *date) {
    json_t *hours = json_array();
    for (guint i = 0; i < date->hours->len; i++) {
        const CalendarHours *one = &g_array_index(date->hours, CalendarHours, i);
        json_array_append_new(
            hours, json_pack("{s:o, s:o}", "start", json_instant(one->start), "end", json_instant(one->end)));
    }
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "date", date->day, "weekday", date->weekday, "kind",
                     kinds[date->kind], "name", date->name, "hours", hours);
}

int cmd_calendar_show(const CommandLine *line) {
    g_auto(Question) question = {.days = DAYS_DEFAULT};
    const GOptionEntry options[] = {
        WHOSE(question),
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &question.from, "the first day, RFC 3339 (now)", "TIME"},
        {"days", 0, 0, G_OPTION_ARG_INT, &question.days, "how many days (14)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &question.json, "a JSON array", NULL},
        {NULL}};
    int status = open_question(line, options, false, &question);
    if (status >= 0)
        return status;
    if (question.days < 1 || question.days > DAYS_MOST)
        return command_fail("--days %d: from 1 to %d", question.days, DAYS_MOST);
    g_autoptr(json_t) list = json_array();
    if (!question.json)
        printf("%s, %s\n", calendar_name(question.found), calendar_zone(question.found));
    CalendarDate date;
    for (int i = 0; i < question.days && calendar_date(question.found, question.start, i, &date); i++) {
        g_autoptr(GArray) hours = date.hours;
        if (question.json)
            json_array_append_new(list, date_json(&date));
        else
            print_date(question.found, &date);
    }
    if (question.json)
        print_json(list);
    return EXIT_DONE;
}
