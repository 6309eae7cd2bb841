/* SPDX-License-Identifier: Apache-2.0 */
/* What the texts, addresses and names of a rule have in common. */
#include "base/text.h"
#include "policy/loading.h"
#include "policy/rules.h"
#include <string.h>

/* What a stranger must not learn from a header (DESIGN section 1, promise 4). */
static const char *const secret_placeholders[] = {"matter", "level", "client", "missing", "recipients", NULL};

bool check_placeholders(Loading *loading, const Node *node, const char *text) {
    bool secret = false;
    for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
        size_t length = strcspn(open + 1, "{}");
        if (open[1 + length] != '}')
            continue;
        g_autofree char *name = g_strndup(open + 1, length);
        secret |= g_strv_contains(secret_placeholders, name);
        if (g_strv_contains(rule_placeholders, name))
            continue;
        g_autofree char *hint = suggestion(name, rule_placeholders);
        node_error(loading->problems, node, "unknown {%s} in \"%s\"%s", name, node->name, hint);
    }
    return secret;
}

/* May mail that the rule marks leave the firm? Not when its own condition says otherwise. */
static bool may_leave(const Rule *rule) {
    for (guint i = 0; rule->when && i < rule->when->children->len; i++) {
        const Condition *child = rule->when->children->pdata[i];
        if (child->kind != COND_TEST || child->type->test != TEST_DIRECTION || !child->texts)
            continue;
        bool leaves = false;
        for (guint t = 0; t < child->texts->len; t++)
            leaves |=
                !text_equal(child->texts->pdata[t], "incoming") && !text_equal(child->texts->pdata[t], "internal");
        if (!leaves)
            return false;
    }
    return true;
}

static bool has_control(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

const char *load_public_text(Loading *loading, const Node *node, const Rule *rule, size_t most) {
    const char *text = node_text(loading->problems, node);
    if (!text)
        return NULL;
    if (!*text || strlen(text) > most || has_control(text)) {
        node_error(loading->problems, node, "\"%s\" is 1 to %zu bytes in one line; rewrite it", node->name, most);
        return NULL;
    }
    if (check_placeholders(loading, node, text) && may_leave(rule))
        node_warning(loading->problems, node,
                     "this text tells recipients outside what only staff should know; "
                     "add direction = [\"incoming\", \"internal\"] to \"when\"");
    return text;
}

void load_addresses(Loading *loading, const Node *node, GPtrArray *into) {
    g_autoptr(GPtrArray) texts = node_texts(loading->problems, node);
    if (texts && !texts->len)
        node_error(loading->problems, node, "\"%s\" is an empty list; name somebody or take it away", node->name);
    for (guint i = 0; texts && i < texts->len; i++) {
        char *address = address_normalise(texts->pdata[i]);
        if (!address_is_plausible(address))
            node_error(loading->problems, node, "%s: \"%s\" is no address; write name@domain", node->name, address);
        else if (!policy_is_ours(loading->policy, address))
            node_warning(loading->problems, node, "%s: %s is in none of firm.domains; the mail leaves the firm",
                         node->name, address);
        g_ptr_array_add(into, address);
    }
}

const ServiceLevel *load_level_name(Loading *loading, const Node *node) {
    const char *const *known = (const char *const *)loading->level_names->pdata;
    const char *name = node_text(loading->problems, node);
    if (!name)
        return NULL;
    const ServiceLevel *level = g_hash_table_lookup(loading->policy->levels, name);
    if (g_strv_contains(known, name))
        return level;
    g_autofree char *hint = known[0] ? suggestion(name, known) : g_strdup("; define it in the group service_levels");
    node_error(loading->problems, node, "there is no service level \"%s\"%s", name, hint);
    return NULL;
}
