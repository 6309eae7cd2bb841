/* SPDX-License-Identifier: Apache-2.0 */
/* What is broken by hand in Redis is found and mended, and nothing that is merely on its way. */
#include "redis.h"
#include "store/audit.h"
#include <hiredis/hiredis.h>

#define NOW 5000
#define OPEN(id, rest)                                                                                                 \
    "{'op':'open','id':'" id "','client':'harbour','matter':'m1','owner':'alice@firm.test','t':100,'start':100,"       \
    "'due':9000,'threads':['q-" id "'],'steps':[[8000,'owner'],[9000,'cover']]" rest "}"

static uint64_t told; /* entries of the one writer */

static Instant at(int64_t seconds) {
    return instant_from_seconds(seconds);
}

static int begin(void **state) {
    told = 0;
    return store_wipe(store, NULL) ? 0 : -1;
}

static void tell(const char *const *changes) {
    for (; *changes; changes++) {
        g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) error = NULL;
        g_ptr_array_add(list, g_strdelimit(g_strdup(*changes), "'", '"'));
        told++;
        StoreBatch batch = {.writer = "w", .first = told, .last = told, .head = told, .changes = list, .now = at(NOW)};
        if (!store_apply(store, &batch, &error))
            fail_msg("%s", error->message);
    }
}

/* A command of words without blanks in them. */
static void command(const char *text) {
    redisContext *context = redisConnectUnix(redis_socket);
    redisReply *reply = redisCommand(context, text);
    assert_true(reply && reply->type != REDIS_REPLY_ERROR);
    freeReplyObject(reply);
    redisFree(context);
}

static GPtrArray *faults_new(void) {
    return g_ptr_array_new_with_free_func(store_fault_free);
}

static void look(const char *set, GPtrArray *faults, GPtrArray *sets) {
    StoreAudit audit = {.set = set, .cursor = g_strdup("0"), .sets = sets};
    do {
        g_autoptr(GError) error = NULL;
        if (!store_audit_look(store, &audit, at(NOW), faults, &error))
            fail_msg("%s: %s", set, error->message);
    } while (strcmp(audit.cursor, "0") != 0);
    g_free(audit.cursor);
}

/* "set id words" of everything that is wrong anywhere, each on a line. Caller owns. */
static char *all_faults(GPtrArray *faults) {
    static const char *const fixed[] = {"all", "jobs", "prov", "fresh", "unjudged", "notice", "deferred"};
    g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func(g_free);
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
        look(fixed[i], faults, sets);
    for (guint i = 0; i < sets->len; i++)
        if (strcmp(sets->pdata[i], "all") != 0)
            look(sets->pdata[i], faults, NULL);
    for (guint i = 0; i < faults->len; i++) {
        const StoreFault *fault = faults->pdata[i];
        g_autofree char *line = g_strdup_printf("%s %s %s\n", fault->set, fault->id, fault->words);
        if (!strstr(text->str, line))
            g_string_append(text, line);
    }
    return g_string_free(text, FALSE);
}

static void assert_all_well(const char *what) {
    g_autoptr(GPtrArray) faults = faults_new();
    g_autofree char *found = all_faults(faults);
    if (*found)
        fail_msg("%s: %s", what, found);
}

/* Ends in one pass over what was found. */
static void mend(const GPtrArray *faults) {
    for (guint i = 0; i < faults->len; i++) {
        bool mended;
        g_autoptr(GError) error = NULL;
        if (!store_audit_mend(store, faults->pdata[i], at(NOW), &mended, &error))
            fail_msg("%s", error->message);
    }
}

#define P "lexgate:{test}:"
#define ACT(id, rest) "{'op':'act','id':'" id "','by':'alice@firm.test','t':150," rest "}"
#define CLEAR(id)                                                                                                      \
    "{'op':'clear','id':'" id "','client':'harbour','by':'bob@firm.test','qid':'Q" id                                  \
    ":harbour','t':160,'threads':['r-" id "','q-" id "']}"
#define OPEN_ALL OPEN("a", ""), OPEN("b", ""), OPEN("c", ""), CLEAR("c"), OPEN("e", ""), ACT("e", "'act':'close'")

static void what_is_on_its_way_is_no_finding(void **state) {
    static const char *const story[] = {
        OPEN_ALL,
        OPEN("f", ",'held':'HOLD1'"),
        OPEN("g", ",'soft':true"),
        ACT("g", "'act':'assign','owner':'team:sea'"),
        OPEN("h", ""),
        ACT("h", "'act':'snooze','until':7000,'steps':[[7000,'owner']]"),
        OPEN("i", ""),
        CLEAR("i"),
        "{'op':'bounced','qid':'Qi:harbour','t':170}",
        OPEN("k", ""),
        OPEN("l", ""),
        ACT("k", "'act':'merge','into':'l'"),
        "{'op':'join','client':'harbour','t':300,'start':300,'due':9300,'threads':['q-m','q-a'],'steps':[]}",
        "{'op':'unjudged','qid':'U1','track':'t','client':'harbour','t':100}",
        "{'op':'suggest','client':'harbour','matter':'m1','by':'x@firm.test','qid':'S','t':400,'threads':['f1']}",
        NULL};
    tell(story);
    assert_all_well("told");
    StoreClaim claim = {.writer = "w", .mark = told, .now = at(8500), .lease = duration_seconds(60), .max = 100};
    g_autoptr(GPtrArray) jobs = store_claim(store, &claim, NULL);
    assert_true(jobs->len > 3);
    assert_all_well("claimed");
    for (guint i = 0; i < jobs->len; i += 2)
        assert_true(store_release(store, jobs->pdata[i], at(99999), NULL));
    assert_all_well("put off for long");
    g_ptr_array_set_free_func(jobs, (GDestroyNotify)store_job_free);
}

typedef struct {
    const char *breaks[4];
    const char *found;
    bool lost; /* cannot be mended */
} Damage;

static const Damage damages[] = {
    {{"ZREM " P "jobs step:a:0:0"}, "all a no-job\n", false},
    {{"DEL " P "jobs"}, "all a no-job\n", false},
    {{"DEL " P "all"}, "jobs step:a:0:0 not-listed\n", false},
    {{"ZREM " P "o:alice@firm.test b"}, "all b not-listed\n", false},
    {{"ZREM " P "c:harbour b"}, "all b not-listed\n", false},
    {{"ZREM " P "m:m1 b"}, "all b not-listed\n", false},
    {{"ZADD " P "all 77 b"}, "all b wrong-due\n", false},
    {{"ZADD " P "jobs 999999 step:b:0:0"}, "all b late-job\n", false},
    {{"ZADD " P "all 9000 e"}, "all e stale\n", false},
    {{"ZADD " P "all 1 e", "ZREM " P "done e"}, "all e not-listed stale\n", false},
    {{"ZADD " P "jobs 1 step:e:0:0"}, "jobs step:e:0:0 stale\n", false},
    {{"ZADD " P "jobs 1 step:b:7:0"}, "jobs step:b:7:0 stale\n", false},
    {{"ZADD " P "o:alice@firm.test 1 e"}, "o:alice@firm.test e stale\n", false},
    {{"ZADD " P "prov 1 a"}, "prov a stale\n", false},
    {{"ZREM " P "prov c"}, "all c not-listed\n", false},
    {{"DEL " P "t:q-a"}, "all a no-thread\n", false},
    {{"ZREM " P "jobs unjudged:U1"}, "unjudged U1 no-job\n", false},
    {{"DEL " P "d:a"}, "all a lost\n", true},
};

static void what_was_broken_by_hand_is_found_and_mended(void **state) {
    static const char *const story[] = {OPEN_ALL, "{'op':'unjudged','qid':'U1','track':'t','client':'harbour','t':100}",
                                        NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        const Damage *damage = &damages[i];
        begin(state);
        tell(story);
        assert_all_well("before");
        for (const char *const *text = damage->breaks; *text; text++)
            command(*text);
        g_autoptr(GPtrArray) faults = faults_new();
        g_autofree char *found = all_faults(faults);
        if (!strstr(found, damage->found))
            fail_msg("%s: found %s", damage->breaks[0], found);
        mend(faults);
        if (!damage->lost)
            assert_all_well(damage->breaks[0]);
    }
}

static void history_says_what_was_mended(void **state) {
    static const char *const story[] = {OPEN("a", ""), NULL};
    tell(story);
    command("ZREM " P "jobs step:a:0:0");
    g_autoptr(GPtrArray) faults = faults_new();
    g_autofree char *found = all_faults(faults);
    mend(faults);
    g_autoptr(Deadline) deadline = store_deadline(store, "a", NULL);
    const HistoryEvent *last = deadline->history->pdata[deadline->history->len - 1];
    assert_string_equal(last->event, "mended");
    assert_string_equal(last->detail, "no-job");
    Instant next;
    assert_true(store_next_due(store, &next, NULL));
    assert_int_equal(instant_seconds(next), 8000);
}

static char *compared(const char *const *changes, int64_t now) {
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) faults = faults_new();
    for (; *changes; changes++)
        g_ptr_array_add(list, g_strdelimit(g_strdup(*changes), "'", '"'));
    g_autoptr(GError) error = NULL;
    if (!store_audit_compare(store, list, at(now), faults, &error))
        fail_msg("%s", error->message);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < faults->len; i++) {
        const StoreFault *fault = faults->pdata[i];
        g_string_append_printf(text, "%s %s\n", fault->id, fault->words);
    }
    return g_string_free(text, FALSE);
}

#define DAYS(n) ((n)*INT64_C(86400))

static void what_the_journal_opened_is_missed(void **state) {
    static const char *const join =
        "{'op':'join','client':'harbour','t':300,'start':300,'due':9300,'threads':['q-m','q-a'],'steps':[]}";
    static const char *const story[] = {OPEN_ALL, NULL};
    static const char *const asked[] = {OPEN("a", ""), OPEN("b", ""), OPEN("c", ""), OPEN("e", ""), join, NULL};
    tell(story);
    tell((const char *const[]){join, NULL});
    g_autofree char *well = compared(asked, NOW);
    assert_string_equal(well, "");
    command("DEL " P "d:a " P "d:c");
    command("ZREM " P "jobs step:b:0:0");
    g_autofree char *found = compared(asked, NOW);
    assert_string_equal(found, "a lost\nb no-job\nc lost\n");
    /* What ended long ago may be gone by now. */
    g_autofree char *later = compared(asked, DAYS(95));
    assert_null(strstr(later, "lost"));
}

static void what_is_beyond_the_cap_is_not_missed(void **state) {
    static const char *const story[] = {OPEN("a", ",'cap':2"), OPEN("b", ",'cap':2"), OPEN("c", ",'cap':2"), NULL};
    tell(story);
    g_autofree char *found = compared(story, NOW);
    assert_string_equal(found, "");
    command("DEL " P "cap:0:ur");
    g_autofree char *unknown = compared(story, NOW);
    assert_string_equal(unknown, "c lost\n");
}

static void a_sweep_says_what_it_came_to(void **state) {
    g_auto(StoreSweep) none = {0}, read = {0};
    assert_true(store_sweep_read(store, &none, NULL));
    assert_true(instant_compare(none.ended, INSTANT_NEVER) == 0);
    StoreSweep sweep = {.ended = at(NOW), .looked = 7, .mended = 2, .lost = 1, .ids = (char *)"a"};
    assert_true(store_sweep_write(store, &sweep, NULL));
    assert_true(store_sweep_read(store, &read, NULL));
    assert_int_equal(instant_seconds(read.ended), NOW);
    assert_true(read.looked == 7 && read.mended == 2 && read.lost == 1);
    assert_string_equal(read.ids, "a");
    static const char *const story[] = {OPEN("a", ""), NULL};
    uint64_t overdue;
    tell(story);
    assert_true(store_audit_overdue(store, at(7999), &overdue, NULL) && overdue == 0);
    assert_true(store_audit_overdue(store, at(8001), &overdue, NULL) && overdue == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_on_its_way_is_no_finding, begin),
        cmocka_unit_test_setup(what_was_broken_by_hand_is_found_and_mended, begin),
        cmocka_unit_test_setup(history_says_what_was_mended, begin),
        cmocka_unit_test_setup(what_the_journal_opened_is_missed, begin),
        cmocka_unit_test_setup(what_is_beyond_the_cap_is_not_missed, begin),
        cmocka_unit_test_setup(a_sweep_says_what_it_came_to, begin),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
