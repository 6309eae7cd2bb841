/* SPDX-License-Identifier: Apache-2.0 */
/* What wants no answer is told in one mail a day and ends by silence; what is beyond a cap is told to who runs the
 * system. */
#include "watch.h"

#include "deadline/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Watch *watch;

#define assert_told(who)                                                                                               \
    do {                                                                                                               \
        g_autofree char *told_ = watch_told(watch);                                                                    \
        assert_string_equal(told_, who);                                                                               \
    } while (0)

/* Told on the 24th at 09:00, closed on the 30th. */
static void open_soft(const char *id, const char *owner) {
    g_autoptr(json_t) personal = json_pack("{s:s}", "subject", "Many thanks");
    g_autofree char *sealed = daemon_seal(&watch->daemon, "harbour", personal);
    json_t *steps = json_pack("[{s:s, s:s}, {s:s, s:s}]", "at", "2026-11-24T09:00:00Z", "tell", "owner", "at",
                              "2026-11-30T10:00:00Z", "tell", DEADLINE_SILENCE);
    json_t *op = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:s}", "op", "open", "id", id, "client",
                           "harbour", "matter", "2026-0001", "owner", owner, "sl", "standard", "soft", 1, "start",
                           "2026-11-23T10:00:00Z", "due", "2026-11-30T10:00:00Z", "steps", steps, "p", sealed);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[o]}", "qid", id, "track", id, "action",
                                          "accept", "client", "harbour", "threads", id, "ops", op);
    watch_append(watch, "decision", payload);
}

static const char *state_of(const char *id) {
    g_autoptr(Deadline) deadline = store_deadline(watch->store, id, NULL);
    return deadline ? deadline_state_name(deadline_state_at(deadline, watch->now)) : "none";
}

static const char *first_mail(void) {
    return ((SinkMail *)sink_mails(watch->sink)->pdata[0])->data->str;
}

static void soft_ones_come_in_one_mail_a_day_and_end_by_silence(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    open_soft("s1", "alice@aldous.test");
    open_soft("s2", "alice@aldous.test");
    open_soft("s3", "bob@aldous.test");
    watch_set_clock(watch, "2026-11-24T08:59:59Z");
    assert_int_equal(watch_round(watch), 0);
    watch_set_clock(watch, "2026-11-24T09:00:00Z");
    assert_int_equal(watch_round(watch), 2);
    assert_non_null(strstr(first_mail(), "Subject: Mail of clients that seems to want no answer: 2"));
    assert_non_null(strstr(first_mail(), "Many thanks"));
    assert_told("alice bob");
    watch_set_clock(watch, "2026-11-30T09:59:59Z");
    assert_int_equal(watch_round(watch), 0);
    assert_string_equal(state_of("s1"), "open");
    watch_set_clock(watch, "2026-11-30T10:00:00Z");
    assert_int_equal(watch_round(watch), 0);
    watch_set_clock(watch, "2026-11-30T10:00:01Z");
    assert_int_equal(watch_round(watch), 0);
    assert_string_equal(state_of("s1"), "closed");
    assert_string_equal(state_of("s2"), "closed");
    assert_string_equal(state_of("s3"), "closed");
    assert_told("");
}

static void after_an_outage_it_is_told_before_it_ends(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    open_soft("late", "alice@aldous.test");
    watch_set_clock(watch, "2026-12-01T10:00:00Z");
    assert_int_equal(watch_round(watch), 1);
    assert_told("alice");
    watch_round(watch);
    assert_string_equal(state_of("late"), "closed");
    assert_told("");
}

static void one_that_a_question_follows_is_told_like_any_other(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    open_soft("thanks", "alice@aldous.test");
    json_t *op = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s}]}", "op", "open", "id", "asks",
                           "client", "harbour", "matter", "2026-0001", "owner", "alice@aldous.test", "sl", "standard",
                           "start", "2026-11-23T11:00:00Z", "due", "2026-11-23T15:00:00Z", "steps", "at",
                           "2026-11-23T13:00:00Z", "tell", "owner");
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:s, s:s, s:s, s:[s, s], s:[o]}", "qid", "asks", "track", "asks", "action", "accept", "client",
                  "harbour", "threads", "asks", "thanks", "ops", op);
    watch_append(watch, "decision", payload);
    watch_set_clock(watch, "2026-11-23T13:00:00Z");
    assert_int_equal(watch_round(watch), 1);
    assert_non_null(strstr(first_mail(), "An answer is owed"));
    assert_told("alice");
    watch_set_clock(watch, "2026-12-01T10:00:00Z");
    assert_int_equal(watch_round(watch), 0);
    assert_string_equal(state_of("thanks"), "open");
}

static void beyond_the_cap_the_managers_are_told_once(void **state) {
    watch_set_clock(watch, "2026-11-23T10:30:00Z");
    for (int i = 0; i < 4; i++) {
        g_autofree char *id = g_strdup_printf("flood%d", i);
        json_t *op = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[], s:i}", "op", "open", "id", id, "client", "harbour",
                               "owner", "alice@aldous.test", "start", "2026-11-23T10:30:00Z", "due",
                               "2026-11-23T15:00:00Z", "steps", "cap", 2);
        g_autoptr(json_t) payload = json_pack("{s:s, s:s, s:s, s:[s], s:[o]}", "qid", id, "track", id, "action",
                                              "accept", "threads", id, "ops", op);
        watch_append(watch, "decision", payload);
    }
    assert_int_equal(watch_round(watch), 2);
    assert_non_null(strstr(first_mail(), "client harbour opened more than"));
    assert_told("max mia");
    watch_forget(watch);
    watch_set_clock(watch, "2026-11-23T10:40:00Z");
    assert_int_equal(watch_round(watch), 0);
    assert_string_equal(state_of("flood1"), "open");
    assert_string_equal(state_of("flood2"), "none");
}

static int start(void **state) {
    watch = watch_start();
    return watch ? 0 : -1;
}

static int stop(void **state) {
    watch_stop(watch);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(soft_ones_come_in_one_mail_a_day_and_end_by_silence, start, stop),
        cmocka_unit_test_setup_teardown(after_an_outage_it_is_told_before_it_ends, start, stop),
        cmocka_unit_test_setup_teardown(one_that_a_question_follows_is_told_like_any_other, start, stop),
        cmocka_unit_test_setup_teardown(beyond_the_cap_the_managers_are_told_once, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
