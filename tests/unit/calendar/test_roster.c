/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on duty when: hand-overs by the clock on the wall, turns by the week, exceptions by a table. */
#include "firm.h"
#include "calendar/dayend.h"
#include "calendar/roster.h"

static void shift_free(gpointer data) {
    RosterShift *shift = data;
    g_free(shift->from);
    g_ptr_array_unref(shift->who);
    g_free(shift);
}

/* "mon 09:00 ann,bea; fri 17:00 cy": names are addresses at f.test; "-" is nobody. */
static Roster *roster_of(const char *zone, const char *since, const char *text, const char *table, GError **error) {
    g_autoptr(GPtrArray) shifts = g_ptr_array_new_with_free_func(shift_free);
    g_auto(GStrv) lines = g_strsplit(text, ";", -1);
    for (char **line = lines; *line && *g_strstrip(*line); line++) {
        RosterShift *shift = g_new0(RosterShift, 1);
        const char *names = strrchr(*line, ' ');
        shift->from = g_strndup(*line, (gsize)(names - *line));
        shift->who = g_ptr_array_new_with_free_func(g_free);
        g_auto(GStrv) each = g_strsplit(names + 1, ",", -1);
        for (char **name = each; *name; name++)
            if (strcmp(*name, "-") != 0)
                g_ptr_array_add(shift->who, g_strconcat(*name, "@f.test", NULL));
        g_ptr_array_add(shifts, shift);
    }
    RosterSpec spec = {.timezone = zone,
                       .since = since,
                       .shifts = shifts,
                       .table = table,
                       .table_length = table ? strlen(table) : 0,
                       .table_file = "duty.csv"};
    return roster_new(&spec, error);
}

#define NIGHTS "mon 08:00 -; mon 18:00 ann; tue 08:00 -; tue 18:00 bea; wed 08:00 -; fri 17:00 cy,dan"

static void hand_overs_are_where_the_wall_clock_says(void **state) {
    static const struct {
        const char *zone, *since, *shifts, *table, *at, *who;
    } cases[] = {
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-23T17:59:59Z", ""},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-23T18:00:00Z", "ann@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-24T07:59:59Z", "ann@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-24T08:00:00Z", ""},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-24T19:00:00Z", "bea@f.test"},
        /* The shift that began on Friday, over the end of the week; its turn is that of its own week. */
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-08T12:00:00Z", "cy@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-09T07:59:00Z", "cy@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-11-15T12:00:00Z", "dan@f.test"},
        {"Europe/London", "2026-11-05", NIGHTS, NULL, "2026-11-08T12:00:00Z", "cy@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-10-31T12:00:00Z", "dan@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-10-24T12:00:00Z", "cy@f.test"},
        /* Summer time ends on 2026-10-25 and begins on 2026-03-29: 18:00 is 17:00Z before, 18:00Z behind it. */
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-10-19T17:00:00Z", "ann@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-10-26T17:00:00Z", ""},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-10-26T18:00:00Z", "ann@f.test"},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-03-30T16:59:59Z", ""},
        {"Europe/London", "2026-11-02", NIGHTS, NULL, "2026-03-30T17:00:00Z", "ann@f.test"},
        /* A hand-over in the hour that comes twice is its first; in the one that is skipped, after it. */
        {"Europe/Berlin", NULL, "sat 12:00 ann; sun 02:30 bea", NULL, "2026-10-25T00:29:59Z", "ann@f.test"},
        {"Europe/Berlin", NULL, "sat 12:00 ann; sun 02:30 bea", NULL, "2026-10-25T00:30:00Z", "bea@f.test"},
        {"Europe/Berlin", NULL, "sat 12:00 ann; sun 02:30 bea", NULL, "2026-10-25T01:10:00Z", "bea@f.test"},
        {"Europe/Berlin", NULL, "sat 12:00 ann; sun 02:30 bea", NULL, "2026-03-29T01:29:59Z", "ann@f.test"},
        {"Europe/Berlin", NULL, "sat 12:00 ann; sun 02:30 bea", NULL, "2026-03-29T01:30:00Z", "bea@f.test"},
        /* Turns over the change of clocks and of the year. */
        {"Europe/Berlin", "2026-10-19", "mon 09:00 ann,bea,cy", NULL, "2026-10-26T07:59:59Z", "ann@f.test"},
        {"Europe/Berlin", "2026-10-19", "mon 09:00 ann,bea,cy", NULL, "2026-10-26T08:00:00Z", "bea@f.test"},
        {"Europe/Berlin", "2026-10-19", "mon 09:00 ann,bea,cy", NULL, "2027-01-04T08:00:00Z", "cy@f.test"},
        /* The table beats the week; two rows are two people. */
        {"Europe/Berlin", NULL, "mon 09:00 ann",
         "from,to,address\n2026-12-24 18:00,2026-12-26 08:00,Dan@f.test\n# a comment\n\n2026-12-25T00:00,2026-12-25 "
         "24:00,eve@f.test\n",
         "2026-12-24T17:00:00Z", "dan@f.test"},
        {"Europe/Berlin", NULL, "mon 09:00 ann",
         "2026-12-24 18:00,2026-12-26 08:00,dan@f.test\r\n2026-12-25 00:00,2026-12-25 24:00,eve@f.test\r\n",
         "2026-12-25T12:00:00Z", "dan@f.test eve@f.test"},
        {"Europe/Berlin", NULL, "mon 09:00 ann", "2026-12-24 18:00,2026-12-26 08:00,dan@f.test\n",
         "2026-12-26T07:00:00Z", "ann@f.test"},
        {"UTC", NULL, "", "2026-12-24 18:00,2026-12-26 08:00,dan@f.test\n", "2026-12-27T07:00:00Z", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Roster) roster = roster_of(cases[i].zone, cases[i].since, cases[i].shifts, cases[i].table, &error);
        if (!roster)
            fail_msg("case %zu: %s", i, error->message);
        g_autoptr(GPtrArray) people = roster_on_duty(roster, at(cases[i].at));
        g_ptr_array_add(people, NULL);
        g_autofree char *who = g_strjoinv(" ", (char **)people->pdata);
        if (strcmp(who, cases[i].who) != 0)
            fail_msg("case %zu, %s: %s, wanted %s", i, cases[i].at, who, cases[i].who);
    }
}

static void what_is_wrong_with_a_roster_is_a_sentence(void **state) {
    static const struct {
        const char *zone, *since, *shifts, *table, *says;
    } cases[] = {
        {"Europe/Londn", NULL, "mon 09:00 ann", NULL, "is no time zone"},
        {"UTC", "2026-13-01", "mon 09:00 ann", NULL, "is no day"},
        {"UTC", NULL, "mo 09:00 ann", NULL, "is no beginning of a shift"},
        {"UTC", NULL, "mon 24:00 ann", NULL, "is no beginning of a shift"},
        {"UTC", NULL, "mon 9:00 ann", NULL, "is no beginning of a shift"},
        {"UTC", NULL, "mon 09:00 ann; MON 09:00 bea", NULL, "two shifts begin at"},
        {"UTC", NULL, "mon 09:00 ann,bea", NULL, "since ="},
        {"UTC", NULL, "", "2026-12-24 18:00,2026-12-24 18:00,ann@f.test", "duty.csv:1: write from,to,address"},
        {"UTC", NULL, "", "from,to,address\n2026-12-24 18:00,2026-12-25 18:00", "duty.csv:2"},
        {"UTC", NULL, "", "2026-12-24 18:00,2026-12-25 18:00,ann", "duty.csv:1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Roster) roster = roster_of(cases[i].zone, cases[i].since, cases[i].shifts, cases[i].table, &error);
        if (roster || !strstr(error->message, cases[i].says))
            fail_msg("case %zu: %s", i, roster ? "loads" : error->message);
    }
}

static const Firm london = {.zone = "Europe/London",
                            .hours = "mon-thu 09:00-17:30; fri 09:00-16:00",
                            .exceptions = "2026-12-24 09:00-12:00; 2026-12-25; 2026-12-28"};
static const Firm night = {.zone = "America/New_York", .hours = "mon-fri 22:00-06:00"};

static void a_promised_day_ends_when_its_work_does(void **state) {
    static const struct {
        const Firm *firm;
        const char *from, *day, *end; /* end NULL: none */
    } cases[] = {
        {&london, "2026-11-23T10:00:00Z", "2026-11-27", "2026-11-27T16:00:00Z"},
        {&london, "2026-11-23T10:00:00Z", "2026-11-23", "2026-11-23T17:30:00Z"},
        {&london, "2026-11-23T18:00:00Z", "2026-11-23", "2026-11-24T00:00:00Z"},
        {&london, "2026-11-23T10:00:00Z", "2026-11-28", "2026-11-27T16:00:00Z"},
        {&london, "2026-11-27T17:00:00Z", "2026-11-28", "2026-11-29T00:00:00Z"},
        {&london, "2026-12-21T10:00:00Z", "2026-12-25", "2026-12-24T12:00:00Z"},
        {&london, "2026-06-22T10:00:00Z", "2026-06-26", "2026-06-26T15:00:00Z"},
        {&london, "2026-11-23T10:00:00Z", "2026-11-22", NULL},
        {&london, "2026-11-23T10:00:00Z", "Friday", NULL},
        {&london, "2026-11-23T10:00:00Z", "2026-02-30", NULL},
        {&night, "2026-11-23T18:00:00Z", "2026-11-24", "2026-11-25T05:00:00Z"},
        {&night, "2026-11-23T18:00:00Z", "2026-11-29", "2026-11-28T11:00:00Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Calendar) cal = firm_open(cases[i].firm);
        Instant end;
        bool found = day_end(cal, at(cases[i].from), cases[i].day, &end);
        if (found != (cases[i].end != NULL) || (found && strcmp(show(end), cases[i].end) != 0))
            fail_msg("%s from %s: %s", cases[i].day, cases[i].from, found ? show(end) : "none");
    }
}

static void the_next_midnight_is_a_local_one(void **state) {
    static const Firm samoa = {.zone = "Pacific/Apia", .hours = "mon-fri 09:00-17:00"};
    g_autoptr(Calendar) cal = firm_open(&london), far = firm_open(&samoa);
    assert_string_equal(show(day_midnight(cal, at("2026-11-23T10:00:00Z"))), "2026-11-24T00:00:00Z");
    assert_string_equal(show(day_midnight(cal, at("2026-07-23T23:30:00Z"))), "2026-07-24T23:00:00Z");
    assert_string_equal(show(day_midnight(cal, at("2026-10-25T00:30:00Z"))), "2026-10-26T00:00:00Z");
    assert_string_equal(show(day_midnight(far, at("2026-11-23T10:59:59Z"))), "2026-11-23T11:00:00Z");
    assert_string_equal(show(day_midnight(far, at("2026-11-23T11:00:00Z"))), "2026-11-24T11:00:00Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_overs_are_where_the_wall_clock_says),
        cmocka_unit_test(what_is_wrong_with_a_roster_is_a_sentence),
        cmocka_unit_test(a_promised_day_ends_when_its_work_does),
        cmocka_unit_test(the_next_midnight_is_a_local_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
