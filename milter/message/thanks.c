/* SPDX-License-Identifier: Apache-2.0 */
/* Word by word: one that says more than thanks, and is no name where names may stand, ends it. */
#include "message/thanks.h"
#include "message/acknowledgements.h"
#include <string.h>

enum { WORDS_AT_MOST = 40, NAMES_AT_MOST = 4096 };

/* Words of which a message may wholly consist when it asks for nothing: thanks, acknowledgement, greeting. Lower case,
 * between spaces. */
static const char thanks_words[] =
    " thanks thank you many so much very again a lot for your the this that it all is was "
    "will be to of my message email e-mail mail reply "
    "answer help quick prompt fast update information info noted received with great perfect "
    "wonderful excellent good fine ok okay "
    "helpful clear now everything wonderful news delighted "
    "understood confirmed confirm we i best regards kind warm sincerely cheers hi hello dear "
    "all and yours appreciated appreciate much "
    "danke vielen dank herzlichen besten für fuer ihre die ihr das den nachricht antwort "
    "hilfe schnelle rasche erhalten ist alles klar gut "
    "super prima verstanden mit freundlichen grüßen gruessen gruß gruss viele grüße liebe "
    "jetzt nun sehr geholfen uns auskunft "
    "hallo guten tag herr frau und ich wir "
    "merci beaucoup bien pour votre ta le la les un message réponse reponse aide reçu recu "
    "bonjour cordialement parfait compris entendu et "
    "mille fois tout est clair maintenant rapide beaucoup infiniment "
    "bonne journée journee madame monsieur "
    "gracias muchas por su tu el mensaje respuesta ayuda recibido perfecto entendido saludos "
    "mil todo está claro ahora rápida muy "
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

static bool in_words(const char *words, const char *word) {
    g_autofree char *spaced = g_strconcat(" ", word, " ", NULL);
    return strstr(words, spaced) != NULL;
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

static bool take_words(Thanks *thanks, const char *text) {
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r,-()\"", -1);
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && !take_word(thanks, *word))
            return false;
    return true;
}

/* "Thanks, got it": what stands between commas may be a sentence of its own. */
static bool take_sentence(Thanks *thanks, const char *sentence) {
    g_auto(GStrv) clauses = g_strsplit(sentence, ",", -1);
    thanks->addressed = false;
    for (char **clause = clauses; *clause != NULL; clause++) {
        bool acknowledges = acknowledgement_is(*clause);
        thanks->thanked |= acknowledges;
        thanks->addressed |= acknowledges; /* "Ok, Alice" */
        thanks->count += acknowledges;
        if (!acknowledges && !take_words(thanks, *clause))
            return false;
    }
    return true;
}

static bool take_line(Thanks *thanks, const char *line) {
    g_auto(GStrv) sentences = g_strsplit_set(line, ".!;:", -1);
    if (thanks->signature) {
        g_auto(GStrv) words = g_strsplit_set(line, " \t,", -1);
        return take_signature(thanks, words);
    }
    thanks->closing = false;
    for (char **sentence = sentences; *sentence != NULL; sentence++)
        if (!take_sentence(thanks, *sentence))
            return false;
    thanks->signature = thanks->closing;
    return true;
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

bool thanks_only(const char *text, const Facts *facts) {
    g_autofree char *names = names_of(facts);
    Thanks thanks = {.names = names};
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (!take_line(&thanks, *line))
            return false;
    return thanks.thanked && thanks.count <= WORDS_AT_MOST;
}
