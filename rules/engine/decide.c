/* SPDX-License-Identifier: Apache-2.0 */
/* From rules to one decision. The order of rules does not matter: the most severe action wins, the rest adds up. */
#include "engine/decide.h"
#include "base/seal.h"
#include "base/text.h"
#include "engine/added.h"
#include "engine/clearways.h"
#include "engine/copies.h"
#include "engine/edits.h"
#include "engine/explain.h"
#include "engine/inclear.h"
#include "engine/match.h"
#include "engine/outcomes.h"
#include "engine/seals.h"
#include "engine/owed.h"
#include "engine/protection.h"
#include "engine/reached.h"
#include "engine/tests.h"
#include "engine/ways.h"
#include "policy/due.h"
#include <string.h>

#define TRACK_BYTES 16 /* 26 characters of base32 */

static void hash_text(GByteArray *all, const char *text) {
    g_byte_array_append(all, (const guint8 *)(text ? text : ""), strlen(text ? text : "") + 1);
}

/* The same message at the same time gives the same id, so that a second judge, after the first died, decides under it.
 */
static char *track_id(const Facts *facts) {
    const Envelope *envelope = facts->envelope;
    g_autoptr(GByteArray) all = g_byte_array_new();
    char received[INSTANT_TEXT];
    hash_text(all, envelope->sender);
    for (guint i = 0; i < envelope->recipients->len; i++)
        hash_text(all, g_ptr_array_index(envelope->recipients, i));
    const char *const rest[] = {facts->message_id, facts->date, envelope->queue_id,
                                instant_format(envelope->received, received), facts->body_digest};
    for (size_t i = 0; i < G_N_ELEMENTS(rest); i++)
        hash_text(all, rest[i]);
    unsigned char digest[SHA256_SIZE];
    sha256_of(&(Bytes){all->data, all->len}, 1, digest);
    return base32_encode(digest, TRACK_BYTES);
}

/* A rule that guards a secret takes doubt for a match; one that opens deadlines too; a mere stamp is left out. */
static bool rule_applies(const Rule *rule, Match match) {
    if (match != MATCH_UNKNOWN)
        return match == MATCH_YES;
    if (rule->on_unknown != UNKNOWN_DEFAULT)
        return rule->on_unknown != UNKNOWN_SKIP;
    return rule->encrypts || rule->deadline || (rule->has_action && rule->action != ACTION_ACCEPT);
}

static Action action_of_ways(const EngineInput *in, Decision *decision, RuleResult *result) {
    switch (ways_find(in, decision, result)) {
    case MATCH_YES:
        return ACTION_ACCEPT;
    case MATCH_NO:
        return result->rule->otherwise;
    default:
        return ACTION_HOLD;
    }
}

static bool looks_at_matter(const Condition *condition) {
    if (!condition)
        return false;
    if (condition->kind == COND_MATTER)
        return true;
    if (condition->kind == COND_TEST)
        return condition->type->test == TEST_PERSON_WALLED_OFF || condition->type->test == TEST_PERSON_ROLE;
    for (guint i = 0; condition->children && i < condition->children->len; i++) {
        if (looks_at_matter(g_ptr_array_index(condition->children, i)))
            return true;
    }
    return false;
}

static bool accepts_consent(const Rule *rule) {
    for (guint i = 0; rule->encrypts && i < rule->accept->len; i++) {
        if (g_array_index(rule->accept, Way, i) == WAY_CONSENT)
            return true;
    }
    return false;
}

/* Would a thread hint that is missing perhaps have chosen a milder matter? */
static bool hint_might_spare(const Decision *decision, const Rule *rule) {
    bool guessed = decision->sender->matter && decision->sender->matter->guessed;
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        guessed |= person->matter && person->matter->guessed;
    }
    return guessed && (looks_at_matter(rule->when) || accepts_consent(rule));
}

/* A refusal that rests on what could not be seen is a hold: somebody can look, and nothing is lost. */
static Action soften(const EngineInput *in, const Decision *decision, RuleResult *result, Action action) {
    if (action != ACTION_REJECT && action != ACTION_DEFER)
        return action;
    if (hint_might_spare(decision, result->rule)) {
        say(result->why, "%s, so the strictest matter was assumed: held, not refused",
            in->hints && in->hints->behind ? "another gateway knows of threads that are not known here yet"
                                           : "the index of threads could not be asked");
        return ACTION_HOLD;
    }
    if (result->match == MATCH_UNKNOWN && !in->facts->judged) {
        say(result->why, "the content could not be judged: held, not refused");
        return ACTION_HOLD;
    }
    return action;
}

static Action action_of(const EngineInput *in, Decision *decision, RuleResult *result) {
    const Rule *rule = result->rule;
    if (result->match == MATCH_UNKNOWN && rule->on_unknown == UNKNOWN_HOLD)
        return ACTION_HOLD;
    Action action = rule->has_action ? rule->action : ACTION_ACCEPT;
    Action ways = rule->encrypts ? action_of_ways(in, decision, result) : ACTION_ACCEPT;
    action = MAX(action, ways);
    if (rule->redirect->len && !outcomes_can_redirect(in, decision, result))
        action = MAX(action, ACTION_HOLD);
    return soften(in, decision, result, action);
}

/* For whom the refusal is: those on the other side of a wall, unless the encryption already named some. */
static void name_walled(const Decision *decision, RuleResult *result) {
    if (result->concerned->len || !looks_at_matter(result->rule->when))
        return;
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->walled_off != MATCH_NO)
            g_ptr_array_add(result->concerned, g_strdup(person->address));
    }
}

static void say_excepted(GPtrArray *why, const RuleException *exception, const char *how) {
    say(why, "an exception for which %s answers %s %s: %s", exception->owner, how, exception->until, exception->why);
}

/* Is the message excepted from the rule? One that is over, and one of which it is not certain, excepts nothing. */
static bool is_excepted(const EngineInput *in, const Decision *decision, RuleResult *result) {
    for (guint i = 0; i < result->rule->exceptions->len; i++) {
        const RuleException *exception = g_ptr_array_index(result->rule->exceptions, i);
        bool matches = match_condition(exception->when, in, decision, NULL) == MATCH_YES;
        bool over = exception_is_over(exception, in->now);
        if (matches)
            say_excepted(result->why, exception, over ? "ended on" : "applies until");
        if (matches && !over)
            return true;
    }
    return false;
}

static void judge_rule(const EngineInput *in, Decision *decision, const Rule *rule) {
    RuleResult *result = rule_result_new(rule);
    g_ptr_array_add(decision->rules, result);
    result->observed = rule->mode == MODE_OBSERVE || decision->observe;
    if (rule->mode == MODE_OFF) {
        say(result->why, "the rule is off");
        return;
    }
    result->match = match_condition(rule->when, in, decision, result->why);
    result->applies = rule_applies(rule, result->match) && !is_excepted(in, decision, result);
    if (!result->applies)
        return;
    result->action = action_of(in, decision, result);
    if (result->action == ACTION_ACCEPT)
        return;
    name_walled(decision, result);
    if (!result->concerned->len)
        match_concerned(rule->when, in, decision, result->concerned);
}

/* The first of the most severe. One who is walled off is told of the wall alone: a rule about confidential matters that
 * refuses as well would tell that the matter is one. */
static const RuleResult *most_severe(const Decision *decision) {
    bool walled = decision->sender->walled_off != MATCH_NO, about_walls = false;
    const RuleResult *worst = NULL;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (!result->applies || result->observed || (worst && result->action < worst->action))
            continue;
        bool better = walled && !about_walls && looks_at_walls(result->rule->when);
        if (worst && result->action == worst->action && !better)
            continue;
        about_walls = looks_at_walls(result->rule->when);
        worst = result;
    }
    return worst;
}

static bool lets_on(Action action) {
    return action == ACTION_ACCEPT || action == ACTION_CONFIRM || action == ACTION_HOLD;
}

static void set_reply(Decision *decision) {
    static const struct {
        int code;
        const char *status;
    } replies[] = {
        [ACTION_ACCEPT] = {250, "2.0.0"}, [ACTION_CONFIRM] = {250, "2.0.0"}, [ACTION_HOLD] = {250, "2.0.0"},
        [ACTION_DEFER] = {451, "4.7.1"},  [ACTION_REJECT] = {550, "5.7.1"},  [ACTION_DISCARD] = {250, "2.0.0"},
    };
    decision->code = replies[decision->action].code;
    text_set(&decision->status, replies[decision->action].status);
}

/* Levels, matters and walls are secrets too: only who is proven to be staff reads why. */
static void set_refusal(const EngineInput *in, Decision *decision, const RuleResult *decisive) {
    if (decision->action == ACTION_ACCEPT)
        return;
    g_ptr_array_unref(decision->text);
    decision->text = decision->by == BY_NONE ? explain_plain_refusal(decision)
                                             : explain_refusal(decision, in->facts, in->policy, decisive);
}

static bool is_recipient(const Decision *decision, const char *address) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        if (text_equal(((const Person *)g_ptr_array_index(decision->recipients, i))->address, address))
            return true;
    }
    return g_ptr_array_find_with_equal_func(decision->add_recipients, address, g_str_equal, NULL);
}

/* A copy is a showing: a wall holds here as well, and so does the doubt whether there is one. */
static void add_copy(const EngineInput *in, Decision *decision, RuleResult *result, const char *listed) {
    g_autofree char *address = address_normalise(listed);
    g_autoptr(Staff) staff = NULL;
    if (is_recipient(decision, address))
        return;
    Lookup found = registry_staff(in->registry, address, &staff);
    if (found == LOOKUP_FAILED || decision_walled(decision, staff) != MATCH_NO)
        say(result->why, "no copy for %s: walled off, or it cannot be known", address);
    else
        g_ptr_array_add(decision->add_recipients, g_steal_pointer(&address));
}

static void add_copies(const EngineInput *in, Decision *decision) {
    for (guint i = 0; i < decision->rules->len; i++) {
        RuleResult *result = g_ptr_array_index(decision->rules, i);
        for (guint c = 0; result->applies && !result->observed && c < result->rule->copy_to->len; c++)
            add_copy(in, decision, result, g_ptr_array_index(result->rule->copy_to, c));
    }
}

static void set_versions(const EngineInput *in, Decision *decision) {
    text_set(&decision->policy_version, policy_settings(in->policy)->policy_version);
    text_set(&decision->policy_digest, policy_digest(in->policy));
    text_set(&decision->registry_digest, registry_digest(in->registry));
    decision->observe = text_equal(policy_settings(in->policy)->mode, "observe");
    g_free(decision->track);
    decision->track = track_id(in->facts);
    if (in->hints && in->hints->queued->len)
        decision->queued = g_ptr_array_ref(in->hints->queued);
}

static Decision *decide_with_views(const EngineInput *in) {
    Decision *decision = decision_new();
    set_versions(in, decision);
    resolve_people(in, decision);
    protection_note(in, decision);
    const GPtrArray *rules = policy_rules(in->policy);
    for (guint i = 0; i < rules->len; i++)
        judge_rule(in, decision, g_ptr_array_index(rules, i));
    seals_settle(decision);
    const RuleResult *decisive = most_severe(decision);
    decision->action = decisive ? decisive->action : ACTION_ACCEPT;
    set_reply(decision);
    set_refusal(in, decision, decisive);
    if (!decision->observe)
        outcomes_notify(in, decision);
    if (!lets_on(decision->action) || decision->observe)
        return decision;
    owed_answers(in, decision);
    add_copies(in, decision);
    outcomes_redirect(in, decision);
    copies_plan(in, decision);
    g_autofree char *hindrance = added_hindrance(in, decision);
    if (hindrance) {
        decide_refusal(in, decision, hindrance);
        return decision;
    }
    clearways_note_consents(decision);
    reached_note(in, decision);
    inclear_note(decision);
    edit_headers(in, decision);
    return decision;
}

static void forget_changes(Decision *decision) {
    GPtrArray *const lists[] = {decision->headers,    decision->add_recipients, decision->remove_recipients,
                                decision->remarks,    decision->copies,         decision->deadlines,
                                decision->sealed_to,  decision->consents,       decision->reached,
                                decision->in_clear_to};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_set_size(lists[i], 0);
    g_array_set_size(decision->body_edits, 0);
    g_string_truncate(decision->body_bytes, 0);
    decision->sealed = SEAL_NONE;
    decision->subject_outside = NULL;
    decision->in_clear = MATCH_NO;
}

static bool may_be_of_address(char c) {
    return g_ascii_isalnum(c) || (c & 0x80) || strchr("!#$%&'*+-/=?^_`{|}~.@", c);
}

/* As a word of its own: "ann@x.test" does not stand in "joann@x.test", nor in "ann@x.test.uk". */
static bool names_address(const char *text, const char *address) {
    size_t length = strlen(address);
    for (const char *at = text; (at = strstr(at, address)); at++) {
        const char *end = at + length;
        bool goes_on = *end == '.' ? end[1] && may_be_of_address(end[1]) : *end && may_be_of_address(*end);
        if ((at == text || !may_be_of_address(at[-1])) && !goes_on)
            return true;
    }
    return false;
}

/* Somebody whom a rule adds and of whom the reason speaks: no recipient is to blame. */
static const char *added_in(const Decision *decision, const char *why) {
    for (guint i = 0; i < decision->add_recipients->len; i++)
        if (names_address(why, g_ptr_array_index(decision->add_recipients, i)))
            return g_ptr_array_index(decision->add_recipients, i);
    return NULL;
}

static void name_hindered(const Decision *decision, RuleResult *result, const char *why) {
    const char *added = added_in(decision, why);
    g_ptr_array_set_size(result->concerned, 0);
    if (added) {
        g_ptr_array_add(result->concerned, g_strdup(added));
        return;
    }
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->seal != SEAL_NONE)
            g_ptr_array_add(result->concerned, g_strdup(person->address));
    }
}

void decide_refusal(const EngineInput *in, Decision *decision, const char *why) {
    text_set(&decision->seal_failure, why);
    for (guint i = 0; i < decision->rules->len; i++) {
        RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (!result->applies || result->observed || !result->rule->encrypts)
            continue;
        result->action = ACTION_REJECT;
        say(result->why, "the gateway could not encrypt it: %s", why);
        name_hindered(decision, result, why);
    }
    decision->action = ACTION_REJECT;
    set_reply(decision);
    set_refusal(in, decision, most_severe(decision));
    forget_changes(decision);
}

Decision *decide(const EngineInput *in) {
    if (in->views)
        return decide_with_views(in);
    g_autoptr(Views) views = views_new(in->policy, in->facts);
    EngineInput viewed = *in;
    viewed.views = views;
    return decide_with_views(&viewed);
}
