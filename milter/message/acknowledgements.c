/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sentences, not words: "ok" ends a matter, "is it ok" begins one. */
#include "message/acknowledgements.h"
#include <glib.h>
#include <string.h>

enum { LONGEST = 40 }; /* bytes */

/* Lower case, apostrophes straight. */
static const char *const known[] = {"acknowledged",
                                    "agreed",
                                    "all clear",
                                    "all good",
                                    "all right",
                                    "alles bestens",
                                    "alles gut",
                                    "alles klar",
                                    "alright",
                                    "bien noté",
                                    "bien reçu",
                                    "bien vu",
                                    "c'est bon",
                                    "c'est noté",
                                    "c'est parfait",
                                    "claro",
                                    "d'accord",
                                    "das passt",
                                    "de acuerdo",
                                    "einverstanden",
                                    "entendido",
                                    "entendu",
                                    "estupendo",
                                    "fine",
                                    "fine by me",
                                    "fine with me",
                                    "geht klar",
                                    "got it",
                                    "got that",
                                    "got this",
                                    "great",
                                    "great news",
                                    "habe ich erhalten",
                                    "habe ich gelesen",
                                    "habe verstanden",
                                    "hab ich",
                                    "i agree",
                                    "i see",
                                    "i understand",
                                    "ich bin einverstanden",
                                    "ich habe verstanden",
                                    "in ordnung",
                                    "ist gut",
                                    "ist in ordnung",
                                    "j'ai bien reçu",
                                    "j'ai compris",
                                    "je suis d'accord",
                                    "leído",
                                    "listo",
                                    "lo tengo",
                                    "makes sense",
                                    "mache ich",
                                    "me parece bien",
                                    "muy bien",
                                    "no problem",
                                    "noted",
                                    "notiert",
                                    "ok",
                                    "okay",
                                    "okey",
                                    "oki",
                                    "parfait",
                                    "passt",
                                    "perfect",
                                    "perfecto",
                                    "perfekt",
                                    "pris bonne note",
                                    "received",
                                    "roger",
                                    "schon erledigt",
                                    "sehr gut",
                                    "seen",
                                    "sounds good",
                                    "sounds great",
                                    "super",
                                    "that is fine",
                                    "that works",
                                    "that's fine",
                                    "très bien",
                                    "understood",
                                    "vale",
                                    "verstanden",
                                    "very good",
                                    "vu",
                                    "we agree",
                                    "well received",
                                    "well noted",
                                    "will do",
                                    "wird gemacht",
                                    "works for me",
                                    "wunderbar",
                                    "ça marche",
                                    "ça me va",
                                    "👌",
                                    "👍",
                                    "👍🏻"};

bool acknowledgement_is(const char *sentence) {
    g_autofree char *copy = g_strdup(sentence);
    char *bare = g_strstrip(copy);
    if (*bare == '\0' || strlen(bare) > LONGEST || !g_utf8_validate(bare, -1, NULL))
        return false;
    g_autofree char *composed = g_utf8_normalize(bare, -1, G_NORMALIZE_NFC);
    g_autofree char *lower = g_utf8_strdown(composed, -1);
    g_auto(GStrv) halves = g_strsplit(lower, "’", -1);
    g_autofree char *plain = g_strjoinv("'", halves);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i], plain) == 0)
            return true;
    return false;
}
