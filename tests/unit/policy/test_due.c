/* SPDX-License-Identifier: Apache-2.0 */
/* What only the register shows: a consent that is over, on the firm's day, and a step that tells nobody. */
#include "folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void a_consent_that_ends_is_a_warning(void **state) {
    static const struct {
        const char *until, *zone, *said; /* NULL: nothing is */
    } cases[] = {
        {"2026-11-22", "UTC", "clients.csv:2: warning: the consent of client oak to mail in clear ended on 2026-11-22"},
        {"2026-11-23", "UTC", "clients.csv:2: warning: the consent of client oak to mail in clear ends on 2026-11-23"},
        {"2026-12-23", "UTC", "ends on 2026-12-23; ask whether it is to be renewed"},
        {"2026-12-24", "UTC", NULL},
        {"2026-11-23", "Pacific/Kiritimati", "ended on 2026-11-23"}, /* where it is the 24th already */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Folder) folder = folder_new();
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *conf =
            g_strdup_printf("firm: { name = \"A\"; domains = \"a.test\"; calendar = \"c\"; };\n"
                            "registry: { clients = \"clients.csv\"; };\n"
                            "calendars: { c: { timezone = \"%s\"; hours: { mon-sun = [\"09:00-17:00\"]; }; }; };\n",
                            cases[i].zone);
        g_autofree char *clients =
            g_strdup_printf("client,name,addresses,language,channel,service_level,consent\n"
                            "oak,Oak,@oak.test,en,mail,,who=Ann Oak;when=2026-01-01;scope=all;until=%s\n",
                            cases[i].until);
        folder_write(folder, "lexgate.conf", conf);
        folder_write(folder, "clients.csv", clients);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        assert_non_null(policy);
        if (cases[i].said ? !strstr(said->str, cases[i].said) : strstr(said->str, "consent") != NULL)
            fail_msg("until %s in %s: %s", cases[i].until, cases[i].zone, said->str);
    }
}

static void a_step_that_tells_nobody_is_a_warning(void **state) {
    static const struct {
        const char *last, *staff; /* of the ladder; rows of the register */
        bool said;
    } cases[] = {
        {"\"managers\"", "a@a.test,A,lawyer,,b@a.test,,,\nb@a.test,B,supervisor,,,,,\n", true},
        {"\"managers\"", "a@a.test,A,lawyer,,,,,\nb@a.test,B,manager,,,,,\n", false},
        {"\"supervisor\"", "a@a.test,A,lawyer,,b@a.test,,,\nb@a.test,B,supervisor,,,,,\n", false},
        {"\"supervisor\", \"cover\"", "a@a.test,A,lawyer,,,,,\n", true},
        {"\"supervisor\", \"owner\"", "a@a.test,A,lawyer,,,,,\n", false},
        {"\"x@a.test\"", "a@a.test,A,lawyer,,,,,\n", true},
        {"\"x@a.test\"", "x@a.test,A,lawyer,,,,,\n", false},
        {"\"x@a.test\"", "b@a.test,B,manager,,,,,\n", false}, /* who is told where nobody else is */
    };
    for (size_t n = 0; n < 2 * G_N_ELEMENTS(cases); n++) {
        size_t i = n / 2;
        g_autoptr(Folder) folder = folder_new();
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *conf = g_strdup_printf("firm: { name = \"A\"; domains = \"a.test\"; };\n"
                                                "registry: { staff = \"staff.csv\"; };\n"
                                                "service_levels: { s: { answer_within = \"8h\"; %s = (\n"
                                                "  { at = \"50%%\"; tell = [\"owner\"]; },\n"
                                                "  { at = \"100%%\"; tell = [%s]; } ); }; };\n",
                                                n % 2 ? "chase" : "ladder", cases[i].last);
        g_autofree char *staff =
            g_strconcat("address,name,role,team,supervisor,cover,calendar,language\n", cases[i].staff, NULL);
        folder_write(folder, "lexgate.conf", conf);
        folder_write(folder, "staff.csv", staff);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        assert_non_null(policy);
        if ((strstr(said->str, "lexgate.conf:5: warning: this step of the ladder of s tells nobody") != NULL) !=
            cases[i].said)
            fail_msg("%s with %s: %s", cases[i].last, cases[i].staff, said->str);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_consent_that_ends_is_a_warning),
                                       cmocka_unit_test(a_step_that_tells_nobody_is_a_warning)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
