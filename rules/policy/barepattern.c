/* SPDX-License-Identifier: Apache-2.0 */
/* Only what is certain is taken out; a pattern in extended syntax, or with verbatim parts, stays as it is. */
#include "policy/barepattern.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
    GString *out;
    const char *at;
    bool changed;
} Bare;

static bool is_quantifier(const char *at) {
    return strchr("*+?", *at) ? *at != '\0' : *at == '{' && (g_ascii_isdigit(at[1]) || at[1] == ',');
}

static const char *quantifier_end(const char *at) {
    if (!is_quantifier(at))
        return at;
    const char *close = *at == '{' ? strchr(at, '}') : at;
    at = close ? close + 1 : at + strlen(at);
    return *at == '?' || *at == '+' ? at + 1 : at; /* lazy, possessive */
}

/* From '[' to behind its ']'; a first ']' stands for itself. */
static const char *class_end(const char *at, bool *blank) {
    *blank = false;
    at += at[1] == '^' ? 2 : 1;
    for (bool first = true; *at && (first || *at != ']'); first = false) {
        bool escape = *at == '\\' && at[1];
        const char *named = *at == '[' && at[1] == ':' ? strstr(at, ":]") : NULL;
        *blank |= *at == ' ' || (escape && strchr("shnrt ", at[1])) || (named && g_str_has_prefix(at, "[:space:"));
        at = named ? named + 2 : at + (escape ? 2 : 1);
    }
    return *at ? at + 1 : at;
}

/* What might have been a space may be nothing. */
static void take_class(Bare *bare) {
    bool blank, negated = bare->at[1] == '^';
    const char *end = class_end(bare->at, &blank), *after = quantifier_end(end);
    g_string_append_len(bare->out, bare->at, end - bare->at);
    if (blank && !negated) {
        g_string_append_c(bare->out, after == end ? '?' : '*');
        bare->changed = true;
    } else {
        g_string_append_len(bare->out, end, after - end);
    }
    bare->at = after;
}

static void skip(Bare *bare, size_t length) {
    bare->at = quantifier_end(bare->at + length);
    bare->changed = true;
}

static void take(Bare *bare, size_t length) {
    g_string_append_len(bare->out, bare->at, (gssize)length);
    bare->at += length;
}

static void take_one(Bare *bare) {
    const char *at = bare->at;
    if (*at == '[')
        take_class(bare);
    else if (*at == ' ' || *at == '\t' || *at == '\n')
        skip(bare, 1);
    else if (*at == '\\' && at[1] && strchr("bshnrtRv", at[1]))
        skip(bare, 2);
    else
        take(bare, *at == '\\' && at[1] ? 2 : 1);
}

/* (?x), (?i-x:…), \Q…\E: there a space, or a backslash, means something else. */
static bool has_other_syntax(const char *pattern) {
    for (const char *at = strstr(pattern, "(?"); at; at = strstr(at + 2, "(?"))
        for (const char *flag = at + 2; g_ascii_isalpha(*flag) || *flag == '-' || *flag == '^'; flag++)
            if (*flag == 'x')
                return true;
    return strstr(pattern, "\\Q") || strstr(pattern, "(*");
}

char *bare_pattern(const char *pattern) {
    if (has_other_syntax(pattern))
        return NULL;
    Bare bare = {.out = g_string_new(NULL), .at = pattern};
    while (*bare.at)
        take_one(&bare);
    return g_string_free(bare.out, !bare.changed);
}
