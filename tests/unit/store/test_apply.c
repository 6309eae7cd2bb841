/* SPDX-License-Identifier: Apache-2.0 */
/* What changes do: stories told to a store in some order, and the states that must come of them in any order. */
#include "redis.h"

#define NOW 5000

typedef struct {
    const char *name;
    const char *changes[6]; /* each by a writer of its own, so that any order is allowed */
    const char *states;
} Story;

#define OPEN_A                                                                                                         \
    "{'op':'open','id':'a','client':'harbour','t':100,'start':100,'due':900,'threads':['q1'],'steps':[[500,'owner']]}"
#define OPEN_B                                                                                                         \
    "{'op':'open','id':'b','client':'harbour','t':200,'start':200,'due':990,'threads':['q2','q1'],'steps':[[600,'"     \
    "owner']]}"
#define REPLY(t, client, threads)                                                                                      \
    "{'op':'clear','id':'','client':'" client "','by':'alice@firm.test','qid':'R" #t "','t':" #t                       \
    ",'threads':[" threads "]}"
/* Questions with an owner; `rest` says who may answer them. */
#define OWNED(id, client, start, threads, rest)                                                                        \
    "{'op':'open','id':'" id "','client':'" client "','matter':'m1','owner':'alice@firm.test','t':" start              \
    ",'start':" start ",'due':9" start ",'threads':[" threads "],'steps':[]" rest "}"
#define CLEARS(words) ",'clears':'" words "'"
#define REPLY_BY(who, as, t, rest)                                                                                     \
    "{'op':'clear','client':'harbour','by':'" who "','as':'" as "','qid':'R" #t "','t':" #t ",'threads':['r" #t        \
    "','q1']" rest "}"
#define FRESH(t, client, matter, rest)                                                                                 \
    "{'op':'suggest','client':'" client "','matter':'" matter "','by':'alice@firm.test','qid':'R" #t "','t':" #t       \
    ",'threads':['f" #t "']" rest "}"
#define ACT(rest) "{'op':'act','id':'a','by':'alice@firm.test'," rest "}"

static const Story stories[] = {
    {"a question alone", {OPEN_A}, "a:open"},
    {"a repeat is no second deadline", {OPEN_A, OPEN_A}, "a:open"},
    {"a reply in the thread", {OPEN_A, REPLY(150, "harbour", "'r1','q1'")}, "a:provisional"},
    {"a reply by id",
     {OPEN_A, "{'op':'clear','id':'a','client':'harbour','by':'x','t':150,'threads':['r1']}"},
     "a:provisional"},
    {"a reply to another client", {OPEN_A, REPLY(150, "quay", "'r1','q1'")}, "a:open"},
    {"a reply by id to another client", {OPEN_A, "{'op':'clear','id':'a','client':'quay','by':'x','t':150}"}, "a:open"},
    {"a reply in another thread", {OPEN_A, REPLY(150, "harbour", "'r1','q9'")}, "a:open"},
    {"a reply older than the question, in its thread",
     {"{'op':'open','id':'a','client':'harbour','t':100,'start':100,'due':900,'threads':['q1','q0'],'steps':[]}",
      REPLY(99, "harbour", "'r1','q0'")},
     "a:open"},
    {"a reply that names the question is newer than it, whatever the clocks say",
     {OPEN_A, REPLY(99, "harbour", "'r1','q1'")},
     "a:provisional"},
    {"a question that names the reply is newer than it, whatever the clocks say",
     {REPLY(150, "harbour", "'r1','q1'"),
      "{'op':'open','id':'c','client':'harbour','t':140,'start':140,'due':950,'threads':['q3','r1','q1'],'steps':[]}"},
     "c:open"},
    {"a reply that was sent", {OPEN_A, REPLY(150, "harbour", "'r1','q1'"), "{'op':'sent','qid':'R150','t':160}"}, NULL},
    {"answered by phone", {OPEN_A, ACT("'act':'answer','t':160")}, "a:answered"},
    {"no reply needed", {OPEN_A, ACT("'act':'close','t':160")}, "a:closed"},
    {"put off", {OPEN_A, ACT("'act':'snooze','t':160,'until':2000000,'steps':[[2000000,'owner']]")}, "a:snoozed"},
    {"put off until now", {OPEN_A, ACT("'act':'snooze','t':160,'until':4999,'steps':[]")}, "a:open"},
    {"put off, then answered by mail",
     {OPEN_A, ACT("'act':'snooze','t':160,'until':2000000,'steps':[]"), REPLY(170, "harbour", "'r1','q1'")},
     "a:provisional"},
    {"handed over", {OPEN_A, ACT("'act':'assign','t':160,'owner':'bob@firm.test'")}, "a:open"},
    {"only the owner may answer: she does",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")), REPLY_BY("alice@firm.test", "alice@firm.test", 150, "")},
     "a:provisional"},
    {"only the owner may answer: another suggests",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")),
      REPLY_BY("sam@firm.test", "sam@firm.test team:x", 150, "")},
     "a:open?"},
    {"only the owner may answer: who acts for her does",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")),
      REPLY_BY("bob@firm.test", "bob@firm.test alice@firm.test", 150, "")},
     "a:provisional"},
    {"her team may answer: a colleague does",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner team:x")),
      REPLY_BY("sam@firm.test", "sam@firm.test team:x", 150, "")},
     "a:provisional"},
    {"her team may answer: somebody of another suggests",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner team:x")),
      REPLY_BY("eve@firm.test", "eve@firm.test team:y", 150, "")},
     "a:open?"},
    {"handed over before: the new owner may",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")), ACT("'act':'assign','t':140,'owner':'sam@firm.test'"),
      REPLY_BY("sam@firm.test", "sam@firm.test", 150, "")},
     "a:provisional"},
    {"handed over later: it only suggested",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")), ACT("'act':'assign','t':160,'owner':'sam@firm.test'"),
      REPLY_BY("sam@firm.test", "sam@firm.test", 150, "")},
     "a:open?"},
    {"another suggests, then the owner answers",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")), REPLY_BY("sam@firm.test", "sam@firm.test", 150, ""),
      REPLY_BY("alice@firm.test", "alice@firm.test", 160, "")},
     "a:provisional"},
    {"a reply of somebody who may not, and that was no answer",
     {OWNED("a", "harbour", "100", "'q1'", CLEARS("owner")), REPLY_BY("sam@firm.test", "sam@firm.test", 150, ""),
      ACT("'act':'keep','t':170")},
     "a:open"},
    {"clients who share a thread: each is answered alone",
     {OWNED("a", "harbour", "100", "'q1'", ""), OWNED("b", "quay", "200", "'q2','q1'", ""),
      REPLY_BY("alice@firm.test", "", 250, "")},
     "a:provisional b:open"},
    {"clients who share a thread: one reply answers all",
     {OWNED("a", "harbour", "100", "'q1'", ",'joint':true"), OWNED("b", "quay", "200", "'q2','q1'", ",'joint':true"),
      REPLY_BY("alice@firm.test", "", 250, ",'joint':true")},
     "a:provisional b:provisional"},
    {"jointly answered, where only one of them is promised so",
     {OWNED("a", "harbour", "100", "'q1'", ""), OWNED("b", "quay", "200", "'q2','q1'", ",'joint':true"),
      REPLY_BY("alice@firm.test", "", 250, ",'joint':true")},
     "a:provisional b:provisional"},
    {"a fresh mail on the matter suggests",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m1", "")},
     "a:open?"},
    {"on another matter it does not",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m2", "")},
     "a:open"},
    {"nor to another client", {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "quay", "m1", "")}, "a:open"},
    {"nor when it is older", {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(99, "harbour", "m1", "")}, "a:open"},
    {"without a matter, what is in none", {OPEN_A, FRESH(150, "harbour", "", "")}, "a:open?"},
    {"no, it was not",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m1", ""), ACT("'act':'keep','t':160")},
     "a:open"},
    {"no, and then another",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m1", ""), ACT("'act':'keep','t':160"),
      FRESH(170, "harbour", "m1", "")},
     "a:open?"},
    {"yes, it was",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m1", ""), ACT("'act':'answer','t':160")},
     "a:answered"},
    {"answered after all",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m1", ""), REPLY(160, "harbour", "'r1','q1'")},
     "a:provisional"},
    {"a fresh mail that never arrived",
     {OWNED("a", "harbour", "100", "'q1'", ""), FRESH(150, "harbour", "m1", ""),
      "{'op':'bounced','qid':'R150','t':160}"},
     "a:open"},
};

static uint64_t seqs;

/* One change, as a batch has it. */
static GPtrArray *batch_of(const char *text) {
    GPtrArray *changes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(changes, g_strdelimit(g_strdup(text), "'", '"'));
    return changes;
}

static void apply_by(const char *writer, uint64_t seq, const char *text) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) changes = batch_of(text);
    StoreBatch batch = {
        .writer = writer, .first = seq, .last = seq, .head = seq, .changes = changes, .now = instant_from_seconds(NOW)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
}

/* By a new writer each time. */
static void apply(const char *text) {
    g_autofree char *writer = g_strdup_printf("w-%d", (int)++seqs);
    apply_by(writer, 1, text);
}

static void assert_states(const char *what, const char *wanted) {
    g_autofree char *states = all_states(instant_from_seconds(NOW));
    if (strcmp(states, wanted) != 0)
        fail_msg("%s: wanted %s, got %s", what, wanted, states);
}

static size_t length_of(const Story *story) {
    size_t count = 0;
    while (count < G_N_ELEMENTS(story->changes) && story->changes[count])
        count++;
    return count;
}

static void run_in_order(const Story *story, const size_t *order, size_t count) {
    assert_true(store_wipe(store, NULL));
    for (size_t i = 0; i < count; i++)
        apply(story->changes[order[i]]);
    assert_states(story->name, story->states);
}

static void run_in_all_orders(const Story *story, size_t *order, size_t fixed, size_t count) {
    if (fixed == count) {
        run_in_order(story, order, count);
        return;
    }
    for (size_t i = fixed; i < count; i++) {
        size_t taken = order[i];
        order[i] = order[fixed];
        order[fixed] = taken;
        run_in_all_orders(story, order, fixed + 1, count);
        order[fixed] = order[i];
        order[i] = taken;
    }
}

static void every_story_ends_the_same_in_every_order_of_writers(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(stories); i++) {
        size_t order[] = {0, 1, 2, 3, 4, 5};
        if (stories[i].states)
            run_in_all_orders(&stories[i], order, 0, length_of(&stories[i]));
    }
}

static Deadline *get(const char *id) {
    g_autoptr(GError) error = NULL;
    Deadline *deadline = store_deadline(store, id, &error);
    if (!deadline)
        fail_msg("%s", error->message);
    return deadline;
}

static void a_client_who_asks_again_joins_once_for_each_message(void **state) {
    static const char *const orders[][2] = {{OPEN_A, OPEN_B}, {OPEN_B, OPEN_A}};
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        assert_true(store_wipe(store, NULL));
        for (int repeat = 0; repeat < 2; repeat++) {
            apply(orders[i][0]);
            apply(orders[i][1]);
        }
        g_autoptr(Deadline) a = get("a");
        g_autoptr(Deadline) b = get("b");
        assert_string_equal(a->id, b->id);
        assert_int_equal(a->priority, 1);
        assert_int_equal(instant_seconds(a->start), 100); /* the earlier question rules */
        assert_int_equal(instant_seconds(a->due), 900);
    }
}

/* Two gateways had the same message, and its step was told by the first one's time. */
static void what_came_twice_is_owed_from_the_first_time_on(void **state) {
    static const char *const tales[] = {
        OPEN_A,
        "{'op':'open','id':'a','client':'harbour','t':120,'start':120,'due':920,'threads':['q1'],'steps':[[520,'"
        "owner']]}",
        "{'op':'step-sent','id':'a','gen':0,'step':0,'t':505,'to':'alice@firm.test'}",
    };
    static const int orders[][3] = {{0, 1, 2}, {1, 0, 2}, {1, 2, 0}, {2, 1, 0}, {0, 2, 1}, {2, 0, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        assert_true(store_wipe(store, NULL));
        for (size_t k = 0; k < G_N_ELEMENTS(orders[i]); k++)
            apply(tales[orders[i][k]]);
        g_autoptr(Deadline) a = get("a");
        assert_int_equal(instant_seconds(a->start), 100);
        assert_int_equal(instant_seconds(a->due), 900);
        assert_int_equal(a->steps->len, 1);
        const DeadlineStep *step = a->steps->pdata[0];
        assert_int_equal(instant_seconds(step->at), 500);
        assert_true(step->sent);
        assert_int_equal(a->priority, 0);
    }
}

#define RECOUNT(t, due, at)                                                                                            \
    "{'op':'act','act':'recompute','id':'a','by':'mara','t':" #t ",'was':900,'due':" #due ",'steps':[[" #at ",'owner']," \
    "[" #due ",'sam']]}"

/* Told at its old time, it is not told again at the new one; the later count holds. */
static void a_time_counted_anew_holds_in_every_order_and_what_was_told_stays_told(void **state) {
    static const char *const tales[] = {
        "{'op':'open','id':'a','client':'harbour','t':100,'start':100,'due':900,'threads':['q1'],'steps':[[500,'owner'],"
        "[900,'sam']]}",
        RECOUNT(600, 9300, 9100), "{'op':'step-sent','id':'a','gen':0,'step':0,'t':510,'to':'alice'}",
        RECOUNT(700, 9400, 9200)};
    for (int order = 0; order < 24; order++) {
        int left[] = {0, 1, 2, 3}, rest = order;
        assert_true(store_wipe(store, NULL));
        for (int count = 4; count > 0; rest /= count, count--) {
            int pick = rest % count;
            apply(tales[left[pick]]);
            memmove(left + pick, left + pick + 1, (size_t)(count - 1 - pick) * sizeof *left);
        }
        g_autoptr(Deadline) a = get("a");
        assert_int_equal(instant_seconds(a->start), 100);
        assert_int_equal(instant_seconds(a->due), 9400);
        assert_int_equal(a->generation, 0);
        assert_int_equal(a->steps->len, 2);
        const DeadlineStep *first = a->steps->pdata[0], *second = a->steps->pdata[1];
        assert_int_equal(instant_seconds(first->at), 9200);
        assert_true(first->sent);
        assert_int_equal(instant_seconds(second->at), 9400);
        assert_false(second->sent);
        Instant next;
        assert_true(store_next_due(store, &next, NULL));
        assert_int_equal(instant_seconds(next), 9400);
    }
}

#define JOIN                                                                                                           \
    "{'op':'join','id':'a','client':'harbour','t':300,'start':300,'due':999,'threads':['q3','q1'],'steps':[[700,'"     \
    "owner']]}"

static void a_join_counts_once_and_opens_when_its_deadline_is_over(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(JOIN);
    apply(OPEN_A);
    apply(JOIN);
    g_autoptr(Deadline) a = get("a");
    assert_int_equal(a->priority, 1);
    assert_true(store_wipe(store, NULL));
    apply(OPEN_A);
    apply(ACT("'act':'answer','t':160"));
    apply(JOIN);
    assert_states("a question after the answer", "a:answered jq3:open");
    apply(REPLY(400, "harbour", "'r2','q3','q1'"));
    assert_states("and its reply", "a:answered jq3:provisional");
}

static void a_question_makes_a_soft_deadline_a_hard_one(void **state) {
    assert_true(store_wipe(store, NULL));
    apply("{'op':'open','id':'s','client':'harbour','soft':true,'t':100,'start':100,'due':800,'threads':['q1'],'steps':"
          "[]}");
    apply(OPEN_B);
    assert_states("a question after a thank-you", "b:open");
    g_autoptr(Deadline) both = get("s");
    assert_string_equal(both->id, "b");
    assert_false(both->soft);
    assert_int_equal(both->priority, 0);
    apply(REPLY(250, "harbour", "'r1','q2','q1'"));
    assert_states("and its reply", "b:provisional");
}

static void a_bounced_reply_opens_again_with_the_old_start(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(OPEN_A);
    apply(REPLY(150, "harbour", "'r1','q1'"));
    apply("{'op':'bounced','qid':'R150','t':200}");
    g_autoptr(Deadline) a = get("a");
    assert_int_equal(a->state, DEADLINE_OPEN);
    assert_int_equal(instant_seconds(a->start), 100);
    assert_int_equal(a->generation, 1);
    apply(REPLY(250, "harbour", "'r2','q1'"));
    apply("{'op':'sent','qid':'R250','t':260}");
    assert_states("answered at last", "a:answered");
}

static void a_released_reply_clears_and_a_removed_one_does_not(void **state) {
#define HELD                                                                                                           \
    "{'op':'held','qid':'H1','track':'t1','t':150,'client':'harbour','ops':[" REPLY(150, "harbour", "'r1','q1'") "]}"
    static const Story held[] = {
        {"held", {OPEN_A, HELD}, "a:open"},
        {"released", {OPEN_A, HELD, "{'op':'released','qid':'H1','by':'x','t':500}"}, "a:provisional"},
        {"removed", {OPEN_A, HELD, "{'op':'removed','qid':'H1','by':'x','t':500}"}, "a:open"},
        {"an older message's removal", {OPEN_A, HELD, "{'op':'removed','qid':'H1','by':'x','t':-500}"}, "a:open"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(held); i++) {
        size_t order[] = {0, 1, 2, 3, 4, 5};
        run_in_all_orders(&held[i], order, 0, length_of(&held[i]));
        g_autoptr(json_t) records = store_held(store, NULL);
        assert_int_equal(json_array_size(records), i == 0 || i == 3);
    }
    g_autoptr(json_t) record = store_held_one(store, "H1", NULL);
    assert_string_equal(json_text(record, "track"), "t1");
    g_autoptr(GError) error = NULL;
    assert_null(store_held_one(store, "H2", &error));
    assert_int_equal(error->code, STORE_ABSENT);
}

static void assert_held(const char *qid, const char *copies) {
    g_autoptr(json_t) record = store_held_one(store, qid, NULL);
    g_autoptr(GPtrArray) ids = json_texts(json_list(record, "copies"));
    g_ptr_array_add(ids, NULL);
    g_autofree char *joined = g_strjoinv(" ", (char **)ids->pdata);
    assert_string_equal(record ? joined : "none", copies);
}

/* A message that is brought again has another queue id, and what lies on hold of it is one thing. */
static void copies_on_hold_of_a_split_that_stopped_are_one_record_until_it_is_whole(void **state) {
#define PART(qid, copies)                                                                                              \
    "{'op':'held','qid':'" qid "','track':'t" qid "','t':150,'original':'o','partly':true,'copies':[" copies "]}"
    assert_true(store_wipe(store, NULL));
    apply(PART("P1", "'4A'"));
    apply(PART("P1", "'4B'"));
    assert_held("P1", "4A 4B");
    apply(PART("P1", "'4A','4B'"));
    assert_held("P1", "4A 4B");
    apply(PART("P2", "'4C'"));
    assert_held("P1", "none");
    assert_held("P2", "4A 4B 4C");
    apply("{'op':'held','qid':'P3','track':'t','t':160,'original':'o','copies':['4A','4B','4C','4D'],'ops':[]}");
    assert_held("P2", "none");
    assert_held("P3", "4A 4B 4C 4D");
    apply(PART("P4", "'4E'")); /* the same mail, sent once more */
    assert_held("P3", "4A 4B 4C 4D");
    apply("{'op':'removed','qid':'P4','by':'x','t':170}");
    apply(PART("P5", "'4F'"));
    assert_held("P4", "none");
    assert_held("P5", "4F");
    apply("{'op':'removed','qid':'P5','by':'x','t':180}");
    apply(PART("P5", "'4F'")); /* told of after the act, by another writer */
    assert_held("P5", "none");
    apply("{'op':'removed','qid':'P3','by':'x','t':180}");
}

static void an_unjudged_message_opens_in_its_own_thread(void **state) {
#define UNJUDGED "{'op':'unjudged','qid':'U1','track':'t','t':100,'threads':['q1']}"
#define ITS_OPEN                                                                                                       \
    "{'op':'open','qid':'U1','id':'u','client':'harbour','t':120,'start':100,'due':900,'threads':[],'steps':[]}"
#define ITS_DONE "{'op':'unjudged-done','qid':'U1','t':120}"
    static const char *const orders[][4] = {
        {UNJUDGED, ITS_OPEN, ITS_DONE, REPLY(150, "harbour", "'r1','q1'")},
        {ITS_OPEN, ITS_DONE, UNJUDGED, REPLY(150, "harbour", "'r1','q1'")},
        {REPLY(150, "harbour", "'r1','q1'"), ITS_OPEN, ITS_DONE, UNJUDGED},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        Instant at;
        assert_true(store_wipe(store, NULL));
        for (size_t k = 0; k < 4; k++)
            apply(orders[i][k]);
        assert_states("unjudged", "u:provisional");
        assert_true(store_next_due(store, &at, NULL));
        assert_int_equal(instant_compare(at, INSTANT_NEVER), 0);
    }
}

static void a_batch_that_does_not_follow_the_mark_changes_nothing(void **state) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) changes = batch_of(OPEN_A);
    uint64_t mark;
    assert_true(store_wipe(store, NULL));
    static const struct {
        uint64_t first, last;
        bool fits;
    } batches[] = {{2, 2, false}, {1, 3, true}, {1, 3, false}, {3, 4, false}, {4, 3, true}, {5, 4, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(batches); i++) {
        StoreBatch batch = {.writer = "w",
                            .first = batches[i].first,
                            .last = batches[i].last,
                            .head = 3,
                            .changes = changes,
                            .now = instant_from_seconds(NOW)};
        bool done = store_apply(store, &batch, &error);
        if (done != batches[i].fits)
            fail_msg("batch %zu: %s", i, error ? error->message : "applied");
        if (error)
            assert_int_equal(error->code, STORE_MARK);
        g_clear_error(&error);
        assert_true(store_mark(store, "w", &mark, NULL));
        assert_int_equal(mark, i ? 3 : 0);
    }
    assert_true(store_set_mark(store, "w", 1, instant_from_seconds(NOW), NULL));
    assert_true(store_mark(store, "w", &mark, NULL));
    assert_int_equal(mark, 1);
}

static void a_change_that_makes_no_sense_does_not_hold_up_the_rest(void **state) {
    assert_true(store_wipe(store, NULL));
    apply("{'op':'no-such'}");
    apply("{'op':'open'}");
    apply("{'op':'act','id':'a','act':'fly','t':1}");
    apply(OPEN_A);
    assert_states("after nonsense", "a:open");
}

/* Keys of the jobs that are due, with a lease of an hour. Caller owns. */
static char *due_jobs(int64_t at) {
    g_autoptr(GError) error = NULL;
    StoreClaim claim = {.now = instant_from_seconds(at), .lease = duration_seconds(3600), .max = 10};
    g_autoptr(GPtrArray) jobs = store_claim(store, &claim, &error);
    if (!jobs)
        fail_msg("%s", error->message);
    GString *keys = g_string_new(NULL);
    for (guint i = 0; i < jobs->len; i++) {
        const StoreJob *job = g_ptr_array_index(jobs, i);
        g_string_append_printf(keys, "%s%s", i ? " " : "", job->key);
        if (g_str_has_prefix(job->key, "ask:"))
            assert_string_equal(job->deadline->suggested_by, "alice@firm.test");
    }
    return g_string_free(keys, FALSE);
}

static void assert_jobs(int64_t at, const char *wanted) {
    g_autofree char *jobs = due_jobs(at);
    assert_string_equal(jobs, wanted);
}

/* Before others, whose writers would be waited for. */
static void the_owner_is_asked_once_for_each_suggestion(void **state) {
    apply(OWNED("a", "harbour", "100", "'q1'", ""));
    assert_jobs(NOW + 100, "");
    apply(FRESH(150, "harbour", "m1", ""));
    assert_jobs(NOW + 100, "ask:a:f150");
    assert_jobs(NOW + 110, ""); /* leased */
    apply(FRESH(160, "harbour", "m1", ""));
    assert_jobs(NOW + 3800, "ask:a:f150");
    apply("{'op':'ask-sent','id':'a','own':'f150','t':5000,'to':'alice@firm.test'}");
    assert_jobs(NOW + 9000, ""); /* the other one waits for the answer to this */
    apply(ACT("'act':'keep','t':5100"));
    apply(FRESH(5200, "harbour", "m1", ""));
    assert_jobs(NOW + 9000, "ask:a:f5200");
    apply(ACT("'act':'close','t':5300"));
    assert_jobs(NOW + 20000, "");
    apply(OWNED("b", "quay", "100", "'q2'", ""));
    apply(FRESH(151, "quay", "m1", ""));
    apply(REPLY(161, "quay", "'r2','q2'"));
    assert_jobs(NOW + 20000, "");
    apply("{'op':'bounced','qid':'R161','t':170}");
    assert_jobs(NOW + 20000, "ask:b:f151");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_owner_is_asked_once_for_each_suggestion),
        cmocka_unit_test(every_story_ends_the_same_in_every_order_of_writers),
        cmocka_unit_test(a_client_who_asks_again_joins_once_for_each_message),
        cmocka_unit_test(what_came_twice_is_owed_from_the_first_time_on),
        cmocka_unit_test(a_time_counted_anew_holds_in_every_order_and_what_was_told_stays_told),
        cmocka_unit_test(a_join_counts_once_and_opens_when_its_deadline_is_over),
        cmocka_unit_test(a_question_makes_a_soft_deadline_a_hard_one),
        cmocka_unit_test(a_bounced_reply_opens_again_with_the_old_start),
        cmocka_unit_test(a_released_reply_clears_and_a_removed_one_does_not),
        cmocka_unit_test(copies_on_hold_of_a_split_that_stopped_are_one_record_until_it_is_whole),
        cmocka_unit_test(an_unjudged_message_opens_in_its_own_thread),
        cmocka_unit_test(a_batch_that_does_not_follow_the_mark_changes_nothing),
        cmocka_unit_test(a_change_that_makes_no_sense_does_not_hold_up_the_rest),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
