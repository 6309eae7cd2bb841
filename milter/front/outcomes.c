/* SPDX-License-Identifier: Apache-2.0 */
/* Small questions to the policy; an answer is believed no further. */
#include "front/outcomes.h"
#include "base/text.h"
#include <string.h>

static const char *const priority_headers[] = {"Importance", "X-Priority", "X-MSMail-Priority", "Priority", NULL};
static const char *const priority_values[] = {"low", "normal", "high", "1", "3", "5", NULL};

static bool is_among(const char *text, const char *const *words) {
    for (; *words; words++)
        if (text_equal_nocase(text, *words))
            return true;
    return false;
}

static bool some_rule_tags(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++)
        if (((const Rule *)g_ptr_array_index(rules, i))->subject_tag)
            return true;
    return false;
}

static bool some_rule_ranks(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++)
        if (((const Rule *)g_ptr_array_index(rules, i))->priority != PRIORITY_NONE)
            return true;
    return false;
}

bool outcome_allows_header(const Policy *policy, const HeaderChange *change) {
    if (text_equal(change->name, "Subject"))
        return change->op != '-' && *change->value && some_rule_tags(policy);
    if (!is_among(change->name, priority_headers) || !some_rule_ranks(policy))
        return false;
    return change->op == '-' || (change->op == '+' && is_among(change->value, priority_values));
}

static bool is_listed(const GPtrArray *list, const char *address) {
    for (guint i = 0; i < list->len; i++)
        if (text_equal_nocase(g_ptr_array_index(list, i), address))
            return true;
    return false;
}

bool outcome_redirects_to(const Policy *policy, const char *address) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++)
        if (is_listed(((const Rule *)g_ptr_array_index(rules, i))->redirect, address))
            return true;
    return false;
}

bool outcome_notifies(const Policy *policy, const char *address) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++)
        if (is_listed(((const Rule *)g_ptr_array_index(rules, i))->notify, address))
            return true;
    return false;
}

static bool is_named(const JsonView *list, const char *address) {
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (text_equal(view_string(item), address))
            return true;
    return false;
}

bool outcome_removes(const Policy *policy, const Envelope *envelope, const JsonView *removed, const GPtrArray *added,
                     GPtrArray *into) {
    unsigned left = 0;
    if (!view_count(removed))
        return true;
    for (guint i = 0; envelope && i < envelope->recipients->len; i++) {
        char *given = g_ptr_array_index(envelope->recipients, i);
        g_autofree char *address = address_normalise(given);
        if (is_named(removed, address))
            g_ptr_array_add(into, given);
        else if (outcome_redirects_to(policy, address))
            left++;
        else
            return false;
    }
    for (guint i = 0; i < added->len; i++)
        left += outcome_redirects_to(policy, g_ptr_array_index(added, i));
    return left > 0 && into->len > 0;
}
