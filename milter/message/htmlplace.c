/* SPDX-License-Identifier: Apache-2.0 */
/* HTML 13.2.5 and 13.2.6.4: what may stand before the body without beginning it, and what swallows tags. A hostile page
 * opens a hidden element or a comment before its <body>: then the top is before that. */
#include "message/htmlplace.h"
#include "message/htmltag.h"

typedef struct {
    const char *start, *at, *end;
    const char *top, *bottom; /* NULL: not found yet */
    bool body;                /* `bottom` is before </body>, not </html> */
    bool swallowed;           /* something was left open: it goes up to the end */
    unsigned failures;
} Places;

static bool is_one_of(Slice name, const char *const *names) {
    for (; *names != NULL; names++)
        if (slice_is(name, *names))
            return true;
    return false;
}

/* What browsers read as text up to the end tag. */
static bool is_raw(Slice name) {
    static const char *const names[] = {"script", "style",   "title",    "textarea", "xmp",
                                        "iframe", "noembed", "noframes", NULL};
    return is_one_of(name, names);
}

static bool is_of_head(Slice name) {
    static const char *const names[] = {"html",    "head",  "meta",  "link",   "base", "basefont",
                                        "bgsound", "title", "style", "script", NULL};
    return is_one_of(name, names);
}

static void content_begins(Places *places, const char *at) {
    if (places->top == NULL)
        places->top = at;
}

/* Up to the end tag of that name; everything when there is none. */
static void skip_raw(Places *places, Slice name, const char *began) {
    const char *at = places->at;
    while (at < places->end && (at = memchr(at, '<', (size_t)(places->end - at))) != NULL) {
        Slice rest = slice_between(at, places->end);
        if (rest.length > name.length + 2 && at[1] == '/' && g_ascii_strncasecmp(at + 2, name.at, name.length) == 0 &&
            !g_ascii_isalnum(at[2 + name.length])) {
            places->at = at;
            return;
        }
        at++;
    }
    content_begins(places, began);
    places->swallowed = true;
    places->at = began;
}

static void read_tag(Places *places) {
    const char *began = places->at;
    unsigned failures = places->failures;
    Tag tag;
    tag_read(began, places->end, &places->failures, &tag);
    /* Behind a quote that is not closed a browser looks for no end of the tag. */
    if (tag.end[-1] != '>' || places->failures > failures) {
        content_begins(places, began);
        places->swallowed = true;
        return;
    }
    places->at = tag.end;
    if (tag.closing) {
        bool body = slice_is(tag.name, "body");
        if (body || (slice_is(tag.name, "html") && !places->body)) {
            places->bottom = began;
            places->body |= body;
        }
        return;
    }
    if (slice_is(tag.name, "body"))
        content_begins(places, tag.end);
    else if (!is_of_head(tag.name))
        content_begins(places, began);
    if (slice_is(tag.name, "plaintext"))
        places->swallowed = true;
    else if (is_raw(tag.name))
        skip_raw(places, tag.name, began);
}

/* "<!-- … -->", "<!-->", "<!--->", "<!doctype …>", "<?…>". */
static void read_comment(Places *places) {
    const char *at = places->at + 2, *close = NULL;
    bool dashes = places->at[1] == '!' && places->end - at >= 2 && memcmp(at, "--", 2) == 0;
    if (!dashes)
        close = memchr(places->at + 1, '>', (size_t)(places->end - places->at - 1));
    for (const char *scan = at + 2; dashes && close == NULL; scan++) {
        scan = scan < places->end ? memchr(scan, '>', (size_t)(places->end - scan)) : NULL;
        if (scan == NULL)
            break;
        size_t inside = (size_t)(scan - at); /* with the dashes that begin it */
        bool short_end = inside == 2 || (inside == 3 && scan[-1] == '-');
        bool ends = inside >= 4 && memcmp(scan - 2, "--", 2) == 0;
        bool odd_end = inside >= 5 && memcmp(scan - 3, "--!", 3) == 0;
        if (short_end || ends || odd_end)
            close = scan;
    }
    if (close == NULL) {
        content_begins(places, places->at);
        places->swallowed = true;
        return;
    }
    places->at = close + 1;
}

void html_places(Slice html, size_t *top, size_t *bottom) {
    Places places = {.start = html.at, .at = html.at, .end = html.at + html.length};
    if (html.length >= 3 && memcmp(html.at, "\xef\xbb\xbf", 3) == 0)
        places.at += 3;
    while (places.at < places.end && !places.swallowed) {
        const char *at = places.at;
        char next = *at == '<' && at + 1 < places.end ? at[1] : '\0';
        if (g_ascii_isalpha(next) || (next == '/' && at + 2 < places.end && g_ascii_isalpha(at[2]))) {
            read_tag(&places);
            continue;
        }
        if (next == '!' || next == '?' || next == '/') {
            read_comment(&places);
            continue;
        }
        if (!g_ascii_isspace(*at))
            content_begins(&places, at);
        const char *tag = memchr(at + 1, '<', (size_t)(places.end - at - 1));
        places.at = places.top == NULL ? at + 1 : tag == NULL ? places.end : tag;
    }
    /* What was left open would hide whatever stands in it: places.at is before it. */
    content_begins(&places, places.at);
    *top = (size_t)(places.top - places.start);
    const char *last = places.bottom != NULL && places.bottom >= places.top ? places.bottom : places.at;
    *bottom = (size_t)(last - places.start);
}
