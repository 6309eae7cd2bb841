/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/directive.h"
#include <string.h>

enum { INSIDE_MAX = 60 };

/* The next brackets that say so, from `at` on; their length, and what stands behind the name. NULL: none. */
static const char *find(const char *at, const char *name, size_t *length, char **rest) {
    size_t named = strlen(name);
    for (; (at = strchr(at, '[')); at++) {
        size_t inside = strcspn(at + 1, "[]");
        if (at[1 + inside] != ']' || inside > INSIDE_MAX)
            continue;
        g_autofree char *words = g_strstrip(g_strndup(at + 1, inside));
        if (g_ascii_strncasecmp(words, name, named) != 0 ||
            (words[named] && words[named] != ' ' && words[named] != ':'))
            continue;
        *length = inside + 2;
        if (rest) {
            const char *behind = words + named;
            *rest = g_strdup(behind + strspn(behind, ": "));
        }
        return at;
    }
    return NULL;
}

char *directive_in(const char *subject, const char *name) {
    char *rest = NULL;
    size_t length;
    return find(subject, name, &length, &rest) ? rest : NULL;
}

char *directive_strip(const char *subject, const char *name) {
    GString *left = g_string_new(NULL);
    const char *from = subject, *at;
    size_t length;
    while ((at = find(from, name, &length, NULL))) {
        g_string_append_len(left, from, at - from);
        from = at + length;
        /* One space stood on each side. */
        if (*from == ' ' && (!left->len || left->str[left->len - 1] == ' '))
            from++;
    }
    bool any = from != subject;
    g_string_append(left, from);
    char *text = g_string_free(left, !any);
    return text ? g_strchomp(text) : NULL;
}
