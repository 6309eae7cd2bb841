/* SPDX-License-Identifier: Apache-2.0 */
/* What is over moves into the record stream, can still be asked for and opened again, and goes when its time has come.
 */
#include "redis.h"
#include <hiredis/hiredis.h>

#define DAY 86400
#define START 1000000

static uint64_t seq;
static redisContext *context;

static int empty_store(void **state) {
    seq = 0;
    return store_wipe(store, NULL) ? 0 : -1;
}

static void apply_all(int64_t now, GPtrArray *changes) {
    g_autoptr(GError) error = NULL;
    uint64_t last = seq + changes->len;
    StoreBatch batch = {.writer = "w",
                        .first = seq + 1,
                        .last = last,
                        .head = last,
                        .changes = changes,
                        .now = instant_from_seconds(now)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
    seq = last;
}

static void add(GPtrArray *changes, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add(GPtrArray *changes, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(changes, g_strdelimit(g_strdup_vprintf(format, arguments), "'", '"'));
    va_end(arguments);
}

static void apply(int64_t now, const char *change) {
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    if (change)
        add(changes, "%s", change);
    apply_all(now, changes);
}

#define OPEN                                                                                                           \
    "{'op':'open','id':'a','client':'harbour','t':1000000,'start':1000000,'due':1000900,'threads':['q1'],'steps':[]}"
#define REPLY "{'op':'clear','id':'a','client':'harbour','by':'alice@firm.test','qid':'R','t':1000100}"
#define ANSWER "{'op':'act','act':'answer','id':'a','by':'alice@firm.test','t':1000100}"

static char *type_of(const char *key) {
    redisReply *reply = redisCommand(context, "TYPE lexgate:{test}:%s", key);
    char *type = g_strdup(reply->str);
    freeReplyObject(reply);
    return type;
}

static void assert_type(const char *key, const char *wanted) {
    g_autofree char *type = type_of(key);
    assert_string_equal(type, wanted);
}

static void assert_state(const char *id, int wanted) {
    g_autoptr(Deadline) deadline = store_deadline(store, id, NULL);
    assert_int_equal(deadline ? (int)deadline->state : -1, wanted);
}

static void what_is_over_moves_into_the_record_and_goes_in_time(void **state) {
    apply(START, OPEN);
    apply(START, ANSWER);
    assert_type("d:a", "string");
    apply(START + 16 * DAY, NULL);
    assert_type("d:a", "none");
    assert_type("record", "stream");
    assert_state("a", DEADLINE_ANSWERED);
    g_autofree char *states = all_states(instant_from_seconds(START + 16 * DAY));
    assert_string_equal(states, "a:answered");
    apply(START + 17 * DAY, OPEN); /* a repeat */
    assert_state("a", DEADLINE_ANSWERED);
    apply(START + 91 * DAY, NULL);
    assert_state("a", -1);
    g_autofree char *none = all_states(instant_from_seconds(START + 91 * DAY));
    assert_string_equal(none, "");
    redisReply *left = redisCommand(context, "XLEN lexgate:{test}:record");
    assert_int_equal(left->integer, 0);
    freeReplyObject(left);
    assert_type("r:a", "none");
}

static void the_retention_is_what_was_asked_for(void **state) {
    g_autoptr(Store) brief = store_new(&(StoreSettings){
        .socket = redis_socket, .tag = "test", .timeout = duration_ms(5000), .retention = duration_seconds(20 * DAY)});
    apply(START, OPEN);
    apply(START, ANSWER);
    StoreBatch batch = {.writer = "w", .first = 3, .last = 2, .head = 2, .now = instant_from_seconds(START + 19 * DAY)};
    assert_true(store_apply(brief, &batch, NULL));
    assert_state("a", DEADLINE_ANSWERED);
    batch.now = instant_from_seconds(START + 21 * DAY);
    assert_true(store_apply(brief, &batch, NULL));
    assert_state("a", -1);
}

static void a_reply_that_fails_late_opens_again_from_the_record(void **state) {
    apply(START, OPEN);
    apply(START, REPLY);
    apply(START, "{'op':'sent','qid':'R','t':1000200}");
    apply(START + 16 * DAY, NULL);
    assert_type("d:a", "none");
    apply(START + 16 * DAY, "{'op':'bounced','qid':'R','t':1000300}");
    assert_state("a", DEADLINE_OPEN);
    assert_type("d:a", "string");
    assert_type("record", "stream");
    apply(START + 200 * DAY, NULL);
    assert_state("a", DEADLINE_OPEN);
}

static void late_word_of_what_went_does_no_harm(void **state) {
    static const char *const late[] = {
        "{'op':'act','act':'assign','id':'a','by':'x','t':1000110,'owner':'bob@firm.test'}",
        "{'op':'act','act':'answer','id':'a','by':'x','t':1000110}",
        "{'op':'step-sent','id':'a','gen':0,'step':0,'t':1000110}",
        "{'op':'step-sending','id':'a','gen':0,'step':0,'t':1000110,'until':99999999999}",
        "{'op':'sent','qid':'R','t':1000110}",
        "{'op':'bounced','qid':'R','t':1000110}",
        REPLY,
    };
    apply(START, OPEN);
    apply(START, REPLY);
    apply(START, "{'op':'sent','qid':'R','t':1000200}");
    apply(START + 100 * DAY, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(late); i++)
        apply(START + 100 * DAY, late[i]);
    g_autofree char *none = all_states(instant_from_seconds(START + 100 * DAY));
    assert_string_equal(none, "");
    /* Even if its question is told of again: what was said of it answers it, so long ago that it goes at once. */
    apply(START + 100 * DAY, OPEN);
    assert_state("a", -1);
}

#define JOIN                                                                                                           \
    "{'op':'join','id':'gone','client':'harbour','t':9000000,'start':9000000,'due':9000900,'threads':['q3','q1'],"     \
    "'steps':[[9000700,'owner']]}"

static void a_question_that_joins_what_is_gone_is_one_of_its_own(void **state) {
    apply(9000000, JOIN);
    apply(9000000, JOIN); /* told again */
    g_autofree char *states = all_states(instant_from_seconds(9009000));
    assert_string_equal(states, "jq3:open");
}

static double used_memory(void) {
    redisReply *reply = redisCommand(context, "INFO memory");
    double used = g_ascii_strtod(strstr(reply->str, "used_memory:") + strlen("used_memory:"), NULL);
    freeReplyObject(reply);
    return used;
}

static size_t key_count(void) {
    redisReply *reply = redisCommand(context, "DBSIZE");
    size_t count = (size_t)reply->integer;
    freeReplyObject(reply);
    return count;
}

/* Twenty years of questions and answers, 16 of each a day: a year's end looks like another's. */
static void years_of_answers_do_not_grow_redis(void **state) {
    double memory = 0;
    size_t keys = 0;
    for (int day = 0; day < 20 * 365; day += 4) {
        g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
        int64_t now = START + (int64_t)day * DAY;
        for (int i = 0; i < 16; i++) {
            g_autofree char *t = g_strdup_printf("%" G_GINT64_FORMAT, now);
            add(changes,
                "{'op':'open','id':'id-of-%d-%d','client':'harbour','t':%s,'start':%s,'due':%s,'threads':['q%d-%d'],"
                "'steps':[[%s,'owner']]}",
                i, day, t, t, t, i, day, t);
            add(changes, "{'op':'act','act':'answer','id':'id-of-%d-%d','by':'alice@firm.test','t':%s}", i, day, t);
        }
        apply_all(now, changes);
        if (day == 4 * 365) {
            memory = used_memory();
            keys = key_count();
        }
    }
    if (key_count() > keys * 11 / 10 ||
        used_memory() > memory * 1.5) /* without a bound it would be four times as much */
        fail_msg("of %zu keys and %.0f bytes became %zu and %.0f", keys, memory, key_count(), used_memory());
}

static int connect_too(void **state) {
    if (redis_start(state) != 0)
        return -1;
    context = redisConnectUnix(redis_socket);
    return context->err;
}

static int disconnect_too(void **state) {
    redisFree(context);
    return redis_stop(state);
}

int main(void) {
#define EMPTY(test) cmocka_unit_test_setup(test, empty_store)
    const struct CMUnitTest tests[] = {
        EMPTY(what_is_over_moves_into_the_record_and_goes_in_time),  EMPTY(the_retention_is_what_was_asked_for),
        EMPTY(a_reply_that_fails_late_opens_again_from_the_record),  EMPTY(late_word_of_what_went_does_no_harm),
        EMPTY(a_question_that_joins_what_is_gone_is_one_of_its_own), EMPTY(years_of_answers_do_not_grow_redis),
    };
    return cmocka_run_group_tests(tests, connect_too, disconnect_too);
}
