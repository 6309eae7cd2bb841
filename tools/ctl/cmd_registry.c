/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate registry import`: from CSV files to the snapshot that daemons map. */
#include "ctl/args.h"
#include "ctl/firm.h"
#include "policy/load.h"
#include <stdio.h>

static void print_counts(const Registry *registry, const char *where) {
    RegistryCounts counts;
    registry_counts(registry, &counts);
    printf("%lu staff, %lu clients, %lu matters; digest %.12s%s%s\n", counts.staff, counts.clients, counts.matters,
           registry_digest(registry), where ? "; written to " : "", where ? where : "");
}

static int import(const Policy *policy, bool check) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autofree char *snapshot = NULL;
    const char *folder = check ? NULL : policy_settings(policy)->paths_state;
    bool good = policy_import_registry(policy, folder, &snapshot, problems);
    firm_print_problems(problems, true);
    if (!good) {
        command_fail("nothing was imported: correct the lines above");
        return EXIT_NO;
    }
    if (check) {
        puts("The registry is good; nothing was written.");
        return EXIT_DONE;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Registry) registry = registry_open(snapshot, &error);
    if (!registry)
        return command_fail("%s", error->message);
    print_counts(registry, snapshot);
    puts("Running daemons take it at their next reload: systemctl reload lexgate-milter lexgate-escalated");
    return EXIT_DONE;
}

int cmd_registry_import(const CommandLine *line) {
    gboolean check = FALSE;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {{"check", 0, 0, G_OPTION_ARG_NONE, &check, "write nothing", NULL}, {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    g_autoptr(Policy) policy = firm_policy(line);
    return policy ? import(policy, check) : EXIT_USAGE;
}
