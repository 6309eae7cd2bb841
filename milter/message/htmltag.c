/* SPDX-License-Identifier: Apache-2.0 */
/* HTML 13.2.5, the states of a tag. An unclosed quote, or a tag without its end, swallows the rest of a page in a
 * browser; here it ends at the next '>', so that the rest is seen. */
#include "message/htmltag.h"
#include "message/entities.h"

enum { QUOTE_MAX = 65536, FAILURES_MAX = 64 };

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (g_ascii_isspace(*at) || *at == '/'))
        at++;
    return at;
}

static void add(Tag *tag, Slice name, Slice value, const char *behind) {
    if (tag->count < TAG_ATTRIBUTES)
        tag->attributes[tag->count++] = (TagAttribute){name, value};
    else
        tag->further = slice_between(tag->further.length > 0 ? tag->further.at : name.at, behind);
}

/* Behind the value at `at`, NULL when its quote is not closed. */
static const char *read_value(const char *at, const char *end, unsigned *failures, Slice *value) {
    while (at < end && g_ascii_isspace(*at))
        at++;
    if (at < end && (*at == '"' || *at == '\'')) {
        size_t room = MIN((size_t)(end - at - 1), QUOTE_MAX);
        const char *close = *failures > FAILURES_MAX ? NULL : memchr(at + 1, *at, room);
        if (close == NULL) {
            ++*failures;
            return NULL;
        }
        *value = slice_between(at + 1, close);
        return close + 1;
    }
    const char *start = at;
    while (at < end && !g_ascii_isspace(*at) && *at != '>')
        at++;
    *value = slice_between(start, at);
    return at;
}

static const char *first_close(const char *at, const char *end) {
    const char *close = memchr(at, '>', (size_t)(end - at));
    return close == NULL ? end : close + 1;
}

void tag_read(const char *at, const char *end, unsigned *failures, Tag *tag) {
    *tag = (Tag){.closing = at[1] == '/', .further = {at, 0}};
    const char *start = at + (tag->closing ? 2 : 1), *name_end = start;
    while (name_end < end && !g_ascii_isspace(*name_end) && *name_end != '/' && *name_end != '>')
        name_end++;
    tag->name = slice_between(start, name_end);
    const char *scan = skip_space(name_end, end);
    while (scan < end && *scan != '>') {
        const char *name = scan++;
        while (scan < end && !g_ascii_isspace(*scan) && *scan != '/' && *scan != '>' && *scan != '=')
            scan++;
        Slice attribute = slice_between(name, scan), value = {scan, 0};
        const char *equals = scan;
        while (equals < end && g_ascii_isspace(*equals))
            equals++;
        if (equals < end && *equals == '=')
            scan = read_value(equals + 1, end, failures, &value);
        if (scan == NULL)
            break;
        add(tag, attribute, value, scan);
        scan = skip_space(scan, end);
    }
    tag->end = scan != NULL && scan < end ? scan + 1 : first_close(at, end);
    tag->self_closing = tag->end - at >= 2 && tag->end[-1] == '>' && tag->end[-2] == '/';
}

const Slice *tag_attribute(const Tag *tag, const char *name) {
    for (unsigned i = 0; i < tag->count; i++)
        if (slice_is(tag->attributes[i].name, name))
            return &tag->attributes[i].value;
    return NULL;
}

char *tag_text(Slice value) {
    GString *out = g_string_sized_new(value.length + 8);
    const char *at = value.at, *end = at + value.length;
    while (at < end) {
        char text[ENTITY_BYTES];
        size_t took = *at == '&' ? entity_read(at, end, text) : 0;
        if (took > 0) {
            g_string_append(out, text);
            at += took;
        } else if (g_ascii_isspace(*at)) {
            g_string_append_c(out, ' ');
            at++;
        } else {
            const char *next = MIN(g_utf8_next_char(at), end);
            g_string_append_len(out, at, next - at);
            at = next;
        }
    }
    return g_string_free(out, FALSE);
}
