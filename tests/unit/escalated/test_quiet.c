/* SPDX-License-Identifier: Apache-2.0 */
/* Quiet hours are those of the person's own clock, and a back-off grows to an end. */
#include "escalated/attempts.h"
#include "escalated/quiet.h"

#include "../notice/office.h"
#include "base/json.h"
#include "policy/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Policy *policy;

static void a_notice_waits_for_the_end_of_the_night(void **state) {
    static const struct {
        const char *calendar, *now, *end; /* end "": not quiet */
    } cases[] = {
        {"london", "2026-11-23T19:59:59Z", ""},
        {"london", "2026-11-23T20:00:00Z", "2026-11-24T07:00:00Z"},
        {"london", "2026-11-23T23:59:59Z", "2026-11-24T07:00:00Z"},
        {"london", "2026-11-24T00:00:00Z", "2026-11-24T07:00:00Z"},
        {"london", "2026-11-24T06:59:30Z", "2026-11-24T07:00:00Z"},
        {"london", "2026-11-24T07:00:00Z", ""},
        {"london", "2026-11-24T12:10:00Z", "2026-11-24T12:30:00Z"},
        {"berlin", "2026-11-23T19:00:00Z", "2026-11-24T06:00:00Z"},
        {"", "2026-11-23T19:30:00Z", ""}, /* the firm's: London */
        {"london", "2026-07-01T19:00:00Z", "2026-07-02T06:00:00Z"},
        {"london", "2026-10-24T21:00:00Z", "2026-10-25T07:00:00Z"}, /* the night of 25 hours */
        {"london", "2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z"}, /* and the one of 23 */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Staff person = {.calendar = (char *)cases[i].calendar};
        Instant now, end;
        char text[INSTANT_TEXT] = "";
        assert_true(instant_parse(cases[i].now, &now));
        if (quiet_at(policy, &person, now, &end))
            instant_format(end, text);
        assert_string_equal(text, cases[i].end);
    }
}

static void a_back_off_grows_to_fifteen_minutes(void **state) {
    static const int64_t seconds[] = {10, 20, 40, 80, 160, 320, 640, 900, 900};
    Attempts *attempts = attempts_new();
    for (size_t i = 0; i < G_N_ELEMENTS(seconds); i++)
        assert_int_equal(attempts_failed(attempts, "step:a:0:0").us, seconds[i] * 1000000);
    attempts_mark_done(attempts, "step:a:0:0", "alice@aldous.test");
    assert_true(attempts_is_done(attempts, "step:a:0:0", "alice@aldous.test"));
    assert_false(attempts_is_done(attempts, "step:a:0:0", "bob@aldous.test"));
    assert_false(attempts_is_done(attempts, "step:a:0:1", "alice@aldous.test"));
    attempts_forget(attempts, "step:a:0:0");
    assert_false(attempts_is_done(attempts, "step:a:0:0", "alice@aldous.test"));
    assert_int_equal(attempts_failed(attempts, "step:a:0:0").us, 10000000);
    attempts_free(attempts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_waits_for_the_end_of_the_night),
        cmocka_unit_test(a_back_off_grows_to_fifteen_minutes),
    };
    json_prepare();
    char *folder = office_open("127.0.0.1:25", "/nowhere.sock",
                               "escalation: { quiet_hours = [\"20:00-07:00\", \"12:00-12:30\"]; };");
    Registry *registry = NULL;
    Instant now;
    instant_parse("2026-01-23T10:00:00Z", &now);
    policy = office_policy(folder, now, &registry);
    if (!policy)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    registry_free(registry);
    policy_unref(policy);
    office_close(folder);
    return failed;
}
