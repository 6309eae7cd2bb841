/* SPDX-License-Identifier: Apache-2.0 */
/* What is expected of a client, in the store: whatever the order in which it is told of, beside the client's own
 * questions and never among them. */
#include "redis.h"
#include "deadline/history.h"

#define NOW 5000
#define OP(op, id, t, due, threads, more)                                                                              \
    "{'op':'" op "','id':'" id "','client':'harbour','matter':'m1','owner':'alice','sl':'standard','t':" #t            \
    ",'start':" #t ",'due':" #due ",'p':'p" id "','track':'T" #t "','threads':[" threads "],'steps':[[" #due           \
    ",'owner']]" more "}"
#define ASKED(id, t, due, threads) OP("open", id, t, due, threads, "")
#define FRESH(id, t, due, threads) OP("open", id, t, due, threads, ",'fresh':true")
#define EXPECT(id, t, due, threads) OP("open", id, t, due, threads, ",'kind':'expected','sent_as':'T" #t ":harbour'")
#define RECEIVED(t, threads) "{'op':'receive','client':'harbour','t':" #t ",'track':'I" #t "','threads':[" threads "]}"
#define REPLY(t, threads)                                                                                              \
    "{'op':'clear','id':'','client':'harbour','by':'alice','qid':'T" #t ":harbour','t':" #t ",'threads':[" threads "]" \
    "}"
#define BOUNCED(t, of) "{'op':'bounced','qid':'T" #of ":harbour','t':" #t "}"

enum { CHANGES_MAX = 5 };

static uint64_t seqs;

/* Each change by a writer of its own: nothing orders them. */
static void apply(const char *text) {
    g_autofree char *writer = g_strdup_printf("w-%d", (int)++seqs);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(changes, g_strdelimit(g_strdup(text), "'", '"'));
    StoreBatch batch = {
        .writer = writer, .first = 1, .last = 1, .head = 1, .changes = changes, .now = instant_from_seconds(NOW)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s: %s", text, error->message);
}

static GPtrArray *listed(bool expected) {
    g_autoptr(GError) error = NULL;
    StoreQuery query = {.state = "any", .expected = expected, .now = instant_from_seconds(NOW), .limit = 100};
    GPtrArray *found = store_query(store, &query, &error);
    if (!found)
        fail_msg("%s", error->message);
    return found;
}

/* "e:open@900 f:answered@1200": what is expected, then behind "|" what is owed. Caller owns. */
static char *stands(void) {
    GString *out = g_string_new(NULL);
    for (int owed = 0; owed < 2; owed++) {
        g_autoptr(GPtrArray) found = listed(!owed);
        if (owed)
            g_string_append(out, " |");
        for (guint i = 0; i < found->len; i++) {
            const Deadline *d = g_ptr_array_index(found, i);
            assert_string_equal(d->client, "harbour");
            assert_int_equal(g_strcmp0(d->kind, "expected") == 0, !owed);
            g_string_append_printf(out, "%s%s:%s@%d%s", out->len ? " " : "", d->id, deadline_state_name(d->state),
                                   (int)instant_seconds(d->due), *d->suggested_by ? "?" : "");
        }
    }
    return g_string_free(out, FALSE);
}

static Deadline *get(const char *id) {
    g_autoptr(GError) error = NULL;
    Deadline *deadline = store_deadline(store, id, &error);
    if (!deadline)
        fail_msg("%s: %s", id, error->message);
    return deadline;
}

static char *told(const Deadline *deadline) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < deadline->history->len; i++) {
        g_autofree char *line = history_event_say(deadline->history->pdata[i]);
        g_string_append_printf(out, "%s\n", line);
    }
    return g_string_free(out, FALSE);
}

/* The lawyer's mail of the thread have hashes m…, the client's c…. */
static const struct {
    const char *what, *changes[CHANGES_MAX], *stands;
} cases[] = {
    {"asked", {EXPECT("e", 100, 900, "'m1'")}, "e:open@900 |"},
    {"asked and answered", {EXPECT("e", 100, 900, "'m1'"), RECEIVED(300, "'c1','m1'")}, "e:answered@900 |"},
    {"answered to a later mail of the thread",
     {EXPECT("e", 100, 900, "'m1','c0'"), RECEIVED(300, "'c1','m2','m1','c0'")},
     "e:answered@900 |"},
    {"a mail of before", {EXPECT("e", 500, 900, "'m1','c0'"), RECEIVED(100, "'c0','x'")}, "e:open@900 |"},
    {"another thread", {EXPECT("e", 100, 900, "'m1'"), RECEIVED(300, "'c1','other'")}, "e:open@900 |"},
    {"a new day replaces the day",
     {EXPECT("e", 100, 900, "'m1'"), EXPECT("f", 300, 1500, "'m2','m1'")},
     "e:open@1500 |"},
    {"a sooner day replaces the day",
     {EXPECT("e", 100, 900, "'m1'"), EXPECT("f", 300, 700, "'m2','m1'")},
     "e:open@700 |"},
    {"three days, and the answer to the second",
     {EXPECT("e", 100, 900, "'m1'"), EXPECT("f", 300, 1500, "'m2','m1'"), RECEIVED(400, "'c1','m2','m1'"),
      EXPECT("g", 500, 2500, "'m3','c1','m2','m1'")},
     "e:answered@1500 g:open@2500 |"},
    {"it is not delivered", {EXPECT("e", 100, 900, "'m1'"), BOUNCED(200, 100)}, "e:closed@900 |"},
    {"the new day is not delivered",
     {EXPECT("e", 100, 900, "'m1'"), EXPECT("f", 300, 1500, "'m2','m1'"), BOUNCED(400, 300)},
     "e:open@900 |"},
    {"the first is not delivered",
     {EXPECT("e", 100, 900, "'m1'"), EXPECT("f", 300, 1500, "'m2','m1'"), BOUNCED(400, 100)},
     "e:open@1500 |"},
    {"neither is delivered",
     {EXPECT("e", 100, 900, "'m1'"), EXPECT("f", 300, 1500, "'m2','m1'"), BOUNCED(400, 100), BOUNCED(450, 300)},
     "e:closed@1500 |"},
    {"one that was not delivered, and an answer in the thread",
     {EXPECT("e", 100, 900, "'m1','c0'"), BOUNCED(200, 100), RECEIVED(300, "'c1','c0'")},
     "e:closed@900 |"},
    {"our own mail answers nothing", {EXPECT("e", 100, 900, "'m1'"), REPLY(300, "'m2','m1'")}, "e:open@900 |"},
    {"the client's question and ours, each of its own",
     {ASKED("q", 50, 800, "'c0'"), EXPECT("e", 100, 900, "'m1','c0'"), REPLY(100, "'m1','c0'")},
     "e:open@900 | q:provisional@800"},
    {"an answer that asks",
     {EXPECT("e", 100, 900, "'m1'"), RECEIVED(300, "'c1','m1'"), ASKED("q", 300, 1100, "'c1','m1'")},
     "e:answered@900 | q:open@1100"},
    {"an answer that asks, and ours to that",
     {EXPECT("e", 100, 900, "'m1'"), RECEIVED(300, "'c1','m1'"), ASKED("q", 300, 1100, "'c1','m1'"),
      REPLY(400, "'m2','c1','m1'"), EXPECT("f", 400, 1900, "'m2','c1','m1'")},
     "e:answered@900 f:open@1900 | q:provisional@1100"},
    {"closed by hand",
     {EXPECT("e", 100, 900, "'m1'"), "{'op':'act','act':'close','id':'e','t':300,'by':'alice'}"},
     "e:closed@900 |"},
    {"the client told it by phone",
     {EXPECT("e", 100, 900, "'m1'"), "{'op':'act','act':'answer','id':'e','t':300,'by':'alice'}",
      RECEIVED(400, "'c1','m1'")},
     "e:answered@900 |"},
    {"closed as the new day came",
     {EXPECT("e", 100, 900, "'m1'"), "{'op':'act','act':'close','id':'e','t':300,'by':'alice'}",
      EXPECT("f", 400, 1500, "'m2','m1'")},
     "e:closed@900 f:open@1500 |"},
    {"snoozed",
     {EXPECT("e", 100, 900, "'m1'"),
      "{'op':'act','act':'snooze','id':'e','t':300,'by':'alice','until':9000,'steps':[[9000,'owner']]}",
      RECEIVED(400, "'c1','m1'")},
     "e:answered@900 |"},
};

static size_t count_of(const char *const *changes) {
    size_t count = 0;
    while (count < CHANGES_MAX && changes[count])
        count++;
    return count;
}

/* The next order of numbers 0…n-1; false after the last. */
static bool next_order(size_t *order, size_t n) {
    size_t i = n, j = n;
    while (--i > 0 && order[i - 1] > order[i])
        ;
    if (!i || n < 2)
        return false;
    while (order[--j] < order[i - 1])
        ;
    size_t swap = order[i - 1];
    order[i - 1] = order[j], order[j] = swap;
    for (j = n - 1; i < j; i++, j--)
        swap = order[i], order[i] = order[j], order[j] = swap;
    return true;
}

static void it_stands_the_same_in_every_order(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t count = count_of(cases[i].changes), order[CHANGES_MAX];
        for (size_t k = 0; k < count; k++)
            order[k] = k;
        do {
            GString *in = g_string_new(NULL);
            assert_true(store_wipe(store, NULL));
            for (size_t k = 0; k < count; k++) {
                apply(cases[i].changes[order[k]]);
                g_string_append_printf(in, " %d", (int)order[k]);
            }
            g_autofree char *found = stands();
            if (strcmp(found, cases[i].stands) != 0)
                fail_msg("%s, in the order%s: wanted \"%s\", got \"%s\"", cases[i].what, in->str, cases[i].stands,
                         found);
            g_string_free(in, TRUE);
        } while (next_order(order, count));
    }
}

static void it_says_whose_it_is_and_what_became_of_it(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(EXPECT("e", 100, 900, "'m1'"));
    apply(OP("open", "f", 300, 1500, "'m2','m1'", ",'kind':'expected','sent_as':'T300:harbour'"));
    g_autoptr(Deadline) open = get("f");
    g_autofree char *before = told(open);
    assert_string_equal(open->kind, "expected");
    assert_string_equal(open->sealed, "pf"); /* of the mail that names the day */
    assert_int_equal(instant_seconds(open->start), 300);
    assert_int_equal(open->steps->len, 1);
    assert_int_equal(instant_seconds(((const DeadlineStep *)open->steps->pdata[0])->at), 1500);
    assert_non_null(strstr(before, "an answer of the client is expected"));
    apply(RECEIVED(400, "'c1','m2'"));
    g_autoptr(Deadline) done = get("e");
    g_autofree char *after = told(done);
    assert_string_equal(done->answered_by, "harbour");
    assert_non_null(strstr(after, "reply by harbour; message I400"));
    Instant due;
    assert_true(store_next_due(store, &due, NULL));
    assert_int_equal(instant_compare(due, INSTANT_NEVER), 0);
    /* Found by client, matter and owner, and nowhere among what is owed. */
    apply(EXPECT("g", 2000, 4000, "'m9'"));
    const StoreQuery queries[] = {{.client = "harbour"}, {.matter = "m1"}, {.owner = "alice"}, {.overdue = true}};
    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++)
        for (int expected = 0; expected < 2; expected++) {
            StoreQuery query = queries[i];
            query.now = instant_from_seconds(NOW);
            query.limit = 10;
            query.expected = expected;
            g_autoptr(GPtrArray) found = store_query(store, &query, NULL);
            assert_int_equal(found->len, expected);
        }
}

static void a_fresh_mail_of_the_client_suggests(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(EXPECT("e", 100, 900, "'m1'"));
    apply(ASKED("q", 200, 800, "'c1'")); /* in a thread of ours: no fresh one */
    g_autofree char *before = stands();
    assert_string_equal(before, "e:open@900 | q:open@800");
    apply(FRESH("r", 300, 850, "'c2'"));
    g_autofree char *after = stands();
    assert_string_equal(after, "e:open@900? | q:open@800 r:open@850");
    g_autoptr(Deadline) asked = get("e");
    assert_string_equal(asked->suggested_by, "harbour");
    apply("{'op':'act','act':'keep','id':'e','t':400,'by':'alice','own':'c2'}");
    g_autofree char *kept = stands();
    assert_string_equal(kept, "e:open@900 | q:open@800 r:open@850");
    /* One on hold only when it is released, and once. */
    apply(OP("open", "s", 500, 1900, "'c3'", ",'fresh':true,'held':'H1'"));
    g_autofree char *held = stands();
    assert_string_equal(held, "e:open@900 | q:open@800 r:open@850 s:open@1900");
    apply(FRESH("s", 500, 1900, "'c3'"));
    g_autofree char *released = stands();
    assert_string_equal(released, "e:open@900? | q:open@800 r:open@850 s:open@1900");
}

static void a_holding_reply_may_expect_too_and_both_end_with_its_bounce(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(ASKED("q", 50, 800, "'c0'"));
    apply(REPLY(100, "'m1','c0'"));
    apply(BOUNCED(200, 100));
    apply(OP("open", "h", 100, 1200, "'m1','c0'", ",'kind':'holding','sent_as':'T100:harbour'"));
    apply(EXPECT("e", 100, 900, "'m1','c0'"));
    g_autofree char *found = stands();
    assert_string_equal(found, "e:closed@900 | q:open@800 h:closed@1200");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_the_same_in_every_order),
        cmocka_unit_test(it_says_whose_it_is_and_what_became_of_it),
        cmocka_unit_test(a_fresh_mail_of_the_client_suggests),
        cmocka_unit_test(a_holding_reply_may_expect_too_and_both_end_with_its_bounce),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
