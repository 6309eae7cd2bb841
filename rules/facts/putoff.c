/* SPDX-License-Identifier: Apache-2.0 */
/* The text is brought into small letters with single spaces and cut into sentences; a sentence with one of the phrases
 * counts, and the day is looked for in it. A dot ends a sentence only before a space and a letter, so that "27.11."
 * does not. */
#include "facts/putoff.h"
#include "base/fold.h"
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 16384, SAID_MAX = 160, SENTENCE_MAX = 400 };

/* '*' stands for up to six words. English needs "will" or its like: what was promised before is told as well. */
static const char *const phrases[] = {"i will * back to you",
                                      "i'll * back to you",
                                      "we will * back to you",
                                      "we'll * back to you",
                                      "i shall * back to you",
                                      "we shall * back to you",
                                      "let me * back to you",
                                      "i will * be in touch",
                                      "i'll * be in touch",
                                      "we will * be in touch",
                                      "we'll * be in touch",
                                      "i will * revert",
                                      "i'll * revert",
                                      "we will * revert",
                                      "we'll * revert",
                                      "i will * let you know",
                                      "i'll * let you know",
                                      "we will * let you know",
                                      "we'll * let you know",
                                      "i will * let you have",
                                      "i'll * let you have",
                                      "we will * let you have",
                                      "we'll * let you have",
                                      "i will * reply in full",
                                      "i'll * reply in full",
                                      "we will * reply in full",
                                      "i will * respond in full",
                                      "we will * respond in full",
                                      "i will * answer in full",
                                      "a full reply will follow",
                                      "a full answer will follow",
                                      "you will hear from me",
                                      "you will hear from us",
                                      "you'll hear from me",
                                      "you'll hear from us",
                                      "i hope to * back to you",
                                      "we hope to * back to you",
                                      "i aim to * back to you",
                                      "we aim to * back to you",
                                      "i will look into",
                                      "we will look into",
                                      "i'll look into",
                                      "ich melde mich",
                                      "wir melden uns",
                                      "melde ich mich",
                                      "melden wir uns",
                                      "werde mich * melden",
                                      "werden uns * melden",
                                      "komme * auf sie zu",
                                      "kommen * auf sie zu",
                                      "komme ich * zurück",
                                      "kommen wir * zurück",
                                      "komme darauf zurück",
                                      "kommen darauf zurück",
                                      "komme hierauf zurück",
                                      "gebe ihnen * bescheid",
                                      "geben ihnen * bescheid",
                                      "erhalten sie * von mir",
                                      "erhalten sie * von uns",
                                      "hören sie * von mir",
                                      "hören sie * von uns",
                                      "sie hören * von mir",
                                      "sie hören * von uns",
                                      "sie erhalten * antwort",
                                      "sie erhalten * rückmeldung",
                                      "antworte ihnen * ausführlich",
                                      "je reviens * vers vous",
                                      "je reviendrai * vers vous",
                                      "nous revenons * vers vous",
                                      "nous reviendrons * vers vous",
                                      "je vous recontacte*",
                                      "nous vous recontact*",
                                      "je vous réponds*",
                                      "je vous répondrai*",
                                      "nous vous répond*",
                                      "je vous tiens au courant",
                                      "je vous tiendrai * au courant",
                                      "nous vous tiendrons * au courant",
                                      "je vous donne* * réponse",
                                      "je vous apporter*",
                                      "me pongo en contacto",
                                      "me pondré en contacto",
                                      "nos pondremos en contacto",
                                      "le responderé",
                                      "les responderé",
                                      "le responderemos",
                                      "le contestaré",
                                      "le contestaremos",
                                      "volveré a *",
                                      "volveremos a *",
                                      "le daré * respuesta",
                                      "le daremos * respuesta",
                                      "le informaré",
                                      "le informaremos",
                                      "le confirmaré",
                                      "le confirmaremos",
                                      "le diré *",
                                      NULL};

static const char *const refusals[] = {"will not ",        "won't ",         "shall not ", "melde mich nicht",
                                       "melden uns nicht", "reviendrai pas", "no le ",     NULL};

static const struct {
    const char *word;
    int weekday, weeks, days;
} days[] = {
    {"day after tomorrow", -1, 0, 2},
    {"tomorrow", -1, 0, 1},
    {"later today", -1, 0, 0},
    {"today", -1, 0, 0},
    {"tonight", -1, 0, 0},
    {"this afternoon", -1, 0, 0},
    {"monday", 0, 0, -1},
    {"tuesday", 1, 0, -1},
    {"wednesday", 2, 0, -1},
    {"thursday", 3, 0, -1},
    {"friday", 4, 0, -1},
    {"saturday", 5, 0, -1},
    {"sunday", 6, 0, -1},
    {"end of next week", 4, 1, -1},
    {"next week", 4, 1, -1},
    {"end of the week", 4, 0, -1},
    {"end of this week", 4, 0, -1},
    {"this week", 4, 0, -1},
    {"übermorgen", -1, 0, 2},
    {"morgen", -1, 0, 1},
    {"heute", -1, 0, 0},
    {"montag", 0, 0, -1},
    {"dienstag", 1, 0, -1},
    {"mittwoch", 2, 0, -1},
    {"donnerstag", 3, 0, -1},
    {"freitag", 4, 0, -1},
    {"samstag", 5, 0, -1},
    {"sonnabend", 5, 0, -1},
    {"sonntag", 6, 0, -1},
    {"nächste woche", 4, 1, -1},
    {"nächsten woche", 4, 1, -1},
    {"nächster woche", 4, 1, -1},
    {"kommende woche", 4, 1, -1},
    {"kommender woche", 4, 1, -1},
    {"diese woche", 4, 0, -1},
    {"dieser woche", 4, 0, -1},
    {"ende der woche", 4, 0, -1},
    {"après-demain", -1, 0, 2},
    {"demain", -1, 0, 1},
    {"aujourd'hui", -1, 0, 0},
    {"lundi", 0, 0, -1},
    {"mardi", 1, 0, -1},
    {"mercredi", 2, 0, -1},
    {"jeudi", 3, 0, -1},
    {"vendredi", 4, 0, -1},
    {"samedi", 5, 0, -1},
    {"dimanche", 6, 0, -1},
    {"semaine prochaine", 4, 1, -1},
    {"fin de semaine", 4, 0, -1},
    {"cette semaine", 4, 0, -1},
    {"pasado mañana", -1, 0, 2},
    {"mañana", -1, 0, 1},
    {"hoy", -1, 0, 0},
    {"lunes", 0, 0, -1},
    {"martes", 1, 0, -1},
    {"miércoles", 2, 0, -1},
    {"jueves", 3, 0, -1},
    {"viernes", 4, 0, -1},
    {"sábado", 5, 0, -1},
    {"domingo", 6, 0, -1},
    {"próxima semana", 4, 1, -1},
    {"semana que viene", 4, 1, -1},
    {"esta semana", 4, 0, -1},
};

static const char *const months[] = {"january januar janvier enero",
                                     "february februar février febrero",
                                     "march märz mars marzo",
                                     "april april avril abril",
                                     "may mai mai mayo",
                                     "june juni juin junio",
                                     "july juli juillet julio",
                                     "august august août agosto",
                                     "september september septembre septiembre",
                                     "october oktober octobre octubre",
                                     "november november novembre noviembre",
                                     "december dezember décembre diciembre"};

void putoff_clear(PutOff *putoff) {
    g_clear_pointer(&putoff->said, g_free);
}

/* What plain_of() makes of an ASCII byte; 0: it looks closer. */
static char plain_bytes[256];

/* The phrases by their first four bytes, so that most words of a text are none of theirs at a glance. */
enum { BEGINNING = 4, LISTS = 1 << 10 };
static GPtrArray *by_beginning[LISTS];

static GPtrArray **list_of(const char *at) {
    guint32 bytes;
    memcpy(&bytes, at, BEGINNING);
    return &by_beginning[(bytes * 2654435761u) >> 22];
}

static gpointer make_tables(gpointer unused) {
    for (int i = 0; phrases[i]; i++) {
        GPtrArray **list = list_of(phrases[i]);
        if (!*list)
            *list = g_ptr_array_new();
        g_ptr_array_add(*list, (char *)phrases[i]);
    }
    for (int c = 1; c < 0x80; c++)
        plain_bytes[c] = g_ascii_isspace(c) ? '\0' : g_ascii_tolower((char)c);
    return NULL;
}

/* Small letters, single spaces, curly apostrophes straight; an empty line is '\n'; BEGINNING bytes may be
 * read from any place. Caller owns. */
static char *plain_of(const char *text) {
    static GOnce made = G_ONCE_INIT;
    g_once(&made, make_tables, NULL);
    size_t length = strnlen(text, TEXT_MAX);
    g_autofree char *valid = fold_is_ascii(text, length) ? NULL : g_utf8_make_valid(text, (gssize)length);
    g_autofree char *lower = valid ? g_utf8_strdown(valid, -1) : NULL;
    const char *at = lower ? lower : text, *end = at + (lower ? strlen(lower) : length);
    char *plain = g_malloc((size_t)(end - at) + BEGINNING), *to = plain;
    for (unsigned lines = 0; at < end; at++) {
        char small = plain_bytes[(unsigned char)*at];
        bool no_break = at[0] == '\xc2' && at[1] == '\xa0';
        if (small) {
            *to++ = small;
        } else if (no_break || g_ascii_isspace(*at)) {
            lines += *at == '\n';
            at += no_break;
            if (at + 1 < end && (g_ascii_isspace(at[1]) || (at[1] == '\xc2' && at[2] == '\xa0')))
                continue;
            *to++ = lines > 1 ? '\n' : ' ';
            lines = 0;
        } else if (at[0] == '\xe2' && at[1] == '\x80' && at[2] == '\x99') {
            *to++ = '\'';
            at += 2;
        } else {
            *to++ = *at;
        }
    }
    memset(to, 0, BEGINNING);
    return plain;
}

static size_t sentence_length(const char *at) {
    for (size_t i = 0; at[i]; i++) {
        bool ends = at[i] == '!' || at[i] == '?' || at[i] == '\n' || i >= SENTENCE_MAX;
        if (!ends && at[i] == '.')
            ends = at[i + 1] == '\n' ||
                   (at[i + 1] == ' ' && !g_ascii_isdigit(at[i + 2]) && !(i && g_ascii_isdigit(at[i - 1])));
        if (ends)
            return i + 1;
    }
    return strlen(at);
}

static bool is_word_byte(char c) {
    return g_ascii_isalnum(c) || (unsigned char)c >= 0x80;
}

/* The word or words as they stand in so many bytes, with no letter before or behind; '*' at the end: any ending. NULL:
 * not there. */
static const char *find_words(const char *in, size_t most, const char *words) {
    size_t length = strlen(words);
    bool open = length && words[length - 1] == '*';
    const char *stop = in + strnlen(in, most);
    length -= open;
    for (const char *at = in; (at = memmem(at, (size_t)(stop - at), words, length)); at++)
        if ((at == in || !is_word_byte(at[-1])) && (open || !is_word_byte(at[length])))
            return at;
    return NULL;
}

/* Is it the phrase that begins there? Both sides of " * " stand at most six words apart. */
static bool begins_phrase(const char *at, const char *phrase) {
    size_t length = strcspn(phrase, "*");
    bool gap = phrase[length] && length > 0 && phrase[length - 1] == ' ';
    length -= gap; /* the space before it */
    if (strncmp(at, phrase, length) != 0)
        return false;
    if (!gap)
        return phrase[length] == '*' || !is_word_byte(at[length]);
    const char *wanted = phrase + length + strlen(" *"), *rest = at + length;
    if (is_word_byte(*rest))
        return false;
    wanted += *wanted == ' ';
    const char *end = *wanted ? find_words(rest, SENTENCE_MAX, wanted) : rest;
    unsigned spaces = 0;
    for (const char *c = rest; end && c < end; c++)
        spaces += *c == ' ';
    return end && spaces <= 7;
}

static bool begins_some(const char *at) {
    const GPtrArray *list = *list_of(at);
    for (guint i = 0; list && i < list->len; i++)
        if (begins_phrase(at, g_ptr_array_index(list, i)))
            return true;
    return false;
}

/* Does one of the phrases stand in it, whatever else its sentence says? */
static bool has_phrase(const char *text) {
    for (const char *at = text; *at; at++)
        if ((at == text || !is_word_byte(at[-1])) && begins_some(at))
            return true;
    return false;
}

static bool is_put_off(const char *sentence) {
    bool found = has_phrase(sentence);
    for (int i = 0; found && refusals[i]; i++)
        found = !strstr(sentence, refusals[i]);
    return found;
}

static int month_of(const char *word, size_t length) {
    for (int month = 0; month < 12; month++) {
        const char *at = memmem(months[month], strlen(months[month]), word, length);
        if (at && length > 2 && (at == months[month] || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return month + 1;
    }
    return 0;
}

static bool set_date(PutOff *putoff, int year, int month, int day) {
    if (!g_date_valid_dmy((GDateDay)CLAMP(day, 0, 255), (GDateMonth)CLAMP(month, 0, 13),
                          (GDateYear)(year ? year : 2024)))
        return false;
    putoff->year = year;
    putoff->month = month;
    putoff->day = day;
    return true;
}

/* "2026-11-27", "27.11.2026", "27.11.", "27 november", "27. november", "27th of november", "27 de noviembre". */
static bool read_date(const char *at, PutOff *putoff) {
    int first, second, third = 0, end = 0;
    if (sscanf(at, "%4d-%2d-%2d", &first, &second, &third) == 3 && first > 1999)
        return set_date(putoff, first, second, third);
    third = 0;
    if (sscanf(at, "%2d.%2d.%4d", &first, &second, &third) >= 2 && strchr(at, '.') <= at + 2)
        return set_date(putoff, third > 1999 ? third : 0, second, first);
    if (sscanf(at, "%2d%n", &first, &end) != 1)
        return false;
    at += end;
    static const char *const between[] = {"st", "nd", "rd", "th", ".", "er", " ", "of ", "de "};
    for (size_t i = 0; i < G_N_ELEMENTS(between); i++)
        if (g_str_has_prefix(at, between[i]))
            at += strlen(between[i]);
    size_t length = 0;
    while (is_word_byte(at[length]))
        length++;
    second = month_of(at, length);
    return second && set_date(putoff, 0, second, first);
}

/* "november 27". */
static bool read_month_first(const char *at, PutOff *putoff) {
    size_t length = 0;
    int day;
    while (is_word_byte(at[length]))
        length++;
    int month = month_of(at, length);
    return month && at[length] == ' ' && sscanf(at + length, " %2d", &day) == 1 && set_date(putoff, 0, month, day);
}

static bool find_date(const char *sentence, PutOff *putoff) {
    for (const char *at = sentence; *at; at++) {
        if (at > sentence && is_word_byte(at[-1]))
            continue;
        if (g_ascii_isdigit(*at) ? read_date(at, putoff) : is_word_byte(*at) && read_month_first(at, putoff))
            return true;
    }
    return false;
}

/* "guten morgen" and "heute morgen" are no tomorrow. */
static bool is_morning(const char *sentence, const char *at) {
    static const char *const before[] = {"guten ", "heute ", "la ", "por "};
    for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
        size_t length = strlen(before[i]);
        if ((size_t)(at - sentence) >= length && strncmp(at - length, before[i], length) == 0)
            return true;
    }
    return false;
}

static void find_day(const char *sentence, PutOff *putoff) {
    if (find_date(sentence, putoff))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
        const char *at = find_words(sentence, TEXT_MAX, days[i].word);
        while (at && days[i].days == 1 && is_morning(sentence, at))
            at = find_words(at + 1, TEXT_MAX, days[i].word);
        if (!at)
            continue;
        putoff->weekday = days[i].weekday;
        putoff->weeks = days[i].weeks;
        putoff->days = days[i].days;
        return;
    }
}

static char *cut(const char *sentence) {
    g_autofree char *line = g_strstrip(g_strdup(sentence));
    const char *end = line + MIN(strlen(line), SAID_MAX);
    while (end > line && ((unsigned char)*end & 0xc0) == 0x80)
        end--;
    return g_strndup(line, (gsize)(end - line));
}

PutOff putoff_find(const char *text) {
    PutOff putoff = {.weekday = -1, .days = -1};
    g_autofree char *plain = plain_of(text ? text : "");
    /* Most texts have none, and need no sentences. */
    for (char *at = has_phrase(plain) ? plain : plain + strlen(plain); *at && !putoff.said;) {
        size_t length = sentence_length(at);
        char *sentence = at, end = at[length], *mark = at + length - 1;
        at[length] = '\0';
        if (*mark == '\n')
            *mark = ' ';
        if (is_put_off(sentence)) {
            putoff.said = cut(sentence);
            find_day(sentence, &putoff);
        }
        at += length;
        *at = end;
    }
    if (!putoff.said)
        putoff.said = g_strdup("");
    return putoff;
}

PutOff putoff_day_named(const char *text) {
    PutOff putoff = {.weekday = -1, .days = -1, .said = g_strdup("")};
    g_autofree char *plain = plain_of(text);
    find_day(plain, &putoff);
    return putoff;
}

bool putoff_day(const PutOff *putoff, const char *today, char day[PUTOFF_DAY]) {
    int year, month, number;
    if (sscanf(today, "%4d-%2d-%2d", &year, &month, &number) != 3 ||
        !g_date_valid_dmy((GDateDay)number, (GDateMonth)month, (GDateYear)year))
        return false;
    GDate now, then;
    g_date_set_dmy(&now, (GDateDay)number, (GDateMonth)month, (GDateYear)year);
    then = now;
    if (putoff->day) {
        int of = putoff->year ? putoff->year : year;
        if (!g_date_valid_dmy((GDateDay)putoff->day, (GDateMonth)putoff->month, (GDateYear)of))
            return false;
        g_date_set_dmy(&then, (GDateDay)putoff->day, (GDateMonth)putoff->month, (GDateYear)of);
        if (!putoff->year && g_date_compare(&then, &now) < 0)
            g_date_add_years(&then, 1);
    } else if (putoff->days >= 0) {
        g_date_add_days(&then, (guint)putoff->days);
    } else if (putoff->weekday >= 0) {
        int ahead = (putoff->weekday - (int)g_date_get_weekday(&now) + 1 + 7) % 7;
        /* "Next week" is that of the calendar, not seven days on. */
        if (putoff->weeks)
            ahead = 7 * putoff->weeks + putoff->weekday - ((int)g_date_get_weekday(&now) - 1);
        g_date_add_days(&then, (guint)ahead);
    } else {
        return false;
    }
    g_snprintf(day, PUTOFF_DAY, "%04d-%02d-%02d", g_date_get_year(&then), g_date_get_month(&then),
               g_date_get_day(&then));
    return true;
}
