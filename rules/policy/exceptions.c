/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions of a rule: nobody may leave one behind, so each names an owner, a reason and its last day. */
#include "base/text.h"
#include "policy/loading.h"
#include <string.h>

#define WHY_MAX 300

static char *load_owner(Loading *loading, const Node *node) {
    const char *text = node_text(loading->problems, node);
    char *address = text ? address_normalise(text) : NULL;
    if (address && !address_is_plausible(address))
        node_error(loading->problems, node, "owner: \"%s\" is no address; write who answers for the exception", text);
    return address;
}

static char *load_until(Loading *loading, const Node *node) {
    const char *text = node_text(loading->problems, node);
    if (text && !text_is_day(text))
        node_error(loading->problems, node, "\"%s\" is no day; write it like \"2027-01-31\"", text);
    return g_strdup(text);
}

static char *load_why(Loading *loading, const Node *node) {
    const char *text = node_text(loading->problems, node);
    if (text && (!*text || strlen(text) > WHY_MAX))
        node_error(loading->problems, node, "\"why\" is 1 to %d bytes; say why the exception is there", WHY_MAX);
    return g_strdup(text);
}

static void load_exception(Loading *loading, const Node *node, Rule *rule) {
    static const char *const names[] = {"when", "owner", "until", "why", NULL};
    node_check_names(loading->problems, node, names, "an exception");
    const Node *when = node_member(node, "when"), *owner = node_member(node, "owner");
    const Node *until = node_member(node, "until"), *why = node_member(node, "why");
    if (!owner || !until || !why) {
        node_error(loading->problems, node,
                   "an exception needs %s; write except: ( { when: { … }; owner = \"name@firm\"; until = "
                   "\"2027-01-31\"; why = \"…\"; } )",
                   !owner   ? "an owner"
                   : !until ? "its last day (until)"
                            : "a reason (why)");
        return;
    }
    RuleException *exception = g_new0(RuleException, 1);
    exception->line = node->line;
    exception->when = when ? load_condition(loading, when) : NULL;
    exception->owner = load_owner(loading, owner);
    exception->until = load_until(loading, until);
    exception->why = load_why(loading, why);
    g_ptr_array_add(rule->exceptions, exception);
}

void load_exceptions(Loading *loading, const Node *node, Rule *rule) {
    g_autoptr(GPtrArray) groups = node_groups(loading->problems, node);
    for (guint i = 0; i < groups->len; i++)
        load_exception(loading, groups->pdata[i], rule);
}
