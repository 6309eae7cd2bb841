/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that a judge hands over: nobody can change them any more when the front looks. */
#include "wire/output.h"
#include "wire/wire.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define MADE "what the judge made"

typedef enum { FILLS, KEEPS_IT, SAYS_NONSENSE, HANGS_UP, SHRINKS_IT, SLEEPS } Behaviour;

typedef struct {
    int socket;
    Behaviour behaviour;
    void *kept;
    bool saw_output, filled, resized;
} Judge;

static void *judge_thread(void *state) {
    Judge *judge = state;
    g_autoptr(WireRequest) request = wire_receive_request(judge->socket);
    judge->saw_output = request && request->output && !request->envelope;
    if (!request || judge->behaviour == HANGS_UP) {
        close(judge->socket);
        return NULL;
    }
    if (judge->behaviour == KEEPS_IT)
        judge->kept = mmap(NULL, strlen(MADE), PROT_READ | PROT_WRITE, MAP_SHARED, request->file, 0);
    if (judge->behaviour == SHRINKS_IT)
        judge->resized = ftruncate(request->file, 0) == 0;
    judge->filled = wire_fill_output(request->file, MADE, strlen(MADE));
    if (judge->behaviour == SAYS_NONSENSE)
        send(judge->socket, "fulfilled", 9, 0);
    else if (judge->behaviour != SLEEPS)
        wire_say_filled(judge->socket);
    return NULL;
}

static bool exchange(Behaviour behaviour, size_t length, Judge *judge, WireOutput *output) {
    int pair[2];
    pthread_t thread;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(wire_patience(pair[0], 300));
    *judge = (Judge){.socket = pair[1], .behaviour = behaviour};
    *output = (WireOutput){.length = length};
    assert_int_equal(pthread_create(&thread, NULL, judge_thread, judge), 0);
    bool taken = wire_take_output(pair[0], output);
    pthread_join(thread, NULL);
    close(pair[0]);
    if (behaviour != HANGS_UP)
        close(pair[1]);
    return taken;
}

static void what_was_made_arrives_and_cannot_be_changed(void **state) {
    Judge judge;
    WireOutput output;
    assert_true(exchange(FILLS, strlen(MADE), &judge, &output));
    assert_true(judge.saw_output && judge.filled);
    assert_memory_equal(output.data, MADE, strlen(MADE));
    wire_output_clear(&output);
    assert_null(output.data);
}

static void a_judge_that_does_not_do_as_it_should_gives_nothing(void **state) {
    static const Behaviour odd[] = {KEEPS_IT, SAYS_NONSENSE, HANGS_UP, SLEEPS};
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        Judge judge;
        WireOutput output;
        assert_false(exchange(odd[i], strlen(MADE), &judge, &output));
        assert_int_not_equal(errno, ENOMEM);
        assert_null(output.data);
        if (judge.kept)
            munmap(judge.kept, strlen(MADE));
    }
}

static void it_cannot_take_the_file_away_under_the_fronts_eyes(void **state) {
    Judge judge;
    WireOutput output;
    assert_true(exchange(SHRINKS_IT, strlen(MADE), &judge, &output));
    assert_false(judge.resized);
    wire_output_clear(&output);
}

static void another_length_than_was_announced_is_not_filled(void **state) {
    Judge judge;
    WireOutput output;
    assert_true(
        exchange(FILLS, strlen(MADE) + 1, &judge, &output)); /* the judge's own mistake: it says so and goes on */
    assert_false(judge.filled);
    assert_int_equal(output.data[0], 0);
    wire_output_clear(&output);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_arrives_and_cannot_be_changed),
        cmocka_unit_test(a_judge_that_does_not_do_as_it_should_gives_nothing),
        cmocka_unit_test(it_cannot_take_the_file_away_under_the_fronts_eyes),
        cmocka_unit_test(another_length_than_was_announced_is_not_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
