/* SPDX-License-Identifier: Apache-2.0 */
/* Many changes and many due steps at once: in calls that Redis can bear, with the end that one call would have had. */
#include "redis.h"
#include <hiredis/hiredis.h>
#include <stdlib.h>

#define START 1000000
#define DAY 86400

static redisContext *context;
static uint64_t seq, behind; /* `behind`: how many more entries the journal has than it told of */

static int empty_store(void **state) {
    seq = behind = 0;
    return store_wipe(store, NULL) ? 0 : -1;
}

static char *opening(uint64_t number, int i) {
    char *text = g_strdup_printf(
        "{'op':'open','seq':%d,'id':'d%04d','client':'c%d','matter':'M%d','owner':'alice@firm.test',"
        "'t':%d,'start':%d,'due':%d,'threads':['q%04d','p%04d'],"
        "'steps':[[%d,'owner'],[%d,'cover'],[%d,'managers']]}",
        (int)number, i, i % 7, i % 5, START, START, START + 900, i, i, START + 100, START + 200, START + 5000);
    return g_strdelimit(text, "'", '"');
}

static void apply(uint64_t entries, const GPtrArray *changes, const char *lesson, int64_t now) {
    g_autoptr(GError) error = NULL;
    StoreBatch batch = {.writer = "w",
                        .first = seq + 1,
                        .last = seq + entries,
                        .head = seq + entries + behind,
                        .changes = changes,
                        .lesson = lesson,
                        .now = instant_from_seconds(now)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
    seq += entries;
}

/* `count` questions in so many entries. */
static void open_many(int count, uint64_t entries, const char *lesson) {
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < count; i++)
        g_ptr_array_add(changes, opening(seq + 1 + (uint64_t)i * entries / (uint64_t)count, i));
    apply(entries, changes, lesson, START);
}

static void apply_one(const char *change, int64_t now) {
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    if (change)
        g_ptr_array_add(changes, g_strdelimit(g_strdup(change), "'", '"'));
    apply(1, changes, NULL, now);
}

static char *ask(const char *format, ...) G_GNUC_PRINTF(1, 2);
static char *ask(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = redisvCommand(context, format, arguments);
    va_end(arguments);
    char *text = reply->type == REDIS_REPLY_INTEGER ? g_strdup_printf("%lld", reply->integer) : g_strdup(reply->str);
    freeReplyObject(reply);
    return text;
}

static int calls_of_scripts(void) {
    g_autofree char *info = ask("INFO commandstats");
    const char *at = strstr(info, "cmdstat_evalsha:calls=");
    return at ? atoi(at + strlen("cmdstat_evalsha:calls=")) : 0;
}

static void a_large_batch_goes_in_by_several_calls(void **state) {
    int before = calls_of_scripts();
    open_many(200, 200, "sealed lesson");
    assert_in_range(calls_of_scripts() - before, 4, 40);
    g_autofree char *all = ask("ZCARD lexgate:{test}:all"), *jobs = ask("ZCARD lexgate:{test}:jobs"),
                    *lessons = ask("XLEN lexgate:{test}:h:w");
    assert_string_equal(all, "200");
    assert_string_equal(jobs, "200");
    assert_string_equal(lessons, "1"); /* of the whole batch */
    redisReply *lesson = redisCommand(context, "XRANGE lexgate:{test}:h:w - +");
    const redisReply *item = lesson->element[0];
    assert_string_equal(item->element[0]->str, "200-0");
    assert_string_equal(item->element[1]->element[1]->str, "1");
    freeReplyObject(lesson);
    uint64_t mark;
    assert_true(store_mark(store, "w", &mark, NULL));
    assert_int_equal(mark, 200);
}

static void an_entry_goes_in_whole(void **state) {
    int before = calls_of_scripts();
    open_many(200, 1, NULL);
    assert_int_equal(calls_of_scripts() - before, 1);
    g_autofree char *all = ask("ZCARD lexgate:{test}:all");
    assert_string_equal(all, "200");
}

static void a_question_that_lies_in_the_record_is_no_second_one(void **state) {
    g_autofree char *again = opening(3, 0);
    open_many(1, 1, NULL);
    apply_one("{'op':'act','act':'answer','id':'d0000','by':'alice@firm.test','t':1000100}", START);
    apply_one(NULL, START + 16 * DAY);
    g_autofree char *type = ask("TYPE lexgate:{test}:record"), *till = ask("GET lexgate:{test}:recorded");
    assert_string_equal(type, "stream");
    assert_int_equal(atoi(till), START + DAY);
    apply_one(again, START + 16 * DAY);
    g_autofree char *all = ask("ZCARD lexgate:{test}:all");
    assert_string_equal(all, "0");
    /* Nor where nobody wrote down how far that went. */
    g_free(ask("DEL lexgate:{test}:recorded"));
    apply_one(again, START + 16 * DAY);
    g_autofree char *still = ask("ZCARD lexgate:{test}:all");
    assert_string_equal(still, "0");
}

/* A wiped Redis is filled with replies of long ago before it hears what became of them. */
static void a_reply_is_final_when_nothing_more_is_to_come(void **state) {
    static const char reply[] = "{'op':'clear','seq':2,'id':'d0000','client':'c0','by':'alice@firm.test','qid':'R','t':"
                                "1000100,'threads':['r']}";
    static const char bounce[] = "{'op':'bounced','seq':3,'qid':'R','t':1000200}";
    open_many(1, 1, NULL);
    behind = 1;
    apply_one(reply, START + 8 * DAY);
    g_autofree char *pending = ask("ZCARD lexgate:{test}:prov");
    assert_string_equal(pending, "1");
    behind = 0;
    apply_one(bounce, START + 8 * DAY);
    g_autoptr(Deadline) open = store_deadline(store, "d0000", NULL);
    assert_int_equal(open->state, DEADLINE_OPEN);
    for (guint i = 0; i < open->history->len; i++)
        assert_string_not_equal(((const HistoryEvent *)open->history->pdata[i])->event, "final");
    empty_store(state);
    open_many(1, 1, NULL);
    apply_one(reply, START + 8 * DAY);
    g_autoptr(Deadline) answered = store_deadline(store, "d0000", NULL);
    assert_int_equal(answered->state, DEADLINE_ANSWERED);
}

static bool is_taken(bool listed) {
    g_autoptr(GError) error = NULL;
    StoreBatch batch = {
        .writer = "w", .first = 1, .last = 1, .head = 1, .listed = listed, .now = instant_from_seconds(START)};
    bool taken = store_apply(store, &batch, &error);
    if (!taken)
        assert_true(g_error_matches(error, STORE_ERROR, STORE_MARK));
    return taken;
}

/* Somebody emptied Redis between a writer's look at how it is filled and its first batch. */
static void what_a_checkpoint_lists_does_not_fill_what_is_to_be_filled_whole(void **state) {
    assert_false(is_taken(true));
    g_free(ask("DEL lexgate:{test}:filled"));
    assert_false(is_taken(true));
    g_free(ask("HSET lexgate:{test}:filled w %s", "ck 900000 10"));
    assert_true(is_taken(true));
    empty_store(state);
    assert_true(is_taken(false));
}

static GPtrArray *claim(int64_t now) {
    g_autoptr(GError) error = NULL;
    StoreClaim wanted = {.now = instant_from_seconds(now), .lease = duration_seconds(60), .max = 1000};
    GPtrArray *jobs = store_claim(store, &wanted, &error);
    if (!jobs)
        fail_msg("%s", error->message);
    return jobs;
}

static void assert_steps(const GPtrArray *jobs, guint count, int step) {
    assert_int_equal(jobs->len, count);
    for (guint i = 0; i < jobs->len; i++) {
        const StoreJob *job = jobs->pdata[i];
        assert_int_equal(job->step, step);
        assert_true(store_holds(store, job, NULL));
        for (int k = 0; k < step; k++)
            assert_true(((const DeadlineStep *)job->deadline->steps->pdata[k])->passed_over);
    }
}

static void many_due_steps_are_claimed_once(void **state) {
    open_many(300, 300, NULL);
    g_autoptr(GPtrArray) first = claim(START + 100), again = claim(START + 110);
    assert_steps(first, 300, 0);
    assert_int_equal(again->len, 0);
    g_autoptr(GPtrArray) late = claim(START + 300);
    assert_steps(late, 300, 1);
    g_autofree char *jobs = ask("ZCARD lexgate:{test}:jobs"), *leases = ask("HLEN lexgate:{test}:leases"),
                    *next = ask("ZSCORE lexgate:{test}:jobs step:d0000:0:1");
    assert_string_equal(jobs, "300"); /* one each, under the name of the step that is told */
    assert_string_equal(leases, "300");
    assert_int_equal(atoi(next), START + 360);
}

static void a_record_that_makes_no_sense_keeps_no_other_from_being_claimed(void **state) {
    static const char *const nonsense[] = {"", "x", "nonsense that is long enough to be something", "\xdc\xff\xff\xa1"};
    open_many(10, 10, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++)
        g_free(ask("SET lexgate:{test}:d:d%04d %s", (int)i, nonsense[i]));
    g_autoptr(GPtrArray) jobs = claim(START + 100);
    assert_steps(jobs, 10 - G_N_ELEMENTS(nonsense), 0);
}

static int start(void **state) {
    int started = redis_start(state);
    context = started == 0 ? redisConnectUnix(redis_socket) : NULL;
    return context && !context->err ? 0 : -1;
}

static int stop(void **state) {
    redisFree(context);
    return redis_stop(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_large_batch_goes_in_by_several_calls, empty_store),
        cmocka_unit_test_setup(an_entry_goes_in_whole, empty_store),
        cmocka_unit_test_setup(a_question_that_lies_in_the_record_is_no_second_one, empty_store),
        cmocka_unit_test_setup(a_reply_is_final_when_nothing_more_is_to_come, empty_store),
        cmocka_unit_test_setup(what_a_checkpoint_lists_does_not_fill_what_is_to_be_filled_whole, empty_store),
        cmocka_unit_test_setup(many_due_steps_are_claimed_once, empty_store),
        cmocka_unit_test_setup(a_record_that_makes_no_sense_keeps_no_other_from_being_claimed, empty_store),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
