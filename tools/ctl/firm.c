/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the firm for a command, and keeps walls at the prompt. */
#include "ctl/firm.h"
#include "base/io.h"
#include "base/text.h"
#include "base/timesource.h"
#include "policy/load.h"
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Instant now_of_day(void) {
    TimeSource clock = timesource_system();
    return timesource_now(&clock);
}

unsigned firm_print_problems(const GPtrArray *problems, bool with_warnings) {
    unsigned errors = 0;
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = g_ptr_array_index(problems, i);
        errors += problem->kind == PROBLEM_ERROR;
        if (problem->kind != PROBLEM_ERROR && !with_warnings)
            continue;
        g_autofree char *text = problem_say(problem);
        g_autofree char *line = text_printable(text, strlen(text), 4096);
        fprintf(stderr, "%s\n", line);
    }
    return errors;
}

static GPtrArray *problem_list(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
}

static void say_not_loaded(const CommandLine *line, const GPtrArray *problems) {
    if (firm_print_problems(problems, false) == 0)
        command_fail("%s cannot be loaded", line->config);
}

Policy *firm_policy(const CommandLine *line) {
    g_autoptr(GPtrArray) problems = problem_list();
    g_autoptr(PolicySource) source = policy_source_read(line->config, problems);
    Policy *policy = source ? policy_parse(source, now_of_day(), problems) : NULL;
    if (!policy)
        say_not_loaded(line, problems);
    return policy;
}

Policy *firm_policy_and_registry(const CommandLine *line, Instant now, Registry **registry) {
    g_autoptr(GPtrArray) problems = problem_list();
    Policy *policy = policy_load_offline(line->config, now, registry, problems);
    if (!policy)
        say_not_loaded(line, problems);
    return policy;
}

Store *firm_store(const Policy *policy) {
    const Settings *settings = policy_settings(policy);
    return store_new(&(StoreSettings){.socket = settings->redis_socket,
                                      .server = settings->redis_server,
                                      .sentinels = settings->redis_sentinel,
                                      .master = settings->redis_master,
                                      .cluster = settings->redis_cluster,
                                      .user = settings->redis_user,
                                      .password_file = settings->redis_password_file,
                                      .sentinel_password_file = settings->redis_sentinel_password_file,
                                      .tag = settings->redis_tag,
                                      .timeout = settings->redis_timeout,
                                      .retention = duration_seconds(settings->redis_retention * 86400)});
}

Keyring *firm_keyring(const Policy *policy) {
    return keyring_open(policy_settings(policy)->paths_keys, false, NULL);
}

static char *dup_user_name(uid_t uid) {
    const struct passwd *entry = getpwuid(uid);
    return entry ? g_strdup(entry->pw_name) : NULL;
}

/* root, and the user the daemons run as. */
static bool is_privileged(const Policy *policy) {
    struct stat status;
    if (getuid() == 0)
        return true;
    return stat(policy_settings(policy)->paths_state, &status) == 0 && status.st_uid == getuid();
}

void viewer_clear(Viewer *viewer) {
    staff_free(viewer->person);
    registry_free(viewer->registry);
    g_clear_pointer(&viewer->policy, policy_unref);
    *viewer = (Viewer){0};
}

static bool find_person(Viewer *viewer, const char *as) {
    if (as) {
        if (registry_staff(viewer->registry, as, &viewer->person) == LOOKUP_FOUND)
            return true;
        command_fail("nobody in the registry has the address %s", as);
        return false;
    }
    g_autofree char *login = dup_user_name(getuid());
    if (!login || registry_staff_by_login(viewer->registry, login, &viewer->person) != LOOKUP_FOUND)
        fprintf(stderr,
                "lexgate: you are not in the registry as staff: matters behind a wall are left out (--as ADDRESS)\n");
    return true;
}

bool viewer_open(const CommandLine *line, const char *as, Viewer *viewer) {
    *viewer = (Viewer){0};
    viewer->policy = firm_policy(line);
    if (!viewer->policy)
        return false;
    viewer->everything = !as && is_privileged(viewer->policy);
    if (viewer->everything)
        return true;
    policy_unref(viewer->policy);
    viewer->policy = firm_policy_and_registry(line, now_of_day(), &viewer->registry);
    if (viewer->policy && find_person(viewer, as))
        return true;
    viewer_clear(viewer);
    return false;
}

bool viewer_may_see(const Viewer *viewer, const char *matter_id) {
    if (viewer->everything || !matter_id || !*matter_id)
        return true;
    g_autoptr(Matter) matter = NULL;
    return registry_matter(viewer->registry, matter_id, &matter) == LOOKUP_FOUND && may_see(viewer->person, matter);
}

char *viewer_dup_actor(const CommandLine *line, const char *by, const Policy *policy) {
    if (by)
        return address_normalise(by);
    g_autofree char *login = getuid() == 0           ? g_strdup(g_getenv("SUDO_USER"))
                             : is_privileged(policy) ? NULL
                                                     : dup_user_name(getuid());
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) loaded = login ? firm_policy_and_registry(line, now_of_day(), &registry) : NULL;
    if (login && !loaded)
        return NULL;
    g_autoptr(Staff) person = NULL;
    if (login && registry_staff_by_login(registry, login, &person) == LOOKUP_FOUND)
        return g_strdup(person->address);
    command_fail("who does this? Say --by ADDRESS of a staff member");
    return NULL;
}
