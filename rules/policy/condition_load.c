/* SPDX-License-Identifier: Apache-2.0 */
/* From a `when` group to a tree of conditions. Which names there are, and what they take, stands in the table
 * (condition.c). */
#include "base/text.h"
#include "policy/barepattern.h"
#include "policy/loading.h"
#include <string.h>

#define DEPTH_MAX 16
#define PATTERN_MAX 4000

typedef struct {
    const char *name;
    ConditionKind kind;
} Word;

static const Word groups[] = {
    {"sender", COND_SENDER}, {"recipient", COND_RECIPIENT}, {"matter", COND_MATTER}, {"attachment", COND_ATTACHMENT},
    {"header", COND_HEADER}, {"detects", COND_DETECTION},   {NULL, COND_ALL}};
static const Word joiners[] = {{"any", COND_ANY}, {"all", COND_ALL}, {"not", COND_NOT}, {NULL, COND_ALL}};

static const Word *find_word(const Word *words, const char *name) {
    for (; words->name; words++)
        if (text_equal(words->name, name))
            return words;
    return NULL;
}

static const char *group_name(ConditionKind group) {
    for (const Word *word = groups; word->name; word++)
        if (word->kind == group)
            return word->name;
    return "when";
}

static const ConditionType *find_type(ConditionKind group, const char *name) {
    for (size_t i = 0; i < condition_type_count; i++)
        if (condition_types[i].group == group && text_equal(condition_types[i].name, name))
            return &condition_types[i];
    return NULL;
}

static Condition *condition_new(ConditionKind kind, const Node *node) {
    Condition *condition = g_new0(Condition, 1);
    condition->kind = kind;
    condition->line = node->line;
    if (kind != COND_TEST)
        condition->children = g_ptr_array_new_with_free_func((GDestroyNotify)condition_free);
    return condition;
}

static const char *value_shape(const ConditionType *type) {
    return type->value == VALUE_FLAG ? "true" : type->value == VALUE_NUMBER ? "5" : "\"…\"";
}

/* "sender: { first_time = true; }, recipient: { first_time = true; }" when other groups have what this one lacks. */
static char *where_it_belongs(const char *name) {
    GString *places = g_string_new(NULL);
    for (size_t i = 0; i < condition_type_count; i++)
        if (text_equal(condition_types[i].name, name)) {
            const char *group = group_name(condition_types[i].group), *shape = value_shape(&condition_types[i]);
            bool top = condition_types[i].group == COND_ALL;
            g_string_append_printf(places, top ? "%sabove the groups, %s%s = %s;" : "%s%s: { %s = %s; }",
                                   places->len ? " or " : "", top ? "" : group, name, shape);
        }
    return g_string_free(places, FALSE);
}

static void say_unknown(Loading *loading, const Node *node, ConditionKind group) {
    g_autofree char *places = where_it_belongs(node->name);
    if (*places) {
        node_error(loading->problems, node, "\"%s\" is no condition of \"%s\"; write it where it belongs: %s",
                   node->name, group_name(group), places);
        return;
    }
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (size_t i = 0; i < condition_type_count; i++)
        if (condition_types[i].group == group)
            g_ptr_array_add(known, (char *)condition_types[i].name);
    for (const Word *word = groups; group == COND_ALL && word->name; word++)
        g_ptr_array_add(known, (char *)word->name);
    for (const Word *word = joiners; word->name; word++)
        g_ptr_array_add(known, (char *)word->name);
    g_ptr_array_add(known, NULL);
    g_autofree char *hint = suggestion(node->name, (const char *const *)known->pdata);
    node_error(loading->problems, node, "unknown condition \"%s\" in \"%s\"%s", node->name, group_name(group), hint);
}

/* Patterns that would match nothing at all there, or cannot be rewritten, look at written text alone. */
static pcre2_code *compile_bare(const char *text) {
    int code;
    PCRE2_SIZE at;
    g_autofree char *bare = bare_pattern(text);
    pcre2_code *pattern =
        pcre2_compile((PCRE2_SPTR)(bare ? bare : text), PCRE2_ZERO_TERMINATED, PATTERN_OPTIONS, &code, &at, NULL);
    uint32_t empty = 1;
    if (pattern)
        pcre2_pattern_info(pattern, PCRE2_INFO_MATCHEMPTY, &empty);
    if (empty) {
        pcre2_code_free(pattern);
        return NULL;
    }
    pcre2_jit_compile(pattern, PCRE2_JIT_COMPLETE);
    return pattern;
}

void load_pattern(Loading *loading, const Node *node, const char *text, GPtrArray *patterns) {
    int code;
    PCRE2_SIZE at;
    if (strlen(text) > PATTERN_MAX) {
        node_error(loading->problems, node, "the pattern is longer than %d bytes; split it", PATTERN_MAX);
        return;
    }
    pcre2_code *pattern = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PATTERN_OPTIONS, &code, &at, NULL);
    if (!pattern) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(code, message, sizeof message);
        node_error(loading->problems, node, "the pattern \"%s\" is wrong at character %zu: %s", text, at,
                   (char *)message);
        return;
    }
    /* Without JIT the interpreter serves; only slower. */
    pcre2_jit_compile(pattern, PCRE2_JIT_COMPLETE);
    g_ptr_array_add(patterns, pattern);
}

static void free_needs(void *needs) {
    needs_free(needs); /* which NULL is fine for */
}

static void load_both_patterns(Loading *loading, const Node *node, const char *text, Condition *test) {
    guint before = test->patterns->len;
    load_pattern(loading, node, text, test->patterns);
    if (test->patterns->len > before)
        g_ptr_array_add(test->bare_patterns, compile_bare(text));
}

/* Other texts are short. */
static void load_needs(Loading *loading, Condition *test) {
    Pieces *pieces = loading->policy->pieces;
    test->needs = g_ptr_array_new_with_free_func(free_needs);
    test->bare_needs = g_ptr_array_new_with_free_func(free_needs);
    for (guint i = 0; i < test->texts->len; i++) {
        const char *text = test->texts->pdata[i];
        g_autofree char *bare = bare_pattern(text);
        g_ptr_array_add(test->needs, needs_of(pieces, text));
        g_ptr_array_add(test->bare_needs, needs_of(pieces, bare ? bare : text));
    }
}

static void free_pattern(void *pattern) {
    pcre2_code_free(pattern); /* which NULL is fine for */
}

static void load_texts(Loading *loading, const Node *node, Condition *test) {
    const ConditionType *type = test->type;
    test->texts = node_texts(loading->problems, node);
    if (!test->texts)
        return;
    if (test->texts->len == 0)
        node_error(loading->problems, node, "\"%s\" is compared with an empty list, which nothing matches; fill it",
                   type->name);
    if (type->value == VALUE_PATTERN) {
        test->patterns = g_ptr_array_new_with_free_func(free_pattern);
        test->bare_patterns = g_ptr_array_new_with_free_func(free_pattern);
    }
    for (guint i = 0; i < test->texts->len; i++) {
        check_value(loading, node, type, test->texts->pdata[i]);
        if (type->value == VALUE_PATTERN)
            load_both_patterns(loading, node, test->texts->pdata[i], test);
    }
    if ((type->test == TEST_TEXT || type->test == TEST_OWN_TEXT) && test->patterns->len == test->texts->len)
        load_needs(loading, test);
}

static Condition *load_test(Loading *loading, const Node *node, const ConditionType *type) {
    Condition *test = condition_new(COND_TEST, node);
    test->type = type;
    if (type->value == VALUE_FLAG)
        node_flag(loading->problems, node, &test->flag);
    else if (type->value == VALUE_NUMBER && node_number(loading->problems, node, &test->number) && test->number < 0)
        node_error(loading->problems, node, "\"%s\" is below zero; write a number of bytes", type->name);
    else if (type->test == TEST_DETECTION_AT_LEAST && test->number == 0)
        node_error(loading->problems, node, "\"at_least\" is 0, which needs nothing to be there; write 1 or more");
    else if (type->value != VALUE_NUMBER)
        load_texts(loading, node, test);
    return test;
}

static void load_members(Loading *loading, const Node *node, ConditionKind group, unsigned depth, Condition *into);

/* any, all: a list of groups; not: one group. Within a group such as `recipient` they speak of the same recipient. */
static Condition *load_joined(Loading *loading, const Node *node, ConditionKind kind, ConditionKind group,
                              unsigned depth) {
    Condition *joined = condition_new(kind, node);
    g_autoptr(GPtrArray) members = node_groups(loading->problems, node);
    if (members->len == 0 || (kind == COND_NOT && node->kind == NODE_LIST))
        node_error(loading->problems, node, "\"%s\" takes %s", node->name,
                   kind == COND_NOT ? "one group { … }" : "a list of groups ( {…}, {…} )");
    if (kind == COND_ANY && node->kind == NODE_GROUP && node->children->len > 1)
        node_error(loading->problems, node,
                   "\"any\" with one group asks for all its members; write a group for each: any = ( {…}, {…} )");
    for (guint i = 0; i < members->len; i++) {
        const Node *member = members->pdata[i];
        Condition *all = condition_new(COND_ALL, member);
        if (member->children->len == 0)
            node_error(loading->problems, member,
                       "an empty group in \"%s\" is true of every message; fill it or take it away", node->name);
        load_members(loading, member, group, depth, all);
        g_ptr_array_add(joined->children, all);
    }
    return joined;
}

static Condition *load_group(Loading *loading, const Node *node, ConditionKind kind, unsigned depth) {
    Condition *condition = condition_new(kind, node);
    if (!node_is_group(loading->problems, node))
        return condition;
    if (node->children->len == 0)
        node_error(loading->problems, node, "\"%s\" is empty; say something of it or take it away", node->name);
    if (kind == COND_HEADER && !node_member(node, "name"))
        node_error(loading->problems, node, "\"header\" needs a name; write header: { name = \"X-Spam-Flag\"; … }");
    if (kind == COND_DETECTION && !node_member(node, "kind"))
        node_error(loading->problems, node, "\"detects\" needs a kind; write detects: { kind = \"iban\"; … }");
    load_members(loading, node, kind, depth, condition);
    return condition;
}

static Condition *load_member(Loading *loading, const Node *node, ConditionKind group, unsigned depth) {
    const ConditionType *type = find_type(group, node->name);
    const Word *joiner = find_word(joiners, node->name);
    const Word *inner = group == COND_ALL ? find_word(groups, node->name) : NULL;
    if (depth > DEPTH_MAX) {
        node_error(loading->problems, node, "conditions are nested more than %d deep; write them flatter", DEPTH_MAX);
        return NULL;
    }
    if (type)
        return load_test(loading, node, type);
    if (joiner)
        return load_joined(loading, node, joiner->kind, group, depth + 1);
    if (inner)
        return load_group(loading, node, inner->kind, depth + 1);
    say_unknown(loading, node, group);
    return NULL;
}

static void load_members(Loading *loading, const Node *node, ConditionKind group, unsigned depth, Condition *into) {
    for (guint i = 0; i < node->children->len; i++) {
        Condition *child = load_member(loading, node->children->pdata[i], group, depth);
        if (child)
            g_ptr_array_add(into->children, child);
    }
}

Condition *load_condition(Loading *loading, const Node *when) {
    if (!node_is_group(loading->problems, when))
        return NULL;
    if (when->children->len == 0)
        node_warning(loading->problems, when,
                     "\"when\" is empty: the rule is for every message; leave \"when\" out to say so");
    Condition *condition = condition_new(COND_ALL, when);
    load_members(loading, when, COND_ALL, 0, condition);
    return condition;
}
