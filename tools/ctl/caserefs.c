/* SPDX-License-Identifier: Apache-2.0 */
/* Rules by their ids, staff by their logins. */
#include "ctl/caserefs.h"
#include "base/text.h"

static char *hint_for(const char *word, GPtrArray *known, const char *otherwise) {
    g_ptr_array_add(known, NULL);
    const char *near = text_suggest(word, (const char *const *)known->pdata);
    return near ? g_strdup_printf("did you mean \"%s\"?", near) : g_strdup(otherwise);
}

static bool check_rule(const Policy *policy, const char *id, GError **error) {
    if (policy_rule(policy, id))
        return true;
    const GPtrArray *rules = policy_rules(policy);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (guint i = 0; i < rules->len; i++)
        g_ptr_array_add(known, ((const Rule *)g_ptr_array_index(rules, i))->id);
    g_autofree char *hint = hint_for(id, known, "correct the id, or add the rule");
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "the policy has no rule \"%s\"; %s", id, hint);
    return false;
}

static bool check_rules(const Policy *policy, const json_t *ids, GError **error) {
    g_autoptr(GPtrArray) texts = json_texts(ids);
    for (guint i = 0; i < texts->len; i++)
        if (!check_rule(policy, g_ptr_array_index(texts, i), error))
            return false;
    return true;
}

/* Those of "rules" in what explain --json would print. */
static bool check_expected(const Policy *policy, const json_t *expected, GError **error) {
    size_t i;
    json_t *rule;
    json_array_foreach(json_list(expected, "rules"), i, rule) {
        const char *id = json_text(rule, "id");
        if (id && !check_rule(policy, id, error))
            return false;
    }
    return true;
}

static bool expects_unknown_login(const json_t *expected) {
    g_autoptr(GPtrArray) anomalies = json_texts(json_list(expected, "anomalies"));
    return g_ptr_array_find_with_equal_func(anomalies, "unknown-login", g_str_equal, NULL);
}

static GPtrArray *all_logins(const Registry *registry) {
    g_autoptr(GPtrArray) people = NULL;
    GPtrArray *logins = g_ptr_array_new_with_free_func(g_free);
    bool found = registry_everybody(registry, &people) == LOOKUP_FOUND;
    for (guint i = 0; found && i < people->len; i++) {
        const Staff *staff = g_ptr_array_index(people, i);
        g_ptr_array_add(logins, g_strdup(staff->address));
        for (guint l = 0; l < staff->logins->len; l++)
            g_ptr_array_add(logins, g_strdup(g_ptr_array_index(staff->logins, l)));
    }
    return logins;
}

static bool check_login(const Registry *registry, const json_t *object, GError **error) {
    const char *login = json_text(object, "auth");
    g_autoptr(Staff) staff = NULL;
    if (!login || expects_unknown_login(json_member(object, "expect")) ||
        registry_staff_by_login(registry, login, &staff) != LOOKUP_ABSENT)
        return true;
    g_autoptr(GPtrArray) known = all_logins(registry);
    g_autofree char *hint =
        hint_for(login, known, "correct it; a case of an unknown login expects the anomaly \"unknown-login\"");
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"auth\": nobody of the staff logs in as \"%s\"; %s",
                login, hint);
    return false;
}

bool caserefs_check(const Bench *bench, const json_t *object, GError **error) {
    return check_rules(bench->policy, json_list(object, "applies"), error) &&
           check_rules(bench->policy, json_list(object, "does_not_apply"), error) &&
           check_expected(bench->policy, json_member(object, "expect"), error) &&
           check_login(bench->registry, object, error);
}
