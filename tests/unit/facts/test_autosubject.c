/* SPDX-License-Identifier: Apache-2.0 */
/* What programs put before the subject of an absence note, and what people write about one. */
#include "facts/autosubject.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void programs_begin_so_and_people_do_not(void **state) {
    static const struct {
        const char *subject;
        bool note;
    } cases[] = {
        {"Automatic reply: When is the hearing?", true},
        {"AUTOMATIC REPLY:", true},
        {" Out of Office: the lease", true},
        {"Out of office", true},
        {"Abwesenheitsnotiz: Pacht", true},
        {"Automatische Antwort: Pacht", true},
        {"Re\xcc\x81ponse automatique : bail", true}, /* decomposed, and with the French space */
        {"R\xc3\xa9ponse automatique\xc2\xa0: bail", true},
        {"Message d\xe2\x80\x99"
         "absence: bail",
         true},
        {"Respuesta automática: contrato", true},
        {"Risposta automatica: contratto", true},
        {"Automatisch antwoord: huur", true},
        {"Re: Automatic reply: When is the hearing?", false},
        {"AW: Abwesenheitsnotiz: Pacht", false},
        {"Automatic reply to the court's letter", false},
        {"Out of office hours: who is on call?", false},
        {"Abwesenheitsnotizen im Arbeitsvertrag", false},
        {"The lease", false},
        {"", false},
        {"\xff\xfe", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (subject_is_absence_note(cases[i].subject) != cases[i].note)
            fail_msg("%s", cases[i].subject);
    assert_false(subject_is_absence_note(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(programs_begin_so_and_people_do_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
