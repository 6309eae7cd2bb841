/* SPDX-License-Identifier: Apache-2.0 */
/* What lawyers write, in four languages, and what is too little to tell. */
#include "message/language.h"
#include "../cputime.h"
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *text, *language;
} Case;

static const Case cases[] = {
    {"Thank you for the draft. We will look at it and write to you again on Monday or Tuesday.", "en"},
    {"Please find attached the signed lease. The court has moved the hearing to the third of May.", "en"},
    {"Vielen Dank für den Entwurf. Wir sehen ihn an und melden uns am Montag oder Dienstag wieder bei Ihnen.", "de"},
    {"Anbei erhalten Sie den unterschriebenen Mietvertrag. Das Gericht hat den Termin verlegt.", "de"},
    {"Nous vous remercions de votre lettre et vous répondrons dans les meilleurs délais.", "fr"},
    {"Veuillez trouver ci-joint le bail signé. Le tribunal a reporté l'audience au mois de mai.", "fr"},
    {"Le agradecemos su carta y le enviaremos los documentos que nos ha pedido antes del viernes.", "es"},
    {"Adjuntamos el contrato firmado. El juzgado ha aplazado la vista hasta el tres de mayo.", "es"},
    {"", NULL},
    {"OK, thanks!", NULL},
    {"Vielen Dank! Mit freundlichen Grüßen", NULL},
    {"1234567890 1234567890 1234567890 1234 -- 12334 1234567890 1234567890", NULL},
    {"PLEASE FIND ATTACHED THE SIGNED LEASE. THE COURT HAS MOVED THE HEARING TO THE THIRD OF MAY.", NULL},
    {"ANBEI ERHALTEN SIE DEN UNTERSCHRIEBENEN MIETVERTRAG. DAS GERICHT HAT DEN TERMIN VERLEGT.", NULL},
    {"VEUILLEZ TROUVER CI-JOINT LE BAIL SIGNÉ. LE TRIBUNAL A REPORTÉ L'AUDIENCE AU MOIS DE MAI.", NULL},
    {"ADJUNTAMOS EL CONTRATO FIRMADO. EL JUZGADO HA APLAZADO LA VISTA HASTA EL TRES DE MAYO.", NULL},
    {"asdkjh qwekjh zxmncb qpwoei alskdj zmxnbc qowieu alskdjf zmxncbv qpowieur laksjdhf", NULL},
    {"Добрый день, мы получили ваше письмо и ответим на него в понедельник утром.", NULL},
    {"Vielen Dank für den Entwurf, wir sehen ihn gerne an. Thank you for the draft, we will look at it.", NULL},
};

static void a_sentence_tells_its_language(void **state) {
    assert_true(language_prepare());
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        unsigned confidence;
        const char *found = language_of_text(cases[i].text, strlen(cases[i].text), &confidence);
        if (g_strcmp0(found, cases[i].language) != 0)
            fail_msg("%s: %s", cases[i].text, found ? found : "unknown");
    }
}

#define ENGLISH                                                                                                        \
    "Thank you for the draft. We will look at it and write to you again on Monday or Tuesday. The court has moved "    \
    "the hearing to the third of May, so there is time enough for the witnesses to read what they have said. "
#define GERMAN                                                                                                         \
    "Vielen Dank für den Entwurf. Wir sehen ihn an und melden uns am Montag oder Dienstag wieder bei Ihnen. Das "     \
    "Gericht hat den Termin auf den dritten Mai verlegt, so dass genug Zeit bleibt, alles noch einmal zu lesen. "

/* Of a text in two languages the confidence is less, and none where the second half is in another one. */
static void confidence_is_what_the_halves_agree_in(void **state) {
    static const struct {
        const char *text, *language;
        unsigned least, most;
    } certainties[] = {
        {ENGLISH ENGLISH, "en", 100, 100},
        {GERMAN GERMAN, "de", 100, 100},
        {"Please find attached the signed lease. The court has moved it to May.", "en", 75,
         75}, /* too short to be cut */
        {ENGLISH ENGLISH GERMAN, "en", 75, 75},
        {ENGLISH GERMAN, NULL, 0, 0},
        {"OK, thanks!", NULL, 0, 0},
    };
    assert_true(language_prepare());
    for (size_t i = 0; i < G_N_ELEMENTS(certainties); i++) {
        unsigned confidence = 101;
        const char *text = certainties[i].text, *found = language_of_text(text, strlen(text), &confidence);
        if (g_strcmp0(found, certainties[i].language) != 0 ||
            (found && (confidence < certainties[i].least || confidence > certainties[i].most)))
            fail_msg("%zu: %s, %u", i, found ? found : "unknown", confidence);
    }
}

/* Only the beginning is looked at, and it may end in the middle of a character. */
static void a_long_text_costs_no_more_than_its_beginning(void **state) {
    assert_true(language_prepare());
    for (size_t shift = 0; shift < 4; shift++) {
        g_autoptr(GString) text = g_string_new_len("aaaa", (gssize)shift);
        while (text->len < 1 << 20)
            g_string_append(text, "\xF0\x9F\x84\xB0\xC3\xBC ");
        CpuRatio ratio = {.most = 2, .what = "the language of a megabyte, beside 4 KiB of it"};
        while (cpu_ratio(&ratio))
            for (int i = 0; i < 50; i++)
                language_of_text(text->str, ratio.larger ? text->len : 4096, &(unsigned){0});
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_tells_its_language),
        cmocka_unit_test(confidence_is_what_the_halves_agree_in),
        cmocka_unit_test(a_long_text_costs_no_more_than_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
