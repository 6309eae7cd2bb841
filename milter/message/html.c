/* SPDX-License-Identifier: Apache-2.0 */
/* HTML to text in one pass, roughly: enough that no tag, comment or entity hides a word from a rule. */
#include "message/text.h"

typedef struct {
    GString *out;
    const char *at, *end;
    size_t max;
    unsigned quotes;   /* open blockquotes */
    unsigned failures; /* tags whose end was looked for in vain */
    bool line_start, space, endless_comment;
} Html;

static void put_line(Html *html) {
    if (!html->line_start)
        g_string_append_c(html->out, '\n');
    html->line_start = true;
    html->space = false;
}

static void before_text(Html *html) {
    if (html->line_start && html->quotes > 0)
        g_string_append(html->out, "> ");
    else if (html->space && !html->line_start)
        g_string_append_c(html->out, ' ');
    html->line_start = html->space = false;
}

static const struct {
    const char *name;
    gunichar character;
} entities[] = {
    {"amp", '&'},      {"lt", '<'},        {"gt", '>'},      {"quot", '"'},     {"apos", '\''},    {"nbsp", ' '},
    {"auml", 0xe4},    {"ouml", 0xf6},     {"uuml", 0xfc},   {"Auml", 0xc4},    {"Ouml", 0xd6},    {"Uuml", 0xdc},
    {"szlig", 0xdf},   {"eacute", 0xe9},   {"egrave", 0xe8}, {"ecirc", 0xea},   {"agrave", 0xe0},  {"aacute", 0xe1},
    {"acirc", 0xe2},   {"ccedil", 0xe7},   {"iacute", 0xed}, {"oacute", 0xf3},  {"ocirc", 0xf4},   {"uacute", 0xfa},
    {"ugrave", 0xf9},  {"ntilde", 0xf1},   {"iquest", 0xbf}, {"pound", 0xa3},   {"euro", 0x20ac},  {"ndash", 0x2013},
    {"mdash", 0x2014}, {"hellip", 0x2026}, {"sect", 0xa7},   {"rsquo", 0x2019}, {"lsquo", 0x2018}, {"ldquo", 0x201c},
    {"rdquo", 0x201d}, {"shy", 0xad},      {"zwnj", 0x200c}, {"zwj", 0x200d},   {"num", '#'},      {"quest", '?'},
    {"period", '.'},   {"comma", ','},     {"colon", ':'},   {"commat", '@'},   {"excl", '!'},
};

/* The character of "&…;" at `at`, 0 when it is none; *after moves behind it. */
static gunichar entity_at(const char *at, const char *end, const char **after) {
    size_t room = (size_t)MIN(end - at, 12);
    const char *semicolon = memchr(at, ';', room);
    const char *stop = semicolon == NULL ? at + room : semicolon;
    gunichar character = 0;
    if (stop - at > 2 && at[1] == '#') {
        bool hex = at[2] == 'x' || at[2] == 'X';
        const char *digit = at + (hex ? 3 : 2);
        for (; digit < stop && (hex ? g_ascii_isxdigit(*digit) : g_ascii_isdigit(*digit)); digit++)
            character = MIN(character * (hex ? 16 : 10) + (gunichar)g_ascii_xdigit_value(*digit), 0x110000);
        *after = digit == semicolon ? digit + 1 : digit; /* browsers do without the semicolon */
        return g_unichar_validate(character) && character >= 0x20 ? character : 0;
    }
    if (semicolon == NULL)
        return 0;
    *after = semicolon + 1;
    for (size_t i = 0; i < G_N_ELEMENTS(entities) && character == 0; i++)
        if (strlen(entities[i].name) == (size_t)(semicolon - at - 1) &&
            memcmp(entities[i].name, at + 1, (size_t)(semicolon - at - 1)) == 0)
            character = entities[i].character;
    return character;
}

static const char *find_nocase(const char *at, const char *end, const char *word) {
    size_t length = strlen(word);
    for (; (size_t)(end - at) >= length && (at = memchr(at, word[0], (size_t)(end - at))) != NULL; at++)
        if ((size_t)(end - at) >= length && g_ascii_strncasecmp(at, word, length) == 0)
            return at;
        else if (at + 1 >= end)
            break;
    return end;
}

static bool is_block(Slice name) {
    static const char *const blocks[] = {"p",          "br",    "div",  "tr",   "li",   "ul",      "ol",      "table",
                                         "h1",         "h2",    "h3",   "h4",   "h5",   "h6",      "hr",      "pre",
                                         "blockquote", "title", "body", "html", "head", "section", "article", "option"};
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (slice_is(name, blocks[i]))
            return true;
    return false;
}

enum { TAG_SCAN = 65536, MAX_FAILURES = 64 };

/* `>` ends a tag, but not inside quotes. An unclosed quote must not swallow the rest: then the first `>` counts. Only a
 * few searches may fail, or a page of nothing but `<a "` would take a minute. */
static const char *tag_end(Html *html, const char *at) {
    const char *end = html->end;
    char quote = 0;
    for (const char *scan = at; scan < end && scan - at < TAG_SCAN && html->failures < MAX_FAILURES; scan++) {
        if (quote != 0)
            quote = *scan == quote ? 0 : quote;
        else if (*scan == '"' || *scan == '\'')
            quote = *scan;
        else if (*scan == '>')
            return scan + 1;
    }
    html->failures++;
    const char *first = memchr(at, '>', (size_t)(end - at));
    return first == NULL ? end : first + 1;
}

static void read_tag(Html *html) {
    const char *at = html->at + 1;
    if (html->end - at >= 3 && memcmp(at, "!--", 3) == 0) {
        const char *close = html->endless_comment ? NULL : memmem(at + 3, (size_t)(html->end - at - 3), "-->", 3);
        html->endless_comment = close == NULL;
        html->at = close == NULL ? tag_end(html, at) : close + 3;
        return;
    }
    bool closing = *at == '/';
    const char *start = at + (closing ? 1 : 0);
    const char *stop = start;
    while (stop < html->end && g_ascii_isalnum(*stop))
        stop++;
    Slice name = slice_between(start, stop);
    html->at = tag_end(html, at);
    if (!closing && (slice_is(name, "script") || slice_is(name, "style")))
        html->at = find_nocase(html->at, html->end, slice_is(name, "style") ? "</style" : "</script");
    if (is_block(name))
        put_line(html);
    else if (slice_is(name, "td") || slice_is(name, "th"))
        html->space = true;
    if (slice_is(name, "blockquote"))
        html->quotes = closing ? (html->quotes > 0 ? html->quotes - 1 : 0) : html->quotes + 1;
}

static void read_text(Html *html) {
    const char *after = html->at + 1;
    gunichar character = *html->at == '&' ? entity_at(html->at, html->end, &after) : 0;
    if (character != 0) {
        before_text(html);
        g_string_append_unichar(html->out, character);
        html->at = after;
        return;
    }
    if (g_ascii_isspace(*html->at)) {
        html->space = true;
        html->at++;
        return;
    }
    const char *stop = html->at + 1;
    while (stop < html->end && *stop != '<' && *stop != '&' && !g_ascii_isspace(*stop))
        stop++;
    before_text(html);
    g_string_append_len(html->out, html->at, stop - html->at);
    html->at = stop;
}

void text_append_html(GString *out, Slice text, size_t max) {
    Html html = {out, text.at, text.at + text.length, max,
                 .line_start = out->len == 0 || out->str[out->len - 1] == '\n'};
    while (html.at < html.end && out->len < max) {
        bool tag = *html.at == '<' && html.at + 1 < html.end &&
                   (g_ascii_isalpha(html.at[1]) || html.at[1] == '/' || html.at[1] == '!' || html.at[1] == '?');
        if (tag)
            read_tag(&html);
        else
            read_text(&html);
    }
    put_line(&html);
}
