/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate queue`: who is waiting for an answer, and for how long. */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/deadlines.h"
#include "ctl/firm.h"
#include <stdio.h>
#include <string.h>

/* Of the store, before walls are applied: more than anybody reads, less than would hurt. */
#define QUEUE_ALL 10000000
#define QUEUE_FOR_PEOPLE 500

typedef struct {
    char *owner, *client, *matter, *state, *as;
    gboolean overdue, expected, json, csv;
    int limit;
} Asked;

static void asked_clear(Asked *asked) {
    g_free(asked->owner);
    g_free(asked->client);
    g_free(asked->matter);
    g_free(asked->state);
    g_free(asked->as);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

static int parse(const CommandLine *line, Asked *asked) {
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"overdue", 0, 0, G_OPTION_ARG_NONE, &asked->overdue, "only what is late", NULL},
        {"expected", 0, 0, G_OPTION_ARG_NONE, &asked->expected, "what our own mail expects of clients, instead", NULL},
        {"owner", 0, 0, G_OPTION_ARG_FILENAME, &asked->owner, "only of this address or team:NAME", "A"},
        {"client", 0, 0, G_OPTION_ARG_FILENAME, &asked->client, "only of this client", "C"},
        {"matter", 0, 0, G_OPTION_ARG_FILENAME, &asked->matter, "only of this matter", "M"},
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &asked->state, "open, snoozed, provisional, answered, closed or any",
         "S"},
        {"limit", 0, 0, G_OPTION_ARG_INT, &asked->limit, "at most so many (500 in the table, else all)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &asked->json, "a JSON array", NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &asked->csv, "comma-separated values for a spreadsheet", NULL},
        {"as", 0, 0, G_OPTION_ARG_FILENAME, &asked->as, "as this staff member sees it", "PERSON"},
        {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    DeadlineState state;
    if (asked->state && strcmp(asked->state, "any") != 0 && !deadline_state_parse(asked->state, &state))
        return command_fail("--state %s: write open, snoozed, provisional, answered, closed or any", asked->state);
    if (asked->json && asked->csv)
        return command_fail("--json and --csv exclude each other");
    if (asked->limit < 0)
        return command_fail("--limit wants a number above 0");
    if (!asked->limit && !asked->json && !asked->csv)
        asked->limit = QUEUE_FOR_PEOPLE;
    return -1;
}

/* Walls thin a page out after the store has cut it, so a limit is only left to the store when there are no walls. */
static GPtrArray *ask_store(const Viewer *viewer, const Asked *asked, Instant now, GError **error) {
    g_autoptr(Store) store = firm_store(viewer->policy);
    g_autofree char *owner = asked->owner ? address_normalise(asked->owner) : NULL;
    StoreQuery query = {.owner = owner && g_str_has_prefix(owner, "team:") ? asked->owner : owner,
                        .client = asked->client,
                        .matter = asked->matter,
                        .state = asked->state,
                        .overdue = asked->overdue,
                        .expected = asked->expected,
                        .now = now,
                        .limit = asked->limit && viewer->everything ? (unsigned)asked->limit + 1 : QUEUE_ALL};
    return store_query(store, &query, error);
}

static void keep_walls(const Viewer *viewer, GPtrArray *deadlines) {
    for (guint i = deadlines->len; i-- > 0;)
        if (!viewer_may_see(viewer, ((const Deadline *)g_ptr_array_index(deadlines, i))->matter))
            g_ptr_array_remove_index(deadlines, i);
}

static void say_none(const char *option, const char *name, const char *what) {
    fprintf(stderr, "lexgate: %s %s: the registry has no such %s\n", option, name, what);
}

/* An empty list must not reassure somebody who misspelt a name. A matter behind a wall is none. */
static void say_unknown_names(const CommandLine *line, const Viewer *viewer, const Asked *asked, Instant now) {
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = NULL;
    g_autoptr(Staff) staff = NULL;
    g_autoptr(Client) client = NULL;
    g_autoptr(Matter) matter = NULL;
    if (asked->owner || asked->client || asked->matter)
        policy = firm_policy_and_registry(line, now, &registry);
    if (!policy)
        return;
    if (asked->owner && !g_str_has_prefix(asked->owner, "team:") &&
        registry_staff(registry, asked->owner, &staff) == LOOKUP_ABSENT)
        say_none("--owner", asked->owner, "address of staff");
    if (asked->client && registry_client(registry, asked->client, &client) == LOOKUP_ABSENT)
        say_none("--client", asked->client, "client");
    if (asked->matter &&
        (registry_matter(registry, asked->matter, &matter) == LOOKUP_ABSENT || !viewer_may_see(viewer, asked->matter)))
        say_none("--matter", asked->matter, "matter");
}

int cmd_queue(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    int status = parse(line, &asked);
    if (status >= 0)
        return status;
    g_auto(Viewer) viewer = {0};
    if (!viewer_open(line, asked.as, &viewer))
        return EXIT_USAGE;
    TimeSource clock = timesource_system();
    Instant now = timesource_now(&clock);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) deadlines = ask_store(&viewer, &asked, now, &error);
    if (!deadlines)
        return command_fail("%s", error->message);
    keep_walls(&viewer, deadlines);
    if (deadlines->len == 0)
        say_unknown_names(line, &viewer, &asked, now);
    bool more = asked.limit && deadlines->len > (guint)asked.limit;
    if (more)
        g_ptr_array_set_size(deadlines, asked.limit);
    if (asked.json)
        deadlines_print_json(deadlines, now);
    else if (asked.csv)
        deadlines_print_csv(deadlines, now);
    else
        deadlines_print_table(deadlines, asked.expected, now);
    if (more)
        fprintf(stderr, "lexgate: there are more than these %d; --limit shows more\n", asked.limit);
    return EXIT_DONE;
}
