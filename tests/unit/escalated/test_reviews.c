/* SPDX-License-Identifier: Apache-2.0 */
/* What ends while the daemon runs is said on its day, and then once a day. */
#include "escalated/reviews.h"

#include "../notice/office.h"
#include "base/json.h"
#include "registry/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Daemon daemon_;
static Instant now;

static unsigned note_at(Instant *last, const char *time) {
    assert_true(instant_parse(time, &now));
    return reviews_note(last, &daemon_);
}

static void what_has_ended_is_said_once_a_day(void **state) {
    Instant last;
    assert_true(instant_parse("2026-11-23T10:00:00Z", &last)); /* loading said it */
    assert_int_equal(note_at(&last, "2026-11-24T09:59:59Z"), 0);
    assert_int_equal(note_at(&last, "2026-11-24T10:00:00Z"), 0); /* nothing is due yet */
    assert_int_equal(note_at(&last, "2027-01-02T10:00:00Z"), 1); /* the exception ends on 31 January */
    assert_int_equal(note_at(&last, "2027-01-02T12:00:00Z"), 0);
    assert_int_equal(note_at(&last, "2027-06-01T10:00:00Z"), 2); /* it has ended, and the review was due */
    assert_int_equal(note_at(&last, "2027-06-02T10:00:00Z"), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_has_ended_is_said_once_a_day)};
    json_prepare();
    char *folder = office_open("127.0.0.1:25", "/nowhere.sock", "");
    g_autofree char *config = office_config(folder), *review = g_build_filename(folder, "conf.d", NULL);
    g_autofree char *file = g_build_filename(review, "review.conf", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    assert_int_equal(g_mkdir_with_parents(review, 0755), 0);
    assert_true(
        g_file_set_contents(file,
                            "firm: { policy: { review_by = \"2027-05-31\"; }; };\n"
                            "rules: ( { id = \"r\"; do = \"hold\"; except: ( { owner = \"mia@aldous.test\"; until = "
                            "\"2027-01-31\"; why = \"a trial\"; } ); } );\n",
                            -1, NULL));
    instant_parse("2026-11-23T10:00:00Z", &now);
    daemon_.clock = timesource_fixed(&now);
    pthread_mutex_init(&daemon_.lock, NULL);
    daemon_.firm = firm_load(config, now, true, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *said = problem_say(problems->pdata[i]);
        print_message("%s\n", said);
    }
    if (!daemon_.firm)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    firm_unref(daemon_.firm);
    office_close(folder);
    return failed;
}
