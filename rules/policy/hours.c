/* SPDX-License-Identifier: Apache-2.0 */
/* Whose hours a promise is counted in. The hours that two calendars share are worked out once for each pair that is
 * asked for and kept: a million clients have few combinations. */
#include "policy/hours.h"
#include "base/text.h"
#include "policy/loading.h"
#include "registry/import.h"
#include <string.h>

static void load_team(Loading *loading, const Node *node) {
    static const char *const names[] = {"calendar", NULL};
    if (!node_is_group(loading->problems, node))
        return;
    node_check_names(loading->problems, node, names, "a team");
    const Node *calendar = node_member(node, "calendar");
    if (!calendar) {
        node_error(loading->problems, node, "team %s has no calendar; write calendar = \"…\"", node->name);
        return;
    }
    const Calendar *found = load_calendar_name(loading, calendar);
    if (found)
        g_hash_table_insert(loading->policy->teams, g_ascii_strdown(node->name, -1), (Calendar *)found);
}

static bool some_level_is_of_teams(const Policy *policy) {
    GHashTableIter iter;
    gpointer level;
    g_hash_table_iter_init(&iter, policy->levels);
    while (g_hash_table_iter_next(&iter, NULL, &level))
        if (!((const ServiceLevel *)level)->names_calendar)
            return true;
    return g_hash_table_size(policy->levels) == 0;
}

void load_teams(Loading *loading) {
    const Node *group = node_member(loading->root, "teams");
    if (!group || !node_is_group(loading->problems, group))
        return;
    for (guint i = 0; i < group->children->len; i++)
        load_team(loading, group->children->pdata[i]);
    if (group->children->len && !some_level_is_of_teams(loading->policy))
        node_warning(loading->problems, group,
                     "no promise is counted in the hours of teams, since each service level names a calendar; take "
                     "it out of those that shall follow the team");
}

bool policy_has_teams(const Policy *policy) {
    return g_hash_table_size(policy->teams) > 0;
}

static const Calendar *firm_hours(const Policy *policy, const ServiceLevel *level, const char *team) {
    if (level->names_calendar || !*team || !policy_has_teams(policy))
        return level->calendar;
    g_autofree char *name = g_ascii_strdown(team, -1);
    const Calendar *own = g_hash_table_lookup(policy->teams, name);
    return own ? own : level->calendar;
}

/* NULL: they share none. */
static const Calendar *shared_hours(const Policy *policy, const Calendar *firm, const Calendar *client) {
    const Calendar *key[] = {firm, client};
    gpointer found = NULL;
    g_autoptr(GBytes) pair = g_bytes_new(key, sizeof key);
    SharedHours *shared = policy->shared;
    pthread_mutex_lock(&shared->lock);
    if (!g_hash_table_lookup_extended(shared->pairs, pair, NULL, &found)) {
        found = calendar_common(firm, client, shared->reference, NULL);
        g_hash_table_insert(shared->pairs, g_bytes_ref(pair), found);
    }
    pthread_mutex_unlock(&shared->lock);
    return found;
}

SharedHours *shared_hours_new(void) {
    SharedHours *shared = g_new0(SharedHours, 1);
    pthread_mutex_init(&shared->lock, NULL);
    shared->pairs = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                                          (GDestroyNotify)calendar_free);
    return shared;
}

void shared_hours_free(SharedHours *shared) {
    g_hash_table_unref(shared->pairs);
    pthread_mutex_destroy(&shared->lock);
    g_free(shared);
}

static const Calendar *client_hours(const Policy *policy, const ServiceLevel *level, const char *calendar) {
    return level->client_hours && *calendar ? policy_calendar(policy, calendar) : NULL;
}

const Calendar *policy_hours(const Policy *policy, const ServiceLevel *level, const char *team, const char *client) {
    const Calendar *firm = firm_hours(policy, level, team), *theirs = client_hours(policy, level, client);
    if (!theirs || theirs == firm)
        return firm;
    const Calendar *shared = shared_hours(policy, firm, theirs);
    return shared ? shared : firm; /* a register that would need this is refused */
}

const Calendar *policy_hours_of(const Policy *policy, const Registry *registry, const ServiceLevel *level,
                                const char *client, const char *matter) {
    g_autoptr(Client) known = NULL;
    g_autoptr(Matter) filed = NULL;
    if (client && *client)
        registry_client(registry, client, &known);
    if (policy_has_teams(policy) && matter && *matter)
        registry_matter(registry, matter, &filed);
    return policy_hours(policy, level, filed ? filed->team : "", known ? known->calendar : "");
}

/* ---- what a register would need ---- */

/* A sentence when the level's promise to such a client could never be kept. */
static char *clash_of(const Policy *policy, const ServiceLevel *level, const char *team, const char *client) {
    const Calendar *firm = firm_hours(policy, level, team), *theirs = client_hours(policy, level, client);
    if (!theirs || theirs == firm || shared_hours(policy, firm, theirs))
        return NULL;
    return g_strdup_printf("the client's calendar \"%s\" and \"%s\", of %s%s, have no working hours in common in the "
                           "next 400 days, so no answer could ever be due; correct one of them, or write client_hours "
                           "= false in service level %s",
                           client, calendar_name(firm), firm == level->calendar ? "service level " : "team ",
                           firm == level->calendar ? level->name : team, level->name);
}

char *policy_hours_clash(const void *state, const char *level, const char *team, const char *client) {
    const Policy *policy = state;
    const ServiceLevel *named = *level ? policy_service_level(policy, level) : NULL;
    char *clash = named ? clash_of(policy, named, team, client) : NULL;
    for (guint i = 0; !clash && i < policy->rules->len; i++) {
        const Rule *rule = g_ptr_array_index(policy->rules, i);
        if (rule->mode == MODE_OFF)
            continue;
        if (rule->deadline && !named)
            clash = clash_of(policy, rule->deadline, team, client);
        if (!clash && rule->service_level)
            clash = clash_of(policy, rule->service_level, team, client);
    }
    return clash;
}

static gint by_text(gconstpointer a, gconstpointer b) {
    return strcmp(a, b);
}

/* Names and their calendars, and which pairs have something in common: what policy_hours_clash() goes by. */
char *policy_hours_digest(const Policy *policy) {
    GString *text = g_string_new(NULL);
    g_autoptr(GList) calendars = g_list_sort(g_hash_table_get_keys(policy->calendars), by_text);
    g_autoptr(GList) levels = g_list_sort(g_hash_table_get_keys(policy->levels), by_text);
    g_autoptr(GList) teams = g_list_sort(g_hash_table_get_keys(policy->teams), by_text);
    for (GList *at = levels; at; at = at->next) {
        const ServiceLevel *level = policy_service_level(policy, at->data);
        g_string_append_printf(text, "%s %d", level->name, level->names_calendar);
        for (GList *client = calendars; client; client = client->next) {
            g_autofree char *clash = clash_of(policy, level, "", client->data);
            g_string_append_printf(text, " %d", !clash);
            for (GList *team = teams; team; team = team->next) {
                g_autofree char *of_team = clash_of(policy, level, team->data, client->data);
                g_string_append_printf(text, " %s %d", (char *)team->data, !of_team);
            }
        }
        g_string_append_c(text, ';');
    }
    for (guint i = 0; i < policy->rules->len; i++) {
        const Rule *rule = g_ptr_array_index(policy->rules, i);
        g_string_append_printf(text, "%s %s,", rule->deadline ? rule->deadline->name : "",
                               rule->service_level ? rule->service_level->name : "");
    }
    return g_string_free(text, FALSE);
}
