/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of our own, urgent questions, questions on hold, and a cap: what becomes of them in the store. */
#include "redis.h"
#include "deadline/history.h"

#define NOW 5000
#define QUESTION(id, t, due, threads, more)                                                                            \
    "{'op':'open','id':'" id "','client':'harbour','owner':'alice','sl':'standard','t':" #t ",'start':" #t             \
    ",'due':" #due ",'p':'sealed','threads':[" threads "],'steps':[[" #due ",'owner']]" more "}"
#define REPLY(t, threads, more)                                                                                        \
    "{'op':'clear','id':'','client':'harbour','by':'alice@firm.test','qid':'R" #t "','t':" #t ",'threads':[" threads   \
    "]" more "}"
#define PROMISE(t, due, threads) QUESTION("h", t, due, threads, ",'kind':'holding','sent_as':'R" #t "'")

static uint64_t seqs;

static void apply(const char *text) {
    g_autofree char *writer = g_strdup_printf("w-%d", (int)++seqs);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(changes, g_strdelimit(g_strdup(text), "'", '"'));
    StoreBatch batch = {
        .writer = writer, .first = 1, .last = 1, .head = 1, .changes = changes, .now = instant_from_seconds(NOW)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
}

static void assert_states(const char *what, const char *wanted) {
    g_autofree char *states = all_states(instant_from_seconds(NOW));
    if (strcmp(states, wanted) != 0)
        fail_msg("%s: wanted %s, got %s", what, wanted, states);
}

static Deadline *get(const char *id) {
    g_autoptr(GError) error = NULL;
    Deadline *deadline = store_deadline(store, id, &error);
    if (!deadline)
        fail_msg("%s: %s", id, error->message);
    return deadline;
}

static const char *told(const Deadline *deadline) {
    static char all[2000];
    *all = '\0';
    for (guint i = 0; i < deadline->history->len; i++) {
        g_autofree char *line = history_event_say(deadline->history->pdata[i]);
        g_strlcat(all, line, sizeof all);
        g_strlcat(all, "\n", sizeof all);
    }
    return all;
}

static void apply_in(const char *const *changes, const size_t *order, size_t count) {
    assert_true(store_wipe(store, NULL));
    for (size_t i = 0; i < count; i++)
        apply(changes[order[i]]);
}

static void a_holding_reply_ends_one_deadline_and_begins_another_in_every_order(void **state) {
    static const char *const changes[] = {QUESTION("a", 100, 900, "'q1'", ""), REPLY(150, "'h1','q1'", ""),
                                          PROMISE(150, 4000, "'h1','q1'"), REPLY(300, "'r1','h1','q1'", "")};
    static const size_t orders[][4] = {{0, 1, 2, 3}, {1, 2, 0, 3}, {2, 1, 0, 3},
                                       {3, 1, 2, 0}, {1, 2, 3, 0}, {0, 3, 2, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        apply_in(changes, orders[i], 4);
        assert_states("question, holding reply, answer", "a:provisional h:provisional");
        g_autoptr(Deadline) promise = get("h");
        assert_string_equal(promise->kind, "holding");
        assert_int_equal(instant_seconds(promise->due), 4000);
        assert_int_equal(promise->priority, 0);
        assert_non_null(strstr(told(promise), "promised by our own reply"));
        g_autoptr(Deadline) question = get("a");
        assert_int_equal(instant_seconds(question->due), 900);
    }
    static const size_t unanswered[][3] = {{0, 1, 2}, {1, 2, 0}, {2, 1, 0}, {0, 2, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(unanswered); i++) {
        apply_in(changes, unanswered[i], 3);
        assert_states("question, holding reply", "a:provisional h:open");
    }
}

static void a_chaser_joins_what_was_promised(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(QUESTION("a", 100, 900, "'q1'", ""));
    apply(REPLY(150, "'h1','q1'", ""));
    apply(PROMISE(150, 4000, "'h1','q1'"));
    apply(QUESTION("b", 200, 1000, "'q2','h1','q1'", ""));
    assert_states("a chaser", "a:provisional h:open");
    g_autoptr(Deadline) promise = get("b");
    assert_string_equal(promise->id, "h");
    assert_int_equal(promise->priority, 1);
    assert_int_equal(instant_seconds(promise->due), 4000);
}

static void a_promise_that_is_not_delivered_is_none(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(QUESTION("a", 100, 900, "'q1'", ""));
    apply(REPLY(150, "'h1','q1'", ""));
    apply(PROMISE(150, 4000, "'h1','q1'"));
    apply("{'op':'bounced','qid':'R150','t':200}");
    assert_states("it bounced", "a:open h:closed");
}

static void the_words_alone_are_told(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(QUESTION("a", 100, 900, "'q1'", ""));
    apply(REPLY(150, "'h1','q1'", ",'puts_off':true"));
    g_autoptr(Deadline) question = get("a");
    assert_non_null(strstr(told(question), "seems to put the client off"));
    assert_states("seeming", "a:provisional");
}

static void an_urgent_question_takes_the_deadline_along_and_a_mark_does_not(void **state) {
    static const struct {
        const char *changes[2];
        int64_t due;
        const char *says;
    } cases[] = {
        {{QUESTION("a", 100, 900, "'q1'", ""), QUESTION("b", 200, 300, "'q2','q1'", ",'urgent':true")},
         300,
         "urgent by a rule"},
        {{QUESTION("a", 100, 900, "'q1'", ""), QUESTION("b", 200, 1300, "'q2','q1'", ",'urgent':true")},
         900,
         "urgent by a rule"},
        {{QUESTION("a", 100, 900, "'q1'", ""), QUESTION("b", 200, 300, "'q2','q1'", ",'marked':true")},
         900,
         "marked as urgent"},
        {{QUESTION("a", 100, 900, "'q1'", ",'urgent':true"), QUESTION("b", 200, 300, "'q2','q1'", "")},
         900,
         "asked again"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t first = 0; first < 2; first++) {
            const size_t order[] = {first, 1 - first};
            apply_in(cases[i].changes, order, 2);
            assert_states("joined", "a:open");
            g_autoptr(Deadline) a = get("b");
            assert_int_equal(instant_seconds(a->due), cases[i].due);
            assert_int_equal(instant_seconds(a->start), 100);
            assert_int_equal(a->priority, 1);
            assert_int_equal(instant_seconds(((const DeadlineStep *)a->steps->pdata[0])->at), cases[i].due);
            assert_non_null(strstr(told(a), cases[i].says));
        }
}

/* What lies beside a record is kept as it came. */
#define ON_HOLD QUESTION("a", 100, 900, "'q1'", ",'held':'H1'")
#define HELD                                                                                                           \
    "{'op':'held','qid':'H1','track':'t1','t':100,'client':'harbour','ops':[" QUESTION("a", 100, 900, "'q1'", "") "]}"

static void a_question_on_hold_is_owed_from_its_receipt(void **state) {
    assert_true(store_wipe(store, NULL));
    apply("{'op':'open','id':'a','client':'harbour','owner':'alice','t':100,'start':100,'due':900,'threads':['q1'],'"
          "steps':[],'held':'H1'}");
    apply(HELD);
    g_autoptr(Deadline) waiting = get("a");
    assert_string_equal(waiting->held, "H1");
    assert_string_equal(waiting->sealed, "");
    apply("{'op':'released','qid':'H1','by':'max','t':500}");
    g_autoptr(Deadline) shown = get("a");
    assert_string_equal(shown->held, "");
    assert_string_equal(shown->sealed, "sealed");
    assert_int_equal(instant_seconds(shown->start), 100);
    assert_non_null(strstr(told(shown), "the message was released"));
    assert_states("released", "a:open");
}

static void a_question_that_is_refused_is_none_and_one_that_is_lost_stays(void **state) {
    static const struct {
        const char *end, *states, *says;
    } cases[] = {
        {"{'op':'removed','qid':'H1','by':'max','t':500}", "a:closed", "closed by max"},
        {"{'op':'removed','qid':'H1','by':'max','gone':true,'t':500}", "a:open", "nobody knows why"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_true(store_wipe(store, NULL));
        apply(ON_HOLD);
        apply(HELD);
        apply(cases[i].end);
        assert_states("on hold no more", cases[i].states);
        g_autoptr(Deadline) a = get("a");
        assert_non_null(strstr(told(a), cases[i].says));
    }
    /* Refused, but the client asked before, and that stays owed. */
    assert_true(store_wipe(store, NULL));
    apply(QUESTION("z", 50, 800, "'q0'", ""));
    apply(QUESTION("a", 100, 900, "'q1','q0'", ",'held':'H1'"));
    apply(HELD);
    apply(cases[0].end);
    assert_states("a chaser that is refused", "z:open");
}

static void beyond_the_cap_nothing_opens_and_somebody_is_told_once(void **state) {
    assert_true(store_wipe(store, NULL));
    for (int i = 0; i < 5; i++) {
        g_autofree char *change =
            g_strdup_printf("{'op':'open','id':'c%d','client':'harbour','t':%d,'start':%d,'due':%d,"
                            "'threads':['q%d'],'steps':[],'cap':3}",
                            i, 100 + i, 100 + i, 900 + i, i);
        apply(change);
    }
    assert_states("three of five", "c0:open c1:open c2:open");
    apply("{'op':'open','id':'k','client':'harbour','t':200,'start':200,'due':990,'threads':['k','q1'],'steps':[],'cap'"
          ":3}");
    assert_states("a chaser joins all the same", "c0:open c1:open c2:open");
    apply("{'op':'open','id':'o','client':'other','t':200,'start':200,'due':995,'threads':['o'],'steps':[],'cap':3}");
    apply("{'op':'open','id':'p','client':'harbour','t':200,'start':200,'due':996,'threads':['p'],'steps':[]}");
    apply("{'op':'open','id':'n','client':'harbour','t':3700,'start':3700,'due':4900,'threads':['n'],'steps':[],'cap':"
          "3}");
    assert_states("others, proved ones and the next hour's", "c0:open c1:open c2:open o:open p:open n:open");
    g_autoptr(GError) error = NULL;
    StoreClaim claim = {.writer = "w", .now = instant_from_seconds(NOW), .lease = duration_seconds(10), .max = 10};
    g_autoptr(GPtrArray) jobs = store_claim(store, &claim, &error);
    assert_non_null(jobs);
    assert_int_equal(jobs->len, 1);
    const StoreJob *job = jobs->pdata[0];
    assert_string_equal(job->key, "capped:harbour:0");
    assert_string_equal(json_text(job->record, "key"), "harbour:0");
    assert_int_equal(json_number(job->record, "count", 0), 5);
    apply("{'op':'capped-told','key':'harbour:0','t':300}");
    apply("{'op':'open','id':'l','client':'harbour','t':300,'start':300,'due':999,'threads':['l'],'steps':[],'cap':3}");
    Instant at;
    assert_true(store_next_due(store, &at, NULL));
    assert_int_equal(instant_compare(at, INSTANT_NEVER), 0);
}

/* After a wipe the act's writer may be the first to tell of it: as many open as did before. */
static void what_an_act_told_again_counts_with_its_own_mail(void **state) {
    for (int act_first = 0; act_first < 2; act_first++) {
        assert_true(store_wipe(store, NULL));
        for (int i = 0; i < 7; i++) {
            bool again = act_first ? i == 0 : i == 6;
            int number = again ? 0 : act_first ? i - 1 : i;
            g_autofree char *change = g_strdup_printf(
                "{'op':'open','id':'c%d','client':'harbour','t':%d,'start':%d,'due':%d,"
                "'threads':['q%d'],'steps':[],%s}",
                number, 100 + number, 100 + number, 900 + number, number, again ? "'again':true" : "'cap':3");
            apply(change);
        }
        assert_states(act_first ? "the act first" : "the mail first", "c0:open c1:open c2:open");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        /* First: nobody claims while writers that were wiped catch up. */
        cmocka_unit_test(beyond_the_cap_nothing_opens_and_somebody_is_told_once),
        cmocka_unit_test(what_an_act_told_again_counts_with_its_own_mail),
        cmocka_unit_test(a_holding_reply_ends_one_deadline_and_begins_another_in_every_order),
        cmocka_unit_test(a_chaser_joins_what_was_promised),
        cmocka_unit_test(a_promise_that_is_not_delivered_is_none),
        cmocka_unit_test(the_words_alone_are_told),
        cmocka_unit_test(an_urgent_question_takes_the_deadline_along_and_a_mark_does_not),
        cmocka_unit_test(a_question_on_hold_is_owed_from_its_receipt),
        cmocka_unit_test(a_question_that_is_refused_is_none_and_one_that_is_lost_stays),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
