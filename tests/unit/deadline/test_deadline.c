/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of one answer owed, as tables. */
#include "deadline/deadline.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static Instant s(int64_t seconds) {
    return instant_from_seconds(seconds);
}

/* "100 owner*, 200 owner cover": steps, a star where sent. */
static Deadline *deadline_of(DeadlineState state, const char *steps) {
    Deadline *deadline = deadline_new();
    deadline->id = g_strdup("abc");
    deadline->state = state;
    deadline->due = s(200);
    deadline->snoozed_until = s(150);
    deadline->answered_by = g_strdup("");
    g_auto(GStrv) parts = g_strsplit(steps, ",", -1);
    for (char **part = parts; *part; part++) {
        char *tell = NULL;
        int64_t at = g_ascii_strtoll(g_strstrip(*part), &tell, 10);
        bool sent = g_str_has_suffix(tell, "*");
        if (sent)
            tell[strlen(tell) - 1] = 0;
        DeadlineStep *step = deadline_step_new(s(at), g_strstrip(tell));
        step->sent = sent;
        g_ptr_array_add(deadline->steps, step);
    }
    return deadline;
}

static void names_are_read_as_they_are_written(void **state) {
    for (DeadlineState one = DEADLINE_OPEN; one <= DEADLINE_CLOSED; one++) {
        DeadlineState again = DEADLINE_OPEN;
        assert_true(deadline_state_parse(deadline_state_name(one), &again));
        assert_int_equal(again, one);
    }
    for (ActKind one = ACT_ANSWER; one <= ACT_MERGE; one++) {
        ActKind again = ACT_ANSWER;
        assert_true(act_parse(act_name(one), &again));
        assert_int_equal(again, one);
    }
    assert_false(deadline_state_parse("opened", &(DeadlineState){0}));
    assert_false(deadline_state_parse(NULL, &(DeadlineState){0}));
    assert_false(act_parse("", &(ActKind){0}));
}

static void a_snooze_runs_out_and_late_is_after_due(void **state) {
    static const struct {
        DeadlineState state;
        int64_t now;
        DeadlineState seen;
        bool late;
    } cases[] = {
        {DEADLINE_OPEN, 200, DEADLINE_OPEN, false},         {DEADLINE_OPEN, 201, DEADLINE_OPEN, true},
        {DEADLINE_SNOOZED, 149, DEADLINE_SNOOZED, false},   {DEADLINE_SNOOZED, 150, DEADLINE_OPEN, false},
        {DEADLINE_SNOOZED, 201, DEADLINE_OPEN, true},       {DEADLINE_PROVISIONAL, 999, DEADLINE_PROVISIONAL, false},
        {DEADLINE_ANSWERED, 999, DEADLINE_ANSWERED, false}, {DEADLINE_CLOSED, 999, DEADLINE_CLOSED, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = deadline_of(cases[i].state, "");
        assert_int_equal(deadline_state_at(deadline, s(cases[i].now)), cases[i].seen);
        assert_int_equal(deadline_is_late(deadline, s(cases[i].now)), cases[i].late);
    }
}

static void only_the_latest_due_step_is_told(void **state) {
    static const struct {
        DeadlineState state;
        const char *steps;
        int64_t now;
        int step;
    } cases[] = {
        {DEADLINE_OPEN, "100 owner, 200 owner, 300 supervisor", 99, -1},
        {DEADLINE_OPEN, "100 owner, 200 owner, 300 supervisor", 100, 0},
        {DEADLINE_OPEN, "100 owner, 200 owner, 300 supervisor", 250, 1},
        {DEADLINE_OPEN, "100 owner*, 200 owner, 300 supervisor", 150, -1},
        {DEADLINE_OPEN, "100 owner*, 200 owner, 300 supervisor", 999, 2},
        {DEADLINE_OPEN, "100 owner, 200 owner*, 300 supervisor", 250, -1}, /* passed over, not told afterwards */
        {DEADLINE_OPEN, "100 owner, 100 cover", 100, 1},
        {DEADLINE_OPEN, "", 999, -1},
        {DEADLINE_SNOOZED, "100 owner", 149, -1},
        {DEADLINE_SNOOZED, "100 owner", 150, 0},
        {DEADLINE_PROVISIONAL, "100 owner", 999, -1},
        {DEADLINE_ANSWERED, "100 owner", 999, -1},
        {DEADLINE_CLOSED, "100 owner", 999, -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = deadline_of(cases[i].state, cases[i].steps);
        int got = deadline_due_step(deadline, s(cases[i].now));
        if (got != cases[i].step)
            fail_msg("case %zu: %d, not %d", i, got, cases[i].step);
    }
}

static void acts_are_allowed_by_state(void **state) {
    static const struct {
        DeadlineState state;
        const char *allowed;
    } cases[] = {
        {DEADLINE_OPEN, "answer close snooze assign priority merge"},
        {DEADLINE_SNOOZED, "answer close snooze assign priority merge"},
        {DEADLINE_PROVISIONAL, "answer close assign reopen priority"},
        {DEADLINE_ANSWERED, "reopen"},
        {DEADLINE_CLOSED, "reopen"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = deadline_of(cases[i].state, "");
        for (ActKind act = ACT_ANSWER; act <= ACT_MERGE; act++) {
            g_autoptr(GError) error = NULL;
            bool allowed = deadline_allows(deadline, act, s(100), &error);
            assert_int_equal(allowed, strstr(cases[i].allowed, act_name(act)) != NULL);
            assert_true(allowed == !error);
            if (error)
                assert_non_null(strstr(error->message, "abc"));
        }
    }
    g_autoptr(Deadline) answered = deadline_of(DEADLINE_ANSWERED, "");
    g_free(answered->answered_by);
    answered->answered_by = g_strdup("alice@firm.test");
    g_autoptr(GError) error = NULL;
    assert_false(deadline_allows(answered, ACT_CLOSE, s(100), &error));
    assert_string_equal(
        error->message,
        "deadline abc is already answered by alice@firm.test; nothing is left to close (\"lexgate reopen\" "
        "opens it again)");
}

static void a_snooze_never_ends_in_silence(void **state) {
    static const struct {
        const char *steps;
        int64_t until;
        const char *left;
    } cases[] = {
        {"100 owner, 200 cover, 300 supervisor", 50, "100 owner, 200 cover, 300 supervisor"},
        {"100 owner, 200 cover, 300 supervisor", 100, "100 owner, 200 cover, 300 supervisor"},
        {"100 owner, 200 cover, 300 supervisor", 150, "150 owner, 200 cover, 300 supervisor"},
        {"100 owner, 200 cover, 300 supervisor", 250, "250 owner, 250 cover, 300 supervisor"},
        {"100 owner*, 200 cover, 300 supervisor", 250, "250 owner, 250 cover, 300 supervisor"},
        {"100 owner*, 200 cover*, 300 supervisor", 250, "250 owner, 250 cover, 300 supervisor"},
        {"100 owner, 200 cover, 300 supervisor", 999, "999 owner, 999 cover, 999 supervisor"},
        {"100 owner*, 200 cover, 300 supervisor", 150, "150 owner, 200 cover, 300 supervisor"},
        {"100 owner*, 200 cover*, 300 supervisor*", 999, "999 owner, 999 supervisor"},
        {"100 owner*", 999, "999 owner"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = deadline_of(DEADLINE_OPEN, cases[i].steps);
        g_autoptr(GPtrArray) steps = deadline_steps_after_snooze(deadline, s(cases[i].until));
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint k = 0; k < steps->len; k++) {
            const DeadlineStep *step = g_ptr_array_index(steps, k);
            assert_false(step->sent);
            g_string_append_printf(text, "%s%d %s", k ? ", " : "", (int)instant_seconds(step->at), step->tell);
        }
        assert_string_equal(text->str, cases[i].left);
    }
}

static void the_same_question_has_the_same_id_and_another_another(void **state) {
    g_autofree char *id = deadline_id("harbour", "<1@x>", "a@x", "Mon", "Hi", "ff");
    g_autofree char *again = deadline_id("harbour", "<1@x>", "a@x", "Mon", "Hi", "ff");
    assert_string_equal(id, again);
    assert_int_equal(strlen(id), 26);
    static const char *const others[][6] = {
        {"quay", "<1@x>", "a@x", "Mon", "Hi", "ff"},    {"harbour", "<2@x>", "a@x", "Mon", "Hi", "ff"},
        {"harbour", "<1@x>", "b@x", "Mon", "Hi", "ff"}, {"harbour", "<1@x>", "a@x", "Tue", "Hi", "ff"},
        {"harbour", "<1@x>", "a@x", "Mon", "Ho", "ff"}, {"harbour", "<1@x>", "a@x", "Mon", "Hi", "fe"},
        {"harbou", "r<1@x>", "a@x", "Mon", "Hi", "ff"}, {"harbour", NULL, NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *other =
            deadline_id(others[i][0], others[i][1], others[i][2], others[i][3], others[i][4], others[i][5]);
        assert_string_not_equal(id, other);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_they_are_written),
        cmocka_unit_test(a_snooze_runs_out_and_late_is_after_due),
        cmocka_unit_test(only_the_latest_due_step_is_told),
        cmocka_unit_test(acts_are_allowed_by_state),
        cmocka_unit_test(a_snooze_never_ends_in_silence),
        cmocka_unit_test(the_same_question_has_the_same_id_and_another_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
