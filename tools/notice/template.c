/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the pattern, recursion for sections. As in Mustache, a section's tag that stands alone on its line
 * leaves no empty line behind, so that templates can be laid out as they read. */
#include "notice/template.h"

#include <string.h>

#define MAX_DEPTH 16

G_DEFINE_QUARK(lexgate - template - error, template_error)
#define TEMPLATE_ERROR template_error_quark()

typedef struct {
    const char *pattern, *at;
    bool html;
    const json_t *scopes[MAX_DEPTH]; /* innermost last */
    unsigned depth;
    GString *out;
    GError **error;
} Filling;

typedef struct {
    char kind; /* '#', '^', '/', '!', '{' or 0 for a plain name */
    char *name;
    const char *start, *end; /* the tag with its braces, and with its line when it stands alone */
} Tag;

static bool fail(Filling *f, const char *where, const char *what, const char *name) {
    unsigned line = 1;
    for (const char *p = f->pattern; p < where; p++)
        line += *p == '\n';
    if (f->error && !*f->error)
        g_set_error(f->error, TEMPLATE_ERROR, 0, "line %u: %s \"%s\"", line, what, name);
    return false;
}

/* Only white space around a section's tag: the whole line goes with it. */
static void widen_to_line(const Filling *f, Tag *tag) {
    const char *left = tag->start, *right = tag->end;
    while (left > f->pattern && (left[-1] == ' ' || left[-1] == '\t'))
        left--;
    while (*right == ' ' || *right == '\t')
        right++;
    if ((left == f->pattern || left[-1] == '\n') && (*right == '\n' || *right == '\0')) {
        tag->start = left;
        tag->end = *right ? right + 1 : right;
    }
}

/* The next tag from f->at on; false at the end, or with an error when one is not closed. */
static bool next_tag(Filling *f, Tag *tag) {
    const char *start = strstr(f->at, "{{");
    if (!start)
        return false;
    const char *inside = start + 2, *close = "}}";
    tag->kind = *inside && strchr("#^/!{", *inside) ? *inside++ : '\0';
    if (tag->kind == '{')
        close = "}}}";
    const char *end = strstr(inside, close);
    if (!end)
        return fail(f, start, "this tag is not closed:", "{{");
    tag->name = g_strstrip(g_strndup(inside, (gsize)(end - inside)));
    tag->start = start;
    tag->end = end + strlen(close);
    if (tag->kind && tag->kind != '{')
        widen_to_line(f, tag);
    return true;
}

static const json_t *look_up(const Filling *f, const char *name) {
    if (strcmp(name, ".") == 0)
        return f->scopes[f->depth - 1];
    for (unsigned i = f->depth; i-- > 0;) {
        const json_t *value = json_is_object(f->scopes[i]) ? json_object_get(f->scopes[i], name) : NULL;
        if (value)
            return value;
    }
    return NULL;
}

static void add_text(Filling *f, const char *text, bool escape) {
    if (!escape) {
        g_string_append(f->out, text);
        return;
    }
    for (const char *p = text; *p; p++)
        switch (*p) {
        case '&':
            g_string_append(f->out, "&amp;");
            break;
        case '<':
            g_string_append(f->out, "&lt;");
            break;
        case '>':
            g_string_append(f->out, "&gt;");
            break;
        case '"':
            g_string_append(f->out, "&quot;");
            break;
        case '\'':
            g_string_append(f->out, "&#39;");
            break;
        default:
            g_string_append_c(f->out, *p);
        }
}

static bool add_value(Filling *f, const Tag *tag) {
    const json_t *value = look_up(f, tag->name);
    if (!value)
        return fail(f, tag->start, "unknown name", tag->name);
    if (json_is_string(value))
        add_text(f, json_string_value(value), f->html && tag->kind != '{');
    else if (json_is_integer(value))
        g_string_append_printf(f->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (!json_is_null(value))
        return fail(f, tag->start, "neither text nor number:", tag->name);
    return true;
}

static bool holds(const json_t *value) {
    if (json_is_string(value))
        return json_string_length(value) > 0;
    if (json_is_array(value))
        return json_array_size(value) > 0;
    return json_is_object(value) || json_is_true(value) || json_is_number(value);
}

static bool fill_until(Filling *f, const char *section, bool silent);

/* f->at stands behind the opening tag, and afterwards behind the closing one. */
static bool fill_with(Filling *f, const char *section, const json_t *scope, bool silent) {
    if (f->depth == MAX_DEPTH)
        return fail(f, f->at, "sections are nested too deeply at", section);
    f->scopes[f->depth++] = scope;
    bool good = fill_until(f, section, silent);
    f->depth--;
    return good;
}

static bool fill_section(Filling *f, const Tag *tag, bool silent) {
    const json_t *value = silent ? NULL : look_up(f, tag->name);
    if (!silent && !value)
        return fail(f, tag->start, "unknown name", tag->name);
    const json_t *here = f->scopes[f->depth - 1];
    bool shown = !silent && holds(value) == (tag->kind == '#');
    if (!shown || tag->kind == '^' || !json_is_array(value))
        return fill_with(f, tag->name, shown && json_is_object(value) ? value : here, !shown);
    const char *body = f->at;
    size_t i;
    json_t *element;
    json_array_foreach((json_t *)value, i, element) {
        f->at = body;
        if (!fill_with(f, tag->name, element, false))
            return false;
    }
    return true;
}

/* Fills up to {{/section}}, or to the end for NULL; silent: only finds it. */
static bool fill_until(Filling *f, const char *section, bool silent) {
    Tag tag = {0};
    while (next_tag(f, &tag)) {
        g_autofree char *name = tag.name;
        if (!silent)
            g_string_append_len(f->out, f->at, tag.start - f->at);
        f->at = tag.end;
        bool good = true;
        if (tag.kind == '/' && g_strcmp0(name, section) == 0)
            return true;
        if (tag.kind == '/')
            return fail(f, tag.start, "this closes no open section:", name);
        if (tag.kind == '#' || tag.kind == '^')
            good = fill_section(f, &tag, silent);
        else if (tag.kind != '!' && !silent)
            good = add_value(f, &tag);
        if (!good)
            return false;
    }
    if (f->error && *f->error)
        return false;
    if (section)
        return fail(f, f->at, "this section is never closed:", section);
    g_string_append(f->out, f->at);
    return true;
}

char *template_fill(const char *pattern, const json_t *values, bool html, GError **error) {
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    Filling filling = {
        .pattern = pattern, .at = pattern, .html = html, .scopes = {values}, .depth = 1, .out = out, .error = &wrong};
    if (fill_until(&filling, NULL, false))
        return g_string_free(g_steal_pointer(&out), FALSE);
    g_propagate_error(error, g_steal_pointer(&wrong));
    return NULL;
}
