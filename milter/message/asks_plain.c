/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the lines, one over their characters. In the plain form '.' and '?' end a sentence and '\n' a
 * paragraph; whatever else is no letter, digit or apostrophe is a space. */
#include "message/asks_plain.h"
#include "facts/owntext.h"
#include "message/cues.h"
#include "message/slice.h"
#include <string.h>

enum { READ_AT_MOST = 32768, CLOSING_WORDS = 5, SIGNATURE_WORDS = 12, RULER = 5 };

void own_words_free(OwnWords *own) {
    if (own == NULL)
        return;
    g_string_free(own->text, TRUE);
    g_string_free(own->rest, TRUE);
    g_free(own);
}

/* What telephones and their programs add says nothing. */
static bool is_advertisement(Slice line) {
    static const char *const begins[] = {
        "Sent from my ", "Sent from Outlook", "Sent from Mail for ", "Get Outlook for ", "Sent with ",
        "Von meinem ",   "Gesendet von ",     "Envoyé de ",          "Envoyé depuis",    "Enviado desde "};
    char first = g_ascii_toupper(line.at[0]);
    for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
        if (begins[i][0] == first && slice_begins(line, begins[i]))
            return true;
    return false;
}

/* "-- ", also where its space was lost. */
static bool begins_signature(Slice line) {
    return (line.length == 2 || (line.length == 3 && line.at[2] == ' ')) && memcmp(line.at, "--", 2) == 0;
}

/* "> ", "| ", or the initials of who is quoted: "AB> ". */
static bool is_quoted(Slice line) {
    size_t i = 0;
    while (i < line.length && i < 12 && g_ascii_isalpha(line.at[i]))
        i++;
    return line.at[0] == '|' || (i < line.length && line.at[i] == '>');
}

/* A line of one sign, or one that begins with such a line. */
static bool is_ruler(Slice line) {
    size_t i = 1;
    while (i < line.length && line.at[i] == line.at[0])
        i++;
    return i >= RULER && strchr("-_=*~#", line.at[0]) != NULL && (i == line.length || line.at[0] == '-');
}

static bool is_pgp_begin(Slice line) {
    return slice_begins(line, "-----BEGIN PGP SIGNED") || slice_begins(line, "Hash: SHA");
}

/* As many as `most`, or more. */
static unsigned count_words(Slice line, unsigned most) {
    unsigned count = 0;
    for (size_t i = 0; i < line.length && count <= most; i++)
        count += !g_ascii_isspace(line.at[i]) && (i == 0 || g_ascii_isspace(line.at[i - 1]));
    return count;
}

/* "Kind regards," ends a letter; below stands who wrote it. */
static bool is_closing(Slice line) {
    static const char *const words[] = {"regards",  "sincerely",   "faithfully", "cheers",     "wishes",       "Grüßen",
                                        "Gruessen", "Grüße",       "Gruß",       "Gruss",      "cordialement", "saludo",
                                        "saludos",  "Atentamente", "truly",      "salutations"};
    if (count_words(line, CLOSING_WORDS) > CLOSING_WORDS || memchr(line.at, '?', line.length) != NULL)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        for (size_t at = 0; at + strlen(words[i]) <= line.length; at++)
            if (slice_begins((Slice){line.at + at, line.length - at}, words[i]))
                return true;
    return false;
}

/* A postscript is no signature, and neither is a paragraph. */
static bool ends_signature(Slice line) {
    bool ps = slice_begins(line, "ps:") || slice_begins(line, "ps ") || slice_begins(line, "p.s") ||
              slice_begins(line, "nb:");
    return ps || count_words(line, SIGNATURE_WORDS) > SIGNATURE_WORDS;
}

static void append_line(GString *out, Slice line) {
    g_string_append_len(out, line.at, (gssize)line.length);
    g_string_append_c(out, '\n');
}

OwnWords *own_words(const char *text) {
    OwnWords *own = g_new0(OwnWords, 1);
    own->text = g_string_new(NULL);
    own->rest = g_string_new(NULL);
    Slice rest = {text, strnlen(text, READ_AT_MOST)}, line;
    while (rest.length > 0 && ((unsigned char)text[rest.length] & 0xc0) == 0x80)
        rest.length--;
    const char *end = text + rest.length;
    bool signature = false, below = false;
    while (slice_line(&rest, &line) && !begins_signature(line) && !owntext_begins_quote(line.at, line.length, end)) {
        Slice words = slice_strip(line);
        if (words.length == 0) {
            g_string_append_c(own->text, '\n');
            continue;
        }
        if (is_quoted(words) || owntext_is_attribution(words.at, words.length) || is_advertisement(words) ||
            is_pgp_begin(words))
            continue;
        below = below || (is_ruler(words) && own->text->len > strspn(own->text->str, "\n"));
        signature = signature && !ends_signature(words);
        signature = signature || is_closing(words);
        append_line(signature || below ? own->rest : own->text, words);
    }
    return own;
}

/* How the plain form is written. */
typedef struct {
    GString *out;
    bool quoted;    /* between quotation marks */
    unsigned depth; /* of brackets */
} Writer;

/* Does something new begin? */
static bool is_fresh(const Writer *writer) {
    char last = writer->out->len > 0 ? writer->out->str[writer->out->len - 1] : ' ';
    return last == ' ' || last == '.' || last == '?' || last == '\n';
}

static void put_space(Writer *writer) {
    if (!is_fresh(writer))
        g_string_append_c(writer->out, ' ');
}

static void put_end(Writer *writer, char end) {
    GString *out = writer->out;
    while (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    if (out->len == 0 || out->str[out->len - 1] == '\n')
        return;
    char last = out->str[out->len - 1];
    if (last != '.' && last != '?')
        g_string_append_c(out, end);
    else if (end == '?')
        out->str[out->len - 1] = '?';
}

static void put_paragraph(Writer *writer) {
    put_end(writer, '.');
    if (writer->out->len > 0 && writer->out->str[writer->out->len - 1] != '\n')
        g_string_append_c(writer->out, '\n');
    writer->quoted = false;
    writer->depth = 0;
}

/* Is it a smile behind a mark? */
static bool is_smile(const char *at) {
    at += strspn(at, " ");
    return (*at == ':' || *at == ';') && at[1] != '\0' && strchr("-)o>PD", at[1]) != NULL;
}

/* Lower case, of ASCII and the Latin letters of our four languages; typographic apostrophes as plain ones. */
static const char *put_letter(Writer *writer, const char *at) {
    unsigned char c = (unsigned char)at[0], next = (unsigned char)at[1];
    if (c < 0x80) {
        g_string_append_c(writer->out, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : *at);
        return at + 1;
    }
    if (c == 0xc3 && next >= 0x80) {
        g_string_append_c(writer->out, *at);
        g_string_append_c(writer->out, (char)(next < 0x9f && next != 0x97 ? next + 0x20 : next));
        return at + 2;
    }
    const char *end = g_utf8_next_char(at);
    if (strncmp(at, "\xe2\x80\x99", 3) == 0)
        g_string_append_c(writer->out, '\'');
    else
        g_string_append_len(writer->out, at, end - at);
    return end;
}

/* Quotation marks, spaces and marks of more than one byte as their ASCII form; 0 when it is none of them. */
static char sign_of(const char *at) {
    static const struct {
        const char *text;
        char sign;
    } signs[] = {{"\xe2\x80\x9c", '"'}, {"\xe2\x80\x9d", '"'}, {"\xe2\x80\x9e", '"'}, {"\xc2\xab", '"'},
                 {"\xc2\xbb", '"'},     {"\xc2\xa0", ' '},     {"\xc2\xbf", ' '},     {"\xc2\xa1", ' '},
                 {"\xe2\x80\xa6", '.'}, {"\xe2\x80\x93", ' '}, {"\xe2\x80\x94", ' '}, {"\xef\xbc\x9f", '?'},
                 {"\xd8\x9f", '?'},     {"\xe2\x80\xaf", ' '}};
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strncmp(at, signs[i].text, strlen(signs[i].text)) == 0)
            return signs[i].sign;
    return 0;
}

/* "…, right?" */
static bool is_tag(const GString *out) {
    static const char *const tags[] = {" eh", " huh", " right", " hein", " gell"};
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        size_t length = strlen(tags[i]);
        if (out->len >= length && memcmp(out->str + out->len - length, tags[i], length) == 0)
            return true;
    }
    return false;
}

static bool is_stop(char mark) {
    return mark == '.' || mark == '!' || mark == ';' || mark == ':';
}

static void put_mark(Writer *writer, char mark, const char *behind) {
    if (mark == '"' && !writer->quoted)
        g_string_append(writer->out, "quoted");
    if (mark == '"')
        writer->quoted = !writer->quoted;
    else if (mark == '(')
        writer->depth++;
    else if (mark == ')')
        writer->depth -= writer->depth > 0;
    if (mark == '?')
        put_end(writer, writer->depth > 0 || is_smile(behind) || is_tag(writer->out) ? '.' : '?');
    else if (is_stop(mark) && ((unsigned char)*behind <= ' ' || *behind == '"' || *behind == '\'' || *behind == ')'))
        put_end(writer, '.');
    else
        put_space(writer);
}

/* The whole word is no word of a language: a link or an address. */
static const char *put_link(Writer *writer, const char *at, size_t start) {
    g_string_truncate(writer->out, start);
    g_string_append(writer->out, "link");
    const char *end = at;
    while ((unsigned char)*end > ' ' && *end != '>')
        end++;
    while (end > at && strchr(".,;:!?)\"'", end[-1]) != NULL)
        end--;
    return end;
}

static bool is_of_word(const char *at) {
    unsigned char c = (unsigned char)*at;
    return g_ascii_isalnum(c) || c == '\'' || (c >= 0x80 && sign_of(at) == 0);
}

static const char *put_word(Writer *writer, const char *at) {
    size_t start = writer->out->len;
    while (is_of_word(at))
        at = put_letter(writer, at);
    bool link = *at == '@' || (at[0] == ':' && at[1] == '/' && at[2] == '/') ||
                (*at == '.' && g_str_has_suffix(writer->out->str + start, "www"));
    return link ? put_link(writer, at, start) : at;
}

static const char *put_next(Writer *writer, const char *at) {
    char sign = (unsigned char)*at < 0x80 ? *at : sign_of(at);
    if (*at == '\n' && (at[1] == '\n' || at[1] == '\0'))
        put_paragraph(writer);
    else if (writer->quoted && sign != '"')
        return g_utf8_next_char(at);
    else if (sign != '\'' && is_of_word(at))
        return put_word(writer, at);
    else
        put_mark(writer, sign, g_utf8_next_char(at));
    return g_utf8_next_char(at);
}

char *asks_plain(const char *text, size_t length) {
    Writer writer = {.out = g_string_sized_new(length + 2)};
    for (const char *at = text; at < text + length && *at != '\0';)
        at = put_next(&writer, at);
    put_paragraph(&writer);
    static const char room[CUE_ROOM];
    g_string_append_len(writer.out, room, sizeof room);
    return g_string_free(writer.out, FALSE);
}

bool asks_next_sentence(const char **plain, Sentence *sentence) {
    const char *at = *plain + strspn(*plain, " \n");
    if (*at == '\0')
        return false;
    const char *end = at + strcspn(at, ".?\n");
    const char *behind = *end == '.' || *end == '?' ? end + 1 : end;
    *sentence = (Sentence){
        .at = at, .length = (size_t)(end - at), .question = *end == '?', .last = *behind == '\n' || *behind == '\0'};
    *plain = behind;
    return true;
}
