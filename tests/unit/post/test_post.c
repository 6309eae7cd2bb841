/* SPDX-License-Identifier: Apache-2.0 */
/* Mail leaves whole, and what the relay says against it reaches people in its words. */
#include "post/post.h"

#include "sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Sink *sink;
static int64_t timeout_ms = 60000;
static const char MESSAGE[] = "Subject: hello\r\n\r\nfirst\r\n.starts with a dot\r\n";

static bool send_to(const char *relay, const char *address, bool *permanent, GError **error) {
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, (char *)address);
    PostSettings settings = {.relay = relay, .timeout = duration_ms(timeout_ms)};
    const Bytes pieces[] = {{MESSAGE, 9}, {"", 0}, {MESSAGE + 9, strlen(MESSAGE) - 9}};
    PostMail mail = {.return_path = "deadlines@firm.test", .recipients = recipients, .pieces = pieces, .count = 3};
    return post_send(&settings, &mail, permanent, error);
}

static void a_mail_arrives_as_it_was_given(void **state) {
    bool permanent = true;
    g_autoptr(GError) error = NULL;
    sink_misbehave(sink, NULL, NULL);
    sink_clear(sink);
    assert_true(send_to(sink_address(sink), "alice@firm.test", &permanent, &error));
    assert_null(error);
    assert_false(permanent);
    assert_int_equal(sink_mails(sink)->len, 1);
    const SinkMail *mail = sink_mails(sink)->pdata[0];
    assert_string_equal(mail->from, "<deadlines@firm.test>");
    assert_string_equal(mail->recipients->pdata[0], "<alice@firm.test>");
    assert_string_equal(mail->data->str, MESSAGE);
}

static void what_the_relay_answers_is_told_apart(void **state) {
    static const struct {
        const char *verb, *answer, *said;
        int code;
        bool permanent;
    } cases[] = {
        {"RCPT", "550 5.1.1 no such person", "550 5.1.1 no such person", POST_REFUSED, true},
        {"RCPT", "452 4.2.2 mailbox full", "452 4.2.2 mailbox full", POST_LATER, false},
        {"MAIL", "553 5.7.1 not you", "553 5.7.1 not you", POST_REFUSED, true},
        {"DATA", "451 4.3.0 later", "451 4.3.0 later", POST_LATER, false},
        {".", "554 5.6.0 not that", "554 5.6.0 not that", POST_REFUSED, true},
        {".", "451 4.3.0 disk full", "451 4.3.0 disk full", POST_LATER, false},
        {"CONNECT", "421 4.3.2 shutting down", "421 4.3.2 shutting down", POST_UNREACHABLE, false},
        {"CONNECT", NULL, "imeout", POST_UNREACHABLE, false},
        {"RCPT", NULL, "imeout", POST_UNREACHABLE, false},
        {".", NULL, "imeout", POST_UNREACHABLE, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool permanent = false;
        g_autoptr(GError) error = NULL;
        timeout_ms = cases[i].answer ? 60000 : 300;
        sink_misbehave(sink, cases[i].verb, cases[i].answer);
        assert_false(send_to(sink_address(sink), "alice@firm.test", &permanent, &error));
        print_message("%s\n", error->message);
        assert_non_null(strstr(error->message, cases[i].said));
        assert_true(g_error_matches(error, POST_ERROR, cases[i].code));
        assert_int_equal(permanent, cases[i].permanent);
    }
    timeout_ms = 60000;
}

static void a_relay_that_is_not_there_is_named(void **state) {
    bool permanent = true;
    g_autoptr(GError) error = NULL;
    assert_false(send_to("127.0.0.1:1", "alice@firm.test", &permanent, &error));
    assert_non_null(strstr(error->message, "127.0.0.1:1"));
    assert_false(permanent);
}

static void an_address_cannot_carry_a_command(void **state) {
    sink_misbehave(sink, NULL, NULL);
    sink_clear(sink);
    bool permanent = true;
    g_autoptr(GError) error = NULL;
    assert_false(send_to(sink_address(sink), "a@firm.test>\r\nRCPT TO:<b@evil.test", &permanent, &error));
    assert_true(g_error_matches(error, POST_ERROR, POST_INVALID));
    assert_int_equal(sink_mails(sink)->len, 0);
}

static void a_password_is_not_sent_in_clear(void **state) {
    sink_misbehave(sink, NULL, NULL);
    sink_clear(sink);
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, "alice@firm.test");
    PostSettings settings = {sink_address(sink), "user", "secret", duration_ms(timeout_ms), NULL, NULL};
    PostMail mail = {
        .return_path = "", .recipients = recipients, .pieces = &(Bytes){MESSAGE, strlen(MESSAGE)}, .count = 1};
    bool permanent;
    g_autoptr(GError) error = NULL;
    assert_false(post_send(&settings, &mail, &permanent, &error));
    assert_non_null(strstr(error->message, "STARTTLS"));
    assert_int_equal(sink_mails(sink)->len, 0);
}

static void the_queue_id_is_read_as_servers_say_it(void **state) {
    static const char *const cases[][2] = {
        {"250 2.0.0 Ok: queued as 4XyZ12", "4XyZ12"},
        {"250 2.0.0 5ANHB1xK012345 Message accepted for delivery", "5ANHB1xK012345"},
        {"250 kept", ""},
        {"250 2.0.0 Ok: queued as ", ""},
        {"250 2.0.0 Ok: queued as ../x", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *id = post_queue_id(cases[i][0]);
        assert_string_equal(id, cases[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_arrives_as_it_was_given),     cmocka_unit_test(what_the_relay_answers_is_told_apart),
        cmocka_unit_test(a_relay_that_is_not_there_is_named), cmocka_unit_test(an_address_cannot_carry_a_command),
        cmocka_unit_test(a_password_is_not_sent_in_clear),    cmocka_unit_test(the_queue_id_is_read_as_servers_say_it),
    };
    post_prepare();
    sink = sink_start();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sink_stop(sink);
    return failed;
}
