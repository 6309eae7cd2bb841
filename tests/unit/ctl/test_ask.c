/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon that is slow, silent, gone or mad costs an error, not a hang. */
#include "ctl/ask.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct {
    const char *sent;
    size_t length;
    bool closes;        /* after what it sent */
    const char *answer; /* NULL: an error */
} AskCase;

#define SENT(text) text, sizeof text - 1
static const AskCase cases[] = {
    {SENT("{\"ok\":true}\n"), false, "{\"ok\":true}"},
    {SENT("{\"ok\":true}"), true, "{\"ok\":true}"}, /* the line break may be lost with the connection */
    {SENT("{\"ok\""), false, NULL},                 /* waits in vain for the rest */
    {SENT(""), false, NULL},
    {SENT("{\0}\n"), false, NULL},
    {SENT(""), true, ""},
};

static void whatever_the_daemon_does_the_question_ends(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int pair[2];
        g_autoptr(GError) error = NULL;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        assert_int_equal(write(pair[1], cases[i].sent, cases[i].length), cases[i].length);
        if (cases[i].closes)
            shutdown(pair[1], SHUT_WR);
        g_autofree char *answer = ask_line(pair[0], "{}", 50, &error);
        assert_int_equal(answer == NULL, cases[i].answer == NULL);
        assert_int_equal(answer == NULL, error != NULL);
        if (answer)
            assert_string_equal(answer, cases[i].answer);
        char asked[8] = "";
        assert_int_equal(read(pair[1], asked, sizeof asked - 1), 3);
        assert_string_equal(asked, "{}\n");
        close(pair[0]);
        close(pair[1]);
    }
}

static void an_endless_answer_is_cut_off(void **state) {
    int pair[2];
    int room = 1 << 20;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    g_autofree char *flood = g_strnfill(100000, 'x');
    assert_int_equal(send(pair[1], flood, 100000, MSG_DONTWAIT), 100000);
    g_autoptr(GError) error = NULL;
    assert_null(ask_line(pair[0], "{}", 50, &error));
    assert_non_null(error);
    close(pair[0]);
    close(pair[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_the_daemon_does_the_question_ends),
        cmocka_unit_test(an_endless_answer_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
