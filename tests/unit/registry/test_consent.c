/* SPDX-License-Identifier: Apache-2.0 */
/* The column consent: what is one, for which days and matters, and what of it is a slip. */
#include "firm.h"
#include "registry/consent.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void a_consent_names_who_and_when_and_for_what(void **state) {
    g_autoptr(Consent) one =
        consent_read(" Until = 2027-01-31; who=Nora Quill, director;scope=2026-0117 ALL ;when=2026-02-01;");
    assert_non_null(one);
    assert_string_equal(one->who, "Nora Quill, director");
    g_autofree char *said = consent_say(one);
    assert_string_equal(said, "Nora Quill, director, from 2026-02-01 until 2027-01-31, for all matters");
    g_autoptr(Consent) narrow = consent_read("who=A;when=2026-02-01;scope=M-1 M-2;until=2026-03-01");
    g_autofree char *of_two = consent_say(narrow);
    assert_string_equal(of_two, "A, from 2026-02-01 until 2026-03-01, for matter M-1 M-2");
    assert_null(consent_read(""));
    assert_null(consent_read(NULL));
    assert_null(consent_read("who=A;when=2026-02-01;until=2026-03-01"));
}

static void what_cannot_be_meant_is_said_with_its_line(void **state) {
    static const struct {
        const char *consent, *said; /* NULL: nothing is */
        bool error;
    } cases[] = {
        {"who=A;when=2026-02-01;scope=all;until=2026-12-31", NULL, false},
        {"who=A;when=2026-02-01;scope=2026-0117;until=2026-12-31", NULL, false},
        {"who=A;when=2026-02-01;scope=all;until=2026-02-01", NULL, false}, /* for one day */
        {"who=A;when=2026-02-01;scope=all;until=2026-01-31",
         "clients.csv:2: error: consent: it ends on 2026-01-31, before it begins on 2026-02-01", true},
        {"who=A;when=2026-02-01;scope=2026-0200;until=2026-12-31",
         "clients.csv:2: warning: consent: the scope names 2026-0200, which is a matter of another client", false},
        {"who=A;when=2026-02-01;scope=2026-0177;until=2026-12-31",
         "clients.csv:2: warning: consent: the scope names \"2026-0177\", which is no matter", false},
        {"who=A;when=2026-02-01;scope=;until=2026-12-31", "clients.csv:2: error: consent: \"scope\" is empty", true},
        {"who=A;who=B;when=2026-02-01;scope=all;until=2026-12-31", "error: consent: \"who\" is empty or given twice",
         true},
        {"who=A;when=2026-02-30;scope=all;until=2026-12-31", "error: consent: when \"2026-02-30\" is no day", true},
        {"who=A;when=2026-02-01;scope=all;until=2026-12-31;by=phone", "error: consent: unknown \"by\"", true},
    };
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *clients = g_strdup_printf(CLIENT_HEAD "harbour,Harbour,@harbour.test,en,mail,,,,%s\n"
                                                               "birch,Birch,@birch.test,en,mail,,,,\n",
                                                   cases[i].consent);
        firm_write(firm, STAFF, clients, MATTERS);
        g_autofree char *path = firm_import(firm, said);
        assert_int_equal(path == NULL, cases[i].error);
        if (cases[i].said ? !strstr(said->str, cases[i].said) : said->len)
            fail_msg("%s: %s", cases[i].consent, said->str);
    }
}

static void an_open_register_lists_its_consents_with_their_lines(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL);
    firm_write(firm, STAFF, CLIENTS, MATTERS);
    g_autofree char *path = firm_import(firm, said);
    g_autoptr(Registry) registry = registry_open(path, NULL);
    g_autoptr(GPtrArray) given = NULL;
    assert_int_equal(registry_consents(registry, &given), LOOKUP_FOUND);
    assert_int_equal(given->len, 1);
    const GivenConsent *one = given->pdata[0];
    assert_string_equal(one->client, "harbour");
    assert_string_equal(one->consent->who, "Chris");
    assert_int_equal(one->line, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_names_who_and_when_and_for_what),
        cmocka_unit_test(what_cannot_be_meant_is_said_with_its_line),
        cmocka_unit_test(an_open_register_lists_its_consents_with_their_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
