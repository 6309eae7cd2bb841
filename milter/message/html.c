/* SPDX-License-Identifier: Apache-2.0 */
/* One pass with a stack of open elements, which carry how their text looks; a second one, without styles, where the
 * first found that something is hidden. */
#include "message/html.h"
#include "message/entities.h"
#include "message/htmlaside.h"
#include "message/look.h"
#include "message/text.h"

enum { DEPTH_MAX = 200, SEARCH_MAX = 64, CHARSET_WITHIN = 2048, SETTINGS_MOST = 4096 };

typedef struct {
    Slice name;
    Look look;
    bool quote, pre;
} Element;

typedef struct {
    HtmlText *text;
    GString *out;
    size_t max;
    const char *at, *end;
    GArray *stack; /* Element; the first is the page */
    LookSheet *sheet;
    unsigned quotes, failures;
    unsigned unclosed; /* bits: which of the elements of note_raw() have no end any more */
    bool line_start, space;
    bool endless;        /* a comment whose end is not there: no later one has its end either */
    bool cdata_endless;  /* the same of "<![CDATA[" */
    bool bare;           /* without styles, as programs show it that know none */
    const char *literal; /* up to here tags are text; NULL: nowhere */
    const char *raw_end; /* of the last title, textarea or the like: no tag or comment in it goes on behind it */
} Html;

static Element *top(Html *html) {
    return &g_array_index(html->stack, Element, html->stack->len - 1);
}

static bool is_hidden(Html *html) {
    return !html->bare && look_is_hidden(&top(html)->look);
}

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

static bool is_one_of(Slice name, const char *names) {
    char word[16];
    if (name.length == 0 || name.length > sizeof word - 3)
        return false;
    word[0] = ' ';
    for (size_t i = 0; i < name.length; i++)
        word[i + 1] = g_ascii_tolower(name.at[i]);
    g_strlcpy(word + name.length + 1, " ", 2);
    return strstr(names, word) != NULL;
}

static const char blocks[] =
    " p br div tr li ul ol dl dt dd table h1 h2 h3 h4 h5 h6 hr pre blockquote title body html head "
    "section article aside header footer nav main option address center form fieldset figure ";
static const char voids[] =
    " area base br col embed hr img input link meta param source track wbr basefont frame keygen ";

static bool is_block(Slice name) {
    return is_one_of(name, blocks);
}

/* What programs wrap around the message that is answered. */
static bool is_quotation(const Tag *tag) {
    static const char *const marks[] = {"gmail_quote",   "yahoo_quoted", "protonmail_quote", "moz-cite-prefix",
                                        "divRplyFwdMsg", "appendonsend", "zmail_extra",      "tutanota_quote"};
    if (slice_is(tag->name, "blockquote"))
        return true;
    for (unsigned i = 0; i < tag->count; i++)
        for (size_t m = 0; m < G_N_ELEMENTS(marks); m++)
            if ((slice_is(tag->attributes[i].name, "class") || slice_is(tag->attributes[i].name, "id")) &&
                memmem(tag->attributes[i].value.at, tag->attributes[i].value.length, marks[m], strlen(marks[m])) !=
                    NULL)
                return true;
    return false;
}

static void apply_classes(const Html *html, const Tag *tag, Look *own) {
    const Slice *classes = tag_attribute(tag, "class"), *id = tag_attribute(tag, "id");
    look_sheet_apply(html->sheet, ' ', tag->name, own);
    Slice rest = classes == NULL ? (Slice){"", 0} : slice_strip(*classes);
    for (unsigned i = 0; rest.length > 0 && i < 16; i++) {
        size_t length = 0;
        while (length < rest.length && !g_ascii_isspace(rest.at[length]))
            length++;
        look_sheet_apply(html->sheet, '.', (Slice){rest.at, length}, own);
        rest = slice_strip((Slice){rest.at + length, rest.length - length});
    }
    if (id != NULL)
        look_sheet_apply(html->sheet, '#', *id, own);
}

static Look look_of_tag(const Html *html, const Tag *tag) {
    Look own = look_unset();
    const Slice *style = tag_attribute(tag, "style"), *ground = tag_attribute(tag, "bgcolor");
    const Slice *ink = tag_attribute(tag, slice_is(tag->name, "body") ? "text" : "color");
    const Slice *direction = tag_attribute(tag, "dir");
    if (ground != NULL)
        own.ground = look_colour(*ground);
    if (tag_attribute(tag, "background") != NULL)
        own.ground = COLOUR_UNKNOWN;
    if (ink != NULL)
        own.ink = look_colour(*ink);
    apply_classes(html, tag, &own);
    if (style != NULL) {
        g_autofree char *text = tag_text(*style);
        Look inlined = look_of((Slice){text, strlen(text)});
        look_add(&own, &inlined);
        own.gone = inlined.gone >= 0 ? inlined.gone : own.gone; /* over what the sheet says */
    }
    if (tag_attribute(tag, "hidden") != NULL || slice_is(tag->name, "template"))
        own.gone = 1;
    if (slice_is(tag->name, "bdo") && direction != NULL && slice_is(*direction, "rtl"))
        own.reversed = 1;
    return own;
}

static void open_element(Html *html, const Tag *tag) {
    if (html->stack->len >= DEPTH_MAX)
        return;
    Look own = look_of_tag(html, tag);
    Element element = {.name = tag->name,
                       .look = top(html)->look,
                       .pre = top(html)->pre || slice_is(tag->name, "pre"),
                       .quote = is_quotation(tag)};
    if (slice_is(tag->name, "a")) /* links have a colour of their own */
        element.look.ink = COLOUR_UNKNOWN;
    look_add(&element.look, &own);
    html->quotes += element.quote;
    html->text->reversed |= own.reversed == 1;
    g_array_append_val(html->stack, element);
}

static void pop(Html *html) {
    html->quotes -= top(html)->quote;
    g_array_set_size(html->stack, html->stack->len - 1);
}

static bool same_name(Slice a, Slice b) {
    return a.length == b.length && g_ascii_strncasecmp(a.at, b.at, a.length) == 0;
}

/* Closes the innermost of that name and what is open inside of it, but not beyond one of `fences`. */
static void close_element(Html *html, Slice name, const char *fences) {
    guint lowest = html->stack->len > SEARCH_MAX ? html->stack->len - SEARCH_MAX : 1;
    for (guint i = html->stack->len; i > lowest; i--) {
        const Element *element = &g_array_index(html->stack, Element, i - 1);
        if (same_name(element->name, name)) {
            while (html->stack->len >= i)
                pop(html);
            return;
        }
        if (is_one_of(element->name, fences))
            return;
    }
}

/* Tags that end others which people leave open (HTML 13.2.6). */
static void close_implied(Html *html, Slice name) {
    static const struct {
        const char *opening, *closes, *fences;
    } implied[] = {
        {" li ", "li", " ul ol "},       {" tr ", "tr", " table "},          {" td th ", "td", " tr table "},
        {" td th ", "th", " tr table "}, {" option ", "option", " select "}, {" dt dd ", "dt", " dl "},
        {" dt dd ", "dd", " dl "},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(implied); i++)
        if (is_one_of(name, implied[i].opening))
            close_element(html, (Slice){implied[i].closes, strlen(implied[i].closes)}, implied[i].fences);
    if (is_block(name) && !slice_is(name, "br"))
        close_element(html, (Slice){"p", 1}, " table td th div ");
}

static const char *find_nocase(const char *at, const char *end, const char *word) {
    size_t length = strlen(word);
    for (; (size_t)(end - at) >= length; at++) {
        at = memchr(at, word[0], (size_t)(end - at) - length + 1);
        if (at == NULL)
            return NULL;
        if (g_ascii_strncasecmp(at, word, length) == 0)
            return at;
    }
    return NULL;
}

static void read_style(Html *html, Slice css) {
    look_sheet_read(html->sheet, css);
    aside_add_style(html->text, css);
}

/* Elements whose content is text to a browser, up to their end tag, and elements to others. */
static void note_raw(Html *html, const Tag *tag) {
    static const char *const names[] = {"title", "textarea", "xmp", "noframes", "noembed", "iframe", "noscript"};
    if (slice_is(tag->name, "plaintext") && !html->bare) {
        html->literal = html->end;
        html->text->hidden = true;
    }
    if (html->raw_end != NULL && html->at < html->raw_end)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!slice_is(tag->name, names[i]) || html->unclosed & 1U << i)
            continue;
        g_autofree char *close = g_strconcat("</", names[i], NULL);
        html->raw_end = find_nocase(tag->end, html->end, close);
        html->unclosed |= html->raw_end == NULL ? 1U << i : 0;
    }
}

/* A tag or comment that began in such an element and goes on behind it is text to a browser; the other reading follows.
 */
static bool is_text_in_raw(Html *html, const char *end) {
    if (html->bare || html->raw_end == NULL || html->at >= html->raw_end || end <= html->raw_end)
        return false;
    html->literal = html->raw_end;
    html->text->hidden = true;
    return true;
}

/* What browsers take for a program or a style and never show. Without its end it is shown: better seen than missed. */
static void skip_raw(Html *html, const Tag *tag) {
    bool style = slice_is(tag->name, "style");
    if (!style && !slice_is(tag->name, "script"))
        return;
    const char *close =
        html->failures > SEARCH_MAX ? NULL : find_nocase(tag->end, html->end, style ? "</style" : "</script");
    if (close == NULL) {
        html->failures++;
        return;
    }
    if (style && !html->bare)
        read_style(html, slice_between(tag->end, close));
    else if (!html->bare)
        aside_add(html->text, slice_between(tag->end, close));
    html->at = close;
}

/* A block that is taken out of the page parts no word. */
static void part_from_text(Html *html, Slice name) {
    if (!html->bare && top(html)->look.gone == 1)
        return;
    if (is_block(name))
        put_line(html);
    else if (is_one_of(name, " td th "))
        html->space = true;
}

static void read_tag(Html *html) {
    Tag tag;
    tag_read(html->at, html->end, &html->failures, &tag);
    if (is_text_in_raw(html, tag.end))
        return;
    html->at = tag.end;
    if (!html->bare)
        aside_add_attributes(html->text, &tag);
    if (tag.closing) {
        part_from_text(html, tag.name);
        close_element(html, tag.name, "");
        return;
    }
    close_implied(html, tag.name);
    if (!is_one_of(tag.name, voids) && !tag.self_closing && !is_one_of(tag.name, " script style "))
        open_element(html, &tag);
    part_from_text(html, tag.name);
    note_raw(html, &tag);
    skip_raw(html, &tag);
}

static void put(Html *html, const char *text, size_t length) {
    if (is_hidden(html)) {
        html->text->hidden = true;
        return;
    }
    before_text(html);
    g_string_append_len(html->out, text, (gssize)length);
}

/* In SVG and MathML what stands in "<![CDATA[ … ]]>" is text; in HTML it is a comment. */
static void read_cdata(Html *html) {
    const char *at = html->at + strlen("<![CDATA["), *close = NULL;
    for (const char *scan = at; !html->cdata_endless && close == NULL; scan++) {
        scan = memchr(scan, '>', (size_t)(html->end - scan));
        if (scan == NULL)
            break;
        if (scan - at >= 2 && memcmp(scan - 2, "]]", 2) == 0)
            close = scan - 2;
    }
    html->cdata_endless |= close == NULL;
    if (close != NULL && close > at)
        put(html, at, (size_t)(close - at));
    html->at = close == NULL ? at : close + 3;
}

/* What no program shows and everybody may read: a comment, "<?…>", "<!doctype …>". */
static void keep_comment(Html *html, const char *at, const char *end) {
    while (end > at && memchr("-!>?", end[-1], 4) != NULL)
        end--;
    Slice comment = slice_between(at, end);
    if (!html->bare && !slice_begins(comment, "[CDATA["))
        aside_add(html->text, comment);
}

/* "[if …]>" and nothing behind it but settings and styles for Outlook, which show no text? */
static bool is_for_programs(const char *at, const char *end) {
    static const char *const pairs[][2] = {{"<xml>", "</xml>"}, {"<style", "</style>"}};
    end = MIN(end, at + SETTINGS_MOST);
    const char *next = memchr(at, '>', (size_t)(end - at));
    while (next != NULL) {
        Slice rest = slice_strip(slice_between(next + 1, end));
        if (slice_begins(rest, "<![endif]"))
            return true;
        const char *close = NULL;
        for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
            if (slice_begins(rest, pairs[i][0]))
                close = memmem(rest.at, rest.length, pairs[i][1], strlen(pairs[i][1]));
        next = close == NULL ? NULL : memchr(close, '>', (size_t)(end - close));
    }
    return false;
}

/* "<!-- … -->", also "<!-->" and "<!doctype …>". What stands in one that begins with "[if" Outlook shows. */
static void read_comment(Html *html) {
    const char *at = html->at + 2, *end = html->end, *close = NULL;
    if (html->at[1] == '!' && slice_begins(slice_between(at, end), "[CDATA[")) {
        html->text->hidden = true;
        if (html->bare) {
            read_cdata(html);
            return;
        }
    }
    if (html->at[1] != '!' || end - at < 2 || memcmp(at, "--", 2) != 0) {
        close = memchr(at, '>', (size_t)(end - at));
        keep_comment(html, at, close == NULL ? end : close);
        html->at = close == NULL ? end : close + 1;
        return;
    }
    at += 2;
    bool conditional = end - at > 3 && g_ascii_strncasecmp(at, "[if", 3) == 0;
    if (end - at >= 1 && (*at == '>' || (end - at >= 2 && memcmp(at, "->", 2) == 0))) {
        html->at = at + (*at == '>' ? 1 : 2);
        return;
    }
    html->text->hidden |= conditional && !is_for_programs(at, end);
    if (conditional && html->bare) { /* its content is read on, its end is an odd tag */
        close = memchr(at, '>', (size_t)(end - at));
        html->at = close == NULL ? end : close + 1;
        return;
    }
    if (!html->bare && html->raw_end != NULL && html->at < html->raw_end)
        end = html->raw_end;
    for (const char *scan = at; !html->endless && close == NULL && scan < end; scan++) {
        scan = memchr(scan, '>', (size_t)(end - scan));
        if (scan == NULL)
            break;
        if ((scan - at >= 2 && memcmp(scan - 2, "--", 2) == 0) || (scan - at >= 3 && memcmp(scan - 3, "--!", 3) == 0))
            close = scan + 1;
    }
    if (close == NULL && is_text_in_raw(html, html->end))
        return;
    if (close == NULL) { /* what follows is seen */
        html->endless = true;
        close = memchr(at, '>', (size_t)(end - at));
        close = close == NULL ? end : close + 1;
    }
    if (!conditional)
        keep_comment(html, at, close);
    html->at = close;
}

static void read_text(Html *html) {
    char text[ENTITY_BYTES];
    size_t took = *html->at == '&' ? entity_read(html->at, html->end, text) : 0;
    if (took > 0) {
        html->at += took;
        if (g_ascii_isspace(*text))
            html->space |= !is_hidden(html);
        else
            put(html, text, strlen(text));
        return;
    }
    if (g_ascii_isspace(*html->at)) {
        if (*html->at == '\n' && top(html)->pre)
            put_line(html);
        html->space |= !is_hidden(html);
        html->at++;
        return;
    }
    const char *stop = html->at + 1;
    while (stop < html->end && *stop != '<' && *stop != '&' && !g_ascii_isspace(*stop))
        stop++;
    put(html, html->at, (size_t)(stop - html->at));
    html->at = stop;
}

static void read_page(Html *html) {
    Element page = {.name = {"", 0}, .look = look_plain()};
    html->stack = g_array_new(FALSE, FALSE, sizeof(Element));
    g_array_append_val(html->stack, page);
    html->sheet = look_sheet_new();
    while (html->at < html->end && html->out->len < html->max) {
        char next = *html->at == '<' && html->at + 1 < html->end ? html->at[1] : '\0';
        if (html->literal != NULL && html->at < html->literal)
            read_text(html);
        else if (g_ascii_isalpha(next) || (next == '/' && html->at + 2 < html->end && g_ascii_isalpha(html->at[2])))
            read_tag(html);
        else if (next == '!' || next == '?' || next == '/')
            read_comment(html);
        else
            read_text(html);
    }
    put_line(html);
    look_sheet_free(html->sheet);
    g_array_unref(html->stack);
}

static void read_into(GString *out, size_t max, Slice page, HtmlText *text, bool bare) {
    Html html = {.text = text, .out = out, .max = max, .at = page.at, .end = page.at + page.length, .bare = bare};
    html.line_start = out->len == 0 || out->str[out->len - 1] == '\n';
    read_page(&html);
}

void html_read(Slice page, HtmlText *text) {
    size_t before = text->aside == NULL ? 0 : text->aside->len;
    read_into(text->shown, text->max, page, text, false);
    if (text->hidden && text->aside != NULL)
        read_into(text->aside, MAX(before, text->aside->len) + text->max, page, text, true);
}

void text_append_html(GString *out, Slice html, size_t max) {
    g_autoptr(GString) aside = g_string_new(NULL);
    HtmlText text = {.shown = out, .max = max, .aside = aside};
    html_read(html, &text);
    if (out->len < max)
        g_string_append_len(out, aside->str, (gssize)MIN(aside->len, max - out->len));
    for (const char *bad; !g_utf8_validate_len(out->str, out->len, &bad);) /* a character cut at the end */
        g_string_truncate(out, (gsize)(bad - out->str));
}

Slice html_charset(Slice html) {
    Slice within = {html.at, MIN(html.length, CHARSET_WITHIN)};
    const char *end = within.at + within.length;
    for (const char *at = find_nocase(within.at, end, "<meta"); at != NULL; at = find_nocase(at + 5, end, "<meta")) {
        const char *close = memchr(at, '>', (size_t)(end - at)), *found;
        if (close == NULL || (found = find_nocase(at, close, "charset=")) == NULL)
            continue;
        found += 8 + (found[8] == '"' || found[8] == '\'');
        const char *stop = found;
        while (stop < close && (g_ascii_isalnum(*stop) || strchr("-_.:", *stop)))
            stop++;
        return slice_between(found, stop);
    }
    return (Slice){"", 0};
}
