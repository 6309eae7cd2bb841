/* SPDX-License-Identifier: Apache-2.0 */
/* Business time against a second, naive implementation, over random calendars, zones and years; and the laws that hold
 * between due, elapsed and next_open. LEXGATE_SEED repeats a run; LEXGATE_FULL makes it a million cases. A case that
 * fails is printed as a row of due_cases in test_calendar.c. */
#include "calendar/ladder.h"
#include "firm.h"
#include "naive.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WINDOW 900 /* days */
#define CASES_PER_FIRM 150
#define DAY INT64_C(86400)

static uint64_t seed;

static int below(int n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)((seed >> 16) % (uint64_t)n);
}

/* A calendar as both sides want it. */
typedef struct {
    NaiveSpec spec;
    GString *hours, *holidays, *exceptions, *breaks;
    char *ics;
    Firm firm;
    Calendar *cal;
    Naive *naive;
} Pair;

static const char *const zones[] = {
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Moscow",
    "Europe/Istanbul",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Caracas",
    "America/Nuuk",
    "America/Scoresbysund",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Gaza",
    "Asia/Tokyo",
    "Asia/Pyongyang",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Antarctica/Troll",
};

static NaiveHours random_hours(void) {
    static const NaiveHours usual[] = {{540, 1020}, {0, 1440}, {1320, 360}, {1200, 1440}, {0, 60}, {90, 195}};
    if (below(3) == 0)
        return usual[below(G_N_ELEMENTS(usual))];
    int step = below(2) ? 15 : 1;
    NaiveHours hours = {below(1440 / step) * step, below(1440 / step + 1) * step};
    if (hours.end == hours.start) /* nothing at all, or the whole day? */
        hours.end = 1440;
    return hours;
}

static void random_day(NaiveDay *day, int most, GString *text) {
    day->count = below(most + 1);
    for (int i = 0; i < day->count; i++) {
        NaiveHours *one = &day->hours[i];
        *one = random_hours();
        g_string_append_printf(text, " %02d:%02d-%02d:%02d", one->start / 60, one->start % 60, one->end / 60,
                               one->end % 60);
        if (one->end == 0) /* written as the midnight after */
            one->end = 1440;
    }
}

static int random_date(int first) {
    return first + below(WINDOW);
}

static void random_days_off(Pair *pair, int first) {
    int year, month, day;
    for (int i = below(8); i > 0; i--) {
        NaiveHoliday holiday = {random_date(first), below(2)};
        if (holiday.yearly)
            holiday.date -= below(10) * 366;
        naive_date(holiday.date, &year, &month, &day);
        g_array_append_val(pair->spec.holidays, holiday);
        g_string_append_printf(pair->holidays, "%04d%02d%02d%s ", year, month, day,
                               holiday.yearly ? ";FREQ=YEARLY" : "");
    }
    for (int i = below(5), last = first; i > 0; i--) {
        last += 1 + below(WINDOW / 5);
        NaiveException exception = {.date = last};
        for (guint k = 0; k < pair->spec.holidays->len; k++) { /* on a holiday, where one lies ahead */
            int date = g_array_index(pair->spec.holidays, NaiveHoliday, k).date;
            if (date > last && date < last + WINDOW / 5 && below(2))
                exception.date = last = date;
        }
        naive_date(exception.date, &year, &month, &day);
        g_string_append_printf(pair->exceptions, "%s%04d-%02d-%02d", pair->exceptions->len ? "; " : "", year, month,
                               day);
        random_day(&exception.day, 2, pair->exceptions);
        g_array_append_val(pair->spec.exceptions, exception);
    }
}

/* Repeating holidays are known for 50 years, so the reference lies no further back. */
static void random_reference(int first, char text[INSTANT_TEXT]) {
    int64_t back = below(2) ? below(15000) * DAY : -below(200) * DAY;
    instant_format(instant_from_seconds(MAX(first * DAY - back, 0)), text);
}

static void pair_init(Pair *pair, int first) {
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    char reference[INSTANT_TEXT];
    *pair = (Pair){.hours = g_string_new(NULL),
                   .holidays = g_string_new(NULL),
                   .exceptions = g_string_new(NULL),
                   .breaks = g_string_new(NULL)};
    pair->spec.zone = zones[below(G_N_ELEMENTS(zones))];
    /* GLib 2.74 gives Ireland, whose winter time is the exception, another hour in the winters from 2038 on. */
    if (strcmp(pair->spec.zone, "Europe/Dublin") == 0 && first > (2034 - 1970) * 365)
        pair->spec.zone = "Europe/London";
    pair->spec.exceptions = g_array_new(FALSE, FALSE, sizeof(NaiveException));
    pair->spec.holidays = g_array_new(FALSE, FALSE, sizeof(NaiveHoliday));
    for (int day = 0; day < 7; day++) {
        g_string_append_printf(pair->hours, "%s%s", day ? "; " : "", names[day]);
        random_day(&pair->spec.week[day], 3, pair->hours);
    }
    if (below(3) == 0)
        random_day(&pair->spec.breaks, 2, pair->breaks);
    random_days_off(pair, first);
    random_reference(first, reference);
    pair->ics = firm_ics(pair->holidays->str);
    pair->firm =
        (Firm){pair->spec.zone, pair->hours->str, pair->ics, pair->exceptions->str, pair->breaks->str, reference};
    g_autoptr(GError) error = NULL;
    pair->cal = firm_calendar(&pair->firm, &error);
    if (!pair->cal && !strstr(error->message, "no working hours"))
        fail_msg("%s", error->message);
    pair->naive = pair->cal ? naive_new(&pair->spec, first, WINDOW) : NULL;
}

static void pair_clear(Pair *pair) {
    GString *const texts[] = {pair->hours, pair->holidays, pair->exceptions, pair->breaks};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_string_free(texts[i], TRUE);
    g_free(pair->ics);
    g_array_unref(pair->spec.exceptions);
    g_array_unref(pair->spec.holidays);
    g_clear_pointer(&pair->cal, calendar_free);
    g_clear_pointer(&pair->naive, naive_free);
}

static void print_pair(const Pair *pair, const char *start, int64_t budget, const char *due) {
    fprintf(stderr, "    {{\"%s\", \"%s\", \"%s\", \"%s\", \"%s\"}, \"%s\", %lld, \"%s\"},\n", pair->spec.zone,
            pair->hours->str, pair->holidays->str, pair->exceptions->str, pair->breaks->str, start, (long long)budget,
            due);
}

/* One question about one calendar, or about what two have in common. */
typedef struct {
    const Pair *firm, *client; /* NULL: of one */
    const Calendar *cal;
    const Naive *naive;
    int64_t from, budget, due; /* seconds; due as the naive one says */
} Case;

static void compare(const Case *c, const char *what, int64_t ours, int64_t theirs) {
    if (ours == theirs)
        return;
    const char *start = show(instant_from_seconds(c->from)), *due = show(instant_from_seconds(c->due));
    print_pair(c->firm, start, c->budget, due);
    if (c->client) {
        fprintf(stderr, "    in the hours also of\n");
        print_pair(c->client, start, c->budget, due);
    }
    fail_msg("%s: %lld, not %lld", what, (long long)ours, (long long)theirs);
}

static int64_t due_of(const Case *c, int64_t from, int64_t budget) {
    Instant due;
    return calendar_due(c->cal, instant_from_seconds(from), duration_seconds(budget), &due) ? instant_seconds(due) : -1;
}

static int64_t elapsed_of(const Case *c, int64_t from, int64_t to) {
    return calendar_elapsed(c->cal, instant_from_seconds(from), instant_from_seconds(to)).us / 1000000;
}

static void check_laws(const Case *c) {
    Instant next, again;
    int64_t later = below(100000), more = below(100000);
    compare(c, "elapsed until due", elapsed_of(c, c->from, c->due), c->budget);
    int64_t started_later = due_of(c, c->from + later, c->budget), longer = due_of(c, c->from, c->budget + more);
    compare(c, "due goes with its start", started_later < 0 || started_later >= c->due, true);
    compare(c, "due goes with its budget", longer < 0 || longer >= c->due, true);
    if (!calendar_next_open(c->cal, instant_from_seconds(c->from), &next))
        compare(c, "next opening", -1, naive_due(c->naive, c->from, 0));
    assert_true(calendar_next_open(c->cal, next, &again));
    compare(c, "next opening again", instant_seconds(again), instant_seconds(next));
    compare(c, "next opening", instant_seconds(next), naive_due(c->naive, c->from, 0));
}

/* A warning is due like everything else. */
static void check_ladder(const Case *c, Rung *rung, const GPtrArray *rungs) {
    Span promise = {.business = duration_seconds(c->budget)};
    rung->percent = below(4) ? below(150) : 100;
    g_autoptr(GPtrArray) steps = ladder_steps(c->cal, instant_from_seconds(c->from), promise, rungs);
    int64_t part = c->budget * rung->percent / 100;
    int64_t at = rung->percent == 100  ? c->due
                 : rung->percent < 100 ? naive_due(c->naive, c->from, part)
                                       : naive_due(c->naive, c->due, part - c->budget);
    if (steps->len == 1 && at >= 0 && c->budget * rung->percent % 100 == 0)
        compare(c, "step of the ladder", instant_seconds(((LadderStep *)g_ptr_array_index(steps, 0))->at), at);
}

static void check_days(const Case *c) {
    int days = 1 + below(30);
    Instant ours;
    int64_t theirs = naive_add_days(c->naive, c->from, days);
    if (theirs >= 0 && calendar_add_days(c->cal, instant_from_seconds(c->from), days, &ours))
        compare(c, "working days", instant_seconds(ours), theirs);
}

/* How many cases it was. */
static int check_case(Case *c, int first, Rung *rung, const GPtrArray *rungs) {
    static const int budgets[] = {3, 900, 14400, 28800, 90000, 600000};
    c->from = (first + 10) * DAY + below(400) * DAY + below(86400) / (below(2) ? 1 : 900) * (below(2) ? 1 : 60);
    c->budget = 1 + below(budgets[below(G_N_ELEMENTS(budgets))]);
    int64_t until_closing = naive_elapsed(c->naive, c->from, c->from + below(10) * DAY);
    if (below(4) == 0 && until_closing > 0)
        c->budget = until_closing;
    c->due = naive_due(c->naive, c->from, c->budget);
    if (c->due < 0 || c->due > (first + WINDOW - 10) * DAY)
        return 0;
    int64_t ours = due_of(c, c->from, c->budget);
    if (ours < 0 && c->due - c->from > 400 * DAY) /* too long without hours is no answer */
        return 0;
    compare(c, "due", ours, c->due);
    int64_t to = c->from + below(below(8) ? 20 : 300) * DAY + below(86400);
    compare(c, "elapsed", elapsed_of(c, c->from, to), naive_elapsed(c->naive, c->from, to));
    check_laws(c);
    check_ladder(c, rung, rungs);
    check_days(c);
    return 1;
}

static int check_firms(Rung *rung, const GPtrArray *rungs) {
    int first = 3 * 366 + below(96 * 365), done = 0;
    Pair firm, client;
    pair_init(&firm, first);
    pair_init(&client, first);
    Instant reference = instant_from_seconds((first + 10) * DAY);
    g_autoptr(Calendar) common = firm.cal && client.cal ? calendar_common(firm.cal, client.cal, reference, NULL) : NULL;
    g_autoptr(Naive) both = common ? naive_common(firm.naive, client.naive, &firm.spec) : NULL;
    for (int i = 0; firm.cal && i < CASES_PER_FIRM; i++) {
        Case alone = {&firm, NULL, firm.cal, firm.naive, 0, 0, 0}, shared = {&firm, &client, common, both, 0, 0, 0};
        done += check_case(&alone, first, rung, rungs);
        done += common ? check_case(&shared, first, rung, rungs) : 0;
    }
    if (firm.cal && client.cal && !common) /* then there is nothing, as the other says */
        for (int m = 10 * 1440; m < 410 * 1440; m++)
            assert_false(firm.naive->open[m] && client.naive->open[m]);
    pair_clear(&firm);
    pair_clear(&client);
    return done;
}

static void a_naive_reckoning_comes_to_the_same(void **state) {
    const char *given = getenv("LEXGATE_SEED");
    bool full = getenv("LEXGATE_FULL") != NULL;
    seed = given ? g_ascii_strtoull(given, NULL, 10) : full ? (uint64_t)time(NULL) : 20261123;
    seed += !seed;
    int cases = full ? 1000000 : 5000, done = 0;
    printf("LEXGATE_SEED=%llu, %d cases\n", (unsigned long long)seed, cases);
    fflush(stdout);
    g_autoptr(GPtrArray) rungs = g_ptr_array_new_with_free_func((GDestroyNotify)rung_free);
    Rung *rung = rung_new();
    g_ptr_array_add(rungs, rung);
    while (done < cases)
        done += check_firms(rung, rungs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_naive_reckoning_comes_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
