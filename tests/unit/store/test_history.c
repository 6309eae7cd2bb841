/* SPDX-License-Identifier: Apache-2.0 */
/* What a deadline remembers of itself: who, when, why, by which message; in whatever order writers told of it. */
#include "redis.h"

#define NOW 5000

static uint64_t seqs;

/* By a new writer each time. */
static void apply(const char *text) {
    g_autoptr(GError) error = NULL;
    g_autofree char *writer = g_strdup_printf("w-%d", (int)++seqs);
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    g_autoptr(GPtrArray) changes = g_ptr_array_new();
    g_ptr_array_add(changes, json);
    StoreBatch batch = {
        .writer = writer, .first = 1, .last = 1, .head = 1, .changes = changes, .now = instant_from_seconds(NOW)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
}

/* "100 opened…\n150 reply by …". Caller owns. */
static char *history_of(const char *id) {
    g_autoptr(Deadline) deadline = store_deadline(store, id, NULL);
    assert_non_null(deadline);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < deadline->history->len; i++) {
        HistoryEvent *event = g_ptr_array_index(deadline->history, i);
        g_autofree char *said = history_event_say(event);
        g_string_append_printf(text, "%d %s\n", (int)instant_seconds(event->at), said);
    }
    return g_string_free(text, FALSE);
}

static const char *const changes[] = {
    "{'op':'open','id':'a','client':'harbour','t':100,'start':100,'due':900,'threads':['q1'],'track':'m1','why':'r1 r2/"
    "v3','steps':[[500,'owner']]}",
    "{'op':'join','id':'a','client':'harbour','t':120,'start':120,'due':920,'threads':['q2','q1'],'track':'m2','why':'"
    "r1/v3',"
    "'steps':[]}",
    "{'op':'clear','id':'','client':'harbour','by':'alice@firm.test','qid':'R','t':150,'threads':['r1','q1'],"
    "'track':'m3'}",
};
static const char *const wanted = "100 opened; rules r1, r2 of policy v3; message m1\n"
                                  "120 the client asked again; rule r1 of policy v3; message m2\n"
                                  "150 reply by alice@firm.test; message m3\n";

static void history_is_the_same_in_every_order_of_writers(void **state) {
    static const unsigned orders[][3] = {{0, 1, 2}, {1, 0, 2}};
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        assert_true(store_wipe(store, NULL));
        for (size_t k = 0; k < 3; k++)
            apply(changes[orders[i][k]]);
        g_autofree char *history = history_of("a");
        assert_string_equal(history, wanted);
    }
    assert_true(store_wipe(store, NULL));
    apply(changes[2]);
    apply(changes[0]);
    g_autofree char *history = history_of("a");
    assert_string_equal(history, "100 opened; rules r1, r2 of policy v3; message m1\n"
                                 "150 reply by alice@firm.test; message m3\n");
}

static void acts_steps_and_fates_are_told(void **state) {
    static const char *const more[] = {
        "{'op':'act','act':'assign','id':'a','by':'x@firm.test','t':110,'owner':'bob@firm.test'}",
        "{'op':'act','act':'snooze','id':'a','by':'bob@firm.test','t':120,'until':300,'steps':[[500,'owner cover']]}",
        "{'op':'step-sent','id':'a','gen':2,'step':0,'t':501,'to':'bob@firm.test carol@firm.test'}",
        "{'op':'clear','id':'a','client':'harbour','by':'bob@firm.test','qid':'R','t':600,'track':'m4'}",
        "{'op':'bounced','qid':'R','t':610}",
        "{'op':'clear','id':'a','client':'harbour','by':'bob@firm.test','qid':'S','t':620,'track':'m5'}",
        "{'op':'sent','qid':'S','t':630}",
    };
    assert_true(store_wipe(store, NULL));
    apply(changes[0]);
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
        apply(more[i]);
    g_autofree char *history = history_of("a");
    assert_string_equal(history, "100 opened; rules r1, r2 of policy v3; message m1\n"
                                 "110 handed to bob@firm.test by x@firm.test\n"
                                 "120 snoozed until 1970-01-01T00:05:00Z by bob@firm.test\n"
                                 "501 told bob@firm.test, carol@firm.test (owner cover)\n"
                                 "600 reply by bob@firm.test; message m4\n"
                                 "610 opened again: the reply was not delivered\n"
                                 "620 reply by bob@firm.test; message m5\n"
                                 "630 the reply was sent\n");
}

static void a_long_history_keeps_its_beginning_and_its_end(void **state) {
    assert_true(store_wipe(store, NULL));
    apply(changes[0]);
    for (int i = 0; i < 99; i++) {
        g_autofree char *assign = g_strdup_printf(
            "{'op':'act','act':'assign','id':'a','by':'x','t':%d,'owner':'owner%d@firm.test'}", 101 + i, i);
        apply(assign);
    }
    g_autoptr(Deadline) deadline = store_deadline(store, "a", NULL);
    const HistoryEvent *first = deadline->history->pdata[0], *second = deadline->history->pdata[1],
                       *last = deadline->history->pdata[deadline->history->len - 1];
    assert_int_equal(deadline->history->len, 40);
    assert_string_equal(first->event, "opened");
    assert_string_equal(first->message, "m1");
    assert_string_equal(second->event, "omitted");
    assert_int_equal(atoi(second->detail), 100 - 39);
    assert_string_equal(last->detail, "owner98@firm.test");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_is_the_same_in_every_order_of_writers),
        cmocka_unit_test(acts_steps_and_fates_are_told),
        cmocka_unit_test(a_long_history_keeps_its_beginning_and_its_end),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
