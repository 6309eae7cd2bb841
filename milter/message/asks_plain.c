/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the lines, one over their characters. In the plain form '.' and '?' end a sentence and '\n' a
 * paragraph; whatever else is no letter, digit or apostrophe is a space. */
#include "message/asks_plain.h"
#include "base/fold.h"
#include "facts/owntext.h"
#include "message/cues.h"
#include "message/slice.h"
#include <string.h>

enum { READ_AT_MOST = 32768, CLOSING_WORDS = 5, SIGNATURE_WORDS = 12, RULER = 5, SPARE = 64 };

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
    bool apart = true;
    for (size_t i = 0; i < line.length && count <= most; i++) {
        bool blank = g_ascii_isspace(line.at[i]);
        count += apart && !blank;
        apart = blank;
    }
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

size_t asks_extent(const char *text) {
    size_t length = strnlen(text, READ_AT_MOST);
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

OwnWords *own_words(const char *text, size_t length, size_t enough) {
    OwnWords *own = g_new0(OwnWords, 1);
    own->text = g_string_sized_new(MIN(length, enough) + SPARE);
    own->rest = g_string_new(NULL);
    Slice rest = {text, length}, line;
    const char *end = text + length;
    bool signature = false, below = false;
    while (own->text->len <= enough && slice_line(&rest, &line) && !begins_signature(line) &&
           !owntext_begins_quote(line.at, line.length, end)) {
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

/* How the plain form is written. Nearly everything becomes as many bytes or fewer; for the rest there is `spare`. */
typedef struct {
    char *out;
    size_t length, room, spare;
    bool quoted;    /* between quotation marks */
    unsigned depth; /* of brackets */
} Writer;

static inline void put(Writer *writer, char c) {
    writer->out[writer->length++] = c;
}

/* Before something becomes that many bytes more. */
static void reserve(Writer *writer, size_t more) {
    if (writer->spare < more) {
        writer->out = g_realloc(writer->out, writer->room * 2);
        writer->spare += writer->room;
        writer->room *= 2;
    }
    writer->spare -= more;
}

static void put_text(Writer *writer, const char *text) {
    size_t length = strlen(text);
    reserve(writer, length);
    memcpy(writer->out + writer->length, text, length);
    writer->length += length;
}

static char last_of(const Writer *writer) {
    return writer->length > 0 ? writer->out[writer->length - 1] : '\n';
}

/* Unless something new begins anyway. */
static inline void put_space(Writer *writer) {
    char last = last_of(writer);
    if (last != ' ' && last != '.' && last != '?' && last != '\n')
        put(writer, ' ');
}

static void put_end(Writer *writer, char end) {
    while (last_of(writer) == ' ')
        writer->length--;
    char last = last_of(writer);
    if (last == '\n')
        return;
    if (last != '.' && last != '?')
        put(writer, end);
    else if (end == '?')
        writer->out[writer->length - 1] = '?';
}

static void put_paragraph(Writer *writer) {
    reserve(writer, 2);
    put_end(writer, '.');
    if (last_of(writer) != '\n')
        put(writer, '\n');
    writer->quoted = false;
    writer->depth = 0;
}

/* Is it a smile behind a mark? */
static bool is_smile(const char *at) {
    at += strspn(at, " ");
    return (*at == ':' || *at == ';') && at[1] != '\0' && strchr("-)o>PD", at[1]) != NULL;
}

/* In lower case; '\0': of no word. */
static inline char ascii_of_word(char c) {
    char lower = (char)(c | 0x20);
    if (lower >= 'a' && lower <= 'z')
        return lower;
    return (c >= '0' && c <= '9') || c == '\'' ? c : '\0';
}

/* Beyond ASCII: lower case, of the Latin letters of our four languages; typographic apostrophes as plain ones. */
static const char *put_letter(Writer *writer, const char *at) {
    unsigned char c = (unsigned char)at[0], next = (unsigned char)at[1];
    if (c == 0xc3 && next >= 0x80) {
        put(writer, *at);
        put(writer, (char)(next < 0x9f && next != 0x97 ? next + 0x20 : next));
        return at + 2;
    }
    const char *end = g_utf8_next_char(at);
    if (strncmp(at, "\xe2\x80\x99", 3) == 0)
        put(writer, '\'');
    else
        for (; at < end; at++)
            put(writer, *at);
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
static bool is_tag(const Writer *writer) {
    static const char *const tags[] = {" eh", " huh", " right", " hein", " gell"};
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        size_t length = strlen(tags[i]);
        if (writer->length >= length && memcmp(writer->out + writer->length - length, tags[i], length) == 0)
            return true;
    }
    return false;
}

static bool is_stop(char mark) {
    return mark == '.' || mark == '!' || mark == ';' || mark == ':';
}

static void put_mark(Writer *writer, char mark, const char *behind) {
    if (mark == '"' && !writer->quoted)
        put_text(writer, "quoted");
    if (mark == '"')
        writer->quoted = !writer->quoted;
    else if (mark == '(')
        writer->depth++;
    else if (mark == ')')
        writer->depth -= writer->depth > 0;
    if (mark == '?')
        put_end(writer, writer->depth > 0 || is_smile(behind) || is_tag(writer) ? '.' : '?');
    else if (is_stop(mark) && ((unsigned char)*behind <= ' ' || *behind == '"' || *behind == '\'' || *behind == ')'))
        put_end(writer, '.');
    else
        put_space(writer);
}

/* The whole word is no word of a language: a link or an address. */
static const char *put_link(Writer *writer, const char *at, size_t start) {
    writer->length = start;
    put_text(writer, "link");
    const char *end = at;
    while ((unsigned char)*end > ' ' && *end != '>')
        end++;
    while (end > at && strchr(".,;:!?)\"'", end[-1]) != NULL)
        end--;
    return end;
}

static const char *put_ascii(Writer *writer, const char *at) {
    char *out = writer->out + writer->length;
    for (char c; (c = ascii_of_word(*at)) != '\0'; at++)
        *out++ = c;
    writer->length = (size_t)(out - writer->out);
    return at;
}

static const char *put_word(Writer *writer, const char *at) {
    size_t start = writer->length;
    at = put_ascii(writer, at);
    while ((unsigned char)*at >= 0x80 && sign_of(at) == 0)
        at = put_ascii(writer, put_letter(writer, at));
    bool www = *at == '.' && writer->length - start >= 3 && memcmp(writer->out + writer->length - 3, "www", 3) == 0;
    bool link = www || *at == '@' || (at[0] == ':' && at[1] == '/' && at[2] == '/');
    return link ? put_link(writer, at, start) : at;
}

static const char *put_next(Writer *writer, const char *at) {
    char sign = (unsigned char)*at < 0x80 ? *at : sign_of(at);
    bool letter = sign == '\0' || (sign != '\'' && ascii_of_word(sign) != '\0');
    if (letter && !writer->quoted)
        return put_word(writer, at);
    if (*at == '\n' && (at[1] == '\n' || at[1] == '\0'))
        put_paragraph(writer);
    else if (!writer->quoted || sign == '"')
        put_mark(writer, sign, g_utf8_next_char(at));
    return g_utf8_next_char(at);
}

char *asks_plain(const char *text, size_t length) {
    Writer writer = {.room = length + SPARE + CUE_ROOM, .spare = SPARE};
    writer.out = g_malloc(writer.room);
    for (const char *at = text; at < text + length && *at != '\0';)
        at = put_next(&writer, at);
    put_paragraph(&writer);
    memset(writer.out + writer.length, 0, CUE_ROOM);
    return writer.out;
}

/* Behind a mark that ends a sentence, where nothing is open, the plain form goes on as it begins. */
size_t asks_last_sentence(const char *paragraph, size_t length) {
    if (memchr(paragraph, '"', length) != NULL || memchr(paragraph, '(', length) != NULL ||
        !fold_is_ascii(paragraph, length))
        return 0;
    while (length > 0 && !g_ascii_isalnum(paragraph[length - 1]))
        length--;
    for (size_t at = length; at >= 2; at--)
        if ((unsigned char)paragraph[at - 1] <= ' ' && (paragraph[at - 2] == '?' || is_stop(paragraph[at - 2])))
            return at;
    return 0;
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
