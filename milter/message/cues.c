/* SPDX-License-Identifier: Apache-2.0 */
/* The tables are sorted into buckets by their first two bytes, once. A phrase ends with a word, or with '*' anywhere.
 */
#include "message/cues.h"
#include "base/grams.h"
#include <glib.h>
#include <pthread.h>
#include <string.h>

static const char *const requests[] = {
    /* English */ "any advice", "any help", "any ideas", "any suggestions", "as soon as you can", "can you",
    "could you", "forward a copy", "grateful if", "i need to know", "i would appreciate", "i would like to arrange",
    "i would like to ask", "i would like to come", "i would like to discuss", "i would like to hear",
    "i would like to know", "i would like to make an appointment", "i would like to meet", "i would like to see you",
    "i would like to speak", "i would like your", "i'd appreciate", "i'd like to come", "i'd like to know",
    "i'd like to speak", "i'd like your", "kindly", "let me know", "let us know", "look forward to hearing",
    "look forward to receiving", "look forward to your", "need advice", "need help", "please", "pls", "plz",
    "thanks in advance", "tia", "we need to know", "we would appreciate", "we would like to know", "we'd appreciate",
    "would appreciate",
    /* German */
    "baldmöglichst", "bin ich dankbar", "bitte", "bitten um", "bitten sie", "bräuchte", "erbitten", "geben sie mir",
    "geben sie uns", "ich brauche", "ich hätte gern*", "ich möchte wissen", "ich würde gern*", "könnten sie",
    "könnten wir", "können sie", "können wir", "lassen sie mich wissen", "lassen sie uns wissen",
    "melden sie sich bitte", "melden sie sich", "mich interessiert", "rat geben", "rufen sie", "schicken sie",
    "sehen sie sich", "senden sie", "teilen sie", "um antwort", "um auskunft", "um bestätigung", "um ihre",
    "um korrektur", "um nachricht", "um rat", "um rückmeldung", "um rückruf", "um stellungnahme", "warte auf ihre",
    "warte noch", "warten auf ihre", "was sollen wir", "was soll ich", "wir brauchen", "wir bräuchten",
    "wir möchten wissen", "wir würden gern*", "wäre ich dankbar", "wären wir dankbar", "würden sie", "ihrem rat",
    "ihren rat",
    /* French */
    "auriez vous", "avez vous pu", "besoin de votre", "besoin du", "besoin de la", "besoin des", "dans l'attente",
    "dès que possible", "dites moi", "dites nous", "envoyez*", "faites moi", "il me faut", "il nous faut",
    "j'ai besoin", "j'aimerais", "j'attends", "j'attends toujours", "je souhaite savoir", "je souhaiterais",
    "je vous prie de me", "je vous serais reconnaissant*", "je voudrais", "me proposer", "merci d'avance",
    "merci de bien", "merci de *", "merci de me", "nous aimerions", "nous attendons", "nous avons besoin",
    "nous souhaiterions", "nous voudrions", "nous vous serions", "pourriez vous", "pourrions nous", "pouvez vous",
    "prière de", "rappelez*", "s'il vous pla*", "svp", "tenez moi", "veuillez", "vous prie de me", "vous prie de nous",
    "votre avis", "vous serait il", "êtes vous en mesure",
    /* Spanish */
    "a la espera de", "agradecería", "agradeceré", "agradeceríamos", "contésteme*", "cuanto antes", "dígame*",
    "díganos*", "envíe*", "espero su", "esperamos su", "llámeme*", "llámenos*", "le pido", "le pedimos", "le ruego",
    "les ruego", "lo antes posible", "me gustaría", "mándeme*", "necesitamos", "necesito", "nos gustaría", "podría",
    "podrían", "podríamos", "por favor", "puede decirme", "puede usted", "quedo a la espera", "quedamos a la espera",
    "quisiera", "quisiéramos", "respóndame*", "revise", "rogamos", "ruego", "su consejo", "su opinión", "sírvase",
    "did anyone", "did anybody", "has anyone", "has anybody", "does anyone", "does anybody", "anyone know",
    "anybody know", "anyone else seeing", "can anyone", "can anybody", "please advise", "kindly advise", "advise me",
    "advise us", "advise on", "advise whether", "advise what", "advise how", "grateful for a", "grateful for any",
    "grateful for your", "grateful for some", "would like to know", NULL};

/* Among the many of a list these are said of anything. */
static const char *const letters[] = {
    "awaiting your",    "can we speak",      "can we talk",      "come back to me",  "confirm by return",
    "could i have",     "could we",          "give me a call",   "i am waiting for", "i need",
    "we need",          "i need to see you", "i need to speak",  "i need to talk",   "i need you",
    "i need your",      "i want to know",    "i would like a",   "let me have",      "let us have",
    "need it by",       "ring me",           "send me",          "send us",          "still waiting for",
    "we need you",      "we need your",      "will you",         "would you",        "your advice",
    "your comments by", "your opinion on",   "get back to me",   "get back to us",   "and tell me",
    "tell me what",     "tell me how",       "tell me whether",  "tell me if",       "tell me when",
    "call me back",     "call me as",        "call me on",       "call me at",       "call me today",
    "call me asap",     "call me when",      "call me tomorrow", "call me this",     NULL};

static const char *const needs[] = {
    /* English */
    "quoted", "afraid", "agree", "alarmed", "answer", "asking", "baffled", "but", "can't", "cannot", "claims",
    "concerned", "confused", "deadline", "decide", "desperate", "disagree", "doesn't work", "don't know",
    "don't understand", "emergency", "error", "fails", "help", "how to", "however", "immediately", "missing", "must",
    "need", "needs", "i need to", "we need to", "no idea", "not clear", "not sure", "not work*", "problem*", "question",
    "questions", "refuse*", "reply", "request*", "respond", "should", "stuck", "threat*", "trouble", "unable",
    "unclear", "unfortunately", "urgent*", "want", "wants", "waiting", "what to", "whether", "wonder*", "worr*",
    "wrong", "not received", "not yet", "feel free", "suggest*", "todo", "instead", "would be nice", "would like",
    "i'd like", "ideas", "interested",
    /* German */
    "aber", "angst", "antwort", "brauche*", "dringend*", "fehler", "fehlt", "frage", "fragen", "frist", "gekündigt",
    "hilfe", "jedoch", "keine antwort", "keine ahnung", "leider", "möchte*", "nicht klar", "nicht sicher", "noch nicht",
    "ob", "problem", "rat", "rückruf", "sofort", "sollen", "sorge*", "unklar", "unsicher", "verlangt", "verstehe nicht",
    "verweigert", "weigert", "weiß nicht", "wollen", "wünsche*", "muss", "müssen",
    /* French */
    "aide", "besoin", "crain*", "délai", "erreur", "exige", "inqui*", "mais", "malheureusement", "menace*",
    "ne comprends", "ne comprenons", "ne sais", "ne savons", "pas clair", "pas encore", "pas reçu", "peur", "problème",
    "question", "questions", "refuse", "rapidement", "réponse", "si je", "souhaite*", "urgent*", "veut", "veux",
    "voulons", "conseil", "conseils", "doit", "dois", "devons", "faut", "cependant",
    /* Spanish */
    "ayuda", "consejo", "debe", "debo", "debemos", "deseo", "deseamos", "duda", "dudas", "error", "exige", "falta",
    "faltaba", "lamentablemente", "miedo", "necesita*", "no entiendo", "no entendemos", "no sabemos", "no sé", "pero",
    "pide", "plazo", "preocup*", "pregunta*", "problema*", "quiere", "quiero", "queremos", "respuesta", "sin embargo",
    "todavía no", "aún no", "urgen*", "amenaza*", "niega*", "call me", "get back to", "tell me", "advise",
    "please don't", "please do not", "asap", "ich will", "sie will", "er will", "nicht nachvollzieh*", "wichtig",
    "wert legen", "important", "importante", "interesa", "intérêt", "précieux", NULL};

static const char *const ifs[] = {
    "if",        "in case",    "in urgent",     "for urgent", "should you", "should any*", "should there",
    "should he", "should she", "should they",   "unless",     "falls",      "sofern",      "sollte",
    "sollten",   "wenn",       "in dringenden", "im notfall", "bei bedarf", "en cas",      "si",
    "s'il",      "s'ils",      "au besoin",     "en caso",    NULL};

static const char *const courtesies[] = {
    /* English */
    "please accept", "please be advised", "please be informed", "please be aware", "please do not reply",
    "please don't reply", "please do not respond", "please excuse", "please find", "please forgive", "please ignore",
    "please note", "please see", "please see attached", "please disregard", "please enjoy",
    "please consider the environment", "please think before you print", "please don't hesitate",
    "please do not hesitate", "please feel free", "please visit", "please read", "please click", "please go to",
    "please refer", "please remember", "please delete", "please notify the sender", "pleased", "send questions",
    "thank you for your help", "thanks for your help", "thanks for the help", "would you believe", "you need to",
    "tell me about it", "no need to", "for your reply", "for your answer", "for the reply", "for the answer",
    "your reply", "your answer", "your advice was", "quick answer", "quick reply", "i must say",
    "please give my regards", "not want", "need no", "no problem", "no questions", "no question", "no reply",
    /* German */
    "bitte beachten", "bitte entnehmen", "bitte entschuldigen", "bitte nehmen sie zur kenntnis", "für ihre hilfe",
    "für ihre antwort", "für die antwort", "ihre antwort", "keine frage", "kein problem",
    "bitte wundern sie sich nicht", "mit der bitte um kenntnisnahme", "bitte um kenntnisnahme", "bitte schön",
    "keine fragen", "bitte nicht antworten",
    /* French */
    "veuillez agréer", "veuillez croire", "veuillez recevoir", "veuillez trouver", "veuillez noter",
    "vous prie d'agréer", "vous prie de croire", "vous prie de recevoir", "vous prie de trouver", "merci de votre",
    "merci de ta", "merci de l'attention", "merci de cette", "merci de ne pas répondre", "votre réponse",
    "pas de problème", "aucune question", "pour votre aide",
    /* Spanish */
    "reciba un", "su respuesta rápida", "por su ayuda", "por su respuesta", "por la respuesta", "su rápida respuesta",
    "ningún problema", "sin problema", "ruego disculpe", "le ruego disculpe", "le ruego acepte",
    "por favor no responda", "please download", "please upgrade", "please log", NULL};

static const char *const standings[] = {
    /* English */
    "any questions", "any further questions", "any queries", "hesitate to", "hesitate to contact",
    "feel free to contact", "feel free to call", "contact my colleague", "contact me if", "at your disposal",
    "further information", "let me know if you have", "let me know if you need", "let me know if there is anything",
    "let us know if you have", "let us know if you need", "let me know if i can", "let us know if we can",
    "need to print", "intended recipient", "received this in error", "received this message in error",
    "if you received this", "call us on", "call us at", "send comments to", "if i can be of", "if we can be of",
    "reply to this e mail to unsubscribe",
    /* German */
    "bei rückfragen", "für rückfragen", "bei fragen", "sollten sie fragen", "sollten sie noch fragen", "für fragen",
    "stehe ich ihnen", "stehen wir ihnen", "zur verfügung", "wenden sie sich bitte an", "wenden sie sich an",
    "in dringenden fällen", "zögern sie nicht", "mail ausdrucken", "nicht der richtige adressat",
    /* French */
    "reste à votre disposition", "restons à votre disposition", "à votre disposition", "n'hésitez pas",
    "pour tout renseignement", "pour toute question", "en cas d'urgence", "si vous avez des questions", "imprimer ce",
    "si vous n'êtes pas le destinataire",
    /* Spanish */
    "a su disposición", "para cualquier duda", "para cualquier consulta", "no dude en", "no duden en",
    "en caso de urgencia", "si tiene alguna duda", "si tiene alguna pregunta", "imprimir este", NULL};

static const char *const rhetorics[] = {"who would have thought",
                                        "who would have",
                                        "who knew",
                                        "who knows",
                                        "who cares",
                                        "why on earth",
                                        "what on earth",
                                        "how on earth",
                                        "isn't that",
                                        "isn't it great",
                                        "what else is new",
                                        "how cool is",
                                        "how about that",
                                        "what's not to",
                                        "what were they thinking",
                                        "do you really need to print",
                                        "why not",
                                        "wouldn't you know",
                                        "are you ready",
                                        "want to become",
                                        "did you know",
                                        "have you ever",
                                        "why would anyone",
                                        "who falls for",
                                        "wer hätte",
                                        "wer soll denn",
                                        "wer kann schon",
                                        "wer weiß",
                                        "na und",
                                        "was will man",
                                        "wissen sie schon",
                                        "wussten sie",
                                        "wer versteht",
                                        "qui peut",
                                        "qui aurait",
                                        "qui sait",
                                        "et alors",
                                        "que demander de plus",
                                        "connaissez vous",
                                        "saviez vous",
                                        "à quoi bon",
                                        "quién puede",
                                        "quién iba",
                                        "quién sabe",
                                        "y qué",
                                        "qué más se puede",
                                        "conoce ya",
                                        "sabía que",
                                        "quién entiende",
                                        "can you imagine",
                                        "can you say",
                                        "can you believe",
                                        "can you think of",
                                        "oh please",
                                        "would you rather",
                                        "would you believe",
                                        "how do i know",
                                        "drum roll please",
                                        "have you thought about",
                                        "haben sie schon an",
                                        "haben sie schon einmal",
                                        "avez vous pensé",
                                        "avez vous déjà",
                                        "ha pensado en",
                                        "ha pensado alguna vez",
                                        "join us",
                                        NULL};

static const char *const persons[] = {
    "you",     "your",   "i",       "me",     "my",      "we",     "us",      "our",    "i'm",   "i've",  "we're",
    "we've",   "you're", "you've",  "mine",   "yours",   "sie",    "ihnen",   "ihr",    "ihre",  "ihren", "ich",
    "mich",    "mir",    "mein",    "meine",  "wir",     "uns",    "unser",   "unsere", "man",   "vous",  "votre",
    "vos",     "je",     "me",      "moi",    "mon",     "ma",     "mes",     "nous",   "notre", "nos",   "dois",
    "devons",  "pouvez", "serez",   "usted",  "ustedes", "su",     "sus",     "mi",     "mis",   "nos",   "nuestro",
    "nuestra", "puedo",  "podemos", "debo",   "debemos", "tengo",  "tenemos", "puede",  "está",  "he",    "she",
    "they",    "er",     "darf",    "dürfen", "kann",    "können", "il",      "elle",   "ils",   "él",    "ella",
    "ellos",   "peut",   "peuvent", "pueden", NULL};

static const char *const anybodies[] = {"any chance",
                                        "any idea",
                                        "am i missing",
                                        "can i",
                                        "can it",
                                        "can one",
                                        "could someone",
                                        "can someone",
                                        "can somebody",
                                        "does anyone",
                                        "does anybody",
                                        "has any*",
                                        "how can i",
                                        "how can we",
                                        "how do i",
                                        "how does one",
                                        "how should",
                                        "how were",
                                        "how would i",
                                        "is it possible",
                                        "is that possible",
                                        "is there a way",
                                        "is there an",
                                        "is there any*",
                                        "is there some",
                                        "should i",
                                        "should we",
                                        "someone tell",
                                        "what am i",
                                        "what are you using",
                                        "what do you",
                                        "what do i",
                                        "what do we",
                                        "what should",
                                        "what version",
                                        "what's the",
                                        "where can",
                                        "where do",
                                        "which version",
                                        "would it be possible",
                                        "would people",
                                        "are people",
                                        "what do you all",
                                        "are other people",
                                        "is anyone",
                                        "is anybody",
                                        "could anyone",
                                        "could anybody",
                                        "would anyone",
                                        "would anybody",
                                        "anyone have",
                                        "anyone got",
                                        "anyone else",
                                        "anybody got",
                                        "anybody have",
                                        "anybody else",
                                        "anyone working",
                                        "anyone with",
                                        "anyone get",
                                        "anyone heard",
                                        "anyone tried",
                                        "anyone seen",
                                        NULL};

static const char *const dones[] = {
    /* English */
    "as agreed", "as discussed", "attached are", "attached is", "attached please find", "confirm our", "confirm the",
    "confirmed", "for information", "for your file*", "for your information", "for your records", "fyi", "have paid",
    "have transferred", "i attach", "i confirm", "i enclose", "i have attached", "i have no comments", "i have noted",
    "is fine", "just wanted you to know", "no answer needed", "no need to reply", "no need to answer",
    "no reply needed", "no reply necessary", "no reply required", "no action needed", "no action required",
    "out of office", "out of the office", "please find", "please find attached", "please find enclosed", "please note",
    "received", "transferred", "understood", "we accept", "we attach", "we confirm", "we enclose", "we have paid",
    "we have today", "will be there", "will call you", "will let you know", "works for me",
    /* German */
    "abwesend", "anbei", "angekommen", "beigefügt", "bestätige", "bestätigen", "dankbar", "eingegangen",
    "einverstanden", "erhalten", "erledigt", "geholfen", "in der anlage", "keine antwort nötig", "nicht im büro",
    "passt", "überwiesen", "verstanden", "wurde bezahlt", "zur information", "zur kenntnis", "zur kenntnisnahme",
    "antwort ist nicht",
    /* French */
    "absent", "absente", "accord", "bien arrivé*", "bien parvenu", "bien reçu", "ci joint", "ci jointe", "ci joints",
    "compris", "confirme", "confirmons", "convient", "inutile de répondre", "pour information", "pour votre dossier",
    "pour votre information", "reconnaissants", "avons viré", "a payé", "remis", "transmets", "vous trouverez",
    "tout s'est bien passé",
    /* Spanish */
    "acuerdo", "adjunto", "adjuntamos", "agradecidos", "agradecido", "agradecida", "confirmo", "confirmamos",
    "entendido", "fuera de la oficina", "hemos pagado", "hemos transferido", "ha llegado", "me viene bien",
    "no hace falta", "para su información", "para su expediente", "recibido", "remito", "ha salido bien", "pagó",
    "was issued", "was delivered", "were delivered", "was filed", "has been filed", "was served", "was signed",
    "have been sent", "has been sent", "i have sent", "we have sent", "has arrived", "arrived", "delivered",
    "i will write again", "keep you informed", "keep you posted", "eingereicht", "abgegeben", "zugestellt",
    "abgeschickt", "abgesandt", "versandt", "unterschrieben", "erledigt", "melde mich", "melden uns",
    "halte sie auf dem laufenden", "hat sich erledigt", "aufgehört", "gezahlt", "kam heute", "délivrée", "délivré",
    "déposée", "déposé", "remise", "envoyé", "envoyée", "arrivé", "arrivée", "signé", "vous écrirai", "vous tiendrai",
    "tiendrai au courant", "payé", "arrêté", "presentado", "entregó", "entregado", "enviado", "firmado", "llegado",
    "le escribiré", "le avisaré", "le mantendré", "pagado", "abonado", "parado", NULL};

static const char *const circulars[] = {"unsubscribe",
                                        "newsletter",
                                        "this mailing list",
                                        "manage my subscriptions",
                                        "all rights reserved",
                                        "you are receiving this",
                                        "you have received this message because",
                                        "you receive this",
                                        "abbestellen",
                                        "abzubestellen",
                                        "newsletter abmelden",
                                        "se désabonner",
                                        "désabonner",
                                        "désinscri*",
                                        "darse de baja",
                                        "view in your browser",
                                        "view this email in",
                                        "view this issue",
                                        "click here",
                                        "read full story",
                                        "read the full article",
                                        "advertise with",
                                        "to advertise",
                                        "abmelden",
                                        "abmeldung",
                                        NULL};

static const struct {
    Cue cue;
    const char *const *phrases;
} tables[] = {{CUE_REQUEST, requests},    {CUE_LETTER, letters},     {CUE_NEED, needs},         {CUE_IF, ifs},
              {CUE_COURTESY, courtesies}, {CUE_STANDING, standings}, {CUE_RHETORIC, rhetorics}, {CUE_PERSON, persons},
              {CUE_ANYBODY, anybodies},   {CUE_DONE, dones},         {CUE_CIRCULAR, circulars}};

typedef struct {
    guint64 head, mask; /* of its first eight bytes, by which nearly all are passed over */
    const char *text;
    size_t length;
    bool open; /* goes on with any letters */
    unsigned cue;
    guint next; /* of its bucket, as in `buckets` */
} Phrase;

/* By five bits of each of its first three letters; a shorter phrase is in the buckets of all that may follow it. */
enum { LETTERS = 3, BITS = 5, LETTER = 1 << BITS, BUCKETS = 1 << (LETTERS * BITS) };

static GArray *phrases;          /* Phrase */
static guint16 buckets[BUCKETS]; /* the first of each, from 1 on; 0: none */
static pthread_once_t sorted = PTHREAD_ONCE_INIT;

static unsigned letter_of(char c) {
    return (unsigned char)c % LETTER;
}

static unsigned bucket_of(const char *at) {
    return (letter_of(at[0]) << BITS | letter_of(at[1])) << BITS | letter_of(at[2]);
}

static guint64 head_of(const char *at, size_t length) {
    guint64 head = 0;
    memcpy(&head, at, MIN(length, sizeof head));
    return head;
}

static const char word_ends[] = " .?\n"; /* and '\0' */

static bool may_stand(const Phrase *phrase, unsigned place, unsigned letter) {
    if (place < phrase->length)
        return letter_of(phrase->text[place]) == letter;
    bool end = phrase->open || place > phrase->length;
    for (size_t i = 0; !end && i < sizeof word_ends; i++)
        end = letter_of(word_ends[i]) == letter;
    return end;
}

static void enter(Phrase *phrase, unsigned place, unsigned bucket) {
    if (place < LETTERS) {
        for (unsigned letter = 0; letter < LETTER; letter++)
            if (may_stand(phrase, place, letter))
                enter(phrase, place + 1, bucket << BITS | letter);
        return;
    }
    phrase->next = buckets[bucket];
    g_array_append_vals(phrases, phrase, 1);
    buckets[bucket] = (guint16)phrases->len;
}

static void add_phrase(const char *text, Cue cue) {
    size_t length = strlen(text);
    bool open = text[length - 1] == '*';
    Phrase phrase = {.text = text, .length = length - open, .open = open, .cue = cue};
    phrase.head = head_of(text, phrase.length);
    memset(&phrase.mask, 0xff, MIN(phrase.length, sizeof phrase.mask));
    enter(&phrase, 0, 0);
}

/* The first letters of each such phrase's longest word, which is in one piece however the phrase is written. */
enum { SOUGHT = 4 };

static Grams *circular_words; /* by index of the phrase */

/* Of ASCII letters alone, which have no accents to be written in two ways. */
static const char *longest_word(const char *phrase, size_t *length) {
    const char *longest = phrase;
    size_t word = 0;
    *length = 0;
    for (; *phrase != '\0'; phrase++) {
        word = g_ascii_isalnum(*phrase) ? word + 1 : 0;
        if (word > *length) {
            *length = word;
            longest = phrase + 1 - word;
        }
    }
    return longest;
}

static void sort_circulars(void) {
    size_t length;
    circular_words = grams_new(&(GramKind){.width = SOUGHT, .stride = 1, .caseless = true});
    for (guint32 i = 0; circulars[i] != NULL; i++)
        grams_add(circular_words, longest_word(circulars[i], &length), i);
}

typedef struct {
    const char *text;
    size_t length;
    bool found;
} CircularSearch;

static void note_circulars(const GramPlace *places, size_t count, void *state) {
    CircularSearch *search = state;
    for (size_t i = 0; i < count && !search->found; i++) {
        size_t length, at = places[i].at;
        const char *word = longest_word(circulars[places[i].id], &length);
        search->found = search->length - at >= length && g_ascii_strncasecmp(search->text + at, word, length) == 0;
    }
}

static void sort_tables(void) {
    sort_circulars();
    phrases = g_array_new(FALSE, FALSE, sizeof(Phrase));
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const char *const *phrase = tables[i].phrases; *phrase != NULL; phrase++)
            add_phrase(*phrase, tables[i].cue);
}

static bool is_end(char c) {
    return c == '\0' || c == ' ' || c == '.' || c == '?' || c == '\n';
}

bool cues_may_be_circular(const char *text, size_t length) {
    CircularSearch search = {.text = text, .length = length};
    pthread_once(&sorted, sort_tables);
    grams_find(circular_words, text, length, note_circulars, &search);
    return search.found;
}

unsigned cue_at(const char *at, size_t *length) {
    pthread_once(&sorted, sort_tables);
    const Phrase *phrase;
    unsigned cues = 0;
    *length = 0;
    for (guint next = buckets[bucket_of(at)]; next != 0; next = phrase->next) {
        phrase = &g_array_index(phrases, Phrase, next - 1);
        if ((head_of(at, CUE_ROOM) & phrase->mask) != phrase->head || phrase->length < *length ||
            (phrase->length > sizeof phrase->head && strncmp(at, phrase->text, phrase->length) != 0) ||
            !(phrase->open || is_end(at[phrase->length])))
            continue;
        cues = phrase->length > *length ? phrase->cue : cues | phrase->cue;
        *length = phrase->length;
    }
    return cues;
}
