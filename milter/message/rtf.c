/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Text Format 1.9.1: one pass over control words and groups. Text of every place that Word would show or print is
 * taken, that of comments and of deleted and hidden runs too. */
#include "message/charset.h"
#include "message/document.h"
#include "message/loose.h"

enum { GROUPS_MAX = 4096, FONTS_MAX = 1024, WORD_MAX = 32, PENDING_MAX = 4096, VALUE_MAX = 65536, HEX_LEAST = 32 };

typedef enum {
    DEST_TEXT,
    DEST_SKIP,
    DEST_AUTHOR,
    DEST_AUTHORS, /* a table of them, each in a group */
    DEST_FONTS,
    DEST_INFO,
    DEST_VALUE, /* what programs keep, in which words may stand */
} Destination;

typedef struct {
    Destination destination;
    unsigned fallback; /* characters behind \u that stand for it */
    unsigned font;
    bool hidden;
} Group;

typedef struct {
    Document *document;
    const char *at, *end;
    GArray *groups; /* Group; the last is the open one */
    GString *bytes; /* of one charset, not yet converted */
    GString *name, *value;
    const char *charset;                 /* of the document */
    const char *font_charset[FONTS_MAX]; /* NULL: that of the document */
    unsigned font_defined;
    unsigned skip; /* characters that still stand for the last \u */
    gunichar2 high;
    bool starred, full;
} Rtf;

static Group *group_of(const Rtf *rtf) {
    return &g_array_index(rtf->groups, Group, rtf->groups->len - 1);
}

/* ---- text ---- */

/* Pictures, themes and stores of data are hexadecimal. */
static bool is_hexadecimal(const char *text) {
    size_t length = strspn(text, "0123456789abcdefABCDEF \n");
    return text[length] == '\0' && length > HEX_LEAST;
}

static void end_value(Rtf *rtf) {
    if (!is_hexadecimal(rtf->value->str) && loose_is_said((Slice){rtf->value->str, rtf->value->len})) {
        document_add_space(rtf->document, '\n');
        rtf->full = rtf->full || !document_add_text(rtf->document, rtf->value->str, rtf->value->len);
        document_add_space(rtf->document, '\n');
    }
    g_string_truncate(rtf->value, 0);
}

static void put_utf8(Rtf *rtf, const char *text, size_t length) {
    const Group *group = group_of(rtf);
    if (group->destination == DEST_AUTHOR || group->destination == DEST_AUTHORS) {
        if (rtf->name->len + length < PENDING_MAX)
            g_string_append_len(rtf->name, text, (gssize)length);
    } else if (group->destination == DEST_VALUE) {
        g_string_append_len(rtf->value, text, (gssize)length);
        if (rtf->value->len > VALUE_MAX)
            end_value(rtf);
    } else if (group->destination == DEST_TEXT) {
        if (group->hidden)
            rtf->document->fact->hidden = true;
        rtf->full = rtf->full || !document_add_text(rtf->document, text, length);
    }
}

static const char *charset_now(const Rtf *rtf) {
    const char *charset = rtf->font_charset[group_of(rtf)->font];
    return charset == NULL ? rtf->charset : charset;
}

static void flush(Rtf *rtf) {
    if (rtf->bytes->len == 0)
        return;
    g_autoptr(GString) text = g_string_sized_new(rtf->bytes->len);
    const char *charset = charset_now(rtf);
    charset_append(text, (Slice){charset, strlen(charset)}, (Slice){rtf->bytes->str, rtf->bytes->len});
    g_string_truncate(rtf->bytes, 0);
    put_utf8(rtf, text->str, text->len);
}

static void put_byte(Rtf *rtf, char byte) {
    if (rtf->skip > 0) {
        rtf->skip--;
        return;
    }
    Destination destination = group_of(rtf)->destination;
    if (destination == DEST_SKIP || destination == DEST_FONTS || destination == DEST_INFO)
        return;
    g_string_append_c(rtf->bytes, byte);
    if (rtf->bytes->len >= PENDING_MAX && (unsigned char)byte < 0x80)
        flush(rtf);
}

static void put_character(Rtf *rtf, gunichar character) {
    char text[6];
    flush(rtf);
    put_utf8(rtf, text, (size_t)g_unichar_to_utf8(character, text));
}

static void put_space(Rtf *rtf, char space) {
    flush(rtf);
    if (group_of(rtf)->destination == DEST_TEXT)
        document_add_space(rtf->document, space);
}

/* Negative numbers are those over 32767; two of them may be one character. */
static void put_unicode(Rtf *rtf, long number) {
    gunichar2 unit = (gunichar2)number;
    rtf->skip = 0;
    if (unit >= 0xd800 && unit < 0xdc00)
        rtf->high = unit;
    else if (unit >= 0xdc00 && unit < 0xe000 && rtf->high != 0)
        put_character(rtf, 0x10000 + ((gunichar)(rtf->high - 0xd800) << 10) + (unit - 0xdc00U));
    else if (unit >= 0x20 && (unit < 0xd800 || unit >= 0xe000))
        put_character(rtf, unit);
    if (unit < 0xd800 || unit >= 0xdc00)
        rtf->high = 0;
    rtf->skip = group_of(rtf)->fallback;
}

/* ---- groups ---- */

static void end_name(Rtf *rtf) {
    g_strdelimit(rtf->name->str, ";", ' ');
    g_strstrip(rtf->name->str);
    if (strcmp(rtf->name->str, "Unknown") != 0)
        document_add_author(rtf->document, rtf->name->str, strlen(rtf->name->str));
    g_string_truncate(rtf->name, 0);
}

static bool open_group(Rtf *rtf) {
    flush(rtf);
    if (rtf->groups->len == GROUPS_MAX) {
        document_fail(rtf->document, "limit");
        return false;
    }
    Group group = *group_of(rtf);
    g_array_append_val(rtf->groups, group);
    rtf->starred = false;
    rtf->skip = 0;
    return true;
}

static void close_group(Rtf *rtf) {
    flush(rtf);
    Destination destination = group_of(rtf)->destination;
    if ((destination == DEST_AUTHOR || destination == DEST_AUTHORS) && rtf->name->len > 0)
        end_name(rtf);
    if (destination == DEST_VALUE)
        end_value(rtf);
    if (rtf->groups->len > 1)
        g_array_set_size(rtf->groups, rtf->groups->len - 1);
    rtf->starred = false;
    rtf->skip = 0;
}

/* ---- control words ---- */

static const struct {
    const char *word;
    Destination destination;
} destinations[] = {
    {"fonttbl", DEST_FONTS},    {"info", DEST_INFO},        {"author", DEST_AUTHOR},
    {"operator", DEST_AUTHOR},  {"company", DEST_AUTHOR},   {"manager", DEST_AUTHOR},
    {"atnauthor", DEST_AUTHOR}, {"revtbl", DEST_AUTHORS},   {"title", DEST_TEXT},
    {"subject", DEST_TEXT},     {"keywords", DEST_TEXT},    {"doccomm", DEST_TEXT},
    {"annotation", DEST_TEXT},  {"shpinst", DEST_TEXT},     {"fldinst", DEST_TEXT},
    {"shptxt", DEST_TEXT},      {"footnote", DEST_TEXT},    {"nesttableprops", DEST_TEXT},
    {"ud", DEST_TEXT},          {"do", DEST_TEXT},          {"dptxbxtext", DEST_TEXT},
    {"formfield", DEST_TEXT},   {"ffdeftext", DEST_TEXT},   {"pn", DEST_TEXT},
    {"pntxtb", DEST_TEXT},      {"pntxta", DEST_TEXT},      {"ftnsep", DEST_TEXT},
    {"colortbl", DEST_VALUE},   {"stylesheet", DEST_VALUE}, {"pict", DEST_SKIP},
    {"filetbl", DEST_VALUE},    {"listtable", DEST_VALUE},  {"listoverridetable", DEST_VALUE},
    {"rsidtbl", DEST_VALUE},    {"generator", DEST_VALUE},  {"themedata", DEST_VALUE},
    {"sn", DEST_VALUE},         {"sv", DEST_VALUE},         {"objdata", DEST_SKIP},
    {"bkmkstart", DEST_VALUE},  {"docvar", DEST_VALUE},     {"userprops", DEST_VALUE},
};

static const struct {
    unsigned number;
    const char *charset;
} font_charsets[] = {{128, "shift_jis"},    {129, "euc-kr"},       {134, "gb18030"},      {136, "big5"},
                     {161, "windows-1253"}, {162, "windows-1254"}, {163, "windows-1258"}, {177, "windows-1255"},
                     {178, "windows-1256"}, {186, "windows-1257"}, {204, "windows-1251"}, {222, "windows-874"},
                     {238, "windows-1250"}};

static const struct {
    const char *word;
    gunichar character;
} characters[] = {{"emdash", 0x2014},    {"endash", 0x2013},    {"lquote", 0x2018}, {"rquote", 0x2019},
                  {"ldblquote", 0x201c}, {"rdblquote", 0x201d}, {"bullet", 0x2022}};

static void define_font(Rtf *rtf, const char *word, long number) {
    if (strcmp(word, "f") == 0 && number >= 0 && number < FONTS_MAX)
        rtf->font_defined = (unsigned)number;
    for (size_t i = 0; strcmp(word, "fcharset") == 0 && i < G_N_ELEMENTS(font_charsets); i++)
        if (font_charsets[i].number == (unsigned)number)
            rtf->font_charset[rtf->font_defined] = font_charsets[i].charset;
}

/* True: the word names what the group is for. */
static bool begin_destination(Rtf *rtf, const char *word) {
    Group *group = group_of(rtf);
    bool known = false;
    for (size_t i = 0; i < G_N_ELEMENTS(destinations) && !known; i++) {
        known = strcmp(word, destinations[i].word) == 0;
        if (known && group->destination != DEST_SKIP)
            group->destination = destinations[i].destination;
    }
    if (!known && rtf->starred)
        group->destination = group->destination == DEST_SKIP ? DEST_SKIP : DEST_VALUE; /* nobody shows it */
    if (strcmp(word, "annotation") == 0)
        rtf->document->fact->comments = true;
    else if (strcmp(word, "objdata") == 0)
        document_fail(rtf->document, "embedded");
    rtf->starred = false;
    return known;
}

static void set_codepage(Rtf *rtf, long number) {
    static const struct {
        long number;
        const char *charset;
    } rows[] = {{932, "cp932"},   {936, "cp936"},   {949, "cp949"},   {950, "cp950"},
                {874, "cp874"},   {437, "cp437"},   {850, "cp850"},   {1250, "cp1250"},
                {1251, "cp1251"}, {1253, "cp1253"}, {1254, "cp1254"}, {1255, "cp1255"},
                {1256, "cp1256"}, {1257, "cp1257"}, {1258, "cp1258"}, {65001, "utf-8"}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].number == number)
            rtf->charset = rows[i].charset;
}

static bool is_word(const char *word, const char *const *words) {
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* Bytes of a picture; elsewhere nobody expects any. */
static void skip_binary(Rtf *rtf, gssize length) {
    flush(rtf);
    if (group_of(rtf)->destination != DEST_SKIP)
        loose_add(rtf->document, (Slice){rtf->at, (size_t)length});
    rtf->at += length;
}

static void act(Rtf *rtf, const char *word, bool has_number, long number) {
    static const char *const lines[] = {"par", "line", "row", "sect", "page", "nestrow", NULL};
    static const char *const gaps[] = {"tab", "cell", "nestcell", "emspace", "enspace", NULL};
    static const char *const changes[] = {"revised", "deleted", "crauth", NULL};
    Group *group = group_of(rtf);
    bool on = !has_number || number != 0;
    for (size_t i = 0; i < G_N_ELEMENTS(characters); i++)
        if (strcmp(word, characters[i].word) == 0)
            put_character(rtf, characters[i].character);
    if (is_word(word, lines))
        put_space(rtf, '\n');
    else if (is_word(word, gaps))
        put_space(rtf, '\t');
    else if (is_word(word, changes) && on)
        rtf->document->fact->tracked_changes = true;
    else if (strcmp(word, "u") == 0)
        put_unicode(rtf, number);
    else if (strcmp(word, "uc") == 0)
        group->fallback = number >= 0 && number < 100 ? (unsigned)number : 1;
    else if (strcmp(word, "v") == 0)
        flush(rtf), group->hidden = on;
    else if (strcmp(word, "plain") == 0)
        flush(rtf), group->hidden = false;
    else if (strcmp(word, "ansicpg") == 0)
        set_codepage(rtf, number);
    else if (strcmp(word, "f") == 0)
        flush(rtf), group->font = number >= 0 && number < FONTS_MAX ? (unsigned)number : 0;
    else if (strcmp(word, "bin") == 0 && number > 0)
        skip_binary(rtf, MIN(number, rtf->end - rtf->at));
}

/* Letters, a number, and one space that belongs to it. */
static void read_word(Rtf *rtf) {
    char word[WORD_MAX + 1];
    size_t length = 0;
    long number = 0;
    bool negative = false, has_number = false;
    for (; rtf->at < rtf->end && g_ascii_isalpha(*rtf->at); rtf->at++)
        if (length < WORD_MAX)
            word[length++] = *rtf->at;
    word[length] = '\0';
    if (rtf->at < rtf->end && *rtf->at == '-')
        negative = true, rtf->at++;
    for (; rtf->at < rtf->end && g_ascii_isdigit(*rtf->at); rtf->at++, has_number = true)
        number = MIN(number * 10 + (*rtf->at - '0'), G_MAXINT32);
    if (rtf->at < rtf->end && *rtf->at == ' ')
        rtf->at++;
    if (group_of(rtf)->destination == DEST_FONTS)
        define_font(rtf, word, number);
    else if (!begin_destination(rtf, word))
        act(rtf, word, has_number, negative ? -number : number);
}

static void read_symbol(Rtf *rtf) {
    char symbol = *rtf->at++;
    if (symbol == '\'') {
        if (rtf->end - rtf->at < 2 || !g_ascii_isxdigit(rtf->at[0]) || !g_ascii_isxdigit(rtf->at[1]))
            return;
        put_byte(rtf, (char)(g_ascii_xdigit_value(rtf->at[0]) << 4 | g_ascii_xdigit_value(rtf->at[1])));
        rtf->at += 2;
    } else if (symbol == '*') {
        rtf->starred = true;
    } else if (symbol == '\n' || symbol == '\r') {
        put_space(rtf, '\n');
    } else if (symbol == '~' || symbol == '_') {
        put_byte(rtf, symbol == '~' ? ' ' : '-');
    } else if (symbol == '{' || symbol == '}' || symbol == '\\') {
        put_byte(rtf, symbol);
    }
}

static bool read_next(Rtf *rtf) {
    char c = *rtf->at++;
    if (c == '{')
        return open_group(rtf);
    if (c == '}')
        close_group(rtf);
    else if (c == '\\' && rtf->at < rtf->end && g_ascii_isalpha(*rtf->at))
        read_word(rtf);
    else if (c == '\\' && rtf->at < rtf->end)
        read_symbol(rtf);
    else if (c != '\r' && c != '\n')
        put_byte(rtf, c);
    return !rtf->full;
}

void rtf_read(Document *document, Slice data) {
    Rtf *rtf = g_new0(Rtf, 1);
    Group first = {.fallback = 1};
    rtf->document = document;
    rtf->at = data.at;
    rtf->end = data.at + data.length;
    rtf->charset = "windows-1252";
    rtf->bytes = g_string_new(NULL);
    rtf->name = g_string_new(NULL);
    rtf->value = g_string_new(NULL);
    rtf->groups = g_array_new(FALSE, FALSE, sizeof(Group));
    g_array_append_val(rtf->groups, first);
    while (rtf->at < rtf->end && read_next(rtf))
        ;
    flush(rtf);
    g_string_free(rtf->bytes, TRUE);
    g_string_free(rtf->name, TRUE);
    g_string_free(rtf->value, TRUE);
    g_array_unref(rtf->groups);
    g_free(rtf);
}
