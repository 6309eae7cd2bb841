/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule does to a message beside letting it on or not: marks, another way, other people, another promise. */
#include "base/text.h"
#include "policy/loading.h"

#define TAG_MAX 60
#define BANNER_MAX 500

static const char *const priorities[] = {"low", "normal", "high", NULL};

static void load_tag(Loading *loading, const Node *node, Rule *rule) {
    rule->subject_tag = g_strdup(load_public_text(loading, node, rule, TAG_MAX));
}

static char *load_notice_text(Loading *loading, const Node *node, const Rule *rule) {
    static const char *const names[] = {"text", "form", NULL}, *const forms[] = {"header", "text", NULL};
    if (node->kind != NODE_GROUP)
        return g_strdup(load_public_text(loading, node, rule, BANNER_MAX));
    node_check_names(loading->problems, node, names, node->name);
    const Node *text = node_member(node, "text"), *form = node_member(node, "form");
    int word = form ? node_word(loading->problems, form, forms, "form") : 0;
    if (word == 1)
        node_error(loading->problems, form,
                   "a %s in the text needs a gateway that rewrites bodies, which this one does not; write form = "
                   "\"header\" and let the mail program or server show the header",
                   node->name);
    if (!text)
        node_error(loading->problems, node, "\"%s\" needs a text; write %s: { text = \"…\"; }", node->name, node->name);
    return text ? g_strdup(load_public_text(loading, text, rule, BANNER_MAX)) : NULL;
}

static void load_banner(Loading *loading, const Node *node, Rule *rule) {
    rule->banner = load_notice_text(loading, node, rule);
}

static void load_disclaimer(Loading *loading, const Node *node, Rule *rule) {
    rule->disclaimer = load_notice_text(loading, node, rule);
}

static void load_priority(Loading *loading, const Node *node, Rule *rule) {
    int word = node_word(loading->problems, node, priorities, "priority");
    rule->priority = word < 0 ? PRIORITY_NONE : (Priority)(word + PRIORITY_LOW);
}

static void load_service_level(Loading *loading, const Node *node, Rule *rule) {
    rule->service_level = load_level_name(loading, node);
}

static void load_redirect(Loading *loading, const Node *node, Rule *rule) {
    load_addresses(loading, node, rule->redirect);
}

static void load_notify(Loading *loading, const Node *node, Rule *rule) {
    load_addresses(loading, node, rule->notify);
}

bool rule_has_outcome(const Rule *rule) {
    return rule->subject_tag || rule->banner || rule->disclaimer || rule->priority != PRIORITY_NONE ||
           rule->service_level || rule->redirect->len || rule->notify->len;
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
                 {"except", load_exceptions}};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const Node *part = node_member(node, parts[i].name);
        if (part)
            parts[i].load(loading, part, rule);
    }
}
