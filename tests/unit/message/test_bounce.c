/* SPDX-License-Identifier: Apache-2.0 */
/* Who has not got which mail of ours? */
#include "read.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define TOP                                                                                                            \
    "From: mailer-daemon@birch.test\nContent-Type: multipart/report; report-type=delivery-status; "                    \
    "boundary=b\n\n--b\n\nIt failed.\n"
#define STATUS(groups) "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n" groups
#define FAILED(address) "Final-Recipient: rfc822; " address "\nAction: failed\nStatus: 5.1.1\n\n"
#define HEADERS "--b\nContent-Type: text/rfc822-headers\n\nFrom: a@b.test\nX-Lexgate-Track: abc.mac\n--b--\n"
#define WHOLE "--b\nContent-Type: message/rfc822\n\nFrom: a@b.test\nX-LEXGATE-Track:  abc.mac \n\nx\n--b--\n"

static const struct {
    const char *name, *message, *track, *failed; /* track NULL: none */
} cases[] = {
    {"headers alone", TOP STATUS(FAILED("Nora@Harbour.test")) HEADERS, "abc.mac", "nora@harbour.test"},
    {"the whole mail", TOP STATUS(FAILED("nora@harbour.test")) WHOLE, "abc.mac", "nora@harbour.test"},
    {"several, one of them late",
     TOP STATUS(FAILED("a@x.test") "Final-Recipient: rfc822; b@x.test\nAction: delayed\n\n" FAILED("c@x.test")) HEADERS,
     "abc.mac", "a@x.test c@x.test"},
    {"what we wrote to",
     TOP STATUS("Original-Recipient: rfc822;info@x.test\nFinal-Recipient: rfc822; carl@y.test\nAction: Failed \n")
         HEADERS,
     "abc.mac", "info@x.test"},
    {"delivered", TOP STATUS("Final-Recipient: rfc822; a@x.test\nAction: delivered\n") HEADERS, "abc.mac", ""},
    {"no mail of ours",
     TOP STATUS(FAILED("a@x.test")) "--b\nContent-Type: text/rfc822-headers\n\nFrom: a@b.test\n--b--\n", NULL, ""},
    {"the mark stands before the report", TOP "X-Lexgate-Track: abc.mac\n" STATUS(FAILED("a@x.test")) "--b--\n", NULL,
     ""},
    {"no address", TOP STATUS("Final-Recipient: rfc822; a b c\nAction: failed\n") HEADERS, "abc.mac", ""},
    {"a letter", "From: a@b.test\nX-Lexgate-Track: abc.mac\n\nx\n", NULL, ""},
};

static void reports_say_who_and_which(void **state) {
    message_prepare();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        MessageInput input = {.data = cases[i].message, .length = strlen(cases[i].message)};
        g_autoptr(Facts) facts = message_read(&input, envelope_new());
        g_ptr_array_add(facts->bounce_failed, NULL);
        g_autofree char *failed = g_strjoinv(" ", (char **)facts->bounce_failed->pdata);
        g_ptr_array_set_size(facts->bounce_failed, (int)facts->bounce_failed->len - 1);
        if (!text_equal(facts->bounce_track, cases[i].track) || strcmp(failed, cases[i].failed))
            fail_msg("%s: %s, %s", cases[i].name, facts->bounce_track, failed);
    }
}

static void many_recipients_are_cut(void **state) {
    g_autoptr(GString) message = g_string_new(TOP STATUS(""));
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(message, FAILED("a%d@x.test"), i);
    g_string_append(message, HEADERS);
    MessageInput input = {.data = message->str, .length = message->len};
    g_autoptr(Facts) facts = message_read(&input, envelope_new());
    assert_int_equal(facts->bounce_failed->len, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_say_who_and_which),
        cmocka_unit_test(many_recipients_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
