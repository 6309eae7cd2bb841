/* SPDX-License-Identifier: Apache-2.0 */
/* What is the writer's own, and what his program or his firm put there. */
#include "facts/owntext.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define LEGEND "This message is confidential and may be privileged. If you are not the addressee, please delete it."

static const struct {
    const char *text, *own;
    bool forwards;
} cases[] = {
    {"", "", false},
    {"one\ntwo", "one\ntwo\n", false},
    {"yes\n> no\n  > no\nyes\n", "yes\nyes\n", false},
    {"yes\nOn Monday, Alice wrote:\n> no\n", "yes\n", false},
    {"ja\nAm Montag schrieb:\n> nein\n", "ja\n", false},
    {"yes\n-----Original Message-----\nFrom: x\nno\n", "yes\n", false},
    {"see below\n-----Original Message-----\nFrom: x\nsecret\n",
     "see below\n-----Original Message-----\nFrom: x\nsecret\n", true},
    {"yes\n________________________________\nFrom: x\n", "yes\n", false},
    {"yes\n\nFrom: Ben Carter <ben@f.test>\nSent: Monday\nTo: Ann\nSubject: x\n\nWill you sign?\n", "yes\n\n", false},
    {"yes\nFrom: Ben\nSent: Monday\nTo: Ann\nno\n", "yes\nFrom: Ben\nSent: Monday\nTo: Ann\nno\n", true},
    {"ja\n*Von:* Ben\n*Gesendet:* Montag\n*An:* Ann\n*Betreff:* x\nnein\n", "ja\n", false},
    {"oui\nDe\xc2\xa0: Ben\nEnvoy\xc3\xa9\xc2\xa0: lundi\n\xc3\x80\xc2\xa0: Ann\nObjet\xc2\xa0: x\nnon\n", "oui\n",
     false},
    {"s\xc3\xad\nDe: Ben\nEnviado el: lunes\nPara: Ann\nAsunto: x\nno\n", "s\xc3\xad\n", false},
    {"si\nDa: Ben\nInviato: oggi\nA: Ann\nno\n", "si\n", false},
    {"From: the court\nTo: nobody\nour reply\n", "From: the court\nTo: nobody\nour reply\n", false},
    {"From here on\nSent: x\nTo: y\n", "From here on\nSent: x\nTo: y\n", false},
    {"Ben ha scritto:\n> a\nsi\n", "si\n", false},
    {"a -----Original Message\n", "a -----Original Message\n", false},
    /* The footer, as written, wrapped otherwise, in capitals, with a line more or less around it. */
    {"Hello\n" LEGEND "\n", "Hello\n", false},
    {"Hello\n\nThis message is confidential and may\nbe privileged. If you are not the\naddressee, please delete "
     "it.\nBye\n",
     "Hello\n\nBye\n", false},
    {"THIS MESSAGE IS CONFIDENTIAL AND MAY BE PRIVILEGED.\nIF YOU ARE NOT THE ADDRESSEE, PLEASE DELETE IT.\n", "",
     false},
    /* A word of it is not the footer, nor is a line that says more. */
    {"confidential\n", "confidential\n", false},
    {"This message is confidential\nor not\n", "This message is confidential\nor not\n", false},
    {LEGEND " Secret.\n", LEGEND " Secret.\n", false},
    {"Aldous & Partners, 1 High Street\n", "", false},
};

static void what_is_not_his_own_is_left_out(void **state) {
    g_autoptr(GPtrArray) footers = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(footers, owntext_footer(LEGEND));
    g_ptr_array_add(footers, owntext_footer("Aldous & Partners, 1 High\nStreet"));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        OwnText how = {footers, cases[i].forwards};
        g_autofree char *own = owntext_of(cases[i].text, strlen(cases[i].text), &how);
        assert_string_equal(own, cases[i].own);
    }
}

static void without_footers_only_quotations_go(void **state) {
    OwnText how = {NULL, false};
    g_autofree char *own = owntext_of("a\n> b\n" LEGEND, strlen("a\n> b\n" LEGEND), &how);
    assert_string_equal(own, "a\n" LEGEND "\n");
}

/* Line by line. */
static char *slowly(const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *own = g_string_new(NULL);
    for (char **line = lines; *line && (line[1] || **line); line++) {
        const char *words = *line + strspn(*line, " ");
        if (g_str_has_prefix(words, "-----Original Message"))
            break;
        if (*words != '>' && !owntext_is_attribution(words, strlen(words)))
            g_string_append_printf(own, "%s\n", *line);
    }
    return g_string_free(own, FALSE);
}

static void lines_that_go_leave_the_others_as_they_were(void **state) {
    static const char *const lines[] = {"",       "yes",          " yes",   "> no",
                                        "  > no", "Alice wrote:", "-- yes", "-----Original Message-----"};
    OwnText how = {NULL, false};
    guint32 seed = 13;
    for (int round = 0; round < 5000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (int i = 0; i < round % 20; i++) {
            seed = seed * 1664525 + 1013904223;
            g_string_append(text, lines[(seed >> 20) % (i > 8 ? 8 : 7)]);
            g_string_append(text, i + 1 < round % 20 || round % 3 ? "\n" : "");
        }
        g_autofree char *own = owntext_of(text->str, text->len, &how), *expected = slowly(text->str);
        assert_string_equal(own, expected);
    }
}

static void a_subject_says_that_something_is_passed_on(void **state) {
    assert_true(owntext_is_forward("Fwd: rent") && owntext_is_forward(" FW: rent") && owntext_is_forward("WG: Miete"));
    assert_false(owntext_is_forward("Re: Fwd: rent") || owntext_is_forward("forward") || owntext_is_forward(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_his_own_is_left_out),
        cmocka_unit_test(without_footers_only_quotations_go),
        cmocka_unit_test(lines_that_go_leave_the_others_as_they_were),
        cmocka_unit_test(a_subject_says_that_something_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
