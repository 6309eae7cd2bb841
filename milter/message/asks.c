/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message want an answer? Thin on purpose and wrong towards "unknown": a missed question costs a client, a
 * needless deadline one click. */
#include "base/grams.h"
#include "facts/owntext.h"
#include "message/text.h"
#include <pthread.h>

enum { NO_AT_MOST = 400, WORDS_AT_MOST = 40, READ_AT_MOST = 32768, NAMES_AT_MOST = 4096 };

/* Words of which a message may wholly consist when it asks for nothing: thanks, acknowledgement, greeting. Lower case,
 * between spaces. */
static const char thanks_words[] =
    " thanks thank you many so much very again a lot for your the this that it all is was "
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

/* A name may follow these. */
static const char before_names[] =
    " thanks thank you danke dank merci gracias hi hello dear hallo tag herr frau liebe bonjour hola ";

/* These end a letter; below stands who wrote it. */
static const char closings[] = " regards sincerely grüßen gruessen gruß gruss grüße cordialement saludos saludo ";

/* Of English, German, French and Spanish letters. */
static const char *const requests[] = {"advise",
                                       "as soon as",
                                       "asap",
                                       "baldmöglichst",
                                       "bitte",
                                       "call me",
                                       "can you",
                                       "could you",
                                       "dans l'attente",
                                       "dringend",
                                       "espero su",
                                       "geben sie mir",
                                       "get back to",
                                       "i need",
                                       "i would like",
                                       "i'd like",
                                       "ich brauche",
                                       "ich bräuchte",
                                       "j'ai besoin",
                                       "j'attends",
                                       "kindly",
                                       "können sie",
                                       "könnten sie",
                                       "le ruego",
                                       "les ruego",
                                       "let me know",
                                       "let us know",
                                       "lo antes posible",
                                       "look forward to hearing",
                                       "look forward to your",
                                       "me gustaría",
                                       "melden sie sich",
                                       "necesitamos",
                                       "necesito",
                                       "nous avons besoin",
                                       "please",
                                       "podría",
                                       "por favor",
                                       "pourriez-vous",
                                       "pouvez-vous",
                                       "prière de",
                                       "puede decirme",
                                       "puede usted",
                                       "quedo a la espera",
                                       "quisiera",
                                       "rappelez",
                                       "rufen sie",
                                       "s'il vous pla",
                                       "svp",
                                       "teilen sie",
                                       "um antwort",
                                       "um bestätigung",
                                       "um rückmeldung",

                                       "veuillez confirmer",
                                       "veuillez me",
                                       "veuillez nous",
                                       "veuillez répondre",
                                       "waiting for",
                                       "we need",
                                       "will you",
                                       "wir brauchen",
                                       "would you",
                                       "würden sie"};

static bool in_words(const char *words, const char *word) {
    g_autofree char *spaced = g_strconcat(" ", word, " ", NULL);
    return strstr(words, spaced) != NULL;
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

/* What the writer wrote: no quoted lines, nothing below the mark of a quoted message or a signature. */
static GString *own_words(const char *text) {
    Slice rest = {text, strnlen(text, READ_AT_MOST)}, line;
    GString *out = g_string_sized_new(rest.length + 1);
    while (slice_line(&rest, &line) && !begins_signature(line) && !owntext_begins_quote(line.at, line.length)) {
        Slice stripped = slice_strip(line);
        if (stripped.length == 0 || stripped.at[0] == '>' || owntext_is_attribution(stripped.at, stripped.length) ||
            is_advertisement(stripped))
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

/* Letters of a request that are sought; one that is shorter is sought with each sign behind it. */
enum { BEGINNING = 4 };

static Grams *beginnings;
static pthread_once_t beginnings_once = PTHREAD_ONCE_INIT;

static void make_beginnings(void) {
    beginnings = grams_new(&(GramKind){.width = BEGINNING, .stride = 1, .caseless = true});
    for (guint32 i = 0; i < G_N_ELEMENTS(requests); i++) {
        char four[BEGINNING + 1] = "";
        g_strlcpy(four, requests[i], sizeof four);
        bool whole = four[BEGINNING - 1] != '\0';
        for (unsigned last = ' '; !whole && last <= 0xFF;
             last = (last + 1) | ' ') { /* those with this bit stand for all */
            four[BEGINNING - 1] = (char)last;
            grams_add(beginnings, four, i);
        }
        if (whole)
            grams_add(beginnings, four, i);
    }
}

typedef struct {
    const char *text;
    bool found;
} RequestSearch;

static void note_request(guint32 id, size_t at, void *state) {
    RequestSearch *search = state;
    char before = at > 0 ? search->text[at - 1] : ' ';
    if (!search->found && !g_ascii_isalnum(before) && (unsigned char)before < 0x80)
        search->found = g_ascii_strncasecmp(search->text + at, requests[id], strlen(requests[id])) == 0;
}

/* At the beginning of a word, whatever the case of ASCII letters. */
static bool has_request(const char *text) {
    RequestSearch search = {.text = text};
    pthread_once(&beginnings_once, make_beginnings);
    grams_find(beginnings, text, strlen(text) + 1, note_request, &search);
    return search.found;
}

/* How a message that only thanks is read, word by word. */
typedef struct {
    const char *names; /* of the people in its header, lower case, between spaces */
    unsigned count;
    bool thanked;   /* a word of evidence was seen */
    bool addressed; /* the sentence speaks to somebody, who may be named: "Thanks for all, Alice", "Dear Mr Finch" */
    bool closing;   /* the line has a word that ends a letter */
    bool signature; /* such a line was read: what follows is who wrote it */
    unsigned signature_lines;
} Thanks;

/* "Alice" and "J.", but not "URGENT". */
static bool looks_like_name(const char *word) {
    return g_unichar_isupper(g_utf8_get_char(word)) && !g_unichar_isupper(g_utf8_get_char(g_utf8_next_char(word)));
}

/* False when the word says more than thanks. */
static bool take_word(Thanks *thanks, const char *word) {
    g_autofree char *lower = g_utf8_strdown(word, -1);
    bool known = in_words(thanks_words, lower);
    thanks->count++;
    thanks->thanked |= in_words(evidence, lower);
    if (!known && !in_words(thanks->names, lower) && !(thanks->addressed && looks_like_name(word)))
        return false;
    thanks->addressed |= in_words(before_names, lower);
    thanks->closing |= in_words(closings, lower);
    return true;
}

/* A postscript is no signature, and neither is a paragraph. */
static bool take_signature(Thanks *thanks, char **words) {
    unsigned count = 0;
    for (; *words != NULL; words++) {
        bool ps = g_ascii_strncasecmp(*words, "ps", 2) == 0 && !g_ascii_isalpha((*words)[2]);
        if (ps || g_ascii_strncasecmp(*words, "p.s", 3) == 0)
            return false;
        count += **words != '\0';
    }
    return count <= 8 && (count == 0 || ++thanks->signature_lines <= 8);
}

static bool take_line(Thanks *thanks, const char *line) {
    g_auto(GStrv) sentences = g_strsplit_set(line, ".!;:", -1);
    if (thanks->signature) {
        g_auto(GStrv) words = g_strsplit_set(line, " \t,", -1);
        return take_signature(thanks, words);
    }
    thanks->closing = false;
    for (char **sentence = sentences; *sentence != NULL; sentence++) {
        g_auto(GStrv) words = g_strsplit_set(*sentence, " \t\r,-()\"", -1);
        thanks->addressed = false;
        for (char **word = words; *word != NULL; word++)
            if (**word != '\0' && !take_word(thanks, *word))
                return false;
    }
    thanks->signature = thanks->closing;
    return true;
}

static bool only_thanks(const char *text, const char *names) {
    Thanks thanks = {.names = names};
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (!take_line(&thanks, *line))
            return false;
    return thanks.thanked && thanks.count <= WORDS_AT_MOST;
}

/* The words of those headers that name people; thanks may name them. Between spaces, lower case. */
static char *names_of(const Facts *facts) {
    static const char *const headers[] = {"From", "Reply-To", "To", "Cc"};
    g_autoptr(GString) all = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        const HeaderFact *header = facts_header(facts, headers[i]);
        if (header != NULL)
            g_string_append_printf(all, " %.*s", NAMES_AT_MOST, header->text);
    }
    g_autofree char *valid = g_utf8_make_valid(all->str, -1);
    g_autofree char *lower = g_utf8_strdown(valid, -1);
    g_strdelimit(lower, ",;:.<>()\"'+@_-\t", ' ');
    return g_strconcat(lower, " ", NULL);
}

bool text_requests(const char *text) {
    return has_question(text) || has_request(text);
}

Asks text_asks(const char *text, const Facts *facts) {
    g_autoptr(GString) own = own_words(text);
    if (own->len == 0)
        return ASKS_UNKNOWN;
    if (text_requests(own->str))
        return ASKS_YES;
    if (own->len > NO_AT_MOST)
        return ASKS_UNKNOWN;
    g_autofree char *names = names_of(facts);
    return only_thanks(own->str, names) ? ASKS_NO : ASKS_UNKNOWN;
}
