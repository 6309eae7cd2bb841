/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded policy: made once by load.c, asked by everybody, freed with its last reference. */
#include "policy/policy.h"
#include "base/text.h"
#include "policy/parts.h"
#include "policy/settings.h"
#include <string.h>

Policy *policy_new(void) {
    Policy *policy = g_new0(Policy, 1);
    policy->references = 1;
    policy->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    policy->calendars = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)calendar_free);
    policy->teams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    policy->shared = shared_hours_new();
    policy->rosters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)roster_free);
    policy->mailboxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    policy->levels = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)service_level_free);
    policy->warnings = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    policy->inside = g_array_new(false, false, sizeof(Network));
    policy->relays = g_array_new(false, false, sizeof(Network));
    policy->prospects = g_hash_table_new(g_str_hash, g_str_equal);
    policy->pieces = pieces_new();
    policy->footers = g_ptr_array_new_with_free_func(g_free);
    policy->phrasebook = phrasebook_new();
    policy->detectors = g_ptr_array_new_with_free_func((GDestroyNotify)policy_detector_free);
    return policy;
}

Policy *policy_ref(Policy *policy) {
    __atomic_add_fetch(&policy->references, 1, __ATOMIC_RELAXED);
    return policy;
}

void policy_unref(Policy *policy) {
    if (!policy || __atomic_sub_fetch(&policy->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    /* Rules borrow service levels, and those borrow calendars. */
    g_ptr_array_unref(policy->rules);
    g_hash_table_unref(policy->levels);
    g_hash_table_unref(policy->teams);
    shared_hours_free(policy->shared);
    g_hash_table_unref(policy->rosters);
    g_hash_table_unref(policy->mailboxes);
    g_hash_table_unref(policy->calendars);
    g_ptr_array_unref(policy->warnings);
    g_array_unref(policy->inside);
    g_array_unref(policy->relays);
    g_hash_table_unref(policy->prospects);
    g_ptr_array_unref(policy->detectors);
    g_ptr_array_unref(policy->footers);
    phrasebook_free(policy->phrasebook);
    pieces_free(policy->pieces);
    settings_clear(&policy->settings);
    g_free(policy->digest);
    g_free(policy->file);
    g_free(policy->review_file);
    g_free(policy);
}

Rule *rule_new(void) {
    Rule *rule = g_new0(Rule, 1);
    rule->accept = g_array_new(false, false, sizeof(Way));
    rule->stamps = g_ptr_array_new_with_free_func((GDestroyNotify)stamp_free);
    rule->copy_to = g_ptr_array_new_with_free_func(g_free);
    rule->redirect = g_ptr_array_new_with_free_func(g_free);
    rule->notify = g_ptr_array_new_with_free_func(g_free);
    rule->exceptions = g_ptr_array_new_with_free_func((GDestroyNotify)rule_exception_free);
    rule->otherwise = ACTION_REJECT;
    return rule;
}

void rule_free(Rule *rule) {
    if (!rule)
        return;
    g_free(rule->id);
    g_free(rule->section);
    g_free(rule->say);
    g_free(rule->title);
    g_free(rule->file);
    condition_free(rule->when);
    g_array_unref(rule->accept);
    g_ptr_array_unref(rule->stamps);
    g_ptr_array_unref(rule->copy_to);
    g_free(rule->subject_tag);
    g_free(rule->expect);
    g_free(rule->banner.text);
    g_free(rule->disclaimer.text);
    g_ptr_array_unref(rule->redirect);
    g_ptr_array_unref(rule->notify);
    g_ptr_array_unref(rule->exceptions);
    g_free(rule);
}

void rule_exception_free(RuleException *exception) {
    if (!exception)
        return;
    condition_free(exception->when);
    g_free(exception->owner);
    g_free(exception->until);
    g_free(exception->why);
    g_free(exception);
}

void stamp_free(Stamp *stamp) {
    if (!stamp)
        return;
    g_free(stamp->name);
    g_free(stamp->value);
    g_free(stamp);
}

ServiceLevel *service_level_new(const char *name) {
    ServiceLevel *level = g_new0(ServiceLevel, 1);
    level->name = g_strdup(name);
    level->client_hours = true;
    level->ladder = g_ptr_array_new_with_free_func((GDestroyNotify)rung_free);
    level->chase = g_ptr_array_new_with_free_func((GDestroyNotify)rung_free);
    return level;
}

void service_level_free(ServiceLevel *level) {
    if (!level)
        return;
    g_free(level->name);
    g_ptr_array_unref(level->ladder);
    g_ptr_array_unref(level->chase);
    g_free(level);
}

const Settings *policy_settings(const Policy *policy) {
    return &policy->settings;
}

const char *policy_digest(const Policy *policy) {
    return policy->digest;
}

const Pieces *policy_pieces(const Policy *policy) {
    return policy->pieces;
}

const GPtrArray *policy_rules(const Policy *policy) {
    return policy->rules;
}

const Rule *policy_rule(const Policy *policy, const char *id) {
    for (guint i = 0; i < policy->rules->len; i++) {
        const Rule *rule = policy->rules->pdata[i];
        if (text_equal(rule->id, id))
            return rule;
    }
    return NULL;
}

bool policy_writes_bodies(const Policy *policy) {
    for (guint i = 0; i < policy->rules->len; i++) {
        const Rule *rule = policy->rules->pdata[i];
        if (rule->mode != MODE_OFF && (rule->banner.in_body || rule->disclaimer.in_body))
            return true;
    }
    return false;
}

const Calendar *policy_calendar(const Policy *policy, const char *name) {
    return g_hash_table_lookup(policy->calendars, name ? name : policy->settings.firm_calendar);
}

const ServiceLevel *policy_service_level(const Policy *policy, const char *name) {
    return name ? g_hash_table_lookup(policy->levels, name) : NULL;
}

Level policy_unfiled_level(const Policy *policy) {
    return policy->unfiled_level;
}

const GPtrArray *policy_warnings(const Policy *policy) {
    return policy->warnings;
}

static bool is_or_under(const char *domain, const char *ours) {
    size_t length = strlen(domain), suffix = strlen(ours);
    if (length < suffix || g_ascii_strcasecmp(domain + length - suffix, ours) != 0)
        return false;
    return length == suffix || domain[length - suffix - 1] == '.';
}

bool policy_is_ours(const Policy *policy, const char *address) {
    g_autofree char *clean = address_normalise(address);
    size_t length = strlen(clean);
    /* "firm.test." is the same name as "firm.test". */
    if (length && clean[length - 1] == '.')
        clean[length - 1] = '\0';
    const char *domain = address_domain(clean);
    for (guint i = 0; *domain && i < policy->settings.firm_domains->len; i++)
        if (is_or_under(domain, policy->settings.firm_domains->pdata[i]))
            return true;
    return false;
}

bool policy_is_inside(const Policy *policy, const char *ip) {
    return network_contains(policy->inside, ip);
}

bool policy_is_trusted_relay(const Policy *policy, const char *ip) {
    return network_contains(policy->relays, ip);
}

const char *action_name(Action action) {
    static const char *const names[] = {"accept", "confirm", "hold", "defer", "reject", "discard"};
    return names[action];
}

const char *priority_name(Priority priority) {
    static const char *const names[] = {"none", "low", "normal", "high"};
    return names[priority];
}

const char *mode_name(Mode mode) {
    static const char *const names[] = {"enforce", "observe", "off"};
    return names[mode];
}

const char *way_name(Way way) {
    static const char *const names[] = {"none", "end-to-end", "smime", "openpgp", "verified-tls", "consent"};
    return names[way];
}
