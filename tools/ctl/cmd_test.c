/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate test`: a firm's own cases against its policy, so that a change of rules shows what it changes, and which
 * rules nobody has tried. */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/cases.h"
#include "ctl/likeness.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    Bench bench;
    GHashTable *applied; /* char *: rules that applied in some case */
    unsigned good, bad, broken;
} Run;

static void say_line(const char *mark, const char *text) {
    g_autofree char *clean = text_printable(text, strlen(text), 4096);
    printf("%s %s\n", mark, clean);
}

static void say_differences(const GPtrArray *differences) {
    for (guint i = 0; i < differences->len; i++) {
        const Difference *one = g_ptr_array_index(differences, i);
        printf("       %s\n         expected %s\n         got      %s\n", one->path, one->expected, one->got);
    }
}

static void run_case(Run *run, const Case *one) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) differences = g_ptr_array_new_with_free_func((GDestroyNotify)difference_free);
    if (!case_judge(&run->bench, one, run->applied, differences, &error)) {
        command_fail("%s:%u: %s", one->path, case_line(one, error->message), error->message);
        run->broken++;
    } else if (differences->len) {
        say_line("FAILED", one->name);
        say_differences(differences);
        run->bad++;
    } else {
        say_line("ok    ", one->name);
        run->good++;
    }
}

/* What no case tried may do anything. True: every rule that is not off applied in some case. */
static bool say_coverage(const Run *run) {
    const GPtrArray *rules = policy_rules(run->bench.policy);
    unsigned tried = 0, all = 0;
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        all += rule->mode != MODE_OFF;
        tried += rule->mode != MODE_OFF && g_hash_table_contains(run->applied, rule->id);
    }
    printf("%u of %u rules apply in some case%s\n", tried, all, tried < all ? "; in none:" : "");
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        if (rule->mode != MODE_OFF && !g_hash_table_contains(run->applied, rule->id))
            printf("  %s (%s:%u)\n", rule->id, rule->file, rule->line);
    }
    return tried == all;
}

static int run_all(const CommandLine *line, const GPtrArray *cases, const GPtrArray *problems, bool all_rules) {
    TimeSource clock = timesource_system();
    Run run = {.broken = problems->len};
    for (guint i = 0; i < problems->len; i++)
        command_fail("%s", (const char *)g_ptr_array_index(problems, i));
    if (!bench_open(line, timesource_now(&clock), &run.bench))
        return EXIT_USAGE;
    run.applied = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < cases->len; i++)
        run_case(&run, g_ptr_array_index(cases, i));
    printf("%u of %u cases are as expected\n", run.good, cases->len);
    bool covered = say_coverage(&run);
    g_hash_table_unref(run.applied);
    bench_clear(&run.bench);
    if (run.broken)
        return EXIT_USAGE;
    return run.bad || (all_rules && !covered) ? EXIT_NO : EXIT_DONE;
}

int cmd_test(const CommandLine *line) {
    g_auto(Args) args = {0};
    gboolean all_rules = FALSE;
    const GOptionEntry options[] = {
        {"all-rules", 0, 0, G_OPTION_ARG_NONE, &all_rules, "fail when a rule applies in no case", NULL}, {NULL}};
    int status = args_parse(line, options, 1, 1, &args);
    if (status >= 0)
        return status;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) cases = cases_read(args.rest[0], problems, &error);
    if (!cases)
        return command_fail("%s", error->message);
    if (!cases->len && !problems->len)
        return command_fail("%s: there is no case (NAME.json) in this folder", args.rest[0]);
    return run_all(line, cases, problems, all_rules);
}
