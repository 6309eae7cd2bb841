/* SPDX-License-Identifier: Apache-2.0 */
/* What a silent Redis keeps leased: a claim of which nobody heard, and a job that could not be given back, come as soon
 * as it answers; what somebody else has stays theirs. A go-between swallows answers, or what is asked. */
#include "redis.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { PASSES, SWALLOWS_ANSWERS, SWALLOWS_SCRIPTS };
static volatile int *between; /* what the go-between does with scripts; shared with it */
static pid_t between_pid;
static char *between_socket;
static Store *mine; /* behind it */

static int at_socket(const char *path, bool listens) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_strlcpy(at.sun_path, path, sizeof at.sun_path);
    if (listens)
        unlink(path);
    if ((listens ? bind(fd, (struct sockaddr *)&at, sizeof at) : connect(fd, (struct sockaddr *)&at, sizeof at)) != 0 ||
        (listens && listen(fd, 8) != 0))
        _exit(1);
    return fd;
}

/* From one to the other; false: it is over. */
static bool pass_on(int from, int to, bool *script) {
    char text[65536];
    ssize_t got = read(from, text, sizeof text);
    if (got <= 0)
        return false;
    if (script)
        *script = memmem(text, (size_t)got, "EVALSHA", 7) != NULL;
    if (script && *script && *between == SWALLOWS_SCRIPTS)
        return true;
    return write(to, text, (size_t)got) == got;
}

static void stand_between(int listener) {
    for (;;) {
        int client = accept(listener, NULL, NULL), server = at_socket(redis_socket, false);
        struct pollfd both[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        bool goes_on = true, script = false;
        while (goes_on && poll(both, 2, -1) > 0) {
            char swallowed[65536];
            if (both[0].revents)
                goes_on = pass_on(client, server, &script);
            else if (script && *between == SWALLOWS_ANSWERS)
                goes_on = read(server, swallowed, sizeof swallowed) > 0;
            else
                goes_on = pass_on(server, client, NULL);
        }
        close(client);
        close(server);
    }
}

static int start(void **state) {
    if (redis_start(state) != 0)
        return -1;
    between_socket = g_build_filename(redis_folder, "between.sock", NULL);
    int listener = at_socket(between_socket, true);
    between = mmap(NULL, sizeof *between, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ((between_pid = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        stand_between(listener);
    }
    close(listener);
    return 0;
}

static int stop(void **state) {
    store_free(mine);
    kill(between_pid, SIGKILL);
    waitpid(between_pid, NULL, 0);
    unlink(between_socket);
    g_free(between_socket);
    return redis_stop(state);
}

/* Steps of x and y at 500, and all scripts known to both. */
static int empty_store(void **state) {
    *between = PASSES;
    store_free(mine);
    mine = store_new(&(StoreSettings){.socket = between_socket, .tag = "test", .timeout = duration_ms(300)});
    if (!store_wipe(store, NULL))
        return -1;
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < 2; i++)
        g_ptr_array_add(
            changes,
            g_strdup_printf("{\"op\":\"open\",\"seq\":%d,\"id\":\"%c\",\"client\":\"c%d\",\"owner\":\"o\",\"t\":1,"
                            "\"start\":1,\"due\":900,\"threads\":[\"q%d\"],\"steps\":[[%d,\"owner\"]]}",
                            i + 1, 'x' + i, i, i, 500 + i * 10));
    StoreBatch batch = {
        .writer = "w", .first = 1, .last = 2, .head = 2, .changes = changes, .now = instant_from_seconds(499)};
    return store_apply(store, &batch, NULL) ? 0 : -1;
}

/* Since a connection ended, writers must speak again before anything is claimed. */
static void writer_tells(int now) {
    StoreBatch batch = {.writer = "w", .first = 3, .last = 2, .head = 2, .now = instant_from_seconds(now)};
    assert_true(store_apply(store, &batch, NULL));
}

static GPtrArray *claim_at(Store *by, int now) {
    StoreClaim claim = {
        .writer = "w", .mark = 2, .now = instant_from_seconds(now), .lease = duration_seconds(60), .max = 10};
    return store_claim(by, &claim, NULL);
}

static void assert_claim(Store *by, int now, const char *wanted) {
    g_autoptr(GPtrArray) jobs = claim_at(by, now);
    assert_non_null(jobs);
    g_autoptr(GString) keys = g_string_new(NULL);
    for (guint i = 0; i < jobs->len; i++)
        g_string_append_printf(keys, "%s%s", i ? " " : "", ((const StoreJob *)jobs->pdata[i])->key);
    assert_string_equal(keys->str, wanted);
}

static void a_claim_that_nobody_heard_of_is_taken_back_when_redis_answers(void **state) {
    assert_claim(mine, 499, "");
    *between = SWALLOWS_ANSWERS;
    assert_null(claim_at(mine, 500));
    *between = PASSES;
    assert_claim(store, 505, ""); /* it was carried out */
    assert_claim(mine, 501, "");  /* and is taken back, but the writers have not told yet */
    writer_tells(503);
    assert_claim(mine, 503, "step:x:0:0");
    assert_claim(mine, 562, "step:y:0:0"); /* a lease that was heard of is none of those */
    assert_claim(mine, 563, "step:x:0:0");
}

static void what_another_claimed_stays_theirs(void **state) {
    assert_claim(mine, 499, "");
    g_autoptr(GPtrArray) theirs = claim_at(store, 500); /* ends in the same second as the next */
    assert_int_equal(theirs->len, 1);
    *between = SWALLOWS_ANSWERS;
    assert_null(claim_at(mine, 500));
    *between = PASSES;
    assert_claim(mine, 501, "");
    writer_tells(505);
    assert_claim(mine, 505, "");
    assert_true(store_holds(store, theirs->pdata[0], NULL));
}

static void a_job_that_could_not_be_given_back_is_given_back_when_redis_answers(void **state) {
    for (int late = 0; late < 2; late++) {
        empty_store(state);
        assert_claim(mine, 499, "");
        g_autoptr(GPtrArray) jobs = claim_at(mine, 500);
        assert_int_equal(jobs->len, 1);
        *between = SWALLOWS_SCRIPTS;
        assert_false(store_release(mine, jobs->pdata[0], instant_from_seconds(505), NULL));
        *between = PASSES;
        if (late) { /* somebody else has it by then */
            assert_claim(store, 560, "step:y:0:0 step:x:0:0");
            writer_tells(563);
            assert_claim(mine, 563, "");
        } else {
            assert_claim(mine, 501, "");
            writer_tells(503);
            assert_claim(mine, 504, "");
            assert_claim(mine, 505, "step:x:0:0");
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_claim_that_nobody_heard_of_is_taken_back_when_redis_answers, empty_store),
        cmocka_unit_test_setup(what_another_claimed_stays_theirs, empty_store),
        cmocka_unit_test_setup(a_job_that_could_not_be_given_back_is_given_back_when_redis_answers, empty_store),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
