/* SPDX-License-Identifier: Apache-2.0 */
/* Rosters, mailboxes and what else decides when an answer is owed and by whom: what is right and what is refused. */
#include "base/text.h"
#include "folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define FIRM                                                                                                           \
    "firm: { name = \"A\"; domains = [\"a.test\"]; };\n"                                                               \
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
#define ROSTER                                                                                                         \
    "rosters: {\n night: { timezone = \"Europe/London\"; shifts = ( { from = \"mon 18:00\"; who = \"ann@a.test\"; } "  \
    "); }; };\n"
#define LEVEL(body) "service_levels: {\n urgent: { answer_within = \"1h\"; " body " }; };\n"

static Folder *folder_with(const char *conf) {
    Folder *folder = folder_new();
    folder_write(folder, "lexgate.conf", conf);
    folder_write(folder, "staff.csv",
                 "address,name,role,team,supervisor,cover,calendar,language\n"
                 "ann@a.test,Ann,manager,law,,,,en\nbea@a.test,Bea,lawyer,law,,,,en\n");
    folder_write(folder, "clients.csv", "client,name,addresses,language,channel,service_level\n");
    folder_write(folder, "matters.csv",
                 "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n");
    folder_write(folder, "duty.csv", "from,to,address\n2026-12-24 18:00,2026-12-27 08:00,bea@a.test\n");
    folder_write(folder, "bad.csv", "from,to,address\n2026-12-24,2026-12-27 08:00,bea@a.test\n");
    return folder;
}

static void what_can_never_work_is_refused(void **state) {
    static const struct {
        const char *conf, *said;
    } broken[] = {
        {FIRM
         "rosters: {\n n: { timezone = \"Mars\"; shifts = ( { from = \"mon 18:00\"; who = \"ann@a.test\"; } ); }; };\n",
         "lexgate.conf:4: error: roster n: \"Mars\" is no time zone"},
        {FIRM "rosters: {\n n: { shifts = ( { from = \"mo 18:00\"; who = \"ann@a.test\"; } ); }; };\n",
         "lexgate.conf:4: error: roster n: \"mo 18:00\" is no beginning of a shift"},
        {FIRM "rosters: {\n n: { shifts = ( { from = \"mon 18:00\"; } ); }; };\n",
         "lexgate.conf:4: error: a shift needs from and who"},
        {FIRM "rosters: {\n n: { shifts = ( { from = \"mon 18:00\"; who = \"ann\"; } ); }; };\n",
         "lexgate.conf:4: error: "},
        {FIRM "rosters: {\n n: { shifts = ( { from = \"mon 18:00\"; who = []; } ); }; };\n",
         "lexgate.conf:4: error: the roster n has nobody"},
        {FIRM "rosters: {\n n: { shift = ( ); }; };\n", "lexgate.conf:4: error: unknown key \"shift\""},
        {FIRM "rosters: {\n n: { table = \"none.csv\"; }; };\n", "lexgate.conf:4: error: the table cannot be read"},
        {FIRM "rosters: {\n n: { table = \"bad.csv\"; }; };\n", "lexgate.conf:4: error: roster n: "},
        {FIRM ROSTER LEVEL("duty = \"day\";"), "lexgate.conf:6: error: there is no roster \"day\""},
        {FIRM ROSTER LEVEL("ladder = ( { at = \"0%\"; tell = [\"owner\", \"duty\"]; } );"),
         "lexgate.conf:6: error: a step of urgent tells who is on duty: name a roster"},
        {FIRM LEVEL("soft_closes_after = \"soon\";"), "lexgate.conf:4: error: soft_closes_after"},
        {FIRM LEVEL("soft_closes_after = \"0d\";"), "lexgate.conf:4: error: soft_closes_after is nothing"},
        {FIRM "mailboxes: ( { address = \"info@a.test\"; } );\n",
         "lexgate.conf:3: error: a mailbox needs address and owner"},
        {FIRM "mailboxes: ( { address = \"info@b.test\"; owner = \"team:law\"; } );\n",
         "lexgate.conf:3: error: \"info@b.test\" is no address of the firm"},
        {FIRM "mailboxes: ( { address = \"info@a.test\"; owner = \"law\"; } );\n",
         "lexgate.conf:3: error: \"law\" is nobody"},
        {FIRM "mailboxes: ( { address = [\"info@a.test\", \"INFO@a.test\"]; owner = \"team:law\"; } );\n",
         "lexgate.conf:3: error: the mailbox info@a.test is given twice"},
        {FIRM "limits: { client_deadlines = 0; };\n", "lexgate.conf:3: error: client_deadlines = 0 is out of bounds"},
        {FIRM LEVEL("") "rules: (\n { id = \"h\"; holding = \"slow\"; } );\n",
         "lexgate.conf:6: error: there is no service level \"slow\""},
        {FIRM "rules: (\n { id = \"h\"; do = \"hold\"; when: { puts_off = \"yes\"; }; } );\n",
         "lexgate.conf:4: error: "},
        {FIRM "rules: (\n { id = \"e\"; expect = \"soon\"; } );\n",
         "lexgate.conf:4: error: expect: \"soon\" is no time that a client can be given each time; write \"3 days\", "
         "\"2 "
         "weeks\" or \"Friday\""},
        {FIRM "rules: (\n { id = \"e\"; expect = \"27 November\"; } );\n",
         "lexgate.conf:4: error: expect: \"27 November\""},
        {FIRM LEVEL("chase = ( { at = \"100%\"; tell = [\"owner\"]; repeat = \"1d\"; }, { at = \"100%+1d\"; tell = "
                    "[\"owner\"]; } );"),
         "lexgate.conf:4: error: only the last step of a ladder may repeat"},
        {FIRM LEVEL("chase = ( { at = \"100%\"; tell = [\"duty\"]; } );"),
         "lexgate.conf:4: error: a step of urgent tells who is on duty"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(Folder) folder = folder_with(broken[i].conf);
        g_autoptr(GString) said = g_string_new("\n");
        g_autoptr(Registry) registry = NULL;
        g_autoptr(Policy) policy = folder_load(folder, &registry, said);
        g_autofree char *line = g_strconcat("\n", broken[i].said, NULL);
        if (policy || !strstr(said->str, line))
            fail_msg("%s\nsays %s\nwanted %s", broken[i].conf, said->str, broken[i].said);
    }
}

static void somebody_whom_the_register_does_not_have_is_warned_of(void **state) {
    static const struct {
        const char *conf, *said;
    } doubtful[] = {
        {FIRM "mailboxes: ( { address = \"info@a.test\"; owner = \"team:lew\"; } );\n",
         "warning: mailbox info@a.test: the register of staff has no team:lew"},
        {FIRM "mailboxes: ( { address = \"info@a.test\"; owner = \"cy@a.test\"; } );\n",
         "warning: mailbox info@a.test: the register of staff has no cy@a.test"},
        {FIRM "rosters: {\n n: { shifts = ( { from = \"mon 18:00\"; who = \"cy@a.test\"; } ); }; };\n",
         "warning: roster n: the register of staff has no cy@a.test"},
        {FIRM "rosters: {\n n: { shifts = ( { from = \"mon 18:00\"; who = \"cy@b.test\"; } ); }; };\n",
         "lexgate.conf:4: warning: who: cy@b.test is in none of firm.domains"},
        {FIRM LEVEL("") "rules: (\n { id = \"h\"; } );\n", "holding, expect"},
        {FIRM LEVEL("chase = ();"), "warning: chase of service level urgent is empty: nobody is reminded"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(doubtful); i++) {
        g_autoptr(Folder) folder = folder_with(doubtful[i].conf);
        g_autoptr(GString) said = g_string_new(NULL);
        g_autoptr(Registry) registry = NULL;
        g_autoptr(Policy) policy = folder_load(folder, &registry, said);
        if (!policy || !strstr(said->str, doubtful[i].said))
            fail_msg("%s\nsays %s\nwanted %s", doubtful[i].conf, said->str, doubtful[i].said);
    }
}

static void what_is_written_is_what_is_meant(void **state) {
    static const char conf[] = FIRM
        "rosters: {\n night: { timezone = \"Europe/London\"; since = \"2026-11-02\"; table = \"duty.csv\";\n"
        " shifts = ( { from = \"mon 18:00\"; who = [\"ann@a.test\", \"bea@a.test\"]; }, { from = \"fri 17:00\"; "
        "who = []; } ); }; };\n"
        "service_levels: { plain: { answer_within = \"8h\"; };\n"
        " urgent: { answer_within = \"1h\"; duty = \"night\"; soft_closes_after = \"2d\";\n"
        "  ladder = ( { at = \"0%\"; tell = [\"owner\", \"duty\"]; } );\n"
        "  chase = ( { at = \"50%\"; tell = [\"owner\"]; }, { at = \"100%\"; tell = [\"cover\"]; repeat = \"1d\"; } "
        "); }; };\n"
        "mailboxes: ( { address = [\"Info@A.test\", \"office@a.test\"]; owner = \"team:law\"; },\n"
        " { address = \"desk@a.test\"; owner = \"Bea@a.test\"; } );\n"
        "rules: ( { id = \"h\"; holding = \"plain\"; when: { puts_off = true; marked_urgent = false; }; },\n"
        " { id = \"e\"; expect = \"3 days\"; } );\n";
    g_autoptr(Folder) folder = folder_with(conf);
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = folder_load(folder, &registry, said);
    assert_string_equal(said->str, "");
    const ServiceLevel *plain = policy_service_level(policy, "plain"), *urgent = policy_service_level(policy, "urgent");
    assert_null(plain->roster);
    assert_int_equal(plain->soft_closes_after.days, 5);
    assert_int_equal(urgent->soft_closes_after.days, 2);
    assert_ptr_equal(policy_rule(policy, "h")->holding, plain);
    assert_null(policy_rule(policy, "h")->expect);
    assert_string_equal(policy_rule(policy, "e")->expect, "3 days");
    const Rung *usual = plain->chase->pdata[0], *last = urgent->chase->pdata[1];
    assert_int_equal(plain->chase->len, 1);
    assert_int_equal(usual->percent, 100);
    assert_int_equal(usual->tell->len, 1);
    assert_string_equal(usual->tell->pdata[0], "owner");
    assert_int_equal(urgent->chase->len, 2);
    assert_int_equal(last->repeat.days, 1);
    assert_int_equal(policy_settings(policy)->limits_client_deadlines, 5000);
    g_autoptr(GPtrArray) now = roster_on_duty(urgent->roster, TEST_NOW); /* Monday 10:00: last Friday's nobody */
    assert_int_equal(now->len, 0);
    Instant holiday;
    assert_true(instant_parse("2026-12-25T12:00:00Z", &holiday));
    g_autoptr(GPtrArray) then = roster_on_duty(urgent->roster, holiday);
    assert_int_equal(then->len, 1);
    assert_string_equal(then->pdata[0], "bea@a.test");
    assert_string_equal(policy_mailbox_owner(policy, "info@a.test"), "team:law");
    assert_string_equal(policy_mailbox_owner(policy, "office+x@a.test"), "team:law");
    assert_string_equal(policy_mailbox_owner(policy, "desk@a.test"), "bea@a.test");
    assert_null(policy_mailbox_owner(policy, "ann@a.test"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_never_work_is_refused),
        cmocka_unit_test(somebody_whom_the_register_does_not_have_is_warned_of),
        cmocka_unit_test(what_is_written_is_what_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
