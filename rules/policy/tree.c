/* SPDX-License-Identifier: Apache-2.0 */
/* From libconfig's settings to our tree, so that nothing else needs to know libconfig; and the merging of files. */
#include "policy/tree.h"
#include "base/text.h"
#include "registry/import.h"
#include <libconfig.h>
#include <string.h>

#define FILE_DEPTH_MAX 40

Node *node_new(NodeKind kind, const char *name, const TreeFile *file, unsigned line) {
    Node *node = g_new0(Node, 1);
    node->kind = kind;
    node->name = g_strdup(name);
    node->file = file ? file->file : "";
    node->path = file ? file->path : "";
    node->line = line;
    if (kind == NODE_GROUP || kind == NODE_LIST)
        node->children = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
    return node;
}

void node_free(Node *node) {
    if (!node)
        return;
    g_clear_pointer(&node->children, g_ptr_array_unref);
    g_free(node->name);
    g_free(node->text);
    g_free(node);
}

/* Whatever a text says may end in a header, a log line or an SMTP reply: no value needs a control character. */
static bool text_is_clean(const char *text) {
    if (!g_utf8_validate(text, -1, NULL))
        return false;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return false;
    return true;
}

static NodeKind kind_of(const config_setting_t *setting) {
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP:
        return NODE_GROUP;
    case CONFIG_TYPE_LIST:
    case CONFIG_TYPE_ARRAY:
        return NODE_LIST;
    case CONFIG_TYPE_STRING:
        return NODE_TEXT;
    case CONFIG_TYPE_BOOL:
        return NODE_FLAG;
    case CONFIG_TYPE_FLOAT:
        return NODE_REAL;
    default:
        return NODE_NUMBER;
    }
}

/* A libconfig group with the same members may be met at any depth; a file nested beyond reason is refused. */
static Node *copy_setting(config_setting_t *setting, const TreeFile *file, unsigned depth, GPtrArray *problems) {
    Node *node = node_new(kind_of(setting), config_setting_name(setting), file, config_setting_source_line(setting));
    if (depth > FILE_DEPTH_MAX) {
        node_error(problems, node, "nested more than %d deep; write it flatter", FILE_DEPTH_MAX);
        return node;
    }
    if (node->children)
        for (int i = 0; i < config_setting_length(setting); i++)
            g_ptr_array_add(node->children,
                            copy_setting(config_setting_get_elem(setting, (unsigned)i), file, depth + 1, problems));
    if (node->kind == NODE_TEXT) {
        const char *text = config_setting_get_string(setting);
        if (!text_is_clean(text))
            node_error(problems, node,
                       "the text holds a line break or another control character, or is not UTF-8; "
                       "take it out");
        node->text = g_utf8_make_valid(text, -1);
    }
    if (node->kind == NODE_FLAG)
        node->number = config_setting_get_bool(setting) != 0;
    if (node->kind == NODE_NUMBER)
        node->number = config_setting_get_int64(setting);
    return node;
}

const Node *node_member(const Node *group, const char *name) {
    for (guint i = 0; group && group->children && i < group->children->len; i++) {
        const Node *child = group->children->pdata[i];
        if (text_equal(child->name, name))
            return child;
    }
    return NULL;
}

static void move_children(Node *from, Node *to) {
    while (from->children->len)
        g_ptr_array_add(to->children, g_ptr_array_steal_index(from->children, 0));
}

/* Takes `fresh` into the group. `top`: only the top level's list `rules` grows. */
static void merge_member(Node *group, Node *fresh, bool top, GPtrArray *problems) {
    Node *old = (Node *)node_member(group, fresh->name);
    if (!old) {
        g_ptr_array_add(group->children, fresh);
        return;
    }
    if (old->kind == NODE_GROUP && fresh->kind == NODE_GROUP) {
        while (fresh->children->len)
            merge_member(old, g_ptr_array_steal_index(fresh->children, 0), false, problems);
    } else if (top && text_equal(fresh->name, "rules") && old->kind == NODE_LIST && fresh->kind == NODE_LIST) {
        move_children(fresh, old);
    } else {
        node_error(problems, fresh, "\"%s\" is given twice, first in %s:%u; keep one of them", fresh->name, old->file,
                   old->line);
    }
    node_free(fresh);
}

/* An unclosed comment would hide every rule below it without a word. */
static bool is_closed(const TreeFile *file, GPtrArray *problems) {
    unsigned line;
    g_autofree char *hint = hint_for_unclosed(file->text, file->length, &line);
    if (hint)
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, file->file, line, "%s", hint));
    return !hint;
}

/* libconfig's @include would open files behind the keeper's back, and its strings end at a NUL. */
static bool is_acceptable(const TreeFile *file, GPtrArray *problems) {
    unsigned line = 1;
    const char *end = file->text + file->length, *bad;
    if (!g_utf8_validate(file->text, (gssize)file->length, &bad)) {
        for (const char *p = file->text; p < bad; p++)
            line += *p == '\n';
        g_ptr_array_add(problems,
                        problem_new(PROBLEM_ERROR, file->file, line, "not UTF-8 text; save the file as UTF-8"));
        return false;
    }
    for (const char *p = file->text; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        const char *word = p + strspn(p, " \t");
        if (g_str_has_prefix(word, "@include")) {
            g_ptr_array_add(problems,
                            problem_new(PROBLEM_ERROR, file->file, line,
                                        "@include is not allowed; put the file into conf.d, it is read by itself"));
            return false;
        }
        p = stop ? stop + 1 : end;
    }
    return true;
}

static void say_syntax(const config_t *config, const TreeFile *file, GPtrArray *problems) {
    unsigned line = (unsigned)MAX(config_error_line(config), 1), hinted = 0;
    const char *text = config_error_text(config);
    g_autofree char *hint = hint_for_syntax(file->text, file->length, line, &hinted);
    if (text && strstr(text, "duplicate"))
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, file->file, line,
                                              "a name is given twice in the same group; keep one of them, or join "
                                              "conditions with all = ( {…}, {…} )"));
    else if (hint)
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, file->file, hinted, "%s", hint));
    else
        g_ptr_array_add(problems,
                        problem_new(PROBLEM_ERROR, file->file, line, "%s; look at this line and the one before it",
                                    text ? text : "syntax error"));
}

/* Some editors begin a file with a byte-order mark, which libconfig takes for a name. */
static TreeFile without_mark(const TreeFile *file) {
    TreeFile bare = *file;
    if (g_str_has_prefix(bare.text, "\xef\xbb\xbf")) {
        bare.text += 3;
        bare.length -= 3;
    }
    return bare;
}

bool tree_add(Node *root, const TreeFile *source, GPtrArray *problems) {
    TreeFile bare = without_mark(source);
    const TreeFile *file = &bare;
    if (!is_acceptable(file, problems) || !is_closed(file, problems))
        return false;
    config_t config;
    config_init(&config);
    bool good = config_read_string(&config, file->text) == CONFIG_TRUE;
    if (good) {
        config_setting_t *top = config_root_setting(&config);
        for (int i = 0; i < config_setting_length(top); i++)
            merge_member(root, copy_setting(config_setting_get_elem(top, (unsigned)i), file, 1, problems), true,
                         problems);
    } else {
        say_syntax(&config, file, problems);
    }
    config_destroy(&config);
    return good;
}
