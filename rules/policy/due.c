/* SPDX-License-Identifier: Apache-2.0 */
/* Days are compared as they are written: YYYY-MM-DD sorts as time goes. */
#include "policy/due.h"
#include "policy/parts.h"
#include "registry/consent.h"
#include <string.h>

enum { DAY_BYTES = 10, SOON_DAYS = 30, DAY_SECONDS = 86400 };

static int compare_day(const char *day, Instant t) {
    char text[INSTANT_TEXT];
    return strncmp(day, instant_format(t, text), DAY_BYTES);
}

bool exception_is_over(const RuleException *exception, Instant now) {
    return compare_day(exception->until, now) < 0;
}

static void look_at_exception(const Rule *rule, const RuleException *exception, Instant now, GPtrArray *problems) {
    Instant soon = instant_add(now, duration_seconds(SOON_DAYS * DAY_SECONDS));
    if (exception_is_over(exception, now))
        g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, rule->file, exception->line,
                                              "the exception of rule %s for which %s answers ended on %s: the rule "
                                              "holds again; take the exception out, or set a new day",
                                              rule->id, exception->owner, exception->until));
    else if (compare_day(exception->until, soon) <= 0)
        g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, rule->file, exception->line,
                                              "the exception of rule %s for which %s answers ends on %s; ask whether "
                                              "it is still needed",
                                              rule->id, exception->owner, exception->until));
}

void policy_due(const Policy *policy, Instant now, GPtrArray *problems) {
    const char *review = policy->settings.policy_review_by;
    if (review && compare_day(review, now) < 0)
        g_ptr_array_add(problems,
                        problem_new(PROBLEM_WARNING, policy->review_file ? policy->review_file : policy->file,
                                    policy->review_line,
                                    "the policy was to be reviewed by %s; review it and set a new day", review));
    for (guint i = 0; i < policy->rules->len; i++) {
        const Rule *rule = g_ptr_array_index(policy->rules, i);
        for (guint e = 0; rule->mode != MODE_OFF && e < rule->exceptions->len; e++)
            look_at_exception(rule, g_ptr_array_index(rule->exceptions, e), now, problems);
    }
}

char *policy_day(const Policy *policy, Instant t, char day[CALENDAR_DAY]) {
    const Calendar *calendar = policy_calendar(policy, NULL);
    if (calendar)
        return calendar_day(calendar, t, day);
    instant_format(t, day);
    day[DAY_BYTES] = '\0';
    return day;
}

void policy_due_consents(const Policy *policy, const Registry *registry, Instant now, GPtrArray *problems) {
    char today[CALENDAR_DAY], soon[CALENDAR_DAY];
    const char *file = policy->settings.registry_clients;
    g_autoptr(GPtrArray) all = NULL;
    if (registry_consents(registry, &all) != LOOKUP_FOUND)
        return;
    policy_day(policy, now, today);
    policy_day(policy, instant_add(now, duration_seconds(SOON_DAYS * DAY_SECONDS)), soon);
    for (guint i = 0; i < all->len; i++) {
        const GivenConsent *given = g_ptr_array_index(all, i);
        const char *until = given->consent->until;
        if (strcmp(until, today) < 0)
            g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, file, given->line,
                                                  "the consent of client %s to mail in clear ended on %s and is no way "
                                                  "any more; have it renewed, or take it out",
                                                  given->client, until));
        else if (strcmp(until, soon) <= 0)
            g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, file, given->line,
                                                  "the consent of client %s to mail in clear ends on %s; ask whether "
                                                  "it is to be renewed",
                                                  given->client, until));
    }
}
