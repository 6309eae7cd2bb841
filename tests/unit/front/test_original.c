/* SPDX-License-Identifier: Apache-2.0 */
/* A message that comes again is known again; another one is not taken for it. */
#include "front/original.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define HEAD "From: a@firm.test\r\nSubject: x\r\n"
#define FIRST HEAD "Message-Id: <20261123.4bXq1@mx.firm.test>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
#define BODY "\r\nDate: 1\r\n"

static char *digest_of(const char *sender, const char *head, const char *queue_id) {
    g_autofree char *all = g_strconcat(head, BODY, NULL);
    OriginalMail mail = {sender, all, strlen(head) + 2, strlen(all), queue_id};
    return original_digest(&mail);
}

static void what_an_mta_adds_at_each_try_makes_no_other_message(void **state) {
    static const struct {
        const char *sender, *head, *queue_id;
        bool same;
    } cases[] = {
        {"a@firm.test", FIRST, "4bXq1", true},
        {"a@firm.test", HEAD "Message-Id: <20261124.4bXq9@mx.firm.test>\r\nDate: later\r\n", "4bXq9", true},
        {"a@firm.test", HEAD "MESSAGE-ID:\r\n <4bXq9@mx.firm.test>\r\n", "4bXq9", true},
        {"a@firm.test", "Received: from b\r\n\tby c\r\n" HEAD, "4bXq9", true},
        {"a@firm.test", HEAD "Message-Id: <20261124.4bXq9@mx.firm.test>\r\n", "other", false},
        {"a@firm.test", HEAD "Message-Id: <20261124.4bXq9@mx.firm.test>\r\n", NULL, false},
        {"a@firm.test", HEAD "Message-Id: <@mx.firm.test>\r\n", "", false},
        {"b@firm.test", FIRST, "4bXq1", false},
        {"a@firm.test", FIRST "Cc: b@firm.test\r\n", "4bXq1", false},
        {"a@firm.test", "From: a@firm.test\r\nSubject: y\r\n", "4bXq1", false},
    };
    g_autofree char *first = digest_of("a@firm.test", FIRST, "4bXq1");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *digest = digest_of(cases[i].sender, cases[i].head, cases[i].queue_id);
        if (text_equal(digest, first) != cases[i].same)
            fail_msg("case %zu: %s", i, cases[i].head);
    }
}

static void the_body_is_a_part_of_it(void **state) {
    OriginalMail one = {"a", HEAD "\r\nDate: 1\r\n", strlen(HEAD) + 2, strlen(HEAD) + 11, NULL},
                 other = {"a", HEAD "\r\nDate: 2\r\n", strlen(HEAD) + 2, strlen(HEAD) + 11, NULL};
    g_autofree char *first = original_digest(&one), *second = original_digest(&other);
    assert_string_not_equal(first, second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_mta_adds_at_each_try_makes_no_other_message),
        cmocka_unit_test(the_body_is_a_part_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
