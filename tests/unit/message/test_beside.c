/* SPDX-License-Identifier: Apache-2.0 */
/* What a message says beside its text: headers of enclosed messages, pages that name another charset, what calendars
 * and cards carry. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define ENCLOSED "From: a@b.test\nContent-Type: message/rfc822\n\n"

static void the_whole_header_of_an_enclosed_message_is_read(void **state) {
    g_autoptr(Facts) facts =
        read_text(ENCLOSED "Keywords: lease\nX-Note: =?utf-8?Q?qu=C3=A1y?=\n"
                           "Resent-From: =?utf-8?Q?Eve?= <e@x.test>\nReceived: from nowhere\n\nwords\n");
    assert_non_null(strstr(facts->text, "lease"));
    assert_null(strstr(facts->text, "quáy"));
    assert_string_equal(facts->aside, "quáy\nEve <e@x.test>\n");
}

static void a_page_that_names_a_charset_which_is_not_ascii_is_read_twice(void **state) {
    g_autoptr(Facts) facts = read_text("From: a@b.test\nContent-Type: text/html; charset=utf-8\n\n"
                                       "<meta charset=utf-7>+AHoAZQBiAHIAYQ-\n");
    assert_non_null(strstr(facts->text, "zebra"));
    assert_true(has_anomaly(facts, "two-charsets"));
    g_autoptr(Facts) common = read_text("From: a@b.test\nContent-Type: text/html; charset=utf-8\n\n"
                                        "<meta charset=iso-8859-1>caf\xc3\xa9\n");
    assert_string_equal(common->text, "café\n");
    assert_int_equal(common->anomalies->len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_header_of_an_enclosed_message_is_read),
        cmocka_unit_test(a_page_that_names_a_charset_which_is_not_ascii_is_read_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
