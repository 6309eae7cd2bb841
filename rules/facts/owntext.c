/* SPDX-License-Identifier: Apache-2.0 */
/* Line by line, as people's programs mark what is not theirs. A footer is known by its lines, however they are wrapped:
 * a run of lines that are all in it, and that together make up most of it. */
#include "facts/owntext.h"
#include "base/foldbare.h"
#include <string.h>

typedef struct {
    const char *at;
    size_t length;
} Line;

static bool begins(Line line, const char *word) {
    size_t length = strlen(word);
    return line.length >= length && g_ascii_strncasecmp(line.at, word, length) == 0;
}

static bool next_line(const char **at, const char *end, Line *line) {
    if (*at >= end)
        return false;
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    const char *stop = newline ? newline : end;
    *line = (Line){*at, (size_t)(stop - *at)};
    *at = newline ? newline + 1 : end;
    return true;
}

static Line stripped(Line line) {
    while (line.length > 0 && g_ascii_isspace(*line.at))
        line = (Line){line.at + 1, line.length - 1};
    while (line.length > 0 && g_ascii_isspace(line.at[line.length - 1]))
        line.length--;
    return line;
}

/* The header that Outlook puts above the mail it answers, in one language; several words mean the same. */
typedef struct {
    const char *from, *said[3][3];
} HeaderWords;

static const HeaderWords header_words[] = {
    {"From", {{"Sent", "Date"}, {"To"}, {"Subject"}}},
    {"Von", {{"Gesendet", "Datum"}, {"An"}, {"Betreff"}}},
    {"De", {{"Envoyé", "Date"}, {"À", "A"}, {"Objet"}}},
    {"De", {{"Enviado", "Enviado el", "Fecha"}, {"Para"}, {"Asunto"}}},
    {"Da", {{"Inviato", "Data"}, {"A"}, {"Oggetto"}}},
};

enum { HEADER_LINES = 9 };

/* "From:", "*From:* ", "De :", also with a space that does not break. */
static bool is_field(Line line, const char *word) {
    while (line.length > 0 && *line.at == '*')
        line = (Line){line.at + 1, line.length - 1};
    if (word == NULL || !begins(line, word))
        return false;
    Line rest = {line.at + strlen(word), line.length - strlen(word)};
    while (rest.length > 0 && (*rest.at == ' ' || *rest.at == '\xc2' || *rest.at == '\xa0'))
        rest = (Line){rest.at + 1, rest.length - 1};
    return rest.length > 0 && *rest.at == ':';
}

static bool is_one_of_fields(Line line, const char *const words[3]) {
    for (int i = 0; i < 3; i++)
        if (is_field(line, words[i]))
            return true;
    return false;
}

/* Two of when, to whom and about what follow. */
static bool has_fields(const HeaderWords *words, const char *at, const char *end) {
    bool has[3] = {false};
    Line line;
    for (int i = 0; i < HEADER_LINES && next_line(&at, end, &line); i++)
        for (int kind = 0; kind < 3; kind++)
            has[kind] |= is_one_of_fields(stripped(line), words->said[kind]);
    return has[0] + has[1] + has[2] >= 2;
}

static bool begins_header(Line line, const char *end) {
    for (size_t i = 0; i < G_N_ELEMENTS(header_words); i++)
        if (is_field(line, header_words[i].from) && has_fields(&header_words[i], line.at + line.length, end))
            return true;
    return false;
}

bool owntext_begins_quote(const char *at, size_t length, const char *end) {
    static const char *const marks[] = {"-----Original Message", "-----Ursprüngliche Nachricht",
                                        "-----Message d'origine", "-----Mensaje original",
                                        "________________________________"};
    if (length < 2 || (*at != '-' && *at != '_'))
        return length > 4 && strchr("FVDfvd*", *at) != NULL && begins_header((Line){at, length}, end);
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        if (begins((Line){at, length}, marks[i]))
            return true;
    return false;
}

bool owntext_is_attribution(const char *at, size_t length) {
    static const char *const ends[] = {" wrote:",    " schrieb:",    " a écrit :", " a écrit\xc2\xa0:",
                                       " escribió:", " ha scritto:", " schreef:",  " escreveu:"};
    for (size_t i = 0; length > 0 && at[length - 1] == ':' && i < G_N_ELEMENTS(ends); i++) {
        size_t end = strlen(ends[i]);
        if (length > end && g_ascii_strncasecmp(at + length - end, ends[i], end) == 0)
            return true;
    }
    return false;
}

bool owntext_is_forward(const char *subject) {
    static const char *const words[] = {"fwd:", "fw:", "wg:", "tr:", "rv:"};
    while (g_ascii_isspace(*subject))
        subject++;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strncasecmp(subject, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

char *owntext_footer(const char *footer) {
    g_autoptr(FoldBare) bare = fold_bare_text(footer, strlen(footer), FOLD_ALIKE);
    return g_steal_pointer(&bare->text);
}

/* The lines since `start` of `out` that are all in one footer. */
typedef struct {
    const OwnText *how;
    GString *out;
    const char *footer; /* NULL: in none */
    gsize start;
    size_t covered;
} Run;

/* A footer that is not whole enough stays. */
static void end_run(Run *run) {
    if (run->footer && 2 * run->covered > strlen(run->footer))
        g_string_truncate(run->out, run->start);
    run->footer = NULL;
}

static bool has_footers(const OwnText *how) {
    return how->footers && how->footers->len > 0;
}

/* Before it is appended. */
static void note_line(Run *run, Line line) {
    if (!has_footers(run->how))
        return;
    g_autofree char *written = g_strndup(line.at, line.length), *bare = owntext_footer(written);
    if (*bare == '\0')
        return;
    if (run->footer && !strstr(run->footer, bare))
        end_run(run);
    for (guint i = 0; !run->footer && i < run->how->footers->len; i++) {
        const char *footer = g_ptr_array_index(run->how->footers, i);
        if (!strstr(footer, bare))
            continue;
        *run = (Run){run->how, run->out, footer, run->out->len, 0};
    }
    if (run->footer)
        run->covered += strlen(bare);
}

/* Nothing that marks what is another's, and no white space around it: as most lines are. */
static bool is_prose(Line line) {
    char first = line.length > 0 ? line.at[0] : ' ', last = line.length > 0 ? line.at[line.length - 1] : ' ';
    return g_ascii_isalnum(first) && !strchr("FVDfvd", first) && !g_ascii_isspace(last) && last != ':';
}

/* Lines are appended many at once, but for those that may be a footer's: most texts stay whole. */
char *owntext_of(const char *text, size_t length, const OwnText *how) {
    GString *out = g_string_sized_new(length + 1);
    Run run = {.how = how, .out = out};
    const char *kept = text, *end = text + length; /* from there on nothing was appended yet */
    Line line;
    for (const char *at = text; next_line(&at, end, &line);) {
        if (is_prose(line) && !has_footers(how))
            continue;
        Line words = stripped(line);
        bool quote = !how->forwards && owntext_begins_quote(words.at, words.length, end);
        bool others = words.length > 0 && (*words.at == '>' || owntext_is_attribution(words.at, words.length));
        if (quote || others || has_footers(how)) {
            g_string_append_len(out, kept, line.at - kept);
            kept = quote ? end : others ? at : line.at;
        }
        if (quote)
            break;
        if (!others)
            note_line(&run, words);
    }
    g_string_append_len(out, kept, end - kept);
    if (kept < end && end[-1] != '\n')
        g_string_append_c(out, '\n');
    end_run(&run);
    return g_string_free(out, FALSE);
}
