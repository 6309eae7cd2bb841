/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong towards hidden: what a style hides is read all the same, only not as what the reader was shown. */
#include "message/look.h"
#include <stdlib.h>

enum { SELECTORS_MAX = 500, NAME_BYTES = 64, ALIKE = 8 };

Look look_plain(void) {
    return (Look){.ink = 0x000000, .ground = 0xFFFFFF};
}

Look look_unset(void) {
    return (Look){-1, -1, -1, -1, COLOUR_UNSET, COLOUR_UNSET};
}

static bool has(Slice text, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.length; i++)
        if (g_ascii_strncasecmp(text.at + i, word, length) == 0)
            return true;
    return false;
}

/* A length such as "-9999px" or "0.1em"; *unit gets what follows the number. */
static bool number_of(Slice text, double *number, Slice *unit) {
    char copy[24], *end;
    size_t length = MIN(text.length, sizeof copy - 1);
    memcpy(copy, text.at, length);
    copy[length] = '\0';
    *number = g_ascii_strtod(copy, &end);
    *unit = slice_strip((Slice){text.at + (end - copy), text.length - (size_t)(end - copy)});
    return end != copy;
}

static bool is_at_most(Slice text, double pixels) {
    double number;
    Slice unit;
    if (!number_of(text, &number, &unit))
        return false;
    if (slice_begins(unit, "em") || slice_begins(unit, "rem"))
        number *= 16;
    else if (slice_begins(unit, "%"))
        number *= 0.16;
    return number <= pixels;
}

static int hex_pair(const char *at, bool doubled) {
    int high = g_ascii_xdigit_value(at[0]), low = g_ascii_xdigit_value(doubled ? at[0] : at[1]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static gint32 colour_of_hex(Slice digits) {
    bool small = digits.length == 3 || digits.length == 4;
    size_t step = small ? 1 : 2;
    if (!small && digits.length != 6 && digits.length != 8)
        return COLOUR_UNKNOWN;
    int red = hex_pair(digits.at, small), green = hex_pair(digits.at + step, small),
        blue = hex_pair(digits.at + 2 * step, small);
    return red < 0 || green < 0 || blue < 0 ? COLOUR_UNKNOWN : red << 16 | green << 8 | blue;
}

static gint32 colour_of_numbers(Slice text) {
    gint32 colour = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.length && count < 3; i++) {
        if (!g_ascii_isdigit(text.at[i]))
            continue;
        int value = 0;
        for (; i < text.length && g_ascii_isdigit(text.at[i]); i++)
            value = MIN(value * 10 + (text.at[i] - '0'), 255);
        if (i < text.length && text.at[i] == '%')
            value = MIN(value * 255 / 100, 255);
        colour = colour << 8 | value;
        count++;
    }
    return count == 3 ? colour : COLOUR_UNKNOWN;
}

gint32 look_colour(Slice text) {
    static const struct {
        const char *name;
        gint32 colour;
    } names[] = {{"white", 0xFFFFFF},          {"black", 0},
                 {"snow", 0xFFFAFA},           {"ivory", 0xFFFFF0},
                 {"ghostwhite", 0xF8F8FF},     {"red", 0xFF0000},
                 {"blue", 0x0000FF},           {"green", 0x008000},
                 {"yellow", 0xFFFF00},         {"gray", 0x808080},
                 {"grey", 0x808080},           {"silver", 0xC0C0C0},
                 {"navy", 0x000080},           {"whitesmoke", 0xF5F5F5},
                 {"transparent", COLOUR_CLEAR}};
    text = slice_strip(text);
    if (text.length > 1 && text.at[0] == '#') {
        size_t digits = 1;
        while (digits < text.length && g_ascii_isxdigit(text.at[digits]))
            digits++;
        return colour_of_hex((Slice){text.at + 1, digits - 1});
    }
    if (slice_begins(text, "rgb"))
        return colour_of_numbers(text);
    size_t letters = 0;
    while (letters < text.length && g_ascii_isalpha(text.at[letters]))
        letters++;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (slice_is((Slice){text.at, letters}, names[i].name))
            return names[i].colour;
    return COLOUR_UNKNOWN;
}

/* Seen together by look_of(). */
typedef struct {
    bool no_room, cut, override, leftward;
} Parts;

static void read_place(Look *look, Slice name, Slice value) {
    static const char *const names[] = {"text-indent", "left", "top", "margin-left", "margin-top"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (slice_is(name, names[i]) && is_at_most(value, -400))
            look->gone = 1;
}

static void read_declaration(Look *look, Parts *parts, Slice name, Slice value) {
    static const char *const sizes[] = {"max-height", "height", "max-width", "width"};
    if (slice_is(name, "display"))
        look->gone = slice_begins(value, "none");
    else if (slice_is(name, "visibility"))
        look->invisible = !slice_begins(value, "visible");
    else if (slice_is(name, "opacity"))
        look->gone = is_at_most(value, 0.05) ? 1 : look->gone;
    else if (slice_is(name, "font-size"))
        look->tiny = is_at_most(value, 1.5);
    else if (slice_is(name, "color"))
        look->ink = look_colour(value);
    else if (slice_is(name, "background-color"))
        look->ground = look_colour(value);
    else if (slice_is(name, "background") || slice_is(name, "background-image"))
        look->ground = has(value, "url(") || has(value, "gradient") ? COLOUR_UNKNOWN : look_colour(value);
    else if (slice_is(name, "unicode-bidi"))
        parts->override = has(value, "override");
    else if (slice_is(name, "direction"))
        parts->leftward = slice_begins(value, "rtl");
    else if (slice_is(name, "overflow"))
        parts->cut = slice_begins(value, "hidden");
    else
        read_place(look, name, value);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        parts->no_room |= slice_is(name, sizes[i]) && is_at_most(value, 1);
}

/* Comments may stand anywhere. */
static char *without_comments(Slice css) {
    char *text = g_malloc(css.length + 1), *to = text;
    const char *at = css.at, *end = at + css.length;
    while (at < end) {
        const char *open = memmem(at, (size_t)(end - at), "/*", 2);
        open = open == NULL ? end : open;
        memcpy(to, at, (size_t)(open - at));
        to += open - at;
        const char *close = open == end ? NULL : memmem(open + 2, (size_t)(end - open - 2), "*/", 2);
        at = close == NULL ? end : close + 2;
    }
    *to = '\0';
    return text;
}

static Look look_of_clean(Slice rest) {
    Look look = look_unset();
    Parts parts = {0};
    while (rest.length > 0) {
        const char *semicolon = memchr(rest.at, ';', rest.length);
        Slice one = slice_between(rest.at, semicolon == NULL ? rest.at + rest.length : semicolon);
        const char *colon = memchr(one.at, ':', one.length);
        if (colon != NULL)
            read_declaration(&look, &parts, slice_strip(slice_between(one.at, colon)),
                             slice_strip(slice_between(colon + 1, one.at + one.length)));
        size_t took = MIN(one.length + 1, rest.length);
        rest = (Slice){rest.at + took, rest.length - took};
    }
    if (parts.no_room && parts.cut)
        look.gone = 1;
    if (parts.override && parts.leftward)
        look.reversed = 1;
    return look;
}

Look look_of(Slice declarations) {
    g_autofree char *clean = without_comments(declarations);
    return look_of_clean((Slice){clean, strlen(clean)});
}

static void set(signed char *into, signed char value) {
    if (value >= 0)
        *into = value;
}

void look_add(Look *look, const Look *own) {
    if (own->gone == 1)
        look->gone = 1;
    set(&look->invisible, own->invisible);
    set(&look->tiny, own->tiny);
    set(&look->reversed, own->reversed);
    if (own->ink != COLOUR_UNSET)
        look->ink = own->ink;
    if (own->ground != COLOUR_UNSET && own->ground != COLOUR_CLEAR)
        look->ground = own->ground;
}

/* The same to the eye. */
static bool alike(gint32 a, gint32 b) {
    for (int shift = 0; shift <= 16; shift += 8)
        if (abs((a >> shift & 0xFF) - (b >> shift & 0xFF)) > ALIKE)
            return false;
    return true;
}

bool look_is_hidden(const Look *look) {
    return look->gone == 1 || look->invisible == 1 || look->tiny == 1 || look->ink == COLOUR_CLEAR ||
           (look->ink >= 0 && look->ground >= 0 && alike(look->ink, look->ground));
}

struct LookSheet {
    GHashTable *looks; /* char * (kind and name, lower case) to Look */
};

LookSheet *look_sheet_new(void) {
    LookSheet *sheet = g_new0(LookSheet, 1);
    sheet->looks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return sheet;
}

void look_sheet_free(LookSheet *sheet) {
    if (sheet == NULL)
        return;
    g_hash_table_unref(sheet->looks);
    g_free(sheet);
}

static bool is_name_character(char c) {
    return g_ascii_isalnum(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

static bool key_of(char kind, Slice name, char key[NAME_BYTES + 2]) {
    if (name.length == 0 || name.length > NAME_BYTES)
        return false;
    key[0] = kind;
    for (size_t i = 0; i < name.length; i++)
        key[i + 1] = g_ascii_tolower(name.at[i]);
    key[name.length + 1] = '\0';
    return true;
}

static void merge_unset(Look *into, const Look *own) {
    set(&into->gone, own->gone);
    set(&into->invisible, own->invisible);
    set(&into->tiny, own->tiny);
    set(&into->reversed, own->reversed);
    into->ink = own->ink == COLOUR_UNSET ? into->ink : own->ink;
    into->ground = own->ground == COLOUR_UNSET ? into->ground : own->ground;
}

/* Of "div > td.note" the class; a state such as ":hover" is not how the page comes. */
static void add_selector(LookSheet *sheet, Slice selector, const Look *look) {
    char key[NAME_BYTES + 2];
    selector = slice_strip(selector);
    if (memchr(selector.at, ':', selector.length) != NULL || memchr(selector.at, '[', selector.length) != NULL)
        return;
    size_t start = selector.length;
    while (start > 0 && is_name_character(selector.at[start - 1]))
        start--;
    char kind =
        start > 0 && (selector.at[start - 1] == '.' || selector.at[start - 1] == '#') ? selector.at[start - 1] : ' ';
    if (!key_of(kind, (Slice){selector.at + start, selector.length - start}, key))
        return;
    Look *known = g_hash_table_lookup(sheet->looks, key);
    if (known == NULL && g_hash_table_size(sheet->looks) < SELECTORS_MAX) {
        known = g_new(Look, 1);
        *known = look_unset();
        g_hash_table_insert(sheet->looks, g_strdup(key), known);
    }
    if (known != NULL)
        merge_unset(known, look);
}

static void add_rule(LookSheet *sheet, Slice selectors, Slice declarations) {
    Look look = look_of_clean(declarations), nothing = look_unset();
    if (memcmp(&look, &nothing, sizeof look) == 0)
        return;
    while (selectors.length > 0) {
        const char *comma = memchr(selectors.at, ',', selectors.length);
        Slice one = slice_between(selectors.at, comma == NULL ? selectors.at + selectors.length : comma);
        add_selector(sheet, one, &look);
        size_t took = MIN(one.length + 1, selectors.length);
        selectors = (Slice){selectors.at + took, selectors.length - took};
    }
}

/* Behind the block that begins at `open`. */
static const char *block_end(const char *open, const char *end) {
    unsigned depth = 0;
    for (; open < end; open++) {
        depth += *open == '{';
        if (*open == '}' && --depth == 0)
            return open + 1;
    }
    return end;
}

/* "@media screen { … }" is entered, "@media (max-width: 600px) { … }" and "@font-face { … }" are passed over. */
static const char *at_rule(const char *at, const char *end) {
    const char *open = at;
    while (open < end && *open != '{' && *open != ';')
        open++;
    if (open == end || *open == ';')
        return MIN(open + 1, end);
    Slice prelude = slice_between(at, open);
    bool everywhere =
        slice_begins(prelude, "@media") && memchr(at, '(', prelude.length) == NULL && !has(prelude, "print");
    return everywhere ? open + 1 : block_end(open, end);
}

void look_sheet_read(LookSheet *sheet, Slice css) {
    g_autofree char *clean = without_comments(css);
    const char *at = clean, *end = clean + strlen(clean);
    while (at < end) {
        while (at < end && (g_ascii_isspace(*at) || *at == '}' || *at == ';'))
            at++;
        if (at < end && *at == '@') {
            at = at_rule(at, end);
            continue;
        }
        const char *open = memchr(at, '{', (size_t)(end - at));
        const char *close = open == NULL ? NULL : memchr(open, '}', (size_t)(end - open));
        if (open == NULL)
            return;
        close = close == NULL ? end : close;
        add_rule(sheet, slice_between(at, open), slice_between(open + 1, close));
        at = close;
    }
}

void look_sheet_apply(const LookSheet *sheet, char kind, Slice name, Look *own) {
    char key[NAME_BYTES + 2];
    if (g_hash_table_size(sheet->looks) == 0 || !key_of(kind, name, key))
        return;
    const Look *look = g_hash_table_lookup(sheet->looks, key);
    if (look != NULL)
        merge_unset(own, look);
}
