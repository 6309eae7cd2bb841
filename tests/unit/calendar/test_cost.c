/* SPDX-License-Identifier: Apache-2.0 */
/* What a look into a calendar costs: under 2 µs, near and far, and in the hours that two calendars share. */
#include "../cputime.h"
#include "firm.h"
#include <stdio.h>

#define ROUNDS 100000

static const Firm london = {"Europe/London", "mon-thu 09:00-13:00 14:00-17:30; fri 09:00-16:00; sat 22:00-06:00"};
static const Firm new_york = {"America/New_York", "mon-fri 08:30-12:00 13:00-18:00"};

static uint64_t sum; /* or the compiler would leave out what nobody looks at */

static void ask_due(const Calendar *cal, Instant from, int i) {
    Instant due;
    assert_true(calendar_due(cal, instant_add(from, duration_seconds(i * 97 % 2000000)),
                             duration_seconds(1 + i % 60000), &due));
    sum += (uint64_t)due.us;
}

static void ask_elapsed(const Calendar *cal, Instant from, int i) {
    Instant start = instant_add(from, duration_seconds(i * 97 % 2000000));
    sum += (uint64_t)calendar_elapsed(cal, start, instant_add(start, duration_seconds(i % 900000))).us;
}

static void ask_next(const Calendar *cal, Instant from, int i) {
    Instant next;
    assert_true(calendar_next_open(cal, instant_add(from, duration_seconds(i * 97 % 2000000)), &next));
    sum += (uint64_t)next.us;
}

static void a_look_costs_less_than_two_microseconds(void **state) {
    static const struct {
        const char *what;
        void (*ask)(const Calendar *cal, Instant from, int i);
    } questions[] = {{"due", ask_due}, {"elapsed", ask_elapsed}, {"next_open", ask_next}};
    static const char *const starts[] = {"2024-01-15T00:00:00Z", "2031-05-01T00:00:00Z", "2150-05-01T00:00:00Z",
                                         "1985-05-01T00:00:00Z"};
    g_autoptr(Calendar) firm = firm_open(&london), client = firm_open(&new_york);
    g_autoptr(Calendar) both = calendar_common(firm, client, at("2024-01-01T00:00:00Z"), NULL);
    const Calendar *const calendars[] = {firm, both};
    for (size_t q = 0; q < G_N_ELEMENTS(questions); q++)
        for (size_t c = 0; c < G_N_ELEMENTS(calendars); c++)
            for (size_t s = 0; s < G_N_ELEMENTS(starts); s++) {
                CpuTrial trial = {.limit = 2e-6 * ROUNDS, .what = questions[q].what};
                double began = 0;
                while (cpu_trial(&trial)) {
                    began = cpu_seconds();
                    for (int i = 0; i < ROUNDS; i++)
                        questions[q].ask(calendars[c], at(starts[s]), i);
                }
                printf("%s, %s, %.4s: %.0f ns\n", questions[q].what, calendar_name(calendars[c]), starts[s],
                       (cpu_seconds() - began) / ROUNDS * 1e9);
            }
    assert_int_not_equal(sum, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_costs_less_than_two_microseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
