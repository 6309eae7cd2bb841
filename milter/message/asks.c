/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message want an answer? Thin on purpose and wrong towards "unknown": a missed question costs a client, a
 * needless deadline one click. */
#include "message/text.h"

enum { NO_AT_MOST = 400, WORDS_AT_MOST = 40, READ_AT_MOST = 32768 };

/* Words of which a message may wholly consist when it asks for nothing: thanks, acknowledgement, greeting. Lower case,
 * between spaces. */
static const char thanks[] = " thanks thank you many so much very again a lot for your the this that it all is was "
                             "will be to of my message email e-mail mail reply "
                             "answer help quick prompt fast update information info noted received with great perfect "
                             "wonderful excellent good fine ok okay "
                             "understood confirmed confirm we i best regards kind warm sincerely cheers hi hello dear "
                             "all and yours appreciated appreciate much "
                             "danke vielen dank herzlichen besten für fuer ihre die ihr das den nachricht antwort "
                             "hilfe schnelle rasche erhalten ist alles klar gut "
                             "super prima verstanden mit freundlichen grüßen gruessen gruß gruss viele grüße liebe "
                             "hallo guten tag herr frau und ich wir "
                             "merci beaucoup bien pour votre ta le la les un message réponse reponse aide reçu recu "
                             "bonjour cordialement parfait compris entendu et "
                             "bonne journée journee madame monsieur "
                             "gracias muchas por su tu el mensaje respuesta ayuda recibido perfecto entendido saludos "
                             "hola buenos días dias un saludo cordial ";

/* At least one of these makes it an acknowledgement. */
static const char evidence[] =
    " thanks thank noted received understood confirmed danke dank erhalten verstanden merci reçu recu compris "
    "entendu gracias recibido entendido cheers appreciated appreciate ";

static const char *const requests[] = {
    "please",      "could you",     "can you", "would you",   "let me know",   "advise",    "bitte",  "können sie",
    "könnten sie", "s'il vous pla", "svp",     "pouvez-vous", "pourriez-vous", "por favor", "podría", "puede usted"};

static bool in_words(const char *words, const char *word) {
    g_autofree char *spaced = g_strconcat(" ", word, " ", NULL);
    return strstr(words, spaced) != NULL;
}

/* A signature's mark, and the lines that mail programs put above what they quote. */
static bool begins_quote(Slice line) {
    static const char *const marks[] = {"-----Original Message", "-----Ursprüngliche Nachricht",
                                        "-----Message d'origine", "________________________________", "-- "};
    if (line.length < 2 || (line.at[0] != '-' && line.at[0] != '_'))
        return false;
    if (line.length == 2 && line.at[1] == '-')
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        if (slice_begins(line, marks[i]))
            return true;
    return false;
}

/* "On 3 May 2026, Alice wrote:" */
static bool is_attribution(Slice line) {
    static const char *const ends[] = {" wrote:", " schrieb:", " a écrit :", " escribió:"};
    for (size_t i = 0; line.at[line.length - 1] == ':' && i < G_N_ELEMENTS(ends); i++) {
        size_t length = strlen(ends[i]);
        if (line.length > length && g_ascii_strncasecmp(line.at + line.length - length, ends[i], length) == 0)
            return true;
    }
    return false;
}

/* What the writer wrote: no quoted lines, nothing below the mark of a quoted message or a signature. */
static GString *own_words(const char *text) {
    GString *out = g_string_new(NULL);
    Slice rest = {text, strnlen(text, READ_AT_MOST)}, line;
    while (slice_line(&rest, &line) && !begins_quote(line)) {
        Slice stripped = slice_strip(line);
        if (stripped.length == 0 || stripped.at[0] == '>' || is_attribution(stripped))
            continue;
        g_string_append_len(out, stripped.at, (gssize)stripped.length);
        g_string_append_c(out, '\n');
    }
    return out;
}

static bool has_question(const char *text) {
    for (const char *at = text; (at = strchr(at, '?')) != NULL; at++) {
        /* Not the one in a link: "https://host/path?key=value". */
        const char *word = at;
        while (word > text && !g_ascii_isspace(word[-1]))
            word--;
        if (at - word > 4096 || g_strstr_len(word, at - word, "://") == NULL)
            return true;
        while (*at != '\0' && !g_ascii_isspace(*at))
            at++;
        if (*at == '\0')
            return false;
    }
    return strstr(text, "\xef\xbc\x9f") != NULL || strstr(text, "\xd8\x9f") != NULL; /* ？ ؟ */
}

/* At the beginning of a word, whatever the case of ASCII letters. */
static bool has_request(const char *text) {
    bool in_word = false;
    for (const char *at = text; *at != '\0'; at++) {
        bool letter = g_ascii_isalnum(*at) || (unsigned char)*at >= 0x80;
        if (letter && !in_word)
            for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
                if (g_ascii_tolower(*at) == requests[i][0] &&
                    g_ascii_strncasecmp(at, requests[i], strlen(requests[i])) == 0)
                    return true;
        in_word = letter;
    }
    return false;
}

static bool only_thanks(const char *text) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    g_auto(GStrv) words = g_strsplit_set(lower, " \n\t.,!;:-()\"", -1);
    unsigned count = 0, line_words = 0;
    bool thanked = false;
    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0')
            continue;
        count++;
        thanked = thanked || in_words(evidence, *word);
        if (!in_words(thanks, *word) && ++line_words > 2) /* two unknown words: a name */
            return false;
    }
    return thanked && count <= WORDS_AT_MOST;
}

Asks text_asks(const char *text) {
    g_autoptr(GString) own = own_words(text);
    if (own->len == 0)
        return ASKS_UNKNOWN;
    if (has_question(own->str) || has_request(own->str))
        return ASKS_YES;
    return own->len <= NO_AT_MOST && only_thanks(own->str) ? ASKS_NO : ASKS_UNKNOWN;
}
