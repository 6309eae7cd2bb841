/* SPDX-License-Identifier: Apache-2.0 */
/* Reading values out of the tree: each reader knows one type and says in one line what is wrong and what to write. */
#include "base/text.h"
#include "policy/tree.h"
#include "registry/import.h"
#include <string.h>

static void add_problem(GPtrArray *problems, ProblemKind kind, const Node *node, const char *format, va_list args) {
    g_autofree char *text = g_strdup_vprintf(format, args);
    g_ptr_array_add(problems, problem_new(kind, node->file, node->line, "%s", text));
}

void node_error(GPtrArray *problems, const Node *node, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_problem(problems, PROBLEM_ERROR, node, format, args);
    va_end(args);
}

void node_warning(GPtrArray *problems, const Node *node, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_problem(problems, PROBLEM_WARNING, node, format, args);
    va_end(args);
}

static const char *kind_name(NodeKind kind) {
    static const char *const names[] = {"a group { }",           "a list",       "a text", "a number",
                                        "a number with a point", "true or false"};
    return names[kind];
}

static void say_type(GPtrArray *problems, const Node *node, const char *wanted) {
    if (node->name)
        node_error(problems, node, "\"%s\" is %s; write %s", node->name, kind_name(node->kind), wanted);
    else
        node_error(problems, node, "%s stands here; write %s", kind_name(node->kind), wanted);
}

const char *node_text(GPtrArray *problems, const Node *node) {
    if (node->kind == NODE_TEXT)
        return node->text;
    say_type(problems, node, "a text in double quotes");
    return NULL;
}

/* "512K": binary thousands, as people count memory and messages. */
static bool sized_number(const char *text, int64_t *number) {
    char *end;
    gint64 value = g_ascii_strtoll(text, &end, 10);
    static const char units[] = "KMG";
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (!g_ascii_isdigit(*text) || (*end && !unit) || (unit && end[1]) || value > (G_MAXINT64 >> shift))
        return false;
    *number = value << shift;
    return true;
}

/* "25MB", "25 mb", "25k": what is meant as we write it; NULL: it is no number. Caller owns. */
static char *sized_meant(const char *text) {
    char *end;
    gint64 value = g_ascii_strtoll(text, &end, 10);
    end += strspn(end, " ");
    char unit = g_ascii_toupper(*end);
    const char *rest = *end ? end + 1 : end;
    bool plain = unit == 'B' && !*rest;
    bool binary = unit && strchr("KMG", unit) &&
                  (!*rest || g_ascii_strcasecmp(rest, "b") == 0 || g_ascii_strcasecmp(rest, "ib") == 0);
    if (!g_ascii_isdigit(*text) || (!plain && !binary))
        return NULL;
    return plain ? g_strdup_printf("%" G_GINT64_FORMAT, value)
                 : g_strdup_printf("\"%" G_GINT64_FORMAT "%c\"", value, unit);
}

bool node_number(GPtrArray *problems, const Node *node, int64_t *number) {
    if (node->kind == NODE_NUMBER) {
        *number = node->number;
        return true;
    }
    if (node->kind == NODE_TEXT && sized_number(node->text, number))
        return true;
    g_autofree char *meant = node->kind == NODE_TEXT ? sized_meant(node->text) : NULL;
    if (meant && node->name)
        node_error(problems, node, "\"%s\" is \"%s\"; write %s (K, M or G stand for bytes)", node->name, node->text,
                   meant);
    else
        say_type(problems, node, "a whole number such as 4 or, for bytes, \"100M\"");
    return false;
}

bool node_flag(GPtrArray *problems, const Node *node, bool *flag) {
    if (node->kind != NODE_FLAG) {
        say_type(problems, node, "true or false, without quotes");
        return false;
    }
    *flag = node->number != 0;
    return true;
}

bool node_is_group(GPtrArray *problems, const Node *node) {
    if (node->kind != NODE_GROUP)
        say_type(problems, node, "a group { … }");
    return node->kind == NODE_GROUP;
}

GPtrArray *node_elements(const Node *node) {
    GPtrArray *elements = g_ptr_array_new();
    if (node->kind != NODE_LIST)
        g_ptr_array_add(elements, (Node *)node);
    for (guint i = 0; node->kind == NODE_LIST && i < node->children->len; i++)
        g_ptr_array_add(elements, node->children->pdata[i]);
    return elements;
}

GPtrArray *node_texts(GPtrArray *problems, const Node *node) {
    g_autoptr(GPtrArray) elements = node_elements(node);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < elements->len; i++) {
        const Node *element = elements->pdata[i];
        if (element->kind != NODE_TEXT) {
            say_type(problems, element, "a text in double quotes, or a list of them");
            return NULL;
        }
        g_ptr_array_add(texts, g_strdup(element->text));
    }
    return g_steal_pointer(&texts);
}

GPtrArray *node_groups(GPtrArray *problems, const Node *node) {
    g_autoptr(GPtrArray) elements = node_elements(node);
    GPtrArray *groups = g_ptr_array_new();
    for (guint i = 0; i < elements->len; i++) {
        const Node *element = elements->pdata[i];
        if (element->kind == NODE_GROUP)
            g_ptr_array_add(groups, (Node *)element);
        else
            say_type(problems, element, "a group { … }, or a list of them ( {…}, {…} )");
    }
    return groups;
}

/* "tls" of "verified-tls": the only one that begins or ends so. */
static const char *suggest_whole(const char *word, const char *const *known) {
    const char *found = NULL;
    for (; strlen(word) >= 3 && *known; known++) {
        if (!g_str_has_prefix(*known, word) && !g_str_has_suffix(*known, word))
            continue;
        if (found)
            return NULL;
        found = *known;
    }
    return found;
}

char *suggestion(const char *word, const char *const *known) {
    const char *near = text_suggest(word, known);
    near = near ? near : suggest_whole(word, known);
    if (near)
        return g_strdup_printf("; did you mean \"%s\"?", near);
    if (!known[0])
        return g_strdup("");
    g_autofree char *all = g_strjoinv(", ", (char **)known);
    if (strlen(all) > 300)
        return g_strdup("; see lexgate.conf(5)");
    return g_strdup_printf("; known: %s", all);
}

bool node_check_names(GPtrArray *problems, const Node *group, const char *const *known, const char *where) {
    bool all = true;
    for (guint i = 0; i < group->children->len; i++) {
        const Node *child = group->children->pdata[i];
        if (child->name && g_strv_contains(known, child->name))
            continue;
        g_autofree char *hint = suggestion(child->name, known);
        node_error(problems, child, "unknown key \"%s\" in %s%s", child->name, where, hint);
        all = false;
    }
    return all;
}

int node_word(GPtrArray *problems, const Node *node, const char *const *known, const char *what) {
    if (node->kind != NODE_TEXT) {
        g_autofree char *all = g_strjoinv(", ", (char **)known);
        g_autofree char *wanted = g_strdup_printf("one of these in double quotes: %s", all);
        say_type(problems, node, wanted);
        return -1;
    }
    const char *text = node->text;
    for (int i = 0; known[i]; i++)
        if (text_equal(text, known[i]))
            return i;
    g_autofree char *hint = suggestion(text, known);
    node_error(problems, node, "\"%s\" is no %s%s", text, what, hint);
    return -1;
}
