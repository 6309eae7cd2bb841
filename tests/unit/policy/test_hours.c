/* SPDX-License-Identifier: Apache-2.0 */
/* Whose hours a promise is counted in, and hours that never meet. */
#include "folder.h"
#include "policy/hours.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define CALENDARS                                                                                                      \
    "calendars: { london: { timezone = \"Europe/London\"; hours: { mon-fri = [\"09:00-17:00\"]; }; };\n"               \
    "  newyork: { timezone = \"America/New_York\"; hours: { mon-fri = [\"09:00-17:00\"]; }; };\n"                      \
    "  tokyo: { timezone = \"Asia/Tokyo\"; hours: { mon-fri = [\"09:00-17:00\"]; }; };\n"                              \
    "  dubai: { timezone = \"Asia/Dubai\"; hours: { mon-fri = [\"09:00-17:00\"]; }; }; };\n"
#define LEVELS                                                                                                         \
    "service_levels: { standard: { answer_within = \"4h\"; };\n"                                                       \
    "  fixed: { answer_within = \"4h\"; calendar = \"london\"; };\n"                                                   \
    "  urgent: { answer_within = \"1h\"; calendar = \"always\"; client_hours = false; }; };\n"
#define TEAMS "teams: { Gulf: { calendar = \"dubai\"; }; };\n"
#define RULES                                                                                                          \
    "rules: ( { id = \"question\"; when: { direction = \"incoming\"; sender: { is = \"client\"; }; };\n"               \
    "  deadline = \"standard\"; } );\n"
#define FIRM                                                                                                           \
    "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; calendar = \"london\"; };\n"                              \
    "registry: { clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"

static const char clients[] = "client,name,addresses,language,channel,service_level,calendar\n"
                              "plain,Plain,a@plain.test,en,mail,,\n"
                              "york,York,a@york.test,en,mail,,newyork\n"
                              "home,Home,a@home.test,en,mail,,london\n";
static const char matters[] = "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                              "m-1,york,Lease,normal,,litigation,,open,,\n"
                              "m-2,plain,Port,normal,,gulf,,open,,\n";

static Folder *house(const char *conf, const char *more_clients, const char *more_matters) {
    Folder *folder = folder_new();
    g_autofree char *all_clients = g_strconcat(clients, more_clients, NULL);
    g_autofree char *all_matters = g_strconcat(matters, more_matters, NULL);
    folder_write(folder, "lexgate.conf", conf);
    folder_write(folder, "clients.csv", all_clients);
    folder_write(folder, "matters.csv", all_matters);
    return folder;
}

static void the_level_the_team_the_firm_and_the_client_say_whose_hours_count(void **state) {
    static const struct {
        const char *level, *client, *matter, *calendar;
    } cases[] = {
        {"standard", "plain", "", "london"},
        {"standard", "york", "", "london & newyork"},
        {"standard", "york", "m-1", "london & newyork"},
        {"standard", "plain", "m-2", "dubai"},
        {"fixed", "plain", "m-2", "london"},
        {"fixed", "york", "", "london & newyork"},
        {"standard", "home", "", "london"},
        {"urgent", "york", "", "always"},
        {"standard", "", "", "london"},
        {"standard", "nobody", "m-9", "london"},
    };
    g_autoptr(Folder) folder = house(FIRM CALENDARS LEVELS TEAMS RULES, "", "");
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = folder_load(folder, &registry, said);
    if (!policy)
        fail_msg("%s", said->str);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const ServiceLevel *level = policy_service_level(policy, cases[i].level);
        const Calendar *hours = policy_hours_of(policy, registry, level, cases[i].client, cases[i].matter);
        if (strcmp(calendar_name(hours), cases[i].calendar) != 0)
            fail_msg("case %zu: %s, not %s", i, calendar_name(hours), cases[i].calendar);
        assert_ptr_equal(hours, policy_hours_of(policy, registry, level, cases[i].client, cases[i].matter));
    }
    /* 14:00 to 17:00 in London */
    Instant due;
    const ServiceLevel *standard = policy_service_level(policy, "standard");
    assert_true(
        calendar_due(policy_hours(policy, standard, "", "newyork"), TEST_NOW, duration_seconds(4 * 3600), &due));
    assert_int_equal(instant_seconds(due), 1795428000 + 29 * 3600); /* Tuesday 15:00 */
}

static void hours_that_never_meet_are_refused_with_file_and_line(void **state) {
    static const struct {
        const char *conf, *clients, *matters, *said;
    } cases[] = {
        {FIRM CALENDARS LEVELS RULES, "far,Far,a@far.test,en,mail,,tokyo\n", "",
         "clients.csv:5: error: the client's calendar \"tokyo\" and \"london\", of service level standard, have no "
         "working hours in common"},
        {FIRM CALENDARS LEVELS RULES, "far,Far,a@far.test,en,mail,fixed,tokyo\n", "", "of service level fixed"},
        {FIRM CALENDARS LEVELS RULES, "far,Far,a@far.test,en,mail,urgent,tokyo\n", "", NULL},
        {FIRM CALENDARS LEVELS, "far,Far,a@far.test,en,mail,,tokyo\n", "", NULL}, /* no rule owes an answer */
        {FIRM CALENDARS LEVELS TEAMS RULES, "", "m-3,york,Port,normal,,gulf,,open,,\n",
         "matters.csv:4: error: the client's calendar \"newyork\" and \"dubai\", of team gulf,"},
        {FIRM CALENDARS LEVELS TEAMS RULES, "", "m-3,york,Port,normal,,gulf,fixed,open,,\n", NULL},
        {FIRM CALENDARS LEVELS RULES, "far,Far,a@far.test,en,mail,,tokio\n", "",
         "clients.csv:5: error: the policy has no calendar \"tokio\""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Folder) folder = house(cases[i].conf, cases[i].clients, cases[i].matters);
        g_autoptr(GString) said = g_string_new(NULL);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        if (cases[i].said ? policy || !strstr(said->str, cases[i].said) : !policy)
            fail_msg("case %zu: %s", i, said->str);
    }
}

static void mistakes_with_hours_are_said_in_words(void **state) {
    static const struct {
        const char *more, *said;
    } cases[] = {
        {"teams: { gulf: { calender = \"dubai\"; }; };\n", "calendar"},
        {"teams: { gulf: { calendar = \"dubay\"; }; };\n", "there is no calendar \"dubay\"; did you mean \"dubai\""},
        {"teams: { gulf = \"dubai\"; };\n", "group"},
        {"service_levels: { s: { answer_within = \"1h\"; client_hours = \"no\"; }; };\n", "client_hours"},
        {"service_levels: { s: { answer_within = \"1h\"; calendar = \"london\"; }; };\n" TEAMS,
         "no promise is counted in the hours of teams"},
        {"calendars: { c: { hours: { mon = [\"09:00-17:00\"]; }; breaks = [\"noon\"]; }; };\n",
         "\"noon\" are no hours"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *conf =
            g_strconcat(FIRM, strstr(cases[i].more, "calendars") ? "" : CALENDARS, cases[i].more, NULL);
        g_autoptr(Folder) folder = house(conf, "", "");
        g_autoptr(GString) said = g_string_new(NULL);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        if (!strstr(said->str, cases[i].said))
            fail_msg("case %zu: %s", i, said->str);
    }
}

static void breaks_are_taken_out_of_every_day(void **state) {
    g_autoptr(Folder) folder =
        house("firm: { name = \"A\"; domains = [\"a.test\"]; };\n"
              "calendars: { c: { hours: { mon-fri = [\"09:00-17:00\"]; }; breaks = [\"12:30-13:30\"]; }; };\n",
              "", "");
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    if (!policy)
        fail_msg("%s", said->str);
    Duration day =
        calendar_elapsed(policy_calendar(policy, "c"), TEST_NOW, instant_add(TEST_NOW, duration_seconds(86400)));
    assert_int_equal(day.us, INT64_C(7) * 3600 * 1000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_the_team_the_firm_and_the_client_say_whose_hours_count),
        cmocka_unit_test(hours_that_never_meet_are_refused_with_file_and_line),
        cmocka_unit_test(mistakes_with_hours_are_said_in_words),
        cmocka_unit_test(breaks_are_taken_out_of_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
