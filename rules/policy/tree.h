/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a configuration say, as one tree: read by libconfig, merged, each value with the place it came
 * from.
 *
 * Groups of several files merge; the list `rules` grows; any other key given twice is an error that names both places.
 */
#pragma once
#include "base/settings.h"
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { NODE_GROUP, NODE_LIST, NODE_TEXT, NODE_NUMBER, NODE_REAL, NODE_FLAG } NodeKind;

typedef struct Node {
    NodeKind kind;
    char *name;       /* NULL in a list */
    const char *file; /* as people name it; borrowed from the source */
    const char *path; /* absolute, for what is relative to it; borrowed from the source */
    unsigned line;
    GPtrArray *children; /* Node; of groups and lists */
    char *text;
    int64_t number; /* 0 or 1 for a flag */
} Node;

/* One file's place and content. `text` ends with a NUL that is not counted. */
typedef struct {
    const char *file, *path;
    const char *text;
    size_t length;
} TreeFile;

Node *node_new(NodeKind kind, const char *name, const TreeFile *file, unsigned line);
void node_free(Node *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Node, node_free)

/* Adds the file's settings to the group `root`. False when it does not parse; problems are appended. Opens no file. */
bool tree_add(Node *root, const TreeFile *file, GPtrArray *problems);

/* Member of a group, or NULL. */
const Node *node_member(const Node *group, const char *name);

/* Problems at a node's place. */
void node_error(GPtrArray *problems, const Node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
void node_warning(GPtrArray *problems, const Node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Reading with the problem said when the type is wrong: borrowed, NULL or false then. */
const char *node_text(GPtrArray *problems, const Node *node);
bool node_number(GPtrArray *problems, const Node *node, int64_t *number); /* also "512K", "100M", "1G" */
bool node_flag(GPtrArray *problems, const Node *node, bool *flag);
bool node_is_group(GPtrArray *problems, const Node *node);

/* The elements of a list, or the node itself: "a string or a list of them". Borrowed nodes, caller owns the array. */
GPtrArray *node_elements(const Node *node);

/* Texts of a string or list of strings, copies; NULL after a problem. */
GPtrArray *node_texts(GPtrArray *problems, const Node *node);

/* Elements that must be groups; after a problem, those that are. Borrowed nodes, caller owns the array. */
GPtrArray *node_groups(GPtrArray *problems, const Node *node);

/* An error for each member whose name is not in `known` (NULL-ended); `where` is for people ("a rule"). True: all are known. */
bool node_check_names(GPtrArray *problems, const Node *group, const char *const *known, const char *where);

/* The place in `known` (NULL-ended) of the node's text, or -1 after a problem with a suggestion. `what` is for people.
 */
int node_word(GPtrArray *problems, const Node *node, const char *const *known, const char *what);

/* "; did you mean "x"?", or "; known are a, b, c"; caller owns. */
char *suggestion(const char *word, const char *const *known);

/* The first thing in a file that libconfig stumbles over although people write it: a sentence and its line; NULL when
 * nothing stands out. Caller owns. */
char *hint_for_syntax(const char *text, size_t length, unsigned error_line, unsigned *line);

/* A comment or text without its end, which libconfig would take to reach the end of the file: a sentence and the line
 * where it begins, or NULL. Caller owns. */
char *hint_for_unclosed(const char *text, size_t length, unsigned *line);
