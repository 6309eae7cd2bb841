/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate replay`: an archive under the policy, or under two, before a firm lives with a change. */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/mailfile.h"
#include "ctl/mailstore.h"
#include "ctl/print.h"
#include "ctl/replay.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, BAR_MS = 100, TOLD_MAX = 100 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    interrupted = 1;
}

typedef struct {
    gboolean json;
    char *policy, *at;
    Instant at_time;
    Replay old, new; /* `new`: only with a second policy */
    unsigned unread, changed;
    json_t *problems, *changes; /* for --json */
    GPtrArray *told;            /* char *: lines on changes, at most TOLD_MAX */
    uint64_t size;
    int64_t bar_due; /* 0: standard error is no terminal */
} Run;

static void run_clear(Run *run) {
    replay_clear(&run->old);
    replay_clear(&run->new);
    g_free(run->policy);
    g_free(run->at);
    json_decref(run->problems);
    json_decref(run->changes);
    g_clear_pointer(&run->told, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* ---- While it runs ---- */

static void wipe_bar(const Run *run) {
    if (run->bar_due)
        fprintf(stderr, "\r\033[K");
}

static bool progress(uint64_t bytes, void *state) {
    Run *run = state;
    if (run->bar_due && monotonic_ms() >= run->bar_due) {
        unsigned done = run->size ? (unsigned)(MIN(bytes, run->size) * BAR_WIDTH / run->size) : 0;
        fprintf(stderr, "\r[%.*s%.*s] %3u %%, %u messages", (int)done, "##############################",
                (int)(BAR_WIDTH - done), "..............................", done * 100 / BAR_WIDTH, run->old.judged);
        run->bar_due = monotonic_ms() + BAR_MS;
    }
    return !interrupted;
}

static void problem(const char *why, void *state) {
    Run *run = state;
    g_autofree char *line = text_printable(why, strlen(why), 1000);
    wipe_bar(run);
    fprintf(stderr, "%s\n", line);
    json_array_append_new(run->problems, json_string(line));
    run->unread++;
}

static void note_change(Run *run, const char *name, const Outcome *old, const Outcome *new) {
    g_autofree char *shown = text_printable(name, strlen(name), 1000);
    run->changed++;
    if (run->json)
        json_array_append_new(run->changes,
                              json_pack("{ss ss ss ss ss}", "message", shown, "from", old->outcome, "to", new->outcome,
                                        "rules_before", old->rules, "rules_after", new->rules));
    else if (run->told->len < TOLD_MAX)
        g_ptr_array_add(run->told,
                        g_strdup_printf("%s: %s -> %s\n  before: %s\n  after:  %s", shown, old->outcome, new->outcome,
                                        *old->rules ? old->rules : "no rule", *new->rules ? new->rules : "no rule"));
}

static bool message(const char *name, const GString *data, void *state) {
    Run *run = state;
    g_auto(Outcome) old = {0}, new = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) wire = mailfile_to_wire(data->str, data->len);
    const Instant *at = run->at ? &run->at_time : NULL;
    if (!replay_judge(&run->old, wire, at, &old, &error) ||
        (run->policy && !replay_judge(&run->new, wire, at, &new, &error))) {
        g_autofree char *why = g_strdup_printf("%s: %s", name, error->message);
        problem(why, run);
    } else if (run->policy && strcmp(old.outcome, new.outcome) != 0) {
        note_change(run, name, &old, &new);
    }
    return !interrupted;
}

/* What the gateway would judge of a message; 0 of a policy that is not asked for. */
static size_t message_size(const Replay *replay) {
    const Policy *policy = replay->bench.policy;
    return policy ? (size_t)policy_settings(policy)->milter_message_size : 0;
}

static void visit_all(Run *run, const Args *args) {
    MailstoreVisitor visitor = {.message = message, .problem = problem, .progress = progress, .state = run};
    visitor.limit = MIN(MAX(message_size(&run->old), message_size(&run->new)), MAILFILE_MAX);
    struct sigaction act = {.sa_handler = on_interrupt, .sa_flags = SA_RESETHAND}, before;
    sigaction(SIGINT, &act, &before);
    if (isatty(STDERR_FILENO)) {
        run->bar_due = 1;
        for (int i = 0; i < args->count; i++)
            run->size += mailstore_size(args->rest[i]);
    }
    for (int i = 0; i < args->count && !interrupted; i++)
        mailstore_visit(args->rest[i], &visitor);
    wipe_bar(run);
    sigaction(SIGINT, &before, NULL);
}

/* ---- What came of it ---- */

static const RuleCount *count_of(const Replay *replay, const char *id) {
    for (guint i = 0; i < replay->rules->len; i++) {
        const RuleCount *count = &g_array_index(replay->rules, RuleCount, i);
        if (strcmp(count->rule->id, id) == 0)
            return count;
    }
    return NULL;
}

static json_t *replay_json(const Replay *replay) {
    json_t *outcomes = json_object(), *rules = json_array();
    for (int i = 0; i < REPLAY_ACTIONS; i++)
        json_object_set_new(outcomes, action_name((Action)i), json_integer(replay->by_action[i]));
    for (guint i = 0; i < replay->rules->len; i++) {
        const RuleCount *count = &g_array_index(replay->rules, RuleCount, i);
        json_array_append_new(rules,
                              json_pack("{ss ss si si}", "id", count->rule->id, "mode", mode_name(count->rule->mode),
                                        "applies", (int)count->applies, "unknown", (int)count->unknown));
    }
    return json_pack("{ss ss si si si so so}", "version", policy_settings(replay->bench.policy)->policy_version,
                     "digest", policy_digest(replay->bench.policy), "judged", (int)replay->judged, "ours",
                     (int)replay->ours, "deadlines_opened", (int)replay->opened, "outcomes", outcomes, "rules", rules);
}

static void say_json(Run *run) {
    g_autoptr(json_t) all = json_pack("{sO sb so}", "problems", run->problems, "interrupted", (int)interrupted,
                                      "policy", replay_json(&run->old));
    if (run->policy) {
        json_object_set_new(all, "new_policy", replay_json(&run->new));
        json_object_set(all, "changes", run->changes);
    }
    print_json(all);
}

static char *number(unsigned count) {
    return g_strdup_printf("%u", count);
}

static void say_outcomes(const Run *run) {
    g_autoptr(Table) table = table_new(run->policy ? (const char *const[]){"OUTCOME", ">BEFORE", ">AFTER", NULL}
                                                   : (const char *const[]){"OUTCOME", ">MESSAGES", NULL});
    for (int i = 0; i < REPLAY_ACTIONS; i++) {
        if (!run->old.by_action[i] && !(run->policy && run->new.by_action[i]))
            continue;
        g_autofree char *old = number(run->old.by_action[i]), *new = number(run->new.by_action[i]);
        table_add(table, (const char *const[]){action_name((Action)i), old, new});
    }
    g_autofree char *old = number(run->old.opened), *new = number(run->new.opened);
    table_add(table, (const char *const[]){"deadline opened", old, new});
    table_print(table);
}

static void add_rule(Table *table, const Run *run, const RuleCount *old, const RuleCount *new) {
    const Rule *rule = new ? new->rule : old->rule;
    g_autofree char *before = old ? number(old->applies) : g_strdup("-");
    g_autofree char *unknown = number(new ? new->unknown : old->unknown);
    g_autofree char *after = new ? number(new->applies) : g_strdup("-");
    if (run->policy)
        table_add(table, (const char *const[]){rule->id, mode_name(rule->mode), before, after, unknown});
    else
        table_add(table, (const char *const[]){rule->id, mode_name(rule->mode), before, unknown});
}

/* Rules of both policies, each once. */
static void say_rules(const Run *run) {
    g_autoptr(Table) table =
        table_new(run->policy ? (const char *const[]){"RULE", "MODE", ">BEFORE", ">AFTER", ">UNKNOWN", NULL}
                              : (const char *const[]){"RULE", "MODE", ">APPLIES", ">UNKNOWN", NULL});
    for (guint i = 0; i < run->old.rules->len; i++) {
        const RuleCount *old = &g_array_index(run->old.rules, RuleCount, i);
        add_rule(table, run, old, run->policy ? count_of(&run->new, old->rule->id) : NULL);
    }
    for (guint i = 0; run->policy && i < run->new.rules->len; i++) {
        const RuleCount *new = &g_array_index(run->new.rules, RuleCount, i);
        if (!count_of(&run->old, new->rule->id))
            add_rule(table, run, NULL, new);
    }
    table_print(table);
}

static const char *plural(unsigned count) {
    return count == 1 ? "" : "s";
}

/* The archive of another firm, or another firm's configuration. */
static void say_whose(const Run *run) {
    const Settings *settings = policy_settings(run->old.bench.policy);
    g_autoptr(GPtrArray) domains = g_ptr_array_new();
    for (guint i = 0; i < settings->firm_domains->len; i++)
        g_ptr_array_add(domains, g_ptr_array_index(settings->firm_domains, i));
    g_ptr_array_add(domains, NULL);
    g_autofree char *all = g_strjoinv(", ", (char **)domains->pdata);
    if (run->old.judged && !run->old.ours)
        printf("None of them is from or to anybody at %s (firm.domains), so hardly a rule has anything to do: is it "
               "this firm's mail?\n",
               all);
}

static void say_text(const Run *run) {
    printf("%u message%s judged, %u problem%s%s\n", run->old.judged, plural(run->old.judged), run->unread,
           plural(run->unread), interrupted ? "; stopped before the end" : "");
    say_whose(run);
    putchar('\n');
    say_outcomes(run);
    putchar('\n');
    say_rules(run);
    if (!run->policy)
        return;
    printf("\n%u message%s would end differently%s\n", run->changed, plural(run->changed), run->changed ? ":" : "");
    for (guint i = 0; i < run->told->len; i++)
        printf("%s\n", (const char *)g_ptr_array_index(run->told, i));
    if (run->changed > run->told->len)
        printf("and %u more; --json has them all\n", run->changed - run->told->len);
}

static bool open_both(const CommandLine *line, Run *run) {
    TimeSource clock = timesource_system();
    Instant now = run->at ? run->at_time : timesource_now(&clock);
    CommandLine other = *line;
    other.config = run->policy;
    return replay_open(line, now, &run->old) && (!run->policy || replay_open(&other, now, &run->new));
}

int cmd_replay(const CommandLine *line) {
    g_auto(Run)
        run = {.problems = json_array(), .changes = json_array(), .told = g_ptr_array_new_with_free_func(g_free)};
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &run.policy, "what would change under this configuration", "FILE"},
        {"at", 0, 0, G_OPTION_ARG_FILENAME, &run.at, "time of receipt of all (their Date)", "TIME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &run.json, "everything as one JSON object", NULL},
        {NULL}};
    int status = args_parse(line, options, 1, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    if (run.at && !instant_parse(run.at, &run.at_time))
        return command_fail("--at %s: write a time like 2026-11-23T14:00:00Z", run.at);
    if (!open_both(line, &run))
        return EXIT_USAGE;
    visit_all(&run, &args);
    if (run.json)
        say_json(&run);
    else
        say_text(&run);
    if (run.unread)
        return EXIT_USAGE;
    return run.changed || interrupted ? EXIT_NO : EXIT_DONE;
}
