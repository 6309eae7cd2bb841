/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message want an answer? */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MIXED "From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"

static const struct {
    const char *text;
    Asks asks;
} asks_cases[] = {
    {"When will the lease be signed?\n", ASKS_YES},
    {"Could you send the draft.\n", ASKS_YES},
    {"Bitte senden Sie den Entwurf.\n", ASKS_YES},
    /* Requests without a question mark, in four languages. */
    {"Thanks. I need the draft by Monday.\n", ASKS_YES},
    {"Thank you, and let us know.\n", ASKS_YES},
    {"We look forward to hearing from you.\n", ASKS_YES},
    {"Danke. Wir bitten um Rückmeldung.\n", ASKS_YES},
    {"Würden Sie das prüfen.\n", ASKS_YES},
    {"Melden Sie sich.\n", ASKS_YES},
    {"Merci. Pourriez-vous relire le contrat.\n", ASKS_YES},
    {"Veuillez me rappeler.\n", ASKS_YES},
    {"Gracias. Necesito el contrato.\n", ASKS_YES},
    {"Quedo a la espera de su respuesta.\n", ASKS_YES},
    {"Veuillez agréer mes salutations.\n", ASKS_UNKNOWN},
    {"The meeting was pleasant.\n", ASKS_UNKNOWN},
    {"Thank you very much!\n", ASKS_NO},
    {"Thanks, received.\n\nBest regards\nAlice\n", ASKS_NO},
    {"Vielen Dank für Ihre Nachricht.\n", ASKS_NO},
    {"Merci beaucoup, bien reçu.\n", ASKS_NO},
    {"Muchas gracias.\n", ASKS_NO},
    {"Thank you.\n\nOn Monday Bob wrote:\n> Will you come?\n> Please answer.\n", ASKS_NO},
    {"Thanks. The other side called again and wants more money.\n", ASKS_UNKNOWN},
    {"See https://host.test/path?key=value\n", ASKS_UNKNOWN},
    {"Thanks Bob\n", ASKS_NO},
    {"Thank you very much, Mr Finch.\n\nKind regards\nAlice Client\nHarbour Ltd, 12 Quay Street\n", ASKS_NO},
    {"Dear Ms Smith,\nthank you!\nSent from my iPhone\n", ASKS_NO},
    {"Thank you!\n\nNora\n", ASKS_NO}, /* she is in From */
    {"Thanks. Call Nora.\n", ASKS_UNKNOWN},
    {"Thanks. Urgent!\n", ASKS_UNKNOWN},
    {"Thanks but no\n", ASKS_UNKNOWN},
    {"Thanks for nothing\n", ASKS_UNKNOWN},
    {"Thank you.\nKind regards\nAlice\nPS: the roof leaks\n", ASKS_UNKNOWN},
    {"Thanks, URGENT\n", ASKS_UNKNOWN},
    {"Best regards\n", ASKS_UNKNOWN},
    {"", ASKS_UNKNOWN},
    {"Here is the contract.\n", ASKS_UNKNOWN},
};

static void asking_is_unknown_without_evidence(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(asks_cases); i++) {
        g_autofree char *message = g_strdup_printf(
            "From: Nora Finch <nf@b.test>\nContent-Type: text/plain; charset=utf-8\n\n%s", asks_cases[i].text);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != asks_cases[i].asks)
            fail_msg("%s: %s", asks_cases[i].text, asks_name(facts->asks));
    }
}

static void a_question_in_the_subject_counts_unless_it_is_an_old_one(void **state) {
    static const struct {
        const char *headers;
        Asks asks;
    } cases[] = {
        {"Subject: When is the hearing?\n", ASKS_YES},
        {"Subject: Please call me\n", ASKS_YES},
        {"Subject: Your letter\n", ASKS_NO},
        {"Subject: Re: When is the hearing?\n", ASKS_NO},
        {"Subject: When is the hearing?\nIn-Reply-To: <a@b.test>\n", ASKS_NO},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strdup_printf("From: a@b.test\n%s\nThanks!\n", cases[i].headers);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != cases[i].asks)
            fail_msg("%s: %s", cases[i].headers, asks_name(facts->asks));
    }
}

static void thanks_with_an_attachment_may_want_something(void **state) {
    g_autoptr(Facts) facts = read_text(MIXED "--b\n\nThank you.\n--b\nContent-Type: application/pdf\n\nx\n--b--\n");
    assert_int_equal(facts->asks, ASKS_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asking_is_unknown_without_evidence),
        cmocka_unit_test(a_question_in_the_subject_counts_unless_it_is_an_old_one),
        cmocka_unit_test(thanks_with_an_attachment_may_want_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
