/* SPDX-License-Identifier: Apache-2.0 */
/* Claims, queries and failures of the store, against a Redis of our own. */
#include "redis.h"
#include <inttypes.h>
#include <hiredis/hiredis.h>

static uint64_t seq;

static void apply_to(uint64_t head, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void apply_to(uint64_t head, const char *format, ...) {
    va_list arguments;
    g_autoptr(GError) error = NULL;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_strdelimit(text, "'", '"');
    g_autoptr(GPtrArray) changes = g_ptr_array_new();
    g_ptr_array_add(changes, text);
    seq++;
    StoreBatch batch = {.writer = "w",
                        .first = seq,
                        .last = seq,
                        .head = head ? head : seq,
                        .changes = changes,
                        .now = instant_from_seconds(1000)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
}

#define apply(...) apply_to(0, __VA_ARGS__)

/* A new one, too: it remembers which writers it has seen. */
static int empty_store(void **state) {
    seq = 0;
    store_free(store);
    store = store_on_socket(5000);
    return store_wipe(store, NULL) ? 0 : -1;
}

static void open_deadline(const char *id, int due, const char *steps) {
    apply("{'op':'open','id':'%s','client':'harbour','matter':'M1','owner':'alice@firm.test','sl':'standard','t':100,"
          "'start':100,'due':%d,'threads':['%s'],'steps':%s,'p':'c2VhbGVk'}",
          id, due, id, steps);
}

/* The keys of what can be claimed at `now`: "step:a:0:1"; jobs are kept in *claimed when given. */
static char *claim_at(int now, GPtrArray **claimed) {
    g_autoptr(GError) error = NULL;
    StoreClaim claim = {
        .writer = "w", .mark = seq, .now = instant_from_seconds(now), .lease = duration_seconds(60), .max = 10};
    GPtrArray *jobs = store_claim(store, &claim, &error);
    if (!jobs)
        fail_msg("%s", error->message);
    GString *keys = g_string_new(NULL);
    for (guint i = 0; i < jobs->len; i++)
        g_string_append_printf(keys, "%s%s", i ? " " : "", ((StoreJob *)g_ptr_array_index(jobs, i))->key);
    if (claimed)
        *claimed = jobs;
    else
        g_ptr_array_unref(jobs);
    return g_string_free(keys, FALSE);
}

static void assert_claim(int now, const char *wanted) {
    g_autofree char *keys = claim_at(now, NULL);
    if (strcmp(keys, wanted) != 0)
        fail_msg("at %d wanted '%s', got '%s'", now, wanted, keys);
}

static void a_step_is_claimed_once_until_its_lease_ends(void **state) {
    open_deadline("a", 900, "[[500,'owner'],[900,'owner cover']]");
    assert_claim(499, "");
    assert_claim(500, "step:a:0:0");
    assert_claim(559, "");
    assert_claim(560, "step:a:0:0");
    apply("{'op':'step-sent','id':'a','gen':0,'step':0,'t':560}");
    assert_claim(800, "");
    assert_claim(900, "step:a:0:1");
    apply("{'op':'step-sent','id':'a','gen':0,'step':1,'t':900,'next':[1500,'managers']}");
    assert_claim(1499, "");
    g_autoptr(GPtrArray) jobs = NULL;
    g_autofree char *keys = claim_at(1500, &jobs);
    assert_string_equal(keys, "step:a:0:2");
    const StoreJob *job = g_ptr_array_index(jobs, 0);
    const DeadlineStep *step = g_ptr_array_index(job->deadline->steps, 2);
    assert_string_equal(step->tell, "managers");
    assert_true(((const DeadlineStep *)g_ptr_array_index(job->deadline->steps, 0))->sent);
}

static void of_steps_due_together_only_the_last_is_claimed(void **state) {
    open_deadline("a", 900, "[[500,'owner'],[600,'owner'],[900,'cover'],[2000,'managers']]");
    assert_claim(950, "step:a:0:2");
    apply("{'op':'step-sent','id':'a','gen':0,'step':2,'t':950}");
    assert_claim(1999, "");
    assert_claim(2000, "step:a:0:3");
}

static void a_claim_looks_at_the_deadline_again(void **state) {
    static const struct {
        const char *change, *later;
    } cases[] = {
        {"{'op':'clear','id':'a','client':'harbour','by':'x','t':400}", ""},
        {"{'op':'act','act':'answer','id':'a','by':'x','t':400}", ""},
        {"{'op':'act','act':'close','id':'a','by':'x','t':400}", ""},
        {"{'op':'act','act':'snooze','id':'a','by':'x','t':400,'until':700,'steps':[[700,'owner']]}", ""},
        {"{'op':'act','act':'assign','id':'a','by':'x','t':400,'owner':'bob@firm.test'}", "step:a:1:0"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        empty_store(state);
        open_deadline("a", 900, "[[500,'owner']]");
        apply("%s", cases[i].change);
        assert_claim(500, cases[i].later);
    }
    empty_store(state);
    open_deadline("a", 900, "[[500,'owner']]");
    apply("%s", cases[3].change);
    assert_claim(699, "");
    assert_claim(700, "step:a:1:0");
}

static void nothing_is_claimed_while_a_writer_catches_up(void **state) {
    open_deadline("a", 900, "[[500,'owner']]");
    apply_to(99, "{'op':'held-sent','qid':'none','t':1}"); /* 97 entries are still to come; told at 1000 */
    assert_claim(1059, "");
    assert_claim(1060, "step:a:0:0"); /* it stands still: not for ever */
    StoreClaim claim = {
        .writer = "w", .mark = seq + 1, .now = instant_from_seconds(5000), .lease = duration_seconds(60), .max = 10};
    g_autoptr(GPtrArray) jobs = store_claim(store, &claim, NULL);
    assert_int_equal(jobs->len, 0); /* the caller's own act is not in yet */
}

/* A second writer says at `now` that all it has (nothing) is in. */
static void other_writer_tells(int now) {
    StoreBatch batch = {.writer = "other", .first = 1, .now = instant_from_seconds(now)};
    assert_true(store_apply(store, &batch, NULL));
}

static void a_wiped_redis_gives_nothing_before_all_writers_are_back(void **state) {
    redisContext *context = redisConnectUnix(redis_socket);
    other_writer_tells(1000);
    open_deadline("a", 900, "[[500,'owner']]");
    assert_claim(499, "");
    for (int wiped = 0; wiped < 2; wiped++) {
        freeReplyObject(redisCommand(context, "FLUSHALL"));
        seq = 0;
        open_deadline("a", 900, "[[500,'owner']]");
        assert_claim(1000, "");
        if (wiped == 0)
            other_writer_tells(1000);
        assert_claim(wiped ? 1060 : 1000, wiped ? "" : "step:a:0:0");
    }
    assert_claim(1061, "step:a:0:0"); /* it never comes back: not for ever */
    redisFree(context);
}

static void after_a_wipe_a_step_that_is_being_sent_is_nobody_elses(void **state) {
    g_autoptr(GPtrArray) jobs = NULL;
    static const char sending[] = "{'op':'step-sending','id':'a','gen':0,'step':1,'t':1000,'until':1055}";
    open_deadline("a", 900, "[[500,'owner'],[900,'cover']]");
    g_free(claim_at(1000, &jobs));
    assert_true(store_holds(store, g_ptr_array_index(jobs, 0), NULL));
    apply("%s", sending);
    assert_claim(1059, "");
    for (int early = 0; early < 2; early++) {
        empty_store(state);
        assert_false(store_holds(store, g_ptr_array_index(jobs, 0), NULL));
        if (early)
            apply("%s", sending);
        open_deadline("a", 900, "[[500,'owner'],[900,'cover']]");
        if (!early)
            apply("%s", sending);
        assert_claim(1054, "");
        assert_claim(1055, "step:a:0:1");
    }
    apply("{'op':'step-sending','id':'a','gen':0,'step':1,'t':1000,'until':900}"); /* long over */
    assert_claim(1115, "step:a:0:1");
}

static void a_redis_that_throws_keys_away_is_known(void **state) {
    assert_null(store_eviction(store));
    redisContext *context = redisConnectUnix(redis_socket);
    freeReplyObject(redisCommand(context, "CONFIG SET maxmemory-policy allkeys-lru"));
    g_autofree char *policy = store_eviction(store);
    assert_string_equal(policy, "allkeys-lru");
    freeReplyObject(redisCommand(context, "CONFIG SET maxmemory-policy noeviction"));
    redisFree(context);
}

static void a_step_that_was_given_back_is_not_taken_for_one_that_is_being_sent(void **state) {
    g_autoptr(GPtrArray) jobs = NULL;
    open_deadline("a", 900, "[[500,'owner'],[900,'cover']]");
    g_free(claim_at(1000, &jobs));
    assert_true(store_release(store, g_ptr_array_index(jobs, 0), instant_from_seconds(1010), NULL));
    apply("{'op':'step-sending','id':'a','gen':0,'step':1,'t':1000,'until':1055}");
    assert_claim(1009, "");
    assert_claim(1010, "step:a:0:1");
}

static void a_redis_that_was_away_is_believed_when_all_writers_have_looked_at_it(void **state) {
    redisContext *context = redisConnectUnix(redis_socket);
    other_writer_tells(1000);
    open_deadline("a", 900, "[[500,'owner']]");
    assert_claim(499, "");
    freeReplyObject(redisCommand(context, "CLIENT KILL TYPE normal SKIPME yes"));
    store_ping(store, NULL); /* hears that the connection is gone */
    assert_claim(1001, "");
    for (int now = 1001; now <= 1002; now++) { /* in the second 1001 it may still have been the server before */
        other_writer_tells(now);
        assert_claim(now, ""); /* the first writer has not */
        StoreBatch batch = {
            .writer = "w", .first = seq + 1, .last = seq, .head = seq, .now = instant_from_seconds(now)};
        assert_true(store_apply(store, &batch, NULL));
        assert_claim(now, now == 1001 ? "" : "step:a:0:0");
    }
    redisFree(context);
}

static void a_wipe_repairs_what_is_no_list_of_writers(void **state) {
    redisContext *context = redisConnectUnix(redis_socket);
    freeReplyObject(redisCommand(context, "SET lexgate:{test}:writers nonsense"));
    assert_true(store_wipe(store, NULL));
    seq = 0;
    open_deadline("a", 900, "[[500,'owner']]");
    redisFree(context);
}

static void a_job_is_given_back_only_by_who_holds_it(void **state) {
    Instant at;
    g_autoptr(GPtrArray) first = NULL;
    g_autoptr(GPtrArray) second = NULL;
    open_deadline("a", 900, "[[500,'owner']]");
    g_free(claim_at(500, &first));
    g_free(claim_at(560, &second));
    assert_true(store_release(store, g_ptr_array_index(first, 0), instant_from_seconds(510), NULL));
    assert_claim(570, "");
    assert_true(store_release(store, g_ptr_array_index(second, 0), instant_from_seconds(600), NULL));
    assert_true(store_next_due(store, &at, NULL));
    assert_int_equal(instant_seconds(at), 600);
    assert_claim(600, "step:a:0:0");
    empty_store(state);
    assert_true(store_next_due(store, &at, NULL));
    assert_int_equal(instant_compare(at, INSTANT_NEVER), 0);
}

static void held_and_unjudged_mail_are_jobs_until_they_are_done(void **state) {
    apply("{'op':'held','qid':'H1','track':'t','t':100,'ops':[]}");
    apply("{'op':'unjudged','qid':'U1','track':'t','t':101}");
    g_autoptr(GPtrArray) jobs = NULL;
    g_autofree char *keys = claim_at(200, &jobs);
    assert_string_equal(keys, "held:H1 unjudged:U1");
    assert_string_equal(json_text(((StoreJob *)g_ptr_array_index(jobs, 0))->record, "qid"), "H1");
    apply("{'op':'held-sent','qid':'H1','t':200}");
    apply("{'op':'unjudged-done','qid':'U1','t':200}");
    assert_claim(500, "");
    g_autoptr(json_t) held = store_held(store, NULL);
    assert_int_equal(json_array_size(held), 1);
}

static void a_message_to_be_told_of_is_a_job_beside_its_being_held(void **state) {
    apply("{'op':'held','qid':'H1','track':'t','t':100,'ops':[]}");
    apply("{'op':'notice','qid':'H1','track':'t','t':101,'notify':['a@firm.test']}");
    g_autoptr(GPtrArray) jobs = NULL;
    g_autofree char *keys = claim_at(200, &jobs);
    assert_string_equal(keys, "held:H1 notice:H1");
    g_autoptr(GPtrArray) told = json_texts(json_list(((StoreJob *)g_ptr_array_index(jobs, 1))->record, "notify"));
    assert_string_equal(g_ptr_array_index(told, 0), "a@firm.test");
    apply("{'op':'notice-sent','qid':'H1','t':200}");
    apply("{'op':'held-sent','qid':'H1','t':200}");
    assert_claim(500, "");
    /* Another writer's word that it was told may come first. */
    apply("{'op':'notice-sent','qid':'N1','t':600}");
    apply("{'op':'notice','qid':'N1','track':'t','t':590,'notify':['a@firm.test']}");
    assert_claim(700, "");
}

static void a_deadline_comes_back_as_it_was_given(void **state) {
    open_deadline("a", 900, "[[500,'owner'],[900,'owner cover']]");
    g_autoptr(Deadline) a = store_deadline(store, "a", NULL);
    assert_string_equal(a->client, "harbour");
    assert_string_equal(a->matter, "M1");
    assert_string_equal(a->owner, "alice@firm.test");
    assert_string_equal(a->service_level, "standard");
    assert_string_equal(a->sealed, "c2VhbGVk");
    assert_int_equal(instant_seconds(a->start), 100);
    assert_int_equal(instant_seconds(a->due), 900);
    assert_int_equal(a->steps->len, 2);
    assert_int_equal(a->history->len, 1);
    g_autoptr(GError) error = NULL;
    assert_null(store_deadline(store, "none", &error));
    assert_int_equal(error->code, STORE_ABSENT);
}

static void queries_find_by_owner_client_matter_and_lateness(void **state) {
    static const struct {
        StoreQuery query;
        const char *wanted;
    } cases[] = {
        {{.limit = 10}, "a b c"},
        {{.limit = 2}, "a b"},
        {{.limit = 10, .overdue = true, .now = {800 * 1000000LL}}, "a"},
        {{.limit = 10, .overdue = true, .now = {801 * 1000000LL}}, "a b"},
        {{.limit = 10, .owner = "bob@firm.test"}, "b"},
        {{.limit = 10, .owner = "alice@firm.test", .client = "harbour"}, "a c"},
        {{.limit = 10, .matter = "M1"}, "a b c"},
        {{.limit = 10, .client = "quay"}, ""},
        {{.limit = 10, .state = "closed"}, "d"},
        {{.limit = 10, .state = "open"}, "a b c"},
        {{.limit = 10, .state = "any", .owner = "alice@firm.test"}, "a c d"},
    };
    open_deadline("c", 900, "[]");
    open_deadline("a", 700, "[]");
    open_deadline("b", 800, "[]");
    open_deadline("d", 950, "[]");
    apply("{'op':'act','act':'assign','id':'b','by':'x','t':400,'owner':'bob@firm.test'}");
    apply("{'op':'act','act':'close','id':'d','by':'x','t':400}");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) found = store_query(store, &cases[i].query, NULL);
        GString *ids = g_string_new(NULL);
        for (guint k = 0; k < found->len; k++)
            g_string_append_printf(ids, "%s%s", k ? " " : "", ((Deadline *)g_ptr_array_index(found, k))->id);
        if (strcmp(ids->str, cases[i].wanted) != 0)
            fail_msg("query %zu: wanted '%s', got '%s'", i, cases[i].wanted, ids->str);
        g_string_free(ids, TRUE);
    }
}

static void a_query_pages_over_many_of_one_time(void **state) {
    for (int i = 0; i < 450; i++) {
        char id[16];
        g_snprintf(id, sizeof id, "d%03d", i);
        open_deadline(id, i < 430 ? 900 : 901, "[]");
    }
    StoreQuery query = {.limit = 1000};
    g_autoptr(GPtrArray) found = store_query(store, &query, NULL);
    assert_int_equal(found->len, 450);
    assert_string_equal(((Deadline *)g_ptr_array_index(found, 449))->id, "d449");
}

static redisContext *other_client(void) {
    redisContext *context = redisConnectUnix(redis_socket);
    assert_false(context->err);
    return context;
}

static void what_makes_no_sense_is_an_error_and_no_crash(void **state) {
    static const char *const records[] = {"garbage", "\x90", "\x92\xa1x\xa1y"};
    redisContext *context = other_client();
    for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
        g_autoptr(GError) error = NULL;
        freeReplyObject(redisCommand(context, "SET lexgate:{test}:d:a %s", records[i]));
        assert_null(store_deadline(store, "a", &error));
        assert_int_equal(error->code, STORE_BROKEN);
    }
    g_autoptr(GError) error = NULL;
    uint64_t mark;
    freeReplyObject(redisCommand(context, "HSET lexgate:{test}:writers w nonsense"));
    assert_false(store_mark(store, "w", &mark, &error));
    assert_int_equal(error->code, STORE_BROKEN);
    redisFree(context);
}

static void scripts_that_were_flushed_are_loaded_again(void **state) {
    redisContext *context = other_client();
    open_deadline("a", 900, "[]");
    freeReplyObject(redisCommand(context, "SCRIPT FLUSH"));
    open_deadline("b", 900, "[]");
    redisFree(context);
}

static void a_read_only_redis_is_away_and_a_wipe_spares_others(void **state) {
    g_autoptr(GError) error = NULL;
    redisContext *context = other_client();
    freeReplyObject(redisCommand(context, "SET lexgate:{other}:writers kept"));
    open_deadline("a", 900, "[]");
    freeReplyObject(redisCommand(context, "REPLICAOF 127.0.0.1 1"));
    StoreBatch batch = {.writer = "w", .first = 2, .last = 2, .head = 2, .now = instant_from_seconds(1000)};
    assert_false(store_apply(store, &batch, &error));
    assert_int_equal(error->code, STORE_AWAY);
    freeReplyObject(redisCommand(context, "REPLICAOF NO ONE"));
    assert_true(store_apply(store, &batch, NULL));
    assert_true(store_empty(store, NULL));
    redisReply *keys = redisCommand(context, "KEYS *");
    assert_int_equal(keys->elements, 2);
    for (size_t i = 0; i < 2; i++)
        assert_non_null(strstr(keys->element[i]->str, "}:writers"));
    freeReplyObject(keys);
    redisFree(context);
}

static void a_redis_that_hangs_or_dies_is_away_and_comes_back(void **state) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) hasty =
        store_new(&(StoreSettings){.socket = redis_socket, .tag = "test", .timeout = duration_ms(50)});
    for (int i = 0; i < 100 && !store_ping(hasty, NULL); i++) /* a busy machine may be too slow for it */
        poll(NULL, 0, 20);
    redis_hang();
    assert_false(store_ping(hasty, &error));
    kill(redis_pid, SIGCONT);
    assert_int_equal(error->code, STORE_AWAY);
    g_clear_error(&error);
    redis_kill();
    assert_false(store_ping(store, &error));
    assert_int_equal(error->code, STORE_AWAY);
    redis_run();
    assert_true(redis_answers());
}

/* Pseudo-random, the same in every run. */
static unsigned dice(unsigned sides) {
    static uint32_t state = 2463534242u;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state % sides;
}

/* Only a step that is due can have been sent. */
static void random_change(const Deadline *d, int t) {
    const char *id = d->id;
    int step = deadline_due_step(d, instant_from_seconds(t));
    switch (dice(step < 0 ? 4 : 5)) {
    case 0:
        apply("{'op':'act','act':'snooze','id':'%s','by':'x','t':%d,'until':%d,'steps':[[%d,'owner'],[%d,'cover']]}",
              id, t, t + 50, t + 50, t + 120);
        break;
    case 1:
        apply("{'op':'act','act':'assign','id':'%s','by':'x','t':%d,'owner':'bob@firm.test'}", id, t);
        break;
    case 2:
        apply("{'op':'clear','id':'%s','client':'harbour','by':'x','qid':'%s','t':%d}", id, id, t);
        break;
    case 3:
        apply("{'op':'bounced','qid':'%s','t':%d}", id, t);
        break;
    default: /* or the notice of a generation that is over */
        apply("{'op':'step-sent','id':'%s','gen':%u,'step':%d,'t':%d}", id, d->generation - (d->generation && !dice(3)),
              step, t);
    }
}

/* deadline/ says what may be claimed; the store must think the same of any past. */
static void a_claim_gives_the_step_that_the_state_machine_names(void **state) {
    guint claims = 0;
    for (int round = 0; round < 300; round++) {
        char id[16];
        g_snprintf(id, sizeof id, "r%d", round);
        empty_store(state);
        g_autofree char *steps =
            g_strdup_printf("[[%u,'owner'],[%u,'cover'],[600,'managers']]", 150 + dice(100), 260 + dice(100));
        open_deadline(id, 500, steps);
        for (int t = 150; dice(4); t += 60) {
            g_autoptr(Deadline) before = store_deadline(store, id, NULL);
            random_change(before, t);
        }
        Instant now = instant_from_seconds(100 + dice(700));
        g_autoptr(Deadline) deadline = store_deadline(store, id, NULL);
        int wanted = deadline_due_step(deadline, now);
        g_autoptr(GPtrArray) jobs = NULL;
        g_free(claim_at((int)instant_seconds(now), &jobs));
        int got = jobs->len ? ((StoreJob *)g_ptr_array_index(jobs, 0))->step : -1;
        if (got != wanted)
            fail_msg("round %d: the state machine says step %d, the store gives %d", round, wanted, got);
        claims += jobs->len;
    }
    assert_true(claims > 50);
}

int main(void) {
#define EMPTY(test) cmocka_unit_test_setup(test, empty_store)
    const struct CMUnitTest tests[] = {
        EMPTY(a_step_is_claimed_once_until_its_lease_ends),
        EMPTY(of_steps_due_together_only_the_last_is_claimed),
        EMPTY(a_claim_looks_at_the_deadline_again),
        EMPTY(nothing_is_claimed_while_a_writer_catches_up),
        EMPTY(a_wiped_redis_gives_nothing_before_all_writers_are_back),
        EMPTY(a_redis_that_throws_keys_away_is_known),
        EMPTY(a_step_that_was_given_back_is_not_taken_for_one_that_is_being_sent),
        EMPTY(after_a_wipe_a_step_that_is_being_sent_is_nobody_elses),
        EMPTY(a_redis_that_was_away_is_believed_when_all_writers_have_looked_at_it),
        EMPTY(a_wipe_repairs_what_is_no_list_of_writers),
        EMPTY(a_job_is_given_back_only_by_who_holds_it),
        EMPTY(held_and_unjudged_mail_are_jobs_until_they_are_done),
        EMPTY(a_message_to_be_told_of_is_a_job_beside_its_being_held),
        EMPTY(a_deadline_comes_back_as_it_was_given),
        EMPTY(queries_find_by_owner_client_matter_and_lateness),
        EMPTY(a_query_pages_over_many_of_one_time),
        EMPTY(what_makes_no_sense_is_an_error_and_no_crash),
        EMPTY(scripts_that_were_flushed_are_loaded_again),
        EMPTY(a_read_only_redis_is_away_and_a_wipe_spares_others),
        EMPTY(a_claim_gives_the_step_that_the_state_machine_names),
        EMPTY(a_redis_that_hangs_or_dies_is_away_and_comes_back),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
