/* SPDX-License-Identifier: Apache-2.0 */
/* Loading in order: bytes, tree, settings, calendars, service levels, rules; then the registry beside them. */
#include "policy/load.h"
#include "policy/due.h"
#include "policy/hours.h"
#include "policy/loading.h"
#include "policy/registered.h"
#include "policy/settings.h"
#include <glib/gstdio.h>

static bool build_tree(const PolicySource *source, Node *root, GPtrArray *problems) {
    bool good = true;
    for (guint i = 0; i < source->files->len; i++) {
        const SourceFile *file = source->files->pdata[i];
        if (file->kind != SOURCE_CONFIG)
            continue;
        TreeFile tree = source_tree_file(file);
        good &= tree_add(root, &tree, problems);
    }
    return good;
}

static bool has_errors(const GPtrArray *problems, guint first) {
    for (guint i = first; i < problems->len; i++)
        if (((const Problem *)problems->pdata[i])->kind == PROBLEM_ERROR)
            return true;
    return false;
}

static void keep_warnings(Policy *policy, const GPtrArray *problems, guint first) {
    for (guint i = first; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        g_ptr_array_add(policy->warnings,
                        problem_new(problem->kind, problem->file, problem->line, "%s", problem->text));
    }
}

static void load_parts(Loading *loading) {
    settings_fill(&loading->policy->settings, loading->root, loading->problems);
    settings_check(loading->policy, loading->root, loading->problems);
    load_people(loading);
    load_calendars(loading);
    load_rosters(loading);
    load_service_levels(loading);
    load_teams(loading);
    load_mailboxes(loading);
    load_footers(loading);
    load_detectors(loading);
    load_rules(loading);
    load_modes(loading);
    note_asked_detectors(loading->policy);
}

Policy *policy_parse(PolicySource *source, Instant now, GPtrArray *problems) {
    guint first = problems->len;
    const SourceFile *main_file = source->files->pdata[0];
    TreeFile place = source_tree_file(main_file);
    g_autoptr(Node) root = node_new(NODE_GROUP, NULL, &place, 1);
    /* What does not parse would only add "… is missing" to the one true problem. */
    if (!build_tree(source, root, problems))
        return NULL;
    g_autoptr(Policy) policy = policy_new();
    g_autoptr(GPtrArray) calendar_names = g_ptr_array_new(), level_names = g_ptr_array_new(),
                         roster_names = g_ptr_array_new();
    Loading loading = {.policy = policy,
                       .root = root,
                       .source = source,
                       .now = now,
                       .problems = problems,
                       .calendar_names = calendar_names,
                       .level_names = level_names,
                       .roster_names = roster_names};
    policy->file = g_strdup(main_file->file);
    policy->shared->reference = now;
    load_parts(&loading);
    if (has_errors(problems, first))
        return NULL;
    policy_due(policy, now, problems);
    policy->digest = source_digest(source);
    keep_warnings(policy, problems, first);
    return g_steal_pointer(&policy);
}

static GPtrArray *names_of(GHashTable *table) {
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, name);
    return names;
}

static int by_text(gconstpointer a, gconstpointer b) {
    return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

bool policy_import_registry(const Policy *policy, const char *folder, char **snapshot, GPtrArray *problems) {
    const Settings *settings = &policy->settings;
    g_autoptr(GPtrArray) calendars = names_of(policy->calendars), levels = names_of(policy->levels);
    g_ptr_array_sort(calendars, by_text);
    g_ptr_array_sort(levels, by_text);
    ImportFiles files = {settings->registry_staff, settings->registry_clients, settings->registry_matters};
    g_autofree char *hours = policy_hours_digest(policy);
    ImportContext context = {settings->firm_domains, calendars, levels, policy_hours_clash, policy, hours};
    return registry_import(&files, &context, folder, snapshot, problems);
}

void policy_prune_registry(const Policy *policy, const char *snapshot) {
    registry_prune(policy->settings.paths_state, snapshot);
}

/* The snapshot's name is gone before anybody could look at it; the map stays. */
static Registry *open_and_unlink(const Policy *policy, const char *folder, GPtrArray *problems) {
    g_autofree char *path = NULL;
    if (!policy_import_registry(policy, folder, &path, problems))
        return NULL;
    g_autoptr(GError) error = NULL;
    Registry *registry = registry_open(path, &error);
    if (!registry)
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, path, 0, "%s", error->message));
    g_unlink(path);
    return registry;
}

Policy *policy_load_offline(const char *path, Instant now, Registry **registry, GPtrArray *problems) {
    *registry = NULL;
    g_autoptr(PolicySource) source = policy_source_read(path, problems);
    g_autoptr(Policy) policy = source ? policy_parse(source, now, problems) : NULL;
    if (!policy)
        return NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("lexgate-XXXXXX", &error);
    if (!folder) {
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, g_get_tmp_dir(), 0,
                                              "%s; set TMPDIR to a folder that can be written", error->message));
        return NULL;
    }
    *registry = open_and_unlink(policy, folder, problems);
    g_rmdir(folder);
    if (*registry) {
        policy_check_registered(policy, *registry, problems);
        policy_check_told(policy, *registry, problems);
        policy_due_consents(policy, *registry, now, problems);
    }
    return *registry ? g_steal_pointer(&policy) : NULL;
}
