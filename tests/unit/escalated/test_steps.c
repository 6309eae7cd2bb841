/* SPDX-License-Identifier: Apache-2.0 */
/* From a deadline to mail: in order, once, to those who may know, and not after an answer. */
#include "watch.h"

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

static char *message_id(guint mail) {
    const SinkMail *taken = sink_mails(watch->sink)->pdata[mail];
    const char *start = strstr(taken->data->str, "Message-ID: ");
    return g_strndup(start, strcspn(start, "\r"));
}

static void a_ladder_is_climbed_in_order_and_once(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "ladder", "2026-0001", "alice@aldous.test");
    static const struct {
        const char *now, *told;
    } rounds[] = {
        {"2026-11-23T11:59:59Z", ""},          {"2026-11-23T12:00:00Z", "alice"},   {"2026-11-23T12:00:01Z", ""},
        {"2026-11-23T14:00:00Z", "alice bob"}, {"2026-11-23T14:59:59Z", ""},        {"2026-11-23T15:00:00Z", "max mia"},
        {"2026-11-23T23:00:00Z", ""},          {"2026-11-24T15:00:00Z", "max mia"}, /* repeats every working day */
        {"2026-11-25T14:59:00Z", ""},          {"2026-11-25T15:10:00Z", "max mia"}, /* late, without drift: */
        {"2026-11-26T15:00:00Z", "max mia"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rounds); i++) {
        watch_set_clock(watch, rounds[i].now);
        watch_round(watch);
        assert_told(rounds[i].told);
    }
    g_autofree char *done =
        watch_act(watch, "{\"act\": \"answer\", \"id\": \"ladder\", \"by\": \"alice@aldous.test\"}", 0);
    assert_string_equal(done, "ok: answered");
}

static void an_answer_in_between_ends_it(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "answered", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    watch_round(watch);
    assert_told("alice");
    g_autofree char *said =
        watch_act(watch, "{\"act\": \"answer\", \"id\": \"answered\", \"by\": \"alice@aldous.test\"}", 0);
    assert_string_equal(said, "ok: answered");
    watch_set_clock(watch, "2026-11-23T16:00:00Z");
    watch_round(watch);
    assert_told("");
}

static void a_snooze_moves_the_next_notice(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "snoozed", "2026-0001", "alice@aldous.test");
    g_autofree char *said = watch_act(
        watch,
        "{\"act\": \"snooze\", \"id\": \"snoozed\", \"by\": \"bob@aldous.test\", \"until\": \"2026-11-23T13:00:00Z\"}",
        0);
    assert_string_equal(said, "ok: snoozed");
    watch_set_clock(watch, "2026-11-23T12:30:00Z");
    watch_round(watch);
    assert_told("");
    watch_set_clock(watch, "2026-11-23T14:00:00Z");
    watch_round(watch);
    assert_told("alice bob");
    g_autofree char *done =
        watch_act(watch, "{\"act\": \"close\", \"id\": \"snoozed\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void who_put_it_off_hears_of_it_again_and_not_the_supervisor_alone(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "slept", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    watch_round(watch);
    assert_told("alice");
    g_autofree char *said = watch_act(
        watch,
        "{\"act\": \"snooze\", \"id\": \"slept\", \"by\": \"alice@aldous.test\", \"until\": \"2026-11-23T16:00:00Z\"}",
        0);
    assert_string_equal(said, "ok: snoozed");
    static const struct {
        const char *now, *told;
    } rounds[] = {
        {"2026-11-23T15:59:59Z", ""},
        {"2026-11-23T16:00:00Z", "alice bob max mia"},
        {"2026-11-24T15:59:59Z", ""},
        {"2026-11-24T16:00:00Z", "max mia"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rounds); i++) {
        watch_set_clock(watch, rounds[i].now);
        watch_round(watch);
        assert_told(rounds[i].told);
    }
    g_autofree char *done = watch_act(watch, "{\"act\": \"close\", \"id\": \"slept\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void after_an_outage_only_the_latest_step_is_told_and_says_so(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "outage", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T14:30:00Z");
    watch_round(watch);
    assert_non_null(strstr(((SinkMail *)sink_mails(watch->sink)->pdata[0])->data->str, "outage"));
    assert_told("alice bob");
    watch_round(watch);
    assert_told("");
    g_autofree char *done =
        watch_act(watch, "{\"act\": \"close\", \"id\": \"outage\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void after_an_outage_nobody_of_the_steps_that_were_missed_is_left_out(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "long", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T15:30:00Z");
    watch_round(watch);
    assert_told("alice bob max mia");
    watch_set_clock(watch, "2026-11-24T15:30:00Z");
    watch_round(watch);
    assert_told("max mia"); /* what repeats is the last step alone */
    g_autofree char *done = watch_act(watch, "{\"act\": \"close\", \"id\": \"long\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void a_notice_that_may_have_gone_out_comes_again_with_the_same_id(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "crash", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    sink_misbehave(watch->sink, ".", NULL); /* takes the mail and dies before it says so */
    assert_int_equal(watch_round(watch), 0);
    g_autofree char *first = message_id(0);
    assert_told("alice");
    sink_misbehave(watch->sink, NULL, NULL);
    watch_forget(watch);
    watch_set_clock(watch, "2026-11-23T12:01:00Z");
    assert_int_equal(watch_round(watch), 1);
    g_autofree char *again = message_id(0);
    assert_told("alice");
    assert_string_equal(first, again);
    watch_set_clock(watch, "2026-11-23T12:30:00Z");
    assert_int_equal(watch_round(watch), 0);
    g_autofree char *done = watch_act(watch, "{\"act\": \"close\", \"id\": \"crash\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void a_refused_notice_stays_due_and_who_has_it_is_not_told_twice(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "refused", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    sink_misbehave(watch->sink, "RCPT", "550 5.1.1 no such person");
    assert_int_equal(watch_round(watch), 0);
    sink_misbehave(watch->sink, NULL, NULL);
    assert_int_equal(watch_round(watch), 0); /* not before its back-off */
    watch_set_clock(watch, "2026-11-23T12:00:10Z");
    assert_int_equal(watch_round(watch), 1);
    assert_told("alice");
    g_autofree char *done =
        watch_act(watch, "{\"act\": \"close\", \"id\": \"refused\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void a_wall_is_kept_and_the_managers_told_instead(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "walled", "2026-0003", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    watch_round(watch);
    assert_told("max mia");
    g_autofree char *done =
        watch_act(watch, "{\"act\": \"close\", \"id\": \"walled\", \"by\": \"bob@aldous.test\"}", 0);
    assert_string_equal(done, "ok: closed");
}

static void many_steps_of_one_person_become_one_mail(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    for (int i = 0; i < 12; i++) {
        g_autofree char *id = g_strdup_printf("many%d", i);
        watch_open(watch, id, "2026-0001", "alice@aldous.test");
    }
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    assert_int_equal(watch_round(watch), 1);
    assert_non_null(strstr(((SinkMail *)sink_mails(watch->sink)->pdata[0])->data->str, "Subject: 12 answers"));
    assert_told("alice");
    watch_forget(watch);
    watch_set_clock(watch, "2026-11-23T12:01:00Z");
    assert_int_equal(watch_round(watch), 0);
    for (int i = 0; i < 12; i++) {
        g_autofree char *request =
            g_strdup_printf("{\"act\": \"close\", \"id\": \"many%d\", \"by\": \"bob@aldous.test\"}", i);
        g_autofree char *done = watch_act(watch, request, 0);
        assert_string_equal(done, "ok: closed");
    }
}

static void a_client_who_could_not_be_judged_still_waits_for_an_answer(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    g_autoptr(json_t) personal = json_pack("{s:s, s:s, s:s}", "from", "carl@harbour.test", "rcpt", "alice@aldous.test",
                                           "subject", "strange bytes");
    g_autofree char *sealed = daemon_seal(&watch->daemon, "harbour", personal);
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:s, s:s, s:s, s:[]}", "qid", "U1", "track", "tu1", "k", "harbour", "p", sealed, "ops");
    watch_append(watch, "unjudged", payload);
    watch_round(watch);
    StoreQuery query = {.owner = "alice@aldous.test", .now = watch->now, .limit = 10};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) open = store_query(watch->store, &query, &error);
    assert_int_equal(open->len, 1);
    const Deadline *deadline = open->pdata[0];
    assert_string_equal(deadline->client, "harbour");
    assert_string_equal(deadline->matter, "2026-0004"); /* the strictest */
    char due[INSTANT_TEXT];
    assert_string_equal(instant_format(deadline->due, due), "2026-11-23T14:00:00Z");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    watch_round(watch);
    assert_told("alice");
    g_autofree char *request =
        g_strdup_printf("{\"act\": \"close\", \"id\": \"%s\", \"by\": \"bob@aldous.test\"}", deadline->id);
    g_autofree char *done = watch_act(watch, request, 0);
    assert_string_equal(done, "ok: closed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ladder_is_climbed_in_order_and_once),
        cmocka_unit_test(an_answer_in_between_ends_it),
        cmocka_unit_test(a_snooze_moves_the_next_notice),
        cmocka_unit_test(who_put_it_off_hears_of_it_again_and_not_the_supervisor_alone),
        cmocka_unit_test(after_an_outage_only_the_latest_step_is_told_and_says_so),
        cmocka_unit_test(after_an_outage_nobody_of_the_steps_that_were_missed_is_left_out),
        cmocka_unit_test(a_notice_that_may_have_gone_out_comes_again_with_the_same_id),
        cmocka_unit_test(a_refused_notice_stays_due_and_who_has_it_is_not_told_twice),
        cmocka_unit_test(a_wall_is_kept_and_the_managers_told_instead),
        cmocka_unit_test(many_steps_of_one_person_become_one_mail),
        cmocka_unit_test(a_client_who_could_not_be_judged_still_waits_for_an_answer),
    };
    watch = watch_start();
    if (!watch)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    watch_stop(watch);
    return failed;
}
