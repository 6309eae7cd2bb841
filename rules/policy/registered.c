/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the conditions once more, now that there is a registry. What holds a wild character is left alone. */
#include "policy/registered.h"
#include "base/text.h"
#include "policy/parts.h"
#include <string.h>

/* Suggestions are for those who write names by hand; nobody waits for a list of all clients of a large firm. */
#define SUGGEST_AMONG 20000

typedef struct {
    const Registry *registry;
    const Rule *rule;
    GPtrArray *problems;
} Walk;

static GPtrArray *names_new(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

static GPtrArray *client_ids(const Registry *registry) {
    g_autoptr(GPtrArray) clients = NULL;
    GPtrArray *ids = names_new();
    RegistryCounts counts;
    registry_counts(registry, &counts);
    if (counts.clients > SUGGEST_AMONG || registry_clients(registry, &clients) != LOOKUP_FOUND)
        return ids;
    for (guint i = 0; i < clients->len; i++)
        g_ptr_array_add(ids, g_strdup(((const Client *)clients->pdata[i])->id));
    return ids;
}

static GPtrArray *team_names(const Registry *registry) {
    g_autoptr(GPtrArray) staff = NULL;
    GPtrArray *teams = names_new();
    bool found = registry_everybody(registry, &staff) == LOOKUP_FOUND;
    for (guint i = 0; found && i < staff->len; i++) {
        const char *team = ((const Staff *)staff->pdata[i])->team;
        if (*team && !g_ptr_array_find_with_equal_func(teams, team, g_str_equal, NULL))
            g_ptr_array_add(teams, g_strdup(team));
    }
    return teams;
}

static bool has_client(const Registry *registry, const char *id) {
    g_autoptr(Client) client = NULL;
    return registry_client(registry, id, &client) != LOOKUP_ABSENT;
}

static bool has_matter(const Registry *registry, const char *id) {
    g_autoptr(Matter) matter = NULL;
    return registry_matter(registry, id, &matter) != LOOKUP_ABSENT;
}

static bool has_team(const Registry *registry, const char *team) {
    g_autoptr(GPtrArray) staff = NULL;
    return registry_team(registry, team, &staff) != LOOKUP_FOUND || staff->len > 0;
}

/* Matters have no list to suggest from: there may be a million. */
static const struct {
    Test test;
    bool (*has)(const Registry *registry, const char *name);
    GPtrArray *(*all)(const Registry *registry);
    const char *what, *where;
} kinds[] = {
    {TEST_MATTER_CLIENT, has_client, client_ids, "client", "clients"},
    {TEST_MATTER_ID, has_matter, NULL, "matter", "matters"},
    {TEST_MATTER_TEAM, has_team, team_names, "team", "staff"},
    {TEST_PERSON_TEAM, has_team, team_names, "team", "staff"},
};

/* The rule compares without case; an id in the register is as it is written there. */
static bool is_known(const Walk *walk, size_t kind, const char *name) {
    g_autofree char *lower = g_ascii_strdown(name, -1), *upper = g_ascii_strup(name, -1);
    return kinds[kind].has(walk->registry, name) || kinds[kind].has(walk->registry, lower) ||
           kinds[kind].has(walk->registry, upper);
}

static void check_name(const Walk *walk, const Condition *test, size_t kind, const char *name) {
    if (strpbrk(name, "*?") || is_known(walk, kind, name))
        return;
    g_autoptr(GPtrArray) all = kinds[kind].all ? kinds[kind].all(walk->registry) : names_new();
    g_ptr_array_add(all, NULL);
    const char *near = text_suggest(name, (const char *const *)all->pdata);
    if (near && text_equal_nocase(near, name))
        return;
    g_autofree char *hint =
        near ? g_strdup_printf("did you mean \"%s\"?", near) : g_strdup("correct it, or take it out");
    g_ptr_array_add(walk->problems,
                    problem_new(PROBLEM_WARNING, walk->rule->file, test->line,
                                "rule %s asks for the %s \"%s\", which the register of %s does not have; %s",
                                walk->rule->id, kinds[kind].what, name, kinds[kind].where, hint));
}

static void check_condition(const Walk *walk, const Condition *condition) {
    for (guint i = 0; condition->children && i < condition->children->len; i++)
        check_condition(walk, condition->children->pdata[i]);
    for (size_t kind = 0; condition->kind == COND_TEST && condition->texts && kind < G_N_ELEMENTS(kinds); kind++)
        for (guint i = 0; condition->type->test == kinds[kind].test && i < condition->texts->len; i++)
            check_name(walk, condition, kind, condition->texts->pdata[i]);
}

/* Somebody must be there to be asked. */
static void check_owner(const Walk *walk, const RuleException *exception) {
    g_autoptr(Staff) staff = NULL;
    if (registry_staff(walk->registry, exception->owner, &staff) == LOOKUP_ABSENT)
        g_ptr_array_add(walk->problems,
                        problem_new(PROBLEM_WARNING, walk->rule->file, exception->line,
                                    "nobody in the register of staff is %s, who answers for an exception "
                                    "of rule %s; name somebody who is",
                                    exception->owner, walk->rule->id));
}

void policy_check_registered(const Policy *policy, const Registry *registry, GPtrArray *problems) {
    for (guint i = 0; i < policy->rules->len; i++) {
        const Rule *rule = policy->rules->pdata[i];
        Walk walk = {registry, rule, problems};
        if (rule->mode == MODE_OFF)
            continue;
        if (rule->when)
            check_condition(&walk, rule->when);
        for (guint e = 0; e < rule->exceptions->len; e++) {
            const RuleException *exception = rule->exceptions->pdata[e];
            if (exception->when)
                check_condition(&walk, exception->when);
            check_owner(&walk, exception);
        }
    }
}
