/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: from the list in the tree to Rule. Whatever could only fail when mail arrives is refused here. */
#include "policy/rules.h"
#include "base/text.h"
#include "policy/loading.h"
#include <string.h>

#define SAY_MAX 2000
#define STAMP_MAX 900

const char *const rule_keys[] = {
    "id",     "title",   "policy", "mode",   "on_unknown", "when",     "do",          "encrypt",       "deadline",
    "stamp",  "copy_to", "say",    "banner", "disclaimer", "priority", "subject_tag", "service_level", "redirect",
    "notify", "holding", "expect", "except", NULL};
const char *const rule_placeholders[] = {"matter", "level", "client", "missing",  "recipients", "sender",    "section",
                                         "policy", "rule",  "firm",   "document", "direction",  "reference", NULL};

static const char *const modes[] = {"enforce", "observe", "off", NULL};
static const char *const unknowns[] = {"match", "skip", "hold", NULL};
static const char *const actions[] = {"accept", "confirm", "hold", "defer", "reject", NULL};
static const char *const ways[] = {"end-to-end", "smime", "openpgp", "verified-tls", "consent", NULL};

/* Headers that carry the message itself, its way or its proofs: a stamp must not touch them. */
static const char *const structural[] = {"From",
                                         "Sender",
                                         "Reply-To",
                                         "To",
                                         "Cc",
                                         "Bcc",
                                         "Subject",
                                         "Date",
                                         "Message-ID",
                                         "In-Reply-To",
                                         "References",
                                         "Received",
                                         "Return-Path",
                                         "Delivered-To",
                                         "MIME-Version",
                                         "DKIM-Signature",
                                         "DomainKey-Signature",
                                         "Authentication-Results",
                                         "Received-SPF",
                                         "Reply-By",
                                         "X-Message-Flag",
                                         "Auto-Submitted",
                                         "Thread-Index",
                                         "Thread-Topic",
                                         "Original-Recipient",
                                         "Apparently-To",
                                         "Errors-To",
                                         "Autocrypt",
                                         NULL};
static const char *const structural_prefixes[] = {"Content-", "Resent-", "ARC-", "X-Lexgate-", NULL};

static bool is_structural(const char *name) {
    for (int i = 0; structural[i]; i++)
        if (text_equal_nocase(name, structural[i]))
            return true;
    for (int i = 0; structural_prefixes[i]; i++)
        if (g_ascii_strncasecmp(name, structural_prefixes[i], strlen(structural_prefixes[i])) == 0)
            return true;
    return false;
}

/* RFC 5322 section 2.2: printable ASCII but the colon. */
static void check_header_name(Loading *loading, const Node *node, const char *name) {
    size_t length = strlen(name);
    bool good = length > 0 && length <= 76;
    for (size_t i = 0; i < length; i++)
        good &= name[i] > 32 && name[i] < 127 && name[i] != ':';
    if (!good)
        node_error(loading->problems, node,
                   "\"%s\" cannot name a header; use letters, digits and -, as in \"X-Firm-External\"", name);
    else if (is_structural(name))
        node_error(loading->problems, node,
                   "a stamp must not touch the header %s; use a name of your own, as in "
                   "\"X-Firm-External\"",
                   name);
}

static void load_stamp(Loading *loading, const Node *node, Rule *rule) {
    static const char *const names[] = {"name", "value", NULL};
    node_check_names(loading->problems, node, names, "a stamp");
    const Node *name = node_member(node, "name"), *value = node_member(node, "value");
    if (!name || !value) {
        node_error(loading->problems, node,
                   "a stamp needs a name and a value; write stamp: { name = \"X-…\"; value = \"…\"; }");
        return;
    }
    const char *header = node_text(loading->problems, name);
    const char *text = load_public_text(loading, value, rule, STAMP_MAX);
    if (!header || !text)
        return;
    check_header_name(loading, name, header);
    if (!g_str_is_ascii(text))
        node_error(loading->problems, value, "the value of a stamp is 1 to %d characters of ASCII; rewrite it",
                   STAMP_MAX);
    Stamp *stamp = g_new0(Stamp, 1);
    stamp->name = g_strdup(header);
    stamp->value = g_strdup(text);
    g_ptr_array_add(rule->stamps, stamp);
}

static void load_stamps(Loading *loading, const Node *node, Rule *rule) {
    g_autoptr(GPtrArray) groups = node_groups(loading->problems, node);
    for (guint i = 0; i < groups->len; i++)
        load_stamp(loading, groups->pdata[i], rule);
}

static void load_copies(Loading *loading, const Node *node, Rule *rule) {
    load_addresses(loading, node, rule->copy_to);
}

static void load_accept(Loading *loading, const Node *node, Rule *rule) {
    g_autoptr(GPtrArray) elements = node_elements(node);
    unsigned seen = 0;
    if (elements->len == 0)
        node_error(loading->problems, node, "\"accept\" is empty; name at least one way, such as \"smime\"");
    for (guint i = 0; i < elements->len; i++) {
        int word = node_word(loading->problems, elements->pdata[i], ways, "way of encryption");
        if (word < 0)
            continue;
        if (seen & 1u << word)
            node_error(loading->problems, node, "\"%s\" is given twice in \"accept\"; keep one", ways[word]);
        seen |= 1u << word;
        Way way = (Way)(word + WAY_END_TO_END);
        g_array_append_val(rule->accept, way);
    }
}

/* Everything but consent, which somebody must have wanted. */
static void default_accept(Rule *rule) {
    for (Way way = WAY_END_TO_END; way < WAY_CONSENT; way++)
        g_array_append_val(rule->accept, way);
}

static void load_encrypt(Loading *loading, const Node *node, Rule *rule) {
    static const char *const names[] = {"accept", "otherwise", NULL};
    static const char *const otherwise[] = {"reject", "hold", NULL};
    rule->encrypts = true;
    if (!node_is_group(loading->problems, node))
        return;
    node_check_names(loading->problems, node, names, "\"encrypt\"");
    const Node *accept = node_member(node, "accept"), *other = node_member(node, "otherwise");
    if (accept)
        load_accept(loading, accept, rule);
    else
        default_accept(rule);
    int word = other ? node_word(loading->problems, other, otherwise,
                                 "word for otherwise, which says what happens to mail that cannot be encrypted")
                     : 0;
    rule->otherwise = word == 1 ? ACTION_HOLD : ACTION_REJECT;
}

static void load_action(Loading *loading, const Node *node, Rule *rule) {
    int word = node_word(loading->problems, node, actions, "action");
    rule->has_action = true;
    rule->action = word < 0 ? ACTION_HOLD : (Action)word; /* one problem is enough */
}

static void load_deadline(Loading *loading, const Node *node, Rule *rule) {
    rule->deadline = load_level_name(loading, node);
}

static void load_say(Loading *loading, const Node *node, Rule *rule) {
    const char *text = node_text(loading->problems, node);
    if (!text)
        return;
    check_placeholders(loading, node, text);
    if (strlen(text) > SAY_MAX)
        node_error(loading->problems, node, "\"say\" is longer than %d bytes, too long for a refusal; shorten it",
                   SAY_MAX);
    rule->say = g_strdup(text);
}

static char *dup_member(Loading *loading, const Node *rule, const char *name) {
    const Node *node = node_member(rule, name);
    return node ? g_strdup(node_text(loading->problems, node)) : NULL;
}

static void load_words(Loading *loading, const Node *node, Rule *rule) {
    const Node *mode = node_member(node, "mode"), *unknown = node_member(node, "on_unknown");
    int word = mode ? node_word(loading->problems, mode, modes, "mode") : 0;
    rule->mode = word < 0 ? MODE_ENFORCE : (Mode)word;
    word = unknown ? node_word(loading->problems, unknown, unknowns, "answer to unknown") : -1;
    rule->on_unknown = word < 0 ? UNKNOWN_DEFAULT : (OnUnknown)(word + UNKNOWN_MATCH);
}

static void load_parts(Loading *loading, const Node *node, Rule *rule) {
    static const struct {
        const char *name;
        void (*load)(Loading *loading, const Node *node, Rule *rule);
    } parts[] = {{"do", load_action},      {"encrypt", load_encrypt},   {"stamp", load_stamps},
                 {"copy_to", load_copies}, {"deadline", load_deadline}, {"say", load_say}};
    const Node *when = node_member(node, "when");
    if (when)
        rule->when = load_condition(loading, when);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const Node *part = node_member(node, parts[i].name);
        if (part)
            parts[i].load(loading, part, rule);
    }
    load_outcomes(loading, node, rule);
}

static void check_sense(Loading *loading, const Node *node, const Rule *rule) {
    bool refuses = rule->encrypts || (rule->has_action && rule->action != ACTION_ACCEPT);
    if (!refuses && !rule->has_action && !rule->stamps->len && !rule->copy_to->len && !node_member(node, "deadline") &&
        !rule_has_outcome(rule))
        node_warning(loading->problems, node,
                     "rule %s does nothing; give it do, encrypt, deadline, stamp, copy_to, redirect, notify, priority, "
                     "holding, expect, service_level, subject_tag, banner or disclaimer",
                     rule->id);
    else if (rule->say && !refuses)
        node_warning(loading->problems, node_member(node, "say"),
                     "rule %s refuses and holds nothing, so \"say\" is never said", rule->id);
}

static bool take_id(Loading *loading, const Node *node, Rule *rule) {
    const Node *id = node_member(node, "id");
    const char *text = id ? node_text(loading->problems, id) : NULL;
    if (!id)
        node_error(loading->problems, node, "a rule has no id; write id = \"a-short-name\"");
    else if (text && !text_is_id(text))
        node_error(loading->problems, id, "\"%s\" cannot be the id of a rule; use letters, digits, . _ -", text);
    if (!text)
        return false;
    rule->id = g_strdup(text);
    const Rule *first = policy_rule(loading->policy, text);
    if (first)
        node_error(loading->problems, id, "the rule id \"%s\" is given twice, first in %s:%u; rename one", text,
                   first->file, first->line);
    return !first;
}

/* Words of other filters' configurations. */
static bool check_keys(Loading *loading, const Node *node, const char *where) {
    static const char *const others[][2] = {
        {"action", "do"},         {"then", "do"},           {"condition", "when"}, {"if", "when"},
        {"name", "id"},           {"message", "say"},       {"text", "say"},       {"section", "policy"},
        {"description", "title"}, {"tag", "subject_tag"},   {"bcc", "copy_to"},    {"cc", "copy_to"},
        {"header", "stamp"},      {"footer", "disclaimer"}, {"enabled", "mode"},   {"exception", "except"}};
    for (guint i = 0; i < node->children->len; i++) {
        const Node *child = node->children->pdata[i];
        for (size_t o = 0; child->name && o < G_N_ELEMENTS(others); o++)
            if (text_equal(child->name, others[o][0])) {
                node_error(loading->problems, child, "unknown key \"%s\" in %s; did you mean \"%s\"?", child->name,
                           where, others[o][1]);
                return false;
            }
    }
    return node_check_names(loading->problems, node, rule_keys, where);
}

static void load_rule(Loading *loading, const Node *node) {
    Rule *rule = rule_new();
    rule->file = g_strdup(node->file);
    rule->line = node->line;
    bool named = take_id(loading, node, rule);
    g_autofree char *where = rule->id ? g_strdup_printf("rule %s", rule->id) : g_strdup("a rule");
    bool sound = check_keys(loading, node, where);
    rule->section = dup_member(loading, node, "policy");
    rule->title = dup_member(loading, node, "title");
    load_words(loading, node, rule);
    load_parts(loading, node, rule);
    if (named && sound)
        check_sense(loading, node, rule);
    if (named)
        g_ptr_array_add(loading->policy->rules, rule);
    else
        rule_free(rule);
}

void load_rules(Loading *loading) {
    const Node *list = node_member(loading->root, "rules");
    if (!list)
        return;
    if (list->kind != NODE_LIST) {
        node_error(loading->problems, list, "\"rules\" is no list; write rules: ( { id = …; … }, { … } );");
        return;
    }
    g_autoptr(GPtrArray) groups = node_groups(loading->problems, list);
    for (guint i = 0; i < groups->len; i++)
        load_rule(loading, groups->pdata[i]);
}
