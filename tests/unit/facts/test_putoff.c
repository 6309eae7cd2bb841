/* SPDX-License-Identifier: Apache-2.0 */
/* Words that put a client off, in four languages, and the day they name; and words that do not. */
#include "facts/putoff.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define MONDAY "2026-11-23"

static void words_that_put_off_and_the_day_they_name(void **state) {
    static const struct {
        const char *text, *today, *day; /* day NULL: it does not put off; "": it names none */
    } cases[] = {
        {"Dear Jane,\n\nthank you. I will come back to you on Friday.\n\nAlice", MONDAY, "2026-11-27"},
        {"I'll get back to you by the end of next week.", MONDAY, "2026-12-04"},
        {"I\xe2\x80\x99ll revert tomorrow", MONDAY, "2026-11-24"},
        {"We will let you have our advice by 27 November.", MONDAY, "2026-11-27"},
        {"We will be in touch on November 30 at the latest.", MONDAY, "2026-11-30"},
        {"I will let you know by 2026-12-01.", MONDAY, "2026-12-01"},
        {"I will look into it.", MONDAY, ""},
        {"Let me get back to you\nlater today.", MONDAY, "2026-11-23"},
        {"You will hear from us on Monday.", MONDAY, "2026-11-23"},
        {"I will come\nback to you on the 3rd of March.", MONDAY, "2027-03-03"},
        {"Ich melde mich bis Freitag.", MONDAY, "2026-11-27"},
        {"Guten Morgen Frau Kern,\n\nich melde mich.", MONDAY, ""},
        {"Guten Morgen, ich melde mich morgen wieder.", MONDAY, "2026-11-24"},
        {"Wir kommen bis zum 27.11. auf Sie zu.", MONDAY, "2026-11-27"},
        {"Am 1. Dezember erhalten Sie Nachricht von mir.", MONDAY, "2026-12-01"},
        {"Ich werde mich im Laufe der nächsten Woche melden", MONDAY, "2026-12-04"},
        {"Ich gebe Ihnen nächste Woche Bescheid!", MONDAY, "2026-12-04"},
        {"Je reviens vers vous vendredi.", MONDAY, "2026-11-27"},
        {"Nous reviendrons très vite vers vous, au plus tard le 2 décembre.", MONDAY, "2026-12-02"},
        {"Je vous réponds demain.", MONDAY, "2026-11-24"},
        {"Le responderé el viernes.", MONDAY, "2026-11-27"},
        {"Nos pondremos en contacto con usted mañana por la mañana.", MONDAY, "2026-11-24"},
        {"Me pondré en contacto la próxima semana.", MONDAY, "2026-12-04"},
        {"I will come back to you on Friday.", "2026-11-27", "2026-11-27"},
        {"I will come back to you next week.", "2026-11-29", "2026-12-04"},
        {"I will come back to you by 29 February.", MONDAY, NULL}, /* there is none in 2026 */
        /* Not so. */
        {"The lease ends on Friday. You may sign it.", MONDAY, NULL},
        {"They came back to us on Friday.", MONDAY, NULL},
        {"I will not come back to you on this.", MONDAY, NULL},
        {"Please come back to me by Friday.", MONDAY, NULL},
        {"Bitte melden Sie sich bis Freitag.", MONDAY, NULL},
        {"I will file it. The court wrote back to you on Monday.", MONDAY, NULL},
        {"Der Antrag ist gestellt. Am Freitag ist Termin.", MONDAY, NULL},
        {"", MONDAY, NULL},
        {"\xff\xfe I will", MONDAY, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        g_auto(PutOff) putoff = putoff_find(cases[i].text);
        char day[PUTOFF_DAY] = "";
        bool named = putoff_day(&putoff, cases[i].today, day);
        bool leap = strstr(cases[i].text, "29 February") != NULL;
        if ((*putoff.said != '\0') != (cases[i].day != NULL || leap) ||
            (cases[i].day && (named != (*cases[i].day != '\0') || strcmp(day, cases[i].day) != 0)) || (leap && named))
            fail_msg("%s: \"%s\", %s", cases[i].text, putoff.said, named ? day : "no day");
    }
}

static void what_was_said_is_one_line_cut_at_a_letter(void **state) {
    g_autofree char *more = g_strnfill(40, 'x');
    g_autofree char *long_one =
        g_strconcat("Ich melde mich\n und ", more, " üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü", more, NULL);
    g_auto(PutOff) putoff = putoff_find(long_one);
    assert_true(g_str_has_prefix(putoff.said, "ich melde mich und xx"));
    assert_true(strlen(putoff.said) <= 160 && strlen(putoff.said) > 155);
    assert_true(g_utf8_validate(putoff.said, -1, NULL));
}

static void much_text_costs_little(void **state) {
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < (1 << 20))
        g_string_append(text, "i will be i will get november 2 de de de ");
    g_auto(PutOff) putoff = putoff_find(text->str);
    assert_string_equal(putoff.said, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_put_off_and_the_day_they_name),
        cmocka_unit_test(what_was_said_is_one_line_cut_at_a_letter),
        cmocka_unit_test(much_text_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
