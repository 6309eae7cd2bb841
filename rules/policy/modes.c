/* SPDX-License-Identifier: Apache-2.0 */
/* The modes of rules that a firm took over as they are, such as those of the pack: named in one place, so that the
 * files they came in can be replaced by newer ones. */
#include "base/text.h"
#include "policy/loading.h"

static Rule *find_rule(const Policy *policy, const char *id) {
    for (guint i = 0; i < policy->rules->len; i++) {
        Rule *rule = g_ptr_array_index(policy->rules, i);
        if (text_equal(rule->id, id))
            return rule;
    }
    return NULL;
}

static char *suggest_rule(const Policy *policy, const char *id) {
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    for (guint i = 0; i < policy->rules->len; i++)
        g_ptr_array_add(ids, ((const Rule *)g_ptr_array_index(policy->rules, i))->id);
    g_ptr_array_add(ids, NULL);
    return suggestion(id, (const char *const *)ids->pdata);
}

static void set_mode(Loading *loading, const Node *place, const char *id, GHashTable *set) {
    static const char *const words[] = {"enforce", "observe", "off", NULL};
    Rule *rule = find_rule(loading->policy, id);
    if (!rule) {
        g_autofree char *hint = suggest_rule(loading->policy, id);
        node_error(loading->problems, place, "there is no rule \"%s\"%s", id, hint);
    } else if (!g_hash_table_add(set, rule->id)) {
        node_error(loading->problems, place, "rule %s is given two modes in rule_modes; keep one", id);
    } else {
        for (int i = 0; words[i]; i++)
            rule->mode = text_equal(place->name, words[i]) ? (Mode)i : rule->mode;
    }
}

void load_modes(Loading *loading) {
    static const char *const words[] = {"enforce", "observe", "off", NULL};
    const Node *group = node_member(loading->root, "rule_modes");
    if (!group || !node_is_group(loading->problems, group) ||
        !node_check_names(loading->problems, group, words, "rule_modes"))
        return;
    g_autoptr(GHashTable) set = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < group->children->len; i++) {
        const Node *list = g_ptr_array_index(group->children, i);
        g_autoptr(GPtrArray) ids = node_texts(loading->problems, list);
        for (guint n = 0; ids && n < ids->len; n++)
            set_mode(loading, list, g_ptr_array_index(ids, n), set);
    }
}
