/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes pass the relay whole, both ways, whoever is slow and whoever hangs up. */
#include "front/inetrelay.h"
#include "base/io.h"
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static struct sockaddr_in where;
static int inside; /* what libmilter would listen on */
static char *folder;

static int setup(void **state) {
    GError *error = NULL;
    socklen_t size = sizeof where;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    where = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&where, sizeof where) || listen(listener, 16) ||
        getsockname(listener, (struct sockaddr *)&where, &size))
        return -1;
    folder = g_dir_make_tmp("lexgate-relay-XXXXXX", NULL);
    inside = inetrelay_start(listener, folder, 2, &error);
    return inside < 0;
}

static int teardown(void **state) {
    g_autofree char *path = g_build_filename(folder, "milter-inside.sock", NULL);
    g_unlink(path);
    g_rmdir(folder);
    g_free(folder);
    return 0;
}

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof where), 0);
    return fd;
}

static int answer_call(void) {
    int fd = accept(inside, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void a_step_and_its_answer_pass(void **state) {
    int mta = dial(), milter = answer_call();
    char word[8] = "";
    for (int i = 0; i < 100; i++) {
        assert_true(io_write_all(mta, "step", 4) && io_read_all(milter, word, 4));
        assert_memory_equal(word, "step", 4);
        assert_true(io_write_all(milter, "fine", 4) && io_read_all(mta, word, 4));
        assert_memory_equal(word, "fine", 4);
    }
    close(mta);
    assert_int_equal(read(milter, word, 1), 0);
    close(milter);
}

enum { MUCH = 8 << 20 };

static void *write_much(void *state) {
    int fd = *(int *)state;
    g_autofree char *data = g_malloc(MUCH);
    for (int i = 0; i < MUCH; i++)
        data[i] = (char)(i * 31 + i / 251);
    assert_true(io_write_all(fd, data, MUCH));
    shutdown(fd, SHUT_WR);
    return NULL;
}

static void a_slow_reader_gets_every_byte(void **state) {
    int mta = dial(), milter = answer_call();
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_much, &mta), 0);
    g_autofree char *data = g_malloc(MUCH);
    assert_true(io_read_all(milter, data, MUCH));
    for (int i = 0; i < MUCH; i++)
        if (data[i] != (char)(i * 31 + i / 251))
            fail_msg("byte %d is wrong", i);
    pthread_join(writer, NULL);
    assert_int_equal(read(milter, data, 1), 0);
    assert_true(io_write_all(milter, "end", 3) && io_read_all(mta, data, 3)); /* half closed: the answer still passes */
    close(milter);
    assert_int_equal(read(mta, data, 1), 0);
    close(mta);
}

static void a_milter_that_hangs_up_is_seen(void **state) {
    char byte;
    int mta = dial(), milter = answer_call();
    close(milter);
    assert_int_equal(read(mta, &byte, 1), 0);
    close(mta);
}

static void connections_over_the_limit_wait(void **state) {
    int mta[3], milter[3];
    char word[2];
    for (int i = 0; i < 3; i++)
        mta[i] = dial();
    for (int i = 0; i < 2; i++)
        milter[i] = answer_call();
    assert_true(io_write_all(mta[2], "ab", 2));
    close(mta[0]);
    close(milter[0]);
    milter[2] = answer_call(); /* not before one of the others went */
    assert_true(io_read_all(milter[2], word, 2));
    for (int i = 1; i < 3; i++) {
        close(mta[i]);
        close(milter[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_and_its_answer_pass),
        cmocka_unit_test(a_slow_reader_gets_every_byte),
        cmocka_unit_test(a_milter_that_hangs_up_is_seen),
        cmocka_unit_test(connections_over_the_limit_wait),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
