/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule does to a message beside letting it on or not: marks, another way, other people, another promise. */
#include "base/text.h"
#include "facts/daycount.h"
#include "facts/owntext.h"
#include "facts/putoff.h"
#include "policy/loading.h"

#define TAG_MAX 60
#define BANNER_MAX 500 /* in a header */
#define BODY_MAX 2000

static const char *const priorities[] = {"low", "normal", "high", NULL};

static void load_tag(Loading *loading, const Node *node, Rule *rule) {
    rule->subject_tag = g_strdup(load_public_text(loading, node, rule, TAG_MAX));
}

static void load_remark_group(Loading *loading, const Node *node, const Rule *rule, Remark *remark) {
    static const char *const names[] = {"text", "form", "repeat", NULL}, *const forms[] = {"header", "text", NULL};
    static const char *const fewer[] = {"text", "form", NULL}; /* small print warns of nothing */
    node_check_names(loading->problems, node, remark == &rule->banner ? names : fewer, node->name);
    const Node *text = node_member(node, "text"), *form = node_member(node, "form"),
               *repeat = node_member(node, "repeat");
    remark->in_body = form && node_word(loading->problems, form, forms, "form") == 1;
    if (repeat && node_flag(loading->problems, repeat, &remark->repeat) && !remark->in_body)
        node_error(loading->problems, repeat,
                   "\"repeat\" is for a %s in the text; write form = \"text\" or take repeat away", node->name);
    if (!text)
        node_error(loading->problems, node, "\"%s\" needs a text; write %s: { text = \"…\"; }", node->name, node->name);
    else
        remark->text = g_strdup(load_public_text(loading, text, rule, remark->in_body ? BODY_MAX : BANNER_MAX));
    /* Whoever answers a message or passes it on did not write it. */
    if (remark->in_body && remark->text)
        g_ptr_array_add(loading->policy->footers, owntext_footer(remark->text));
}

static void load_remark(Loading *loading, const Node *node, const Rule *rule, Remark *remark) {
    if (node->kind == NODE_GROUP)
        load_remark_group(loading, node, rule, remark);
    else
        remark->text = g_strdup(load_public_text(loading, node, rule, BANNER_MAX));
}

static void load_banner(Loading *loading, const Node *node, Rule *rule) {
    load_remark(loading, node, rule, &rule->banner);
}

static void load_disclaimer(Loading *loading, const Node *node, Rule *rule) {
    load_remark(loading, node, rule, &rule->disclaimer);
}

static void load_priority(Loading *loading, const Node *node, Rule *rule) {
    int word = node_word(loading->problems, node, priorities, "priority");
    rule->priority = word < 0 ? PRIORITY_NONE : (Priority)(word + PRIORITY_LOW);
}

static void load_service_level(Loading *loading, const Node *node, Rule *rule) {
    rule->service_level = load_level_name(loading, node);
}

static void load_holding(Loading *loading, const Node *node, Rule *rule) {
    rule->holding = load_level_name(loading, node);
}

/* A date would be over soon. */
static void load_expect(Loading *loading, const Node *node, Rule *rule) {
    const char *text = node_text(loading->problems, node);
    g_auto(PutOff) named = putoff_day_named(text ? text : "");
    DayCount count;
    bool day = named.weekday >= 0 || named.days >= 0;
    if (text && (named.day || (!day && !daycount_find(text, &count))))
        node_error(loading->problems, node,
                   "expect: \"%s\" is no time that a client can be given each time; write \"3 days\", \"2 weeks\" or "
                   "\"Friday\"",
                   text);
    rule->expect = g_strdup(text);
}

static void load_redirect(Loading *loading, const Node *node, Rule *rule) {
    load_addresses(loading, node, rule->redirect);
}

static void load_notify(Loading *loading, const Node *node, Rule *rule) {
    load_addresses(loading, node, rule->notify);
}

bool rule_has_outcome(const Rule *rule) {
    return rule->subject_tag || rule->banner.text || rule->disclaimer.text || rule->priority != PRIORITY_NONE ||
           rule->service_level || rule->holding || rule->expect || rule->redirect->len || rule->notify->len;
}

void load_outcomes(Loading *loading, const Node *node, Rule *rule) {
    static const struct {
        const char *name;
        void (*load)(Loading *loading, const Node *node, Rule *rule);
    } parts[] = {{"subject_tag", load_tag},
                 {"banner", load_banner},
                 {"disclaimer", load_disclaimer},
                 {"priority", load_priority},
                 {"service_level", load_service_level},
                 {"redirect", load_redirect},
                 {"notify", load_notify},
                 {"holding", load_holding},
                 {"expect", load_expect},
                 {"except", load_exceptions}};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const Node *part = node_member(node, parts[i].name);
        if (part)
            parts[i].load(loading, part, rule);
    }
}
