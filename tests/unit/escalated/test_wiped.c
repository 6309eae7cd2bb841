/* SPDX-License-Identifier: Apache-2.0 */
/* Redis is wiped at the worst moments of a daemon that tells a step: it is told, and by one daemon. */
#include "watch.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Watch *watch;

#define assert_told(who)                                                                                               \
    do {                                                                                                               \
        g_autofree char *told_ = watch_told(watch);                                                                    \
        assert_string_equal(told_, who);                                                                               \
    } while (0)

static void wipe(void) {
    redisContext *context = redisConnectUnix(policy_settings(watch->daemon.firm->policy)->redis_socket);
    freeReplyObject(redisCommand(context, "FLUSHALL"));
    redisFree(context);
}

/* What the journal has is in Redis again. */
static void wait_until_back(void) {
    uint64_t mark = 0, synced = journal_synced(watch->daemon.journal);
    for (int i = 0; i < 600 && mark < synced; i++, poll(NULL, 0, 50))
        assert_true(store_mark(watch->store, journal_writer_name(watch->daemon.journal), &mark, NULL));
    assert_int_equal(mark, synced);
}

static guint claimed_by_another(const char *at) {
    const Settings *settings = policy_settings(watch->daemon.firm->policy);
    StoreClaim claim = {.writer = "another", .lease = duration_seconds(1), .max = 10};
    assert_true(instant_parse(at, &claim.now));
    g_autoptr(Store) another =
        store_new(&(StoreSettings){.socket = settings->redis_socket, .tag = settings->redis_tag});
    g_autoptr(GPtrArray) jobs = store_claim(another, &claim, NULL);
    assert_non_null(jobs);
    return jobs->len;
}

static void another_tells_that_it_has_nothing(void) {
    assert_true(store_apply(watch->store, &(StoreBatch){.writer = "another", .first = 1, .now = watch->now}, NULL));
}

static void close_it(const char *id) {
    g_autofree char *request = g_strdup_printf("{\"act\": \"close\", \"id\": \"%s\", \"by\": \"bob@aldous.test\"}", id);
    g_autofree char *done = watch_act(watch, request, 0);
    assert_string_equal(done, "ok: closed");
}

static void a_lease_that_is_wiped_while_the_sending_is_journalled_is_none(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "between", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    watch->at_append = wipe; /* the lease was looked at, the sending is not synced: anybody may claim now */
    assert_int_equal(watch_round(watch), 0);
    assert_told("");
    wait_until_back();
    assert_int_equal(claimed_by_another("2026-11-23T12:00:09Z"), 0); /* not while we could be at it */
    watch_set_clock(watch, "2026-11-23T12:00:10Z");
    assert_int_equal(watch_round(watch), 1);
    assert_told("alice");
    close_it("between");
}

static void who_had_nothing_to_do_misses_who_told_something(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "idle", "2026-0001", "alice@aldous.test");
    watch_set_clock(watch, "2026-11-23T11:59:59Z");
    another_tells_that_it_has_nothing();
    assert_int_equal(watch_round(watch), 0); /* nothing is due */
    wipe();
    wait_until_back();
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    assert_int_equal(watch_round(watch), 0); /* another may have told the step */
    another_tells_that_it_has_nothing();
    unsigned sent = 0;
    for (int i = 0; i < 600 && sent == 0; i++, poll(NULL, 0, 50)) /* our own journal's turn to speak */
        sent = watch_round(watch);
    assert_told("alice");
    close_it("idle");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_that_is_wiped_while_the_sending_is_journalled_is_none),
        cmocka_unit_test(who_had_nothing_to_do_misses_who_told_something),
    };
    watch = watch_start();
    if (!watch)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    watch_stop(watch);
    return failed;
}
