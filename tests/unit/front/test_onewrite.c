/* SPDX-License-Identifier: Apache-2.0 */
/* What is written between begin and end arrives as one packet, in order, and nothing waits outside of the two. */
#include "front/onewrite.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cmocka.h>

enum { GREAT = 100000 };

/* Datagrams keep their borders: each read gives one write. */
static void make_pair(int pair[2], int type) {
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair), 0);
}

static void close_pair(const int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

static ssize_t say(int fd, const char *text) {
    size_t half = strlen(text) / 2;
    struct iovec pieces[] = {{(void *)(uintptr_t)text, half}, {(void *)(uintptr_t)(text + half), strlen(text) - half}};
    return writev(fd, pieces, 2);
}

static void assert_heard(int fd, const char *text) {
    char got[GREAT];
    ssize_t n = read(fd, got, sizeof got);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(got, text, strlen(text));
}

static void packets_wait_for_the_end_and_go_in_one_write(void **state) {
    int pair[2];
    char byte;
    make_pair(pair, SOCK_SEQPACKET);
    onewrite_begin();
    assert_int_equal(say(pair[0], "first "), 6);
    assert_int_equal(say(pair[0], "second"), 6);
    assert_int_equal(read(pair[1], &byte, 1), -1);
    assert_true(onewrite_end());
    assert_heard(pair[1], "first second");
    assert_int_equal(say(pair[0], "third"), 5);
    assert_heard(pair[1], "third");
    close_pair(pair);
}

static void an_end_without_packets_writes_nothing(void **state) {
    onewrite_begin();
    assert_true(onewrite_end());
}

static void what_has_no_room_goes_behind_what_waits(void **state) {
    static char great[GREAT / 10];
    int pair[2];
    make_pair(pair, SOCK_SEQPACKET);
    memset(great, 'g', sizeof great - 1);
    onewrite_begin();
    say(pair[0], "small");
    assert_int_equal(say(pair[0], great), sizeof great - 1);
    say(pair[0], "last");
    assert_heard(pair[1], "small");
    assert_heard(pair[1], great);
    assert_true(onewrite_end());
    assert_heard(pair[1], "last");
    close_pair(pair);
}

static void another_descriptor_gets_nothing_of_the_first(void **state) {
    int one[2], two[2];
    make_pair(one, SOCK_SEQPACKET);
    make_pair(two, SOCK_SEQPACKET);
    onewrite_begin();
    say(one[0], "mine");
    say(two[0], "yours");
    assert_true(onewrite_end());
    assert_heard(one[1], "mine");
    assert_heard(two[1], "yours");
    close_pair(one);
    close_pair(two);
}

static void *read_slowly(void *data) {
    char got[GREAT];
    size_t heard = 0;
    for (ssize_t n; (n = read(*(const int *)data, got, sizeof got)) > 0;)
        heard += (size_t)n;
    return (void *)(uintptr_t)heard;
}

/* The other side's buffer is full of what came before. */
static void an_end_waits_for_a_slow_reader(void **state) {
    static char filler[GREAT];
    int pair[2];
    pthread_t reader;
    void *heard;
    size_t filled = 0;
    make_pair(pair, SOCK_STREAM);
    for (ssize_t n; (n = write(pair[0], filler, sizeof filler)) > 0;)
        filled += (size_t)n;
    fcntl(pair[1], F_SETFL, 0);
    onewrite_begin();
    say(pair[0], "at last");
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &pair[1]), 0);
    assert_true(onewrite_end());
    shutdown(pair[0], SHUT_WR);
    pthread_join(reader, &heard);
    assert_int_equal((uintptr_t)heard, filled + 7);
    close_pair(pair);
}

static void a_reader_that_went_away_is_told_of(void **state) {
    int pair[2];
    make_pair(pair, SOCK_STREAM);
    close(pair[1]);
    onewrite_begin();
    assert_int_equal(say(pair[0], "anybody?"), 8);
    assert_false(onewrite_end());
    onewrite_begin();
    assert_true(onewrite_end());
    close(pair[0]);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_wait_for_the_end_and_go_in_one_write),
        cmocka_unit_test(an_end_without_packets_writes_nothing),
        cmocka_unit_test(what_has_no_room_goes_behind_what_waits),
        cmocka_unit_test(another_descriptor_gets_nothing_of_the_first),
        cmocka_unit_test(an_end_waits_for_a_slow_reader),
        cmocka_unit_test(a_reader_that_went_away_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
