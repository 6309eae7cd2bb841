/* SPDX-License-Identifier: Apache-2.0 */
/* Due times and steps by another calendar, as tables. */
#include "deadline/recount.h"
#include "base/text.h"
#include "calendar/ladder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* "100 owner!,200 cover": seconds, whom to tell, "!" told. */
static void each_step(const char *text, void (*take)(int64_t at, const char *tell, bool told, void *into), void *into) {
    g_auto(GStrv) steps = g_strsplit(text, ",", -1);
    for (char **step = steps; *step; step++) {
        g_auto(GStrv) parts = g_strsplit(*step, " ", 2);
        bool told = g_str_has_suffix(parts[1], "!");
        if (told)
            parts[1][strlen(parts[1]) - 1] = '\0';
        take(g_ascii_strtoll(parts[0], NULL, 10), parts[1], told, into);
    }
}

static void take_step(int64_t at, const char *tell, bool told, void *into) {
    DeadlineStep *step = deadline_step_new(instant_from_seconds(at), tell);
    step->sent = told;
    g_ptr_array_add(into, step);
}

static void rung_step_free(void *data) {
    LadderStep *step = data;
    g_ptr_array_unref(step->tell);
    g_free(step);
}

static void take_rung(int64_t at, const char *tell, bool told, void *into) {
    LadderStep *step = g_new0(LadderStep, 1);
    step->at = instant_from_seconds(at);
    step->tell = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(step->tell, g_strdup(tell));
    g_ptr_array_add(into, step);
}

static char *steps_text(const GPtrArray *steps) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < steps->len; i++) {
        const DeadlineStep *step = steps->pdata[i];
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", i ? "," : "", instant_seconds(step->at), step->tell);
    }
    return g_string_free(text, FALSE);
}

static void what_is_still_to_come_is_counted_anew(void **state) {
    static const struct {
        const char *steps, *ladder;
        int64_t due_before, due_after, until;
        bool changes;
        unsigned past; /* at 500 */
        const char *after;
    } cases[] = {
        {"600 owner,900 cover", "600 owner,900 cover", 900, 900, 0, false, 0, "600 owner,900 cover"},
        {"600 owner,900 cover", "700 owner,1000 cover", 900, 1000, 0, true, 0, "700 owner,1000 cover"},
        {"600 owner,900 cover", "600 owner,900 managers", 900, 900, 0, true, 0, "600 owner,900 managers"},
        /* what was told changes nothing by another time */
        {"400 owner!,900 cover", "300 owner,900 cover", 900, 900, 0, false, 0, "300 owner,900 cover"},
        /* earlier than now: told at once */
        {"600 owner,900 cover", "300 owner,400 cover", 900, 400, 0, true, 2, "300 owner,400 cover"},
        /* was late before and is late now: nothing new */
        {"450 owner,900 cover", "300 owner,900 cover", 900, 900, 0, true, 0, "300 owner,900 cover"},
        /* a longer ladder and a shorter one */
        {"600 owner", "600 owner,900 cover", 900, 900, 0, true, 0, "600 owner,900 cover"},
        {"600 owner,900 cover", "600 owner", 900, 900, 0, true, 0, "600 owner"},
        /* repeats of the last step are no part of the ladder */
        {"300 owner!,400 cover!,950 cover", "300 owner,400 cover", 400, 400, 0, false, 0, "300 owner,400 cover"},
        /* a snooze keeps its end, and leaves out what it left out */
        {"800 owner,900 cover", "300 owner,1000 cover", 900, 1000, 800, true, 0, "800 owner,1000 cover"},
        {"800 cover", "300 owner,1000 cover", 900, 1000, 800, true, 0, "1000 cover"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = deadline_new();
        g_autoptr(GPtrArray) ladder = g_ptr_array_new_with_free_func(rung_step_free);
        g_auto(Recount) recount = {0};
        each_step(cases[i].steps, take_step, deadline->steps);
        each_step(cases[i].ladder, take_rung, ladder);
        deadline->due = instant_from_seconds(cases[i].due_before);
        deadline->snoozed_until = instant_from_seconds(cases[i].until);
        deadline_recount(deadline, instant_from_seconds(cases[i].due_after), ladder, instant_from_seconds(500),
                         &recount);
        g_autofree char *after = steps_text(recount.steps);
        if (recount.changes != cases[i].changes || recount.past != cases[i].past || !text_equal(after, cases[i].after))
            fail_msg("%s by %s: %s, changes %d, past %u", cases[i].steps, cases[i].ladder, after, recount.changes,
                     recount.past);
        assert_int_equal(instant_seconds(recount.due), cases[i].due_after);
    }
}

static void only_questions_that_wait_are_counted(void **state) {
    static const struct {
        DeadlineState state;
        bool soft;
        const char *kind;
        bool counted;
    } cases[] = {{DEADLINE_OPEN, false, "", true},         {DEADLINE_SNOOZED, false, "", true},
                 {DEADLINE_PROVISIONAL, false, "", true},  {DEADLINE_ANSWERED, false, "", false},
                 {DEADLINE_CLOSED, false, "", false},      {DEADLINE_OPEN, true, "", false},
                 {DEADLINE_OPEN, false, "holding", false}, {DEADLINE_OPEN, false, "expected", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = deadline_new();
        deadline->state = cases[i].state;
        deadline->soft = cases[i].soft;
        g_free(deadline->kind);
        deadline->kind = g_strdup(cases[i].kind);
        assert_int_equal(deadline_is_recounted(deadline), cases[i].counted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_still_to_come_is_counted_anew),
                                       cmocka_unit_test(only_questions_that_wait_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
