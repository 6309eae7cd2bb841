/* SPDX-License-Identifier: Apache-2.0 */
/* The group `detectors`, and which of them the rules ask for. */
#include "policy/detectors.h"
#include "base/text.h"
#include "policy/loading.h"

static PolicyDetector *detector_new(const char *name) {
    PolicyDetector *detector = g_new0(PolicyDetector, 1);
    detector->name = g_strdup(name);
    detector->threshold = 1;
    return detector;
}

void policy_detector_free(PolicyDetector *detector) {
    if (!detector)
        return;
    g_free(detector->name);
    g_clear_pointer(&detector->patterns, g_ptr_array_unref);
    g_clear_pointer(&detector->labels, g_ptr_array_unref);
    g_free(detector);
}

const GPtrArray *policy_detectors(const Policy *policy) {
    return policy->detectors;
}

bool policy_asks_detectors(const Policy *policy) {
    return policy->asks_detectors || policy->asks_accounts;
}

bool policy_asks_language(const Policy *policy) {
    return policy->asks_language;
}

bool policy_asks_accounts(const Policy *policy) {
    return policy->asks_accounts;
}

static PolicyDetector *find(const Policy *policy, const char *name) {
    for (guint i = 0; i < policy->detectors->len; i++)
        if (text_equal(((PolicyDetector *)policy->detectors->pdata[i])->name, name))
            return policy->detectors->pdata[i];
    return NULL;
}

const PolicyDetector *policy_detector(const Policy *policy, const char *name) {
    return find(policy, name);
}

static void load_threshold(Loading *loading, const Node *group, PolicyDetector *detector) {
    const Node *node = node_member(group, "threshold");
    int64_t number = 1;
    if (!node || !node_number(loading->problems, node, &number))
        return;
    if (number < 1 || number > DETECTION_COUNT_MAX)
        node_error(loading->problems, node, "threshold = %" G_GINT64_FORMAT " is out of bounds; write between 1 and %d",
                   number, DETECTION_COUNT_MAX);
    else
        detector->threshold = (unsigned)number;
}

static void load_built_in(Loading *loading, const Node *group, PolicyDetector *detector) {
    static const char *const of_cards[] = {"threshold", "test_numbers", NULL}, *const of_others[] = {"threshold", NULL};
    bool card = text_equal(detector->name, detector_names[DETECT_CARD]);
    g_autofree char *where = g_strdup_printf("detector %s, which is built in", detector->name);
    const Node *tests = node_member(group, "test_numbers");
    node_check_names(loading->problems, group, card ? of_cards : of_others, where);
    if (tests && card)
        node_flag(loading->problems, tests, &detector->test_numbers);
}

/* Texts of a member, none of them empty; NULL when it is not given or wrong. */
static GPtrArray *load_texts(Loading *loading, const Node *node) {
    g_autoptr(GPtrArray) texts = node ? node_texts(loading->problems, node) : NULL;
    if (!texts)
        return NULL;
    for (guint i = 0; i <= texts->len; i++) {
        if (texts->len && (i == texts->len || *(const char *)texts->pdata[i]))
            continue;
        node_error(loading->problems, node, "\"%s\" is empty; fill it or take it away", node->name);
        return NULL;
    }
    return g_steal_pointer(&texts);
}

static void load_own(Loading *loading, const Node *group) {
    static const char *const names[] = {"pattern", "label", "phrases", "own_text", "threshold", NULL};
    g_autofree char *where = g_strdup_printf("detector %s", group->name);
    const Node *pattern = node_member(group, "pattern"), *phrases = node_member(group, "phrases");
    const Node *own_text = node_member(group, "own_text"), *label = node_member(group, "label");
    PolicyDetector *detector = detector_new(group->name);
    g_ptr_array_add(loading->policy->detectors, detector);
    node_check_names(loading->problems, group, names, where);
    if (!pattern && !phrases) {
        g_autofree char *hint = suggestion(group->name, detector_names);
        node_error(loading->problems, group, "detector %s has no pattern; write pattern = \"…\"%s", group->name, hint);
    }
    if (label && !pattern && phrases)
        node_error(loading->problems, label, "a label goes with a pattern, and detector %s has none; take it away",
                   group->name);
    g_autoptr(GPtrArray) texts = load_texts(loading, pattern);
    detector->patterns = g_ptr_array_new_with_free_func((GDestroyNotify)pcre2_code_free);
    for (guint i = 0; texts && i < texts->len; i++)
        load_pattern(loading, pattern, texts->pdata[i], detector->patterns);
    detector->labels = load_texts(loading, label);
    detector->phrases = phrases != NULL;
    if (phrases)
        load_phrases(loading, phrases, loading->policy->detectors->len - 1);
    if (own_text)
        node_flag(loading->problems, own_text, &detector->own_text);
    load_threshold(loading, group, detector);
}

static void load_one(Loading *loading, const Node *node) {
    if (!node_is_group(loading->problems, node))
        return;
    PolicyDetector *built_in = find(loading->policy, node->name);
    if (!built_in) {
        load_own(loading, node);
        return;
    }
    load_built_in(loading, node, built_in);
    load_threshold(loading, node, built_in);
}

void load_detectors(Loading *loading) {
    const Node *group = node_member(loading->root, "detectors");
    for (size_t i = 0; detector_names[i]; i++)
        g_ptr_array_add(loading->policy->detectors, detector_new(detector_names[i]));
    if (!group || !node_is_group(loading->problems, group))
        return;
    for (guint i = 0; i < group->children->len; i++)
        load_one(loading, group->children->pdata[i]);
}

void check_detector(Loading *loading, const Node *node, const char *name) {
    if (find(loading->policy, name))
        return;
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (guint i = 0; i < loading->policy->detectors->len; i++)
        g_ptr_array_add(known, ((PolicyDetector *)loading->policy->detectors->pdata[i])->name);
    g_ptr_array_add(known, NULL);
    g_autofree char *hint = suggestion(name, (const char *const *)known->pdata);
    node_error(loading->problems, node, "there is no detector \"%s\"%s", name, hint);
}

static void note_asked(Policy *policy, const Condition *condition) {
    for (guint i = 0; condition->children && i < condition->children->len; i++)
        note_asked(policy, condition->children->pdata[i]);
    if (condition->kind != COND_TEST)
        return;
    policy->asks_accounts |= condition->type->test == TEST_ACCOUNT_KNOWN;
    policy->asks_language |= condition->type->test == TEST_LANGUAGE || condition->type->test == TEST_LANGUAGE_DIFFERS;
    bool names = condition->type->test == TEST_DETECTION_KIND;
    for (guint i = 0; names && condition->texts && i < condition->texts->len; i++) {
        PolicyDetector *detector = find(policy, condition->texts->pdata[i]);
        if (!detector)
            continue; /* a problem was said */
        detector->asked = true;
        policy->asks_detectors = true;
    }
}

void note_asked_detectors(Policy *policy) {
    for (guint i = 0; i < policy->rules->len; i++) {
        const Rule *rule = policy->rules->pdata[i];
        if (rule->when && rule->mode != MODE_OFF)
            note_asked(policy, rule->when);
    }
}
