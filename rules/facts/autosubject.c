/* SPDX-License-Identifier: Apache-2.0 */
/* Only the words that Exchange, Outlook, Gmail, Notes, Domino and Zimbra put in front, and only where a colon or the
 * end follows: a person who writes about automatic replies goes on in words, and one who answers them has "Re:" before.
 */
#include "facts/autosubject.h"
#include "base/fold.h"
#include <glib.h>
#include <string.h>

static const char *const prefixes[] = {
    /* English */ "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "automatic response",
    "out of office",
    "out of the office",
    "out of office autoreply",
    "out of office reply",
    /* German */ "automatische antwort",
    "abwesenheitsnotiz",
    "abwesenheitsmeldung",
    "abwesenheitsnachricht",
    "abwesenheitsagent",
    "automatische rückantwort",
    "autom. antwort",
    /* French */ "réponse automatique",
    "message d'absence",
    "absence du bureau",
    "absent du bureau",
    /* Spanish, Portuguese, Italian, Catalan */ "respuesta automática",
    "fuera de la oficina",
    "resposta automática",
    "fora do escritório",
    "risposta automatica",
    "fuori ufficio",
    "resposta automàtica",
    /* Dutch, Danish, Norwegian, Swedish, Finnish */ "automatisch antwoord",
    "afwezigheidsbericht",
    "automatisk svar",
    "autosvar",
    "fraværsmelding",
    "frånvaromeddelande",
    "automaattinen vastaus",
    "poissaoloviesti",
    /* Polish, Czech, Hungarian, Romanian */ "automatyczna odpowiedź",
    "odpowiedź automatyczna",
    "automatická odpověď",
    "automatikus válasz",
    "răspuns automat",
};

/* Small letters, composed, apostrophes straight. Caller owns. */
static char *plain_of(const char *subject) {
    if (fold_is_ascii(subject, strlen(subject)))
        return g_strstrip(g_ascii_strdown(subject, -1));
    g_autofree char *valid = g_utf8_make_valid(subject, -1);
    g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFKC);
    g_autofree char *lower = composed ? g_utf8_strdown(composed, -1) : g_strdup("");
    g_auto(GStrv) halves = g_strsplit(g_strstrip(lower), "’", 3);
    return g_strjoinv("'", halves);
}

bool subject_is_absence_note(const char *subject) {
    g_autofree char *plain = plain_of(subject ? subject : "");
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(plain, prefixes[i], length) != 0)
            continue;
        const char *behind = plain + length + strspn(plain + length, " ");
        if (*behind == ':' || *behind == '\0')
            return true;
    }
    return false;
}
