/* SPDX-License-Identifier: Apache-2.0 */
/* How many days people name, and what is no number of days. */
#include "facts/daycount.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static const struct {
    const char *text;
    unsigned days, weeks;
} rows[] = {
    {"3 days", 3, 0},
    {"3d", 3, 0},
    {"3 Working Days", 3, 0},
    {"within five business days", 5, 0},
    {"in a day", 1, 0},
    {"a week", 0, 1},
    {"2 weeks", 0, 2},
    {"two weeks' time", 0, 2},
    {"10-day notice", 10, 0},
    {"in 5 Werktagen", 5, 0},
    {"drei Tage", 3, 0},
    {"innerhalb von zwei Wochen", 0, 2},
    {"fünf Arbeitstage", 5, 0},
    {"sous 3 jours ouvrables", 3, 0},
    {"une semaine", 0, 1},
    {"tres días hábiles", 3, 0},
    {"2 semanas", 0, 2},
    {"366 days", 366, 0},
    {"367 days", 0, 0},
    {"0 days", 0, 0},
    {"99999999999999999999 days", 0, 0},
    {"days", 0, 0},
    {"some days", 0, 0},
    {"3", 0, 0},
    {"3 hours", 0, 0},
    {"soon", 0, 0},
    {"", 0, 0},
    {"27 November", 0, 0},
    {"3 very long working days", 0, 0},
    {"\xff\xfe 3 days", 3, 0},
};

static void numbers_of_days_are_found(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        DayCount count;
        bool found = daycount_find(rows[i].text, &count);
        if (count.days != rows[i].days || count.weeks != rows[i].weeks || found != (count.days || count.weeks))
            fail_msg("\"%s\": %u days, %u weeks, %d", rows[i].text, count.days, count.weeks, found);
    }
}

static void only_the_beginning_of_a_long_text_is_looked_at(void **state) {
    g_autofree char *long_text = g_strnfill(100000, 'a');
    DayCount count;
    memcpy(long_text + 99990, " 3 days", 7);
    assert_false(daycount_find(long_text, &count));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_days_are_found),
        cmocka_unit_test(only_the_beginning_of_a_long_text_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
