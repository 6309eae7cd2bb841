/* SPDX-License-Identifier: Apache-2.0 */
/* Which service level an answer falls under, and when its steps are due. */
#include "engine/promise.h"
#include "calendar/dayend.h"
#include "deadline/deadline.h"
#include "policy/hours.h"
#include <string.h>

#define DAY_SECONDS 86400

/* Which matter comes first is no reason: of two that fall due together the first by name. */
static bool is_shorter(const ServiceLevel *level, Instant due, const Promise *than) {
    int order = instant_compare(due, than->due);
    return order ? order < 0 : strcmp(level->name, than->level->name) < 0;
}

/* Those of the team that has the matter the deadline is filed under, and of the client. */
static const Calendar *hours_of(const EngineInput *in, const Person *client, const ServiceLevel *level) {
    g_autoptr(Matter) filed = NULL;
    if (policy_has_teams(in->policy) && client->matter && *client->matter->filed)
        registry_matter(in->registry, client->matter->filed, &filed);
    return policy_hours(in->policy, level, filed ? filed->team : "", client->client->calendar);
}

static void consider_level(const EngineInput *in, const ServiceLevel *level, Promise *promise) {
    if (level == promise->last)
        return;
    promise->last = level;
    Instant start = in->facts->envelope->received;
    Instant due = instant_add(start, duration_seconds(DAY_SECONDS));
    const Calendar *hours = hours_of(in, promise->client, level);
    ladder_due(hours, start, level->answer_within, &due);
    if (promise->level && !is_shorter(level, due, promise))
        return;
    promise->level = level;
    promise->due = due;
    promise->hours = hours;
    promise->within = level->answer_within;
}

static void consider(const EngineInput *in, const Rule *rule, const char *name, Promise *promise) {
    const ServiceLevel *level = name && *name ? policy_service_level(in->policy, name) : NULL;
    consider_level(in, level ? level : rule->deadline, promise);
}

typedef struct {
    const EngineInput *in;
    const Rule *rule;
    const char *client_level;
    Promise *promise;
} Considering;

static bool consider_matter(const char *level, void *state) {
    const Considering *c = state;
    consider(c->in, c->rule, *level ? level : c->client_level, c->promise);
    return false;
}

/* Several matters are left: the shortest service level applies. What only a foreign tag names is none of them. */
static void consider_rule(const EngineInput *in, const Person *client, const Rule *rule, Promise *promise) {
    const char *client_level = client->client->service_level;
    Considering considering = {in, rule, client_level, promise};
    if (client->matter && *client->matter->filed)
        matterset_any(client->matter->about, MATTERS_OWN, COLUMN_SERVICE_LEVEL, consider_matter, &considering);
    else
        consider(in, rule, client_level, promise);
}

/* A rule that names another service level overrides what clients, matters and other rules say; of several the one that
 * falls due first. */
static void override_level(const EngineInput *in, const Decision *decision, Promise *promise) {
    Promise override = {.client = decision->sender};
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies && !result->observed && result->rule->service_level)
            consider_level(in, result->rule->service_level, &override);
    }
    if (promise->level && override.level) {
        *promise = override;
        promise->urgent = true;
    }
}

Promise promise_of(const EngineInput *in, const Decision *decision) {
    Promise promise = {.client = decision->sender};
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies && !result->observed && result->rule->deadline)
            consider_rule(in, decision->sender, result->rule, &promise);
    }
    override_level(in, decision, &promise);
    return promise;
}

const ServiceLevel *promise_level_of(const EngineInput *in, const Person *client) {
    const GPtrArray *rules = policy_rules(in->policy);
    Promise promise = {.client = client};
    for (guint i = 0; !promise.level && i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        if (rule->deadline && rule->mode == MODE_ENFORCE)
            consider_rule(in, client, rule, &promise);
    }
    return promise.level;
}

/* The time until then as a promise: of working time, where that ends with it. */
static Span within_until(const Calendar *calendar, Instant start, Instant due) {
    Span working = {.business = calendar_elapsed(calendar, start, due)};
    Instant reached;
    if (working.business.us > 0 && span_add(calendar, start, working, &reached) && instant_compare(reached, due) == 0)
        return working;
    return (Span){.wall = instant_since(due, start)};
}

bool promise_by_day(const EngineInput *in, const Calendar *hours, const char *day, Promise *promise) {
    Instant start = in->facts->envelope->received, due;
    if (!day_end(hours, start, day, &due))
        return false;
    promise->hours = hours;
    promise->due = due;
    promise->within = within_until(hours, start, due);
    return true;
}

bool promise_make(const EngineInput *in, const Person *client, const ServiceLevel *level, const char *day,
                  Promise *promise) {
    *promise = (Promise){.client = client};
    consider_level(in, level, promise);
    return !*day || promise_by_day(in, promise->hours, day, promise);
}

void promise_fill_rungs(const EngineInput *in, const Promise *promise, const GPtrArray *rungs, DeadlineOp *op) {
    g_autoptr(GPtrArray) steps = ladder_steps(promise->hours, in->facts->envelope->received, promise->within, rungs);
    for (guint i = 0; steps && i < steps->len; i++) {
        const LadderStep *step = g_ptr_array_index(steps, i);
        GString *tell = g_string_new(NULL);
        for (guint t = 0; t < step->tell->len; t++)
            g_string_append_printf(tell, "%s%s", t ? " " : "", (const char *)g_ptr_array_index(step->tell, t));
        g_ptr_array_add(op->steps, deadline_step_new(step->at, tell->str));
        g_string_free(tell, TRUE);
    }
}

void promise_fill_steps(const EngineInput *in, const Promise *promise, DeadlineOp *op) {
    promise_fill_rungs(in, promise, promise->level->ladder, op);
}
