/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate recompute`: which deadlines that wait would have another time by the calendars in force; with --yes they
 * get it. lexgate-escalated counts them once more, journals and applies it. */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/ask.h"
#include "ctl/firm.h"
#include "ctl/print.h"
#include "deadline/recount.h"
#include "policy/promised.h"
#include <stdio.h>

#define ALL 10000000
#define AT_ONCE 100 /* escalated/acts.h */

typedef struct {
    char *client, *matter, *owner, *level, *by;
    gboolean yes, json;
} Asked;

static void asked_clear(Asked *asked) {
    g_free(asked->client);
    g_free(asked->matter);
    g_free(asked->owner);
    g_free(asked->level);
    g_free(asked->by);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

typedef struct {
    json_t *changes;
    unsigned stay, kept, gone, walled; /* as now; promises and soft ones; without a level or hours; not to be seen */
} Preview;

static json_t *steps_json(const GPtrArray *list) {
    json_t *steps = json_array();
    for (guint i = 0; i < list->len; i++) {
        const DeadlineStep *step = list->pdata[i];
        json_array_append_new(steps, json_pack("{s:o, s:s, s:b}", "at", json_instant(step->at), "tell", step->tell,
                                               "told", step->sent || step->passed_over));
    }
    return steps;
}

static json_t *change_json(const Deadline *deadline, const Promised *promised, const Recount *recount) {
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:o, s:o}, s:{s:o, s:o}, s:i}", "id", deadline->id, "client",
                     deadline->client, "matter", deadline->matter, "owner", deadline->owner, "service_level",
                     deadline->service_level, "hours", calendar_name(promised->hours), "due", "before",
                     json_instant(deadline->due), "after", json_instant(recount->due), "steps", "before",
                     steps_json(deadline->steps), "after", steps_json(recount->steps), "past", (int)recount->past);
}

static void look_at(const Deadline *deadline, const Policy *policy, const Registry *registry, Instant now,
                    Preview *preview) {
    g_auto(Promised) promised = {0};
    g_auto(Recount) recount = {0};
    if (!deadline_is_recounted(deadline)) {
        preview->kept++;
        return;
    }
    if (!policy_promised(policy, registry, deadline->service_level, deadline->client, deadline->matter,
                         deadline->lead_start, &promised)) {
        preview->gone++;
        return;
    }
    deadline_recount(deadline, promised.due, promised.steps, now, &recount);
    if (recount.changes)
        json_array_append_new(preview->changes, change_json(deadline, &promised, &recount));
    else
        preview->stay++;
}

static void print_steps(const char *what, const json_t *steps) {
    size_t i;
    const json_t *step;
    printf("  %s", what);
    json_array_foreach(steps, i, step)
        printf("%s %s %s%s", i ? ";" : "", json_text_or(step, "at", ""), json_text_or(step, "tell", ""),
               json_flag(step, "told", false) ? " (told)" : "");
    printf("%s\n", i ? "" : " none");
}

static void print_text(const Preview *preview) {
    size_t i;
    const json_t *change;
    int64_t past = 0;
    json_array_foreach(preview->changes, i, change) {
        const json_t *due = json_object_get(change, "due"), *steps = json_object_get(change, "steps");
        const char *matter = json_text_or(change, "matter", "");
        printf("%s  client %s%s%s: due %s, before %s, in the hours of %s\n", json_text_or(change, "id", ""),
               json_text_or(change, "client", ""), *matter ? ", matter " : "", matter, json_text_or(due, "after", ""),
               json_text_or(due, "before", ""), json_text_or(change, "hours", ""));
        print_steps("steps before:", json_object_get(steps, "before"));
        print_steps("steps after: ", json_object_get(steps, "after"));
        past += json_number(change, "past", 0);
    }
    printf(
        "%zu would have another time, %u stay as they are; promises, expected answers and soft ones keep theirs: %u\n",
        i, preview->stay, preview->kept);
    if (past)
        printf("%" G_GINT64_FORMAT " reminders would lie in the past: of each deadline the latest is told at once\n",
               past);
    if (preview->gone)
        printf("%u stay, since their service level is gone or its hours never reach the end\n", preview->gone);
    if (preview->walled)
        printf("%u more are behind a wall\n", preview->walled);
}

/* In portions. Gives the exit status. */
static int do_it(const Policy *policy, const Preview *preview, const char *by) {
    size_t count = json_array_size(preview->changes);
    for (size_t from = 0; from < count; from += AT_ONCE) {
        g_autofree char *said = NULL;
        g_autoptr(GError) error = NULL;
        json_t *ids = json_array();
        for (size_t i = from; i < MIN(count, from + AT_ONCE); i++)
            json_array_append(ids, json_object_get(json_array_get(preview->changes, i), "id"));
        g_autoptr(json_t) request = json_pack("{s:s, s:s, s:s, s:o}", "act", "recompute", "by", by, "policy",
                                              policy_digest(policy), "ids", ids);
        if (!ask_act(policy, request, &said, &error)) {
            command_fail("%s", error->message);
            return error->code == G_FILE_ERROR_PERM ? EXIT_NO : EXIT_USAGE;
        }
        fprintf(stderr, "lexgate: %s\n", said);
    }
    return EXIT_DONE;
}

static int run(const CommandLine *line, const Asked *asked) {
    g_auto(Viewer) viewer = {0};
    g_autoptr(Registry) registry = NULL;
    g_autoptr(GError) error = NULL;
    TimeSource clock = timesource_system();
    Instant now = timesource_now(&clock);
    g_autoptr(Policy) policy = firm_policy_and_registry(line, now, &registry);
    g_autofree char *by = policy && asked->yes ? viewer_dup_actor(line, asked->by, policy) : g_strdup(asked->by);
    if (!policy || (asked->yes && !by) || !viewer_open(line, by, &viewer))
        return EXIT_USAGE;
    if (asked->level && !policy_service_level(policy, asked->level))
        return command_fail("--service-level %s: the policy has no such level", asked->level);
    g_autofree char *owner = asked->owner ? address_normalise(asked->owner) : NULL;
    StoreQuery query = {.owner = owner && g_str_has_prefix(owner, "team:") ? asked->owner : owner,
                        .client = asked->client,
                        .matter = asked->matter,
                        .now = now,
                        .limit = ALL};
    g_autoptr(Store) store = firm_store(policy);
    g_autoptr(GPtrArray) deadlines = store_query(store, &query, &error);
    if (!deadlines)
        return command_fail("%s", error->message);
    g_autoptr(json_t) changes = json_array();
    Preview preview = {.changes = changes};
    for (guint i = 0; i < deadlines->len; i++) {
        const Deadline *deadline = deadlines->pdata[i];
        if (asked->level && !text_equal(asked->level, deadline->service_level))
            continue;
        if (viewer_may_see(&viewer, deadline->matter))
            look_at(deadline, policy, registry, now, &preview);
        else
            preview.walled++;
    }
    if (asked->json) {
        g_autoptr(json_t) all = json_pack("{s:s, s:O, s:i, s:i, s:i, s:i}", "policy", policy_digest(policy), "changes",
                                          changes, "stay", (int)preview.stay, "kept", (int)preview.kept, "gone",
                                          (int)preview.gone, "walled", (int)preview.walled);
        print_json(all);
    } else {
        print_text(&preview);
        if (json_array_size(changes) && !asked->yes)
            puts("Nothing was changed: --yes does it.");
    }
    return asked->yes ? do_it(policy, &preview, by) : EXIT_DONE;
}

int cmd_recompute(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"client", 0, 0, G_OPTION_ARG_FILENAME, &asked.client, "only of this client", "C"},
        {"matter", 0, 0, G_OPTION_ARG_FILENAME, &asked.matter, "only of this matter", "M"},
        {"owner", 0, 0, G_OPTION_ARG_FILENAME, &asked.owner, "only of this address or team:NAME", "O"},
        {"service-level", 0, 0, G_OPTION_ARG_FILENAME, &asked.level, "only of this service level", "L"},
        {"yes", 0, 0, G_OPTION_ARG_NONE, &asked.yes, "do it; else nothing is changed", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &asked.json, "a JSON object", NULL},
        {"by", 0, 0, G_OPTION_ARG_FILENAME, &asked.by, "the staff member who does it (you)", "PERSON"},
        {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    return status >= 0 ? status : run(line, &asked);
}
