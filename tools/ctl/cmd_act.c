/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate answer|close|snooze|assign|reopen|priority|merge`: what a person did to a deadline, journalled and applied
 * by lexgate-escalated.
 */
#include "base/text.h"
#include "base/timesource.h"
#include "calendar/span.h"
#include "ctl/args.h"
#include "ctl/ask.h"
#include "ctl/firm.h"
#include "deadline/deadline.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    char *note, *by, *until, *span, *reason, *last; /* last: the argument behind the ids */
    gboolean suggested, no;                         /* what is said of a mail that may have been the answer */
} Asked;

static void asked_clear(Asked *asked) {
    g_free(asked->note);
    g_free(asked->by);
    g_free(asked->until);
    g_free(asked->span);
    g_free(asked->reason);
    g_free(asked->last);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

/* Snooze until when? A time as such, or a span of the firm's working time from now. */
static bool find_until(const Asked *asked, const Policy *policy, Instant *until) {
    TimeSource clock = timesource_system();
    Instant now = timesource_now(&clock);
    g_autoptr(GError) error = NULL;
    Span span;
    if (asked->until && !instant_parse(asked->until, until))
        command_fail("--until %s: write a time like 2026-11-23T14:00:00Z", asked->until);
    else if (asked->until && instant_compare(*until, now) <= 0)
        command_fail("--until %s: this is in the past", asked->until);
    else if (asked->until)
        return true;
    else if (!span_parse(asked->span, &span, &error))
        command_fail("--for %s: %s", asked->span, error->message);
    else if (!span_add(policy_calendar(policy, NULL), now, span, until))
        command_fail("--for %s: the firm's calendar has no such working time within 400 days", asked->span);
    else
        return true;
    return false;
}

/* The request but for its id; NULL after an error was printed. New reference. */
static json_t *make_request(const CommandLine *line, const char *act, const Asked *asked, const Policy *policy) {
    g_autofree char *by = viewer_dup_actor(line, asked->by, policy);
    Instant until;
    char text[INSTANT_TEXT];
    if (!by || ((asked->until || asked->span) && !find_until(asked, policy, &until)))
        return NULL;
    json_t *request = json_object();
    json_object_set_new(request, "act", json_string(act));
    json_object_set_new(request, "by", json_string(by));
    if (asked->until || asked->span)
        json_object_set_new(request, "until", json_string(instant_format(until, text)));
    if (asked->suggested)
        json_object_set_new(request, "suggested", json_true());
    if (asked->reason)
        json_object_set_new(request, "reason", json_string(asked->reason));
    if (asked->last && strcmp(act, "priority") == 0)
        json_object_set_new(request, "priority", json_integer(g_ascii_strtoll(asked->last, NULL, 10)));
    else if (asked->last)
        json_object_set_new(request, strcmp(act, "merge") == 0 ? "into" : "owner", json_string(asked->last));
    if (asked->note && json_object_set_new(request, "note", json_string(asked->note)) != 0)
        command_fail("--note is not UTF-8");
    else
        return request;
    json_decref(request);
    return NULL;
}

static int act_on_each(const Policy *policy, json_t *request, const Args *args) {
    int status = EXIT_DONE;
    for (int i = 0; i < args->count; i++) {
        g_autofree char *said = NULL;
        g_autoptr(GError) error = NULL;
        json_object_set_new(request, "id", json_string(args->rest[i]));
        if (ask_act(policy, request, &said, &error)) {
            printf("%s: %s\n", args->rest[i], said);
        } else {
            command_fail("%s: %s", args->rest[i], error->message);
            status = MAX(status, error->code == G_FILE_ERROR_PERM ? EXIT_NO : EXIT_USAGE);
        }
    }
    return status;
}

static bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 2;
}

static int run(const CommandLine *line, const char *act, const GOptionEntry *own, Asked *asked) {
    g_auto(Args) args = {0};
    static const char *const TWO[] = {"assign", "priority", "merge", NULL}; /* what the last argument says is no id */
    bool two = g_strv_contains(TWO, act);
    GArray *options = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    const GOptionEntry common[] = {
        {"note", 0, 0, G_OPTION_ARG_FILENAME, &asked->note, "kept in the journal, sealed", "TEXT"},
        {"by", 0, 0, G_OPTION_ARG_FILENAME, &asked->by, "the staff member who does it (you)", "PERSON"},
        {"as", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &asked->by, "the same as --by", "PERSON"}};
    for (; own && own->long_name; own++)
        g_array_append_vals(options, own, 1);
    g_array_append_vals(options, common, G_N_ELEMENTS(common));
    int status = args_parse(line, (const GOptionEntry *)(void *)options->data, two ? 2 : 1, ARGS_ANY, &args);
    g_array_unref(options);
    if (status >= 0)
        return status;
    if (asked->suggested && asked->no)
        return command_fail("--suggested says yes and --no says no: leave one out");
    if (strcmp(act, "snooze") == 0 && !asked->until == !asked->span)
        return command_fail("until when? Say --until TIME or --for SPAN");
    if (two)
        asked->last = g_steal_pointer(&args.rest[--args.count]);
    if (strcmp(act, "priority") == 0 && !is_number(asked->last))
        return command_fail("%s: which priority? Write a number from 0 to %d", asked->last, DEADLINE_PRIORITY_MAX);
    g_autoptr(Policy) policy = firm_policy(line);
    g_autoptr(json_t) request = policy ? make_request(line, asked->no ? "keep" : act, asked, policy) : NULL;
    return request ? act_on_each(policy, request, &args) : EXIT_USAGE;
}

int cmd_answer(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    const GOptionEntry own[] = {
        {"suggested", 0, 0, G_OPTION_ARG_NONE, &asked.suggested, "the mail that was asked about was the answer", NULL},
        {"no", 0, 0, G_OPTION_ARG_NONE, &asked.no, "it was not: the question stays open", NULL},
        {NULL}};
    return run(line, "answer", own, &asked);
}

int cmd_close(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    const GOptionEntry own[] = {{"reason", 0, 0, G_OPTION_ARG_FILENAME, &asked.reason,
                                 "no-reply-needed (as without it), duplicate, settled, mistake", "REASON"},
                                {NULL}};
    return run(line, "close", own, &asked);
}

int cmd_reopen(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    return run(line, "reopen", NULL, &asked);
}

int cmd_priority(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    return run(line, "priority", NULL, &asked);
}

int cmd_merge(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    return run(line, "merge", NULL, &asked);
}

int cmd_snooze(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    const GOptionEntry own[] = {
        {"until", 0, 0, G_OPTION_ARG_FILENAME, &asked.until, "RFC 3339", "TIME"},
        {"for", 0, 0, G_OPTION_ARG_FILENAME, &asked.span, "working time from now: 4h, 2d; wall time 2hw", "SPAN"},
        {NULL}};
    return run(line, "snooze", own, &asked);
}

int cmd_assign(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    return run(line, "assign", NULL, &asked);
}
