/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate registry import`: from CSV files to the snapshot that daemons map. */
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/print.h"
#include "policy/load.h"
#include "registry/changes.h"
#include <glib/gstdio.h>
#include <stdio.h>

enum { LINES = 10 };

static void print_counts(const Registry *registry, const char *where) {
    RegistryCounts counts;
    registry_counts(registry, &counts);
    printf("%lu staff, %lu clients, %lu matters; digest %.12s%s%s\n", counts.staff, counts.clients, counts.matters,
           registry_digest(registry), where ? "; written to " : "", where ? where : "");
}

/* The path of the snapshot (caller owns), or NULL after the problems were said. */
static char *make_snapshot(const Policy *policy, const char *folder, bool *good) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    char *snapshot = NULL;
    *good = policy_import_registry(policy, folder, &snapshot, problems);
    firm_print_problems(problems, true);
    if (!*good)
        command_fail("nothing was imported: correct the lines above");
    return snapshot;
}

static int import(const Policy *policy, bool check) {
    bool good;
    g_autofree char *snapshot = make_snapshot(policy, check ? NULL : policy_settings(policy)->paths_state, &good);
    if (!good)
        return EXIT_NO;
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

/* ---- What would change ---- */

static void print_changes(const RegistryChanges *changes) {
    static const char *const columns[] = {"TABLE", ">ADDED", ">CHANGED", ">REMOVED", NULL};
    g_autoptr(Table) table = table_new(columns);
    for (int t = 0; t < TABLES; t++) {
        const TableChanges *one = &changes->of[t];
        char added[24], changed[24], removed[24];
        g_snprintf(added, sizeof added, "%lu", one->added);
        g_snprintf(changed, sizeof changed, "%lu", one->changed);
        g_snprintf(removed, sizeof removed, "%lu", one->removed);
        table_add(table, (const char *const[]){registry_table_name((RegistryTable)t), added, changed, removed});
    }
    table_print(table);
    for (int t = 0; t < TABLES; t++) {
        const TableChanges *one = &changes->of[t];
        unsigned long all = one->added + one->changed + one->removed;
        if (all)
            printf("\n%s:\n", registry_table_name((RegistryTable)t));
        for (guint i = 0; i < one->lines->len; i++)
            printf("  %s\n", (char *)one->lines->pdata[i]);
        if (all > one->lines->len)
            printf("  … and %lu more\n", all - one->lines->len);
    }
}

static int tell_changes(const Policy *policy, const char *folder) {
    bool good;
    g_autoptr(GError) error = NULL;
    g_autofree char *snapshot = make_snapshot(policy, folder, &good);
    if (!good)
        return EXIT_NO;
    g_autoptr(Registry) after = registry_open(snapshot, &error);
    g_unlink(snapshot);
    if (!after)
        return command_fail("%s", error->message);
    g_autoptr(Registry) before = registry_newest(policy_settings(policy)->paths_state);
    g_autoptr(RegistryChanges) changes = registry_changes(before, after, LINES);
    if (!changes)
        return command_fail("a snapshot is damaged; run \"lexgate registry import\"");
    if (!before)
        printf("There is no snapshot in %s yet: all of it is new.\n", policy_settings(policy)->paths_state);
    print_changes(changes);
    print_counts(after, NULL);
    puts("Nothing was written.");
    return EXIT_DONE;
}

static int try_import(const Policy *policy) {
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("lexgate-XXXXXX", &error);
    if (!folder)
        return command_fail("%s; set TMPDIR to a folder that can be written", error->message);
    int status = tell_changes(policy, folder);
    g_rmdir(folder);
    return status;
}

int cmd_registry_import(const CommandLine *line) {
    gboolean check = FALSE, dry_run = FALSE;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {{"check", 0, 0, G_OPTION_ARG_NONE, &check, "write nothing", NULL},
                                    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "say what would change", NULL},
                                    {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    g_autoptr(Policy) policy = firm_policy(line);
    if (!policy)
        return EXIT_USAGE;
    return dry_run ? try_import(policy) : import(policy, check);
}
