/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate calendar due` and `calendar elapsed`: the arithmetic of working time, for people who want to check it. */
#include "calendar/span.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include <stdio.h>

typedef struct {
    char *calendar, *from, *to, *span;
    Policy *policy;
    const Calendar *found; /* borrowed from the policy */
    Instant start;
} Question;

static void question_clear(Question *question) {
    g_free(question->calendar);
    g_free(question->from);
    g_free(question->to);
    g_free(question->span);
    g_clear_pointer(&question->policy, policy_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* What both commands need; -1 or an exit status. */
static int open_question(const CommandLine *line, const GOptionEntry *options, Question *question) {
    g_auto(Args) args = {0};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    if (!question->from)
        return command_fail("--from TIME is missing");
    if (!instant_parse(question->from, &question->start))
        return command_fail("--from %s: write a time like 2026-11-23T14:00:00Z", question->from);
    question->policy = firm_policy(line);
    if (!question->policy)
        return EXIT_USAGE;
    question->found = policy_calendar(question->policy, question->calendar);
    if (!question->found)
        return command_fail("there is no calendar \"%s\"; %s names those there are",
                            question->calendar ? question->calendar : "", line->config);
    return -1;
}

int cmd_calendar_due(const CommandLine *line) {
    g_auto(Question) question = {0};
    const GOptionEntry options[] = {
        {"calendar", 0, 0, G_OPTION_ARG_FILENAME, &question.calendar, "name of a calendar (the firm's)", "C"},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &question.from, "the start, RFC 3339", "TIME"},
        {"for", 0, 0, G_OPTION_ARG_FILENAME, &question.span, "how long: 8h, 30m, 28800s; 1d; wall time 2hw", "SPAN"},
        {NULL}};
    int status = open_question(line, options, &question);
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
        {"calendar", 0, 0, G_OPTION_ARG_FILENAME, &question.calendar, "name of a calendar (the firm's)", "C"},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &question.from, "the start, RFC 3339", "TIME"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &question.to, "the end, RFC 3339", "TIME"},
        {NULL}};
    int status = open_question(line, options, &question);
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
