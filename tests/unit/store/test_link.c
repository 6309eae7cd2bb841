/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: a user of Redis with no more rights than the manual gives, passwords that change, and a server that
 * hangs, which costs its time-out once in a while. */
#include "redis.h"
#include "base/timesource.h"
#include "store/breaker.h"
#include <hiredis/hiredis.h>

static void command(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void command(const char *format, ...) {
    va_list arguments;
    redisContext *context = redisConnectUnix(redis_socket);
    va_start(arguments, format);
    redisReply *reply = redisvCommand(context, format, arguments);
    va_end(arguments);
    if (!reply || reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s: %s", format, reply ? reply->str : context->errstr);
    freeReplyObject(reply);
    redisFree(context);
}

/* The line of redis.user in the manual, behind the password. */
static char *rights_of_the_manual(void) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top ? top : ".", "conf", "lexgate.conf.5", NULL);
    g_autofree char *manual = NULL;
    assert_true(g_file_get_contents(path, &manual, NULL, NULL));
    const char *line = strstr(manual, "user lexgate on >PASSWORD ");
    assert_non_null(line);
    line += strlen("user lexgate on >PASSWORD ");
    g_autofree char *rights = g_strndup(line, strcspn(line, "\n"));
    g_auto(GStrv) parts = g_strsplit(rights, "{TAG}", -1);
    return g_strjoinv("{test}", parts);
}

static Store *store_of_user(const char *password_file) {
    return store_new(&(StoreSettings){.socket = redis_socket,
                                      .user = "lexgate",
                                      .password_file = password_file,
                                      .tag = "test",
                                      .timeout = duration_ms(5000)});
}

static void use_everything(Store *lexgate) {
    g_autoptr(GError) error = NULL;
    Instant now = instant_from_seconds(5000);
    static const char *const texts[] = {
        "{\"op\":\"open\",\"id\":\"a\",\"client\":\"c\",\"t\":1,\"start\":1,\"due\":2,\"threads\":[\"q\"],\"steps\":[["
        "2,"
        "\"owner\"]]}",
        "{\"op\":\"open\",\"id\":\"b\",\"client\":\"c\",\"t\":1,\"start\":1,\"due\":2,\"threads\":[\"p\"],\"steps\":[]"
        "}",
        "{\"op\":\"clear\",\"id\":\"\",\"client\":\"c\",\"qid\":\"R\",\"by\":\"x\",\"t\":3,\"threads\":[\"r\",\"p\"]}",
        "{\"op\":\"sent\",\"qid\":\"R\",\"t\":4}",
        "{\"op\":\"step-sending\",\"id\":\"none\",\"gen\":0,\"step\":0,\"t\":4,\"until\":9999}",
        "{\"op\":\"held\",\"qid\":\"H\",\"track\":\"t\",\"t\":4,\"ops\":[]}",
    };
    g_autoptr(GPtrArray) changes = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_ptr_array_add(changes, (char *)texts[i]);
    StoreBatch batch = {.writer = "w", .first = 1, .last = 6, .head = 6, .changes = changes, .now = now};
    StoreClaim claim = {.writer = "w", .mark = 6, .now = now, .lease = duration_seconds(60), .max = 10};
    uint64_t mark;
    Instant at;
    bool good = store_apply(lexgate, &batch, &error) && store_mark(lexgate, "w", &mark, &error) &&
                store_set_mark(lexgate, "w", 6, now, &error) && store_next_due(lexgate, &at, &error);
    batch = (StoreBatch){.writer = "w", .first = 7, .last = 6, .head = 6};
    for (int day = 16; good && day < 200; day += 100) { /* into the record, and out of it */
        batch.now = instant_from_seconds(5000 + day * 86400);
        good = store_apply(lexgate, &batch, &error);
    }
    g_autoptr(GPtrArray) jobs = good ? store_claim(lexgate, &claim, &error) : NULL;
    good = jobs && jobs->len == 2 && store_holds(lexgate, jobs->pdata[0], &error) &&
           store_release(lexgate, jobs->pdata[0], now, &error);
    g_autoptr(Deadline) deadline = good ? store_deadline(lexgate, "a", &error) : NULL;
    g_autoptr(json_t) held = deadline ? store_held(lexgate, &error) : NULL;
    StoreQuery query = {.state = "any", .now = now, .limit = 10};
    g_autoptr(GPtrArray) found = held ? store_query(lexgate, &query, &error) : NULL;
    g_autofree char *eviction = store_eviction(lexgate);
    if (!found || eviction || !store_wipe(lexgate, &error))
        fail_msg("%s", error ? error->message : "nothing is to be had");
}

static void the_rights_of_the_manual_are_enough_and_no_more(void **state) {
    g_autoptr(GError) error = NULL;
    g_autofree char *rights = rights_of_the_manual(), *file = g_build_filename(redis_folder, "password", NULL);
    g_auto(GStrv) words = g_strsplit(rights, " ", -1);
    g_autoptr(GString) rule = g_string_new("ACL SETUSER lexgate reset on >first");
    for (char **word = words; *word; word++)
        g_string_append_printf(rule, " %s", *word);
    redisContext *context = redisConnectUnix(redis_socket);
    redisReply *reply = redisCommand(context, rule->str);
    if (reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s: %s", rule->str, reply->str);
    freeReplyObject(reply);
    redisFree(context);
    g_file_set_contents(file, "first\nnot the password\n", -1, NULL);
    g_autoptr(Store) lexgate = store_of_user(file);
    use_everything(lexgate);
    /* Of another firm's keys it can say nothing. */
    g_autoptr(Store) other = store_new(&(StoreSettings){.socket = redis_socket,
                                                        .user = "lexgate",
                                                        .password_file = file,
                                                        .tag = "other",
                                                        .timeout = duration_ms(5000)});
    uint64_t mark;
    assert_false(store_mark(other, "w", &mark, &error));
    assert_non_null(strstr(error->message, "NOPERM"));
    assert_int_equal(error->code, STORE_AWAY);
    g_clear_error(&error);
    /* A new password needs no restart. */
    command("ACL SETUSER lexgate <first >second");
    command("CLIENT KILL USER lexgate");
    store_ping(lexgate, NULL); /* hears that the connection is gone */
    assert_false(store_ping(lexgate, &error));
    assert_non_null(strstr(error->message, "refuses the user and password"));
    g_clear_error(&error);
    g_file_set_contents(file, "second", -1, NULL);
    for (int i = 0; i < 500 && !store_ping(lexgate, NULL); i++)
        poll(NULL, 0, 10);
    assert_true(store_ping(lexgate, NULL));
    g_remove(file);
}

static void a_password_that_cannot_be_read_is_named(void **state) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) lexgate = store_of_user("/nowhere/password");
    assert_false(store_ping(lexgate, &error));
    assert_int_equal(error->code, STORE_AWAY);
    assert_non_null(strstr(error->message, "/nowhere/password"));
}

static void what_hangs_is_not_asked_at_every_call(void **state) {
    enum { TIMEOUT_MS = 200, CALLS = 200 };
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) hasty = store_on_socket(TIMEOUT_MS);
    redis_hang();
    Instant before = monotonic_now();
    for (int i = 0; i < CALLS; i++) {
        g_clear_error(&error);
        assert_false(store_ping(hasty, &error));
        assert_int_equal(error->code, STORE_AWAY);
    }
    int64_t ms = instant_since(monotonic_now(), before).us / 1000;
    assert_true(store_not_tried(hasty) > CALLS / 2);
    assert_true(ms < CALLS * TIMEOUT_MS / 4);
    assert_non_null(strstr(error->message, "not tried again"));
    kill(redis_pid, SIGCONT);
    for (int i = 0; i < 3000 && !store_ping(hasty, NULL); i++)
        poll(NULL, 0, 10);
    assert_true(store_ping(hasty, NULL));
}

static void a_breaker_opens_after_three_failures_and_closes_after_a_probe(void **state) {
    Breaker breaker = {0};
    BreakerTotals before = breaker_totals();
    Instant now = instant_from_seconds(1000);
    for (int i = 0; i < 3; i++) {
        assert_true(breaker_lets(&breaker, now));
        breaker_failed(&breaker, now, duration_ms(400), "late");
    }
    assert_string_equal(breaker.why, "late");
    assert_int_equal(breaker_totals().resting, before.resting + 1);
    assert_false(breaker_lets(&breaker, instant_add(now, duration_ms(1999))));
    now = instant_add(now, duration_ms(2000));
    assert_true(breaker_lets(&breaker, now));
    breaker_failed(&breaker, now, duration_seconds(60), "later");
    assert_false(breaker_lets(&breaker, instant_add(now, duration_ms(4999))));
    assert_true(breaker_lets(&breaker, instant_add(now, duration_ms(5000))));
    breaker_succeeded(&breaker);
    assert_true(breaker_lets(&breaker, now));
    breaker_failed(&breaker, now, duration_ms(0), "refused");
    assert_true(breaker_lets(&breaker, now));
    assert_int_equal(breaker.not_tried, 2);
    breaker_clear(&breaker);
    assert_int_equal(breaker_totals().not_tried, before.not_tried + 2);
    assert_int_equal(breaker_totals().resting, before.resting);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rights_of_the_manual_are_enough_and_no_more),
        cmocka_unit_test(a_password_that_cannot_be_read_is_named),
        cmocka_unit_test(what_hangs_is_not_asked_at_every_call),
        cmocka_unit_test(a_breaker_opens_after_three_failures_and_closes_after_a_probe),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
