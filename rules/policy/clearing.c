/* SPDX-License-Identifier: Apache-2.0 */
/* The keys cleared_by and joint_clients of a service level, and what follows from them. */
#include "policy/clearing.h"
#include "base/text.h"
#include "policy/loading.h"
#include <string.h>

void load_clearing(Loading *loading, const Node *node, ServiceLevel *level) {
    static const char *const whose[] = {"anyone", "team", "owner", NULL}, *const joint[] = {"each", "any", NULL};
    const Node *by = node_member(node, "cleared_by"), *clients = node_member(node, "joint_clients");
    int word = by ? node_word(loading->problems, by, whose, "who may answer") : 0;
    level->cleared_by = word > 0 ? (ClearedBy)word : CLEARED_BY_ANYONE;
    level->joint = clients && node_word(loading->problems, clients, joint, "of clients who share a thread") == 1;
}

static char *team_of(const Registry *registry, const char *owner) {
    g_autoptr(Staff) staff = NULL;
    if (g_str_has_prefix(owner, "team:") || registry_staff(registry, owner, &staff) != LOOKUP_FOUND)
        return g_strdup("");
    return g_strdup(staff->team);
}

char *clearing_words(const ServiceLevel *level, const Registry *registry, const char *owner) {
    /* Where nobody owns it anybody may answer, or nobody could. */
    if (level->cleared_by == CLEARED_BY_ANYONE || !*owner)
        return g_strdup("");
    g_autofree char *team = level->cleared_by == CLEARED_BY_TEAM ? team_of(registry, owner) : g_strdup("");
    return *team ? g_strdup_printf("owner team:%s", team) : g_strdup("owner");
}

GPtrArray *clearing_names(const Registry *registry, const char *staff) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Staff) person = NULL;
    if (registry_staff(registry, staff, &person) != LOOKUP_FOUND)
        return names;
    g_ptr_array_add(names, g_strdup(person->address));
    for (guint i = 0; i < person->acts_for->len; i++) {
        g_autoptr(Staff) chief = NULL;
        if (registry_staff(registry, g_ptr_array_index(person->acts_for, i), &chief) == LOOKUP_FOUND)
            g_ptr_array_add(names, g_strdup(chief->address));
    }
    if (*person->team)
        g_ptr_array_add(names, g_strdup_printf("team:%s", person->team));
    return names;
}

static bool any_level(const Policy *policy, bool (*holds)(const ServiceLevel *level)) {
    GHashTableIter iter;
    void *level;
    g_hash_table_iter_init(&iter, policy->levels);
    while (g_hash_table_iter_next(&iter, NULL, &level))
        if (holds(level))
            return true;
    return false;
}

static bool is_restricted(const ServiceLevel *level) {
    return level->cleared_by != CLEARED_BY_ANYONE;
}

static bool is_joint(const ServiceLevel *level) {
    return level->joint;
}

bool clearing_is_restricted(const Policy *policy) {
    return any_level(policy, is_restricted);
}

bool clearing_joins(const Policy *policy) {
    return any_level(policy, is_joint);
}
