/* SPDX-License-Identifier: Apache-2.0 */
/* Events in words, as a table. */
#include "deadline/history.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *event, *who, *detail, *why, *message, *said;
} cases[] = {
    {"opened", "", "", "client-question/2026.11", "k7a", "opened; rule client-question of policy 2026.11; message k7a"},
    {"opened", "", "", "a b/", "", "opened; rules a, b"},
    {"opened", "", "", "", "", "opened"},
    {"asked-again", "", "", "a/1", "k7b", "the client asked again; rule a of policy 1; message k7b"},
    {"reply", "alice@firm.test", "", "", "k7c", "reply by alice@firm.test; message k7c"},
    {"reply", "", "", "", "", "reply"},
    {"snoozed", "x@firm.test", "2026-11-23T14:00:00Z", "", "", "snoozed until 2026-11-23T14:00:00Z by x@firm.test"},
    {"handed-over", "x@firm.test", "bob@firm.test", "", "", "handed to bob@firm.test by x@firm.test"},
    {"told", "a@firm.test b@firm.test", "owner cover", "", "", "told a@firm.test, b@firm.test (owner cover)"},
    {"told", "", "owner", "", "", "told owner"},
    {"recomputed", "x@firm.test", "B, before A", "", "", "recomputed by x@firm.test: due B, before A"},
    {"omitted", "", "12", "", "", "events left out here: 12"},
    {"unheard-of", "x", "so", "", "", "unheard-of so by x"},
    {"unheard-of", "", "", "", "", "unheard-of"},
    {"handed-over", "{detail}", "{who}", "", "", "handed to {who} by {detail}"},
    {"reply", "a\033[2Jb\n", "", "/", "\xff", "reply by a?[2Jb?; message ?"},
};

static void events_are_told_in_words(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        HistoryEvent *event = history_event_new(instant_from_seconds(1), cases[i].event, cases[i].who, cases[i].detail,
                                                cases[i].why, cases[i].message);
        g_autofree char *said = history_event_say(event);
        assert_string_equal(said, cases[i].said);
        history_event_free(event);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_are_told_in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
