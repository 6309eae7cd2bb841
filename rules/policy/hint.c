/* SPDX-License-Identifier: Apache-2.0 */
/* Why does libconfig not like this file? Its own answer is "syntax error"; this walks over the words once more and
 * names the first thing that people write and libconfig 1.5 refuses. Asked after a failed parse, and beforehand
 * for what libconfig would swallow without a word. */
#include "policy/tree.h"
#include <string.h>

#define STACK_MAX 64

/* What may come next: in a group name, then '=' or ':', then a value; in a list values with commas between. */
typedef enum { WANT_NAME, WANT_EQUALS, WANT_VALUE, WANT_ELEMENT, WANT_COMMA } Want;

typedef struct {
    const char *at, *end;
    unsigned line;
    Want want;
    unsigned comma;    /* line of a comma just read, 0: none */
    bool after_string; /* neighbouring strings are one string to libconfig */
    struct {
        char bracket;
        unsigned line;
    } stack[STACK_MAX];
    unsigned depth;
    char *hint;
    unsigned hint_line;
} Walk;

static void say(Walk *walk, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(Walk *walk, unsigned line, const char *format, ...) {
    va_list args;
    if (walk->hint)
        return;
    va_start(args, format);
    walk->hint = g_strdup_vprintf(format, args);
    va_end(args);
    walk->hint_line = line;
}

static bool in_group(const Walk *walk) {
    return walk->depth == 0 || walk->stack[walk->depth - 1].bracket == '{';
}

static void value_done(Walk *walk) {
    walk->want = in_group(walk) ? WANT_NAME : WANT_COMMA;
    walk->comma = 0;
}

/* True when a comment was skipped; both kinds of line comment and the C one. */
static bool skip_comment(Walk *walk) {
    if (*walk->at == '#' || g_str_has_prefix(walk->at, "//")) {
        walk->at += strcspn(walk->at, "\n");
        return true;
    }
    if (!g_str_has_prefix(walk->at, "/*"))
        return false;
    const char *close = strstr(walk->at + 2, "*/");
    if (!close)
        say(walk, walk->line, "the comment that begins with /* is not closed; end it with */");
    for (; walk->at < (close ? close + 2 : walk->end); walk->at++)
        walk->line += *walk->at == '\n';
    return true;
}

static void expect_value(Walk *walk, const char *what) {
    if (walk->want == WANT_NAME)
        say(walk, walk->line, "%s stands where a name is expected; write name = value;", what);
    else if (walk->want == WANT_EQUALS)
        say(walk, walk->line, "a name must be followed by = or :");
    else if (walk->want == WANT_COMMA)
        say(walk, walk->line, "a comma is missing between the elements of a list");
}

static void read_string(Walk *walk) {
    unsigned opened = walk->line;
    if (!walk->after_string)
        expect_value(walk, "a text");
    for (walk->at++; walk->at < walk->end && *walk->at != '"'; walk->at++) {
        if (*walk->at == '\\' && walk->at + 1 < walk->end)
            walk->at++;
        if (*walk->at == '\n') {
            say(walk, opened, "a double quote is not closed on its line; close it");
            return;
        }
    }
    if (walk->at == walk->end)
        say(walk, opened, "a double quote is not closed; close it");
    else
        walk->at++;
    value_done(walk);
    walk->after_string = true;
}

static void read_name(Walk *walk, const char *word) {
    if (g_ascii_isdigit(*word) || strpbrk(word, ".@"))
        say(walk, walk->line,
            "\"%s\" cannot be a name: names begin with a letter and hold letters, digits, - and _ only; "
            "rename it",
            word);
    else if (strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*") != strlen(word))
        say(walk, walk->line, "\"%s\" cannot be a name; use letters, digits, - and _ only", word);
    walk->want = WANT_EQUALS;
}

static void read_word(Walk *walk) {
    size_t length = strcspn(walk->at, " \t\r\n=:;,(){}[]\"'#");
    g_autofree char *word = g_strndup(walk->at, length);
    walk->at += length;
    if (g_str_has_prefix(word, "“") || g_str_has_prefix(word, "„") || g_str_has_prefix(word, "”"))
        say(walk, walk->line, "%s begins with a typographic quote; texts stand in plain double quotes", word);
    if (walk->want == WANT_NAME) {
        read_name(walk, word);
        return;
    }
    expect_value(walk, word);
    bool is_flag = g_ascii_strcasecmp(word, "true") == 0 || g_ascii_strcasecmp(word, "false") == 0;
    size_t start = strspn(word, "+-");
    bool is_number =
        g_ascii_isdigit(word[start]) && strspn(word + start, "0123456789abcdefABCDEFxXL.+-") == length - start;
    if (!is_flag && !is_number)
        say(walk, walk->line, "%s needs double quotes: \"%s\"", word, word);
    value_done(walk);
}

static void open_bracket(Walk *walk) {
    char bracket = *walk->at++;
    expect_value(walk, bracket == '{' ? "a group" : "a list");
    if (walk->depth && walk->stack[walk->depth - 1].bracket == '[')
        say(walk, walk->line, "[ ] holds plain values only; write ( ) around groups and lists");
    if (walk->depth == STACK_MAX) {
        say(walk, walk->line, "nested too deep; write it flatter");
        return;
    }
    walk->stack[walk->depth].bracket = bracket;
    walk->stack[walk->depth++].line = walk->line;
    walk->want = bracket == '{' ? WANT_NAME : WANT_ELEMENT;
    walk->comma = 0;
}

static void close_bracket(Walk *walk) {
    char close = *walk->at++;
    char open = close == '}' ? '{' : close == ')' ? '(' : '[';
    if (walk->comma)
        say(walk, walk->comma, "a comma stands before the closing %c; take it away", close);
    else if (walk->depth == 0)
        say(walk, walk->line, "%c closes nothing; take it away, or look for a bracket closed too early", close);
    else if (walk->stack[walk->depth - 1].bracket != open)
        say(walk, walk->line, "%c does not close the %c of line %u; close that first", close,
            walk->stack[walk->depth - 1].bracket, walk->stack[walk->depth - 1].line);
    else if (walk->want == WANT_EQUALS || walk->want == WANT_VALUE)
        say(walk, walk->line, "a value is missing before %c", close);
    if (walk->depth)
        walk->depth--;
    value_done(walk);
}

static void read_mark(Walk *walk) {
    char mark = *walk->at++;
    if (mark == ',') {
        if (in_group(walk) && walk->want != WANT_NAME)
            say(walk, walk->line, "a comma stands where a value is expected; write one");
        else if (!in_group(walk) && walk->want != WANT_COMMA)
            say(walk, walk->line, "a comma stands where a value is expected; take it away");
        walk->comma = walk->line;
        if (!in_group(walk))
            walk->want = WANT_VALUE;
    } else if (mark == ';') {
        if (!in_group(walk))
            say(walk, walk->line, "; stands inside a list; write a comma, or close the list opened in line %u first",
                walk->stack[walk->depth - 1].line);
        else if (walk->want != WANT_NAME)
            say(walk, walk->line, "a value is missing before ;");
        walk->comma = 0;
    } else if (walk->want != WANT_EQUALS) {
        say(walk, walk->line, "%c stands where none is expected; write name = value;", mark);
    } else {
        walk->want = WANT_VALUE;
    }
}

static void read_other(Walk *walk, char c) {
    walk->after_string = false;
    if (c == '\'')
        say(walk, walk->line, "texts stand in double quotes, not in single ones");
    else if (strchr("{([", c))
        open_bracket(walk);
    else if (strchr("})]", c))
        close_bracket(walk);
    else if (strchr("=:;,", c))
        read_mark(walk);
    else
        read_word(walk);
}

static void step(Walk *walk) {
    char c = *walk->at;
    if (c == '\n')
        walk->line++;
    if (g_ascii_isspace(c))
        walk->at++;
    else if (skip_comment(walk))
        return;
    else if (c == '"')
        read_string(walk);
    else
        read_other(walk, c);
}

char *hint_for_unclosed(const char *text, size_t length, unsigned *line) {
    Walk walk = {.at = text, .end = text + length, .line = 1};
    while (walk.at < walk.end && !walk.hint) {
        /* A text may stand anywhere here: only its end matters. */
        walk.after_string = true;
        if (*walk.at == '"') {
            read_string(&walk);
        } else if (!skip_comment(&walk)) {
            walk.line += *walk.at == '\n';
            walk.at++;
        }
    }
    *line = walk.hint_line;
    return walk.hint;
}

char *hint_for_syntax(const char *text, size_t length, unsigned error_line, unsigned *line) {
    Walk walk = {.at = text, .end = text + length, .line = 1};
    while (walk.at < walk.end && *walk.at && !walk.hint)
        step(&walk);
    if (walk.depth)
        say(&walk, walk.stack[walk.depth - 1].line, "the %c opened here is not closed; close it",
            walk.stack[walk.depth - 1].bracket);
    *line = walk.hint ? walk.hint_line : error_line;
    return walk.hint;
}
