/* SPDX-License-Identifier: Apache-2.0 */
/* Programs show some of it when the reader points at something, some when a picture is missing, some never. */
#include "message/htmlaside.h"
#include "message/codes.h"
#include "message/kind.h"

/* Attributes whose values are words for people, and those that are links. */
static const char *const worded[] = {"alt",     "title", "href",   "placeholder", "summary", "label",
                                     "content", "value", "srcdoc", "standby",     "prompt",  "download"};
static const char *const linked[] = {"href", "src", "data", "action", "formaction", "background", "poster"};

static bool is_one_of(Slice name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

/* Style sheets can show what stands in those of "data-", programs for the blind read those of "aria-". */
static bool is_worded(Slice name) {
    return is_one_of(name, worded, G_N_ELEMENTS(worded)) || slice_begins(name, "data-") || slice_begins(name, "aria-");
}

void aside_add(HtmlText *text, Slice line) {
    GString *aside = text->aside;
    line = slice_strip(line);
    if (aside == NULL || line.length == 0)
        return;
    if (aside->len + line.length >= text->max) {
        text->cut = true;
        return;
    }
    g_string_append_len(aside, line.at, (gssize)line.length);
    g_string_append_c(aside, '\n');
}

static void add_string(HtmlText *text, const char *string) {
    aside_add(text, (Slice){string, strlen(string)});
}

/* By its bytes: who opens the link believes no label. */
static bool is_picture(const char *link) {
    size_t length;
    g_autofree char *data = codes_link_data(link, &length);
    return kind_of((Slice){data, length}).form == FORM_MEDIA;
}

/* A page of its own, as it would be shown. */
static void add_page(HtmlText *text, const char *page) {
    if (text->aside == NULL || strchr(page, '<') == NULL)
        return;
    HtmlText inner = {.shown = text->aside, .max = text->max};
    html_read((Slice){page, strlen(page)}, &inner);
    text->cut |= text->aside->len >= text->max;
}

/* What a link carries in itself, which may be a page, or a file that is no text. */
static void add_link(HtmlText *text, Slice value) {
    bool whole = memchr(value.at, '%', value.length) != NULL || slice_begins(slice_strip(value), "data:"), binary;
    g_autofree char *link = whole ? g_strndup(value.at, value.length) : tag_text(value);
    g_autofree char *carried = codes_link(link, &binary);
    if (carried == NULL)
        return;
    add_string(text, carried);
    add_page(text, carried);
    text->file |= binary && slice_begins(slice_strip((Slice){link, strlen(link)}), "data:") && !is_picture(link);
}

/* What holds a '>' others take for the end of the tag, and its rest for text. */
void aside_add_attributes(HtmlText *text, const Tag *tag) {
    if (text->aside == NULL)
        return;
    for (unsigned i = 0; i < tag->count; i++) {
        Slice name = tag->attributes[i].name, value = tag->attributes[i].value;
        if (is_worded(name) || memchr(value.at, '>', value.length) != NULL) {
            g_autofree char *said = tag_text(value);
            add_string(text, said);
            if (slice_is(name, "srcdoc"))
                add_page(text, said);
        }
        if (is_one_of(name, linked, G_N_ELEMENTS(linked)))
            add_link(text, value);
    }
    g_autofree char *further = tag_text(tag->further);
    add_string(text, further);
}

void aside_add_style(HtmlText *text, Slice css) {
    if (text->aside == NULL || (memchr(css.at, '"', css.length) == NULL && memchr(css.at, '\'', css.length) == NULL))
        return;
    g_autoptr(GString) strings = g_string_new(NULL);
    codes_css(strings, css);
    aside_add(text, (Slice){strings->str, strings->len});
}
