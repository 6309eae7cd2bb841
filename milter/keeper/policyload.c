/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper checks once; front and judges load exactly the bytes that were checked. */
#include "keeper/policyload.h"
#include "base/io.h"
#include "base/timesource.h"
#include "policy/load.h"
#include <unistd.h>

static void add_problem(GPtrArray *problems, const char *file, GError *error) {
    g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, file, 0, "%s", error->message));
    g_error_free(error);
}

static bool make_generation(const Policy *policy, PolicySource *source, const char *path, Generation *generation,
                            GPtrArray *problems) {
    const Settings *settings = policy_settings(policy);
    GError *error = NULL;
    if (!io_make_folder(settings->paths_state, 0750, &error)) {
        add_problem(problems, path, error);
        return false;
    }
    if (!policy_import_registry(policy, settings->paths_state, &generation->registry, problems))
        return false;
    generation->source = policy_source_to_fd(source, &error);
    if (generation->source < 0) {
        add_problem(problems, path, error);
        return false;
    }
    policy_source_keep(source, policy, problems);
    generation->last_good = policy_source_last_good(source);
    generation->judges = (unsigned)settings->milter_judges;
    return true;
}

Policy *policyload(const char *path, Generation *generation, GPtrArray *problems) {
    TimeSource clock = timesource_system();
    g_autoptr(PolicySource) source = policy_source_read(path, problems);
    g_autoptr(Policy) policy = source ? policy_parse(source, timesource_now(&clock), problems) : NULL;
    if (!policy)
        return NULL;
    Generation made = {.source = -1};
    bool fine = generation ? make_generation(policy, source, path, &made, problems)
                           : policy_import_registry(policy, NULL, NULL, problems);
    if (!fine) {
        generation_clear(&made);
        return NULL;
    }
    if (generation)
        *generation = made;
    return g_steal_pointer(&policy);
}

void generation_clear(Generation *generation) {
    if (generation->source >= 0)
        close(generation->source);
    generation->source = -1;
    g_clear_pointer(&generation->registry, g_free);
}
