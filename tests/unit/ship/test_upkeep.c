/* SPDX-License-Identifier: Apache-2.0 */
/* A Redis that lost everything is filled from what the checkpoints of two writers say still matters: the same waits
 * after as before, and little is read. */
#include "store/redis.h"
#include "ship/shipper.h"
#include "journal/checkpoint.h"
#include "store/fill.h"
#include <hiredis/hiredis.h>

#define PATIENCE_MS 60000
#define OLD 100 /* questions that ended long ago */

typedef struct {
    const char *role;
    JournalWriter *journal;
    Shipper *shipper;
} Member;

static Member gateway = {.role = "milter"}, escalated = {.role = "escalated"};
static Member *const members[] = {&gateway, &escalated};
static char *folder;
static int64_t now_us;

static Instant shared_now(void *state) {
    return (Instant){__atomic_load_n(&now_us, __ATOMIC_RELAXED)};
}

static const TimeSource test_clock = {shared_now, NULL};

static Instant now_is(void) {
    return shared_now(NULL);
}

/* Days since the beginning, at some hour. */
static void set_day(double day) {
    __atomic_store_n(&now_us, (int64_t)((1700000000.0 + day * 86400) * 1e6), __ATOMIC_RELAXED);
}

static void open_member(Member *member) {
    JournalSettings journal = {.folder = folder, .role = member->role, .segment_size = 20000, .clock = test_clock};
    member->journal = journal_writer_open(&journal, NULL);
    ShipperSettings settings = {.folder = folder,
                                .writer = member->journal,
                                .store = store_on_socket(10000),
                                .clock = test_clock,
                                .checkpoint_every = duration_seconds(86400)};
    member->shipper = shipper_start(&settings, NULL);
    assert_non_null(member->shipper);
}

static void close_member(Member *member) {
    shipper_stop(member->shipper);
    journal_writer_close(member->journal);
}

static void open_all(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        open_member(members[i]);
}

static void close_all(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        close_member(members[i]);
}

static void command(const char *text) {
    redisContext *context = redisConnectUnix(redis_socket);
    freeReplyObject(redisCommand(context, text));
    redisFree(context);
}

static int start(void **state) {
    command("FLUSHALL");
    set_day(0);
    folder = g_dir_make_tmp("lexgate-upkeep-XXXXXX", NULL);
    open_all();
    return 0;
}

static int end(void **state) {
    close_all();
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
    return 0;
}

static ShipperState state_of(const Member *member) {
    ShipperState state;
    shipper_state(member->shipper, &state);
    return state;
}

/* ---- Telling ---- */

static void tell(const Member *member, const char *kind, char *text) {
    g_autofree char *owned = g_strdelimit(text, "'", '"');
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) payload = json_loads(owned, 0, NULL);
    if (!payload || !journal_append(member->journal, kind, payload, NULL, &error))
        fail_msg("%s: %s", owned, error ? error->message : "no JSON");
}

static char *time_in(double days) {
    char text[INSTANT_TEXT];
    return g_strdup(instant_format(instant_add(now_is(), duration_seconds((int64_t)(days * 86400))), text));
}

static void ask(const char *op, const char *id, const char *threads) {
    g_autofree char *start = time_in(0), *due = time_in(1);
    tell(&gateway, "decision",
         g_strdup_printf("{'qid':'Q%s','track':'%s','action':'accept','client':'harbour','matter':'M1','threads':[%s],"
                         "'ops':[{'op':'%s','id':'%s','client':'harbour','matter':'M1','owner':'alice@firm.test','sl':"
                         "'standard','start':'%s','due':'%s','steps':[{'at':'%s','tell':['owner']}]}]}",
                         id, id, threads, op, strcmp(op, "open") == 0 ? id : "", start, due, due));
}

static void ask_new(const char *id) {
    g_autofree char *threads = g_strdup_printf("'m-%s'", id);
    ask("open", id, threads);
}

static void reply(const char *id) {
    tell(&gateway, "decision",
         g_strdup_printf(
             "{'qid':'R%s','track':'r-%s','action':'accept','client':'harbour','threads':['a-%s','m-%s'],'to':"
             "['x'],'ops':[{'op':'clear','id':'','client':'harbour','by':'alice@firm.test'}]}",
             id, id, id, id));
}

static void fate(const char *id, const char *kind) {
    tell(&gateway, kind, g_strdup_printf("{'qid':'R%s','track':'r-%s','clears':true,'clients':['harbour']}", id, id));
}

static void act(const char *id, const char *words) {
    tell(&escalated, "act", g_strdup_printf("{'act':%s,'id':'%s','by':'bob@firm.test'}", words, id));
}

static void noise(int count) {
    for (int i = 0; i < count; i++)
        tell(&gateway, "decision", g_strdup("{'qid':'N','track':'n','action':'accept','threads':['n'],'ops':[]}"));
}

static bool all_in(void) {
    bool in = true;
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        ShipperState seen = state_of(members[i]);
        in = in && seen.in_store >= seen.synced;
        journal_wake(members[i]->journal);
    }
    return in;
}

static void settle(void) {
    bool in = false;
    for (int i = 0; i < PATIENCE_MS / 5 && !(in = all_in()); i++)
        poll(NULL, 0, 5);
    assert_true(in);
}

/* Until both have a checkpoint of this day. One that found the other catching up is tried again a minute later. */
static void wait_for_checkpoints(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        bool made = false;
        for (int k = 0; k < PATIENCE_MS / 5 && !made; k++) {
            Instant at = state_of(members[i]).checkpoint_made;
            made =
                instant_compare(at, INSTANT_NEVER) != 0 && instant_since(now_is(), at).us < duration_seconds(3600).us;
            for (size_t m = 0; m < G_N_ELEMENTS(members); m++)
                journal_wake(members[m]->journal);
            poll(NULL, 0, 5);
            if (k % 20 == 19)
                __atomic_add_fetch(&now_us, 61 * 1000000, __ATOMIC_RELAXED);
        }
        if (!made)
            fail_msg("%s made no checkpoint", members[i]->role);
    }
    settle();
}

/* ---- What there is ---- */

static bool without_history; /* the order of reading shows in it */

static void say(const Deadline *d, GString *out) {
    g_string_append_printf(out, "%s %s %s p%u g%u due %" G_GINT64_FORMAT " until %" G_GINT64_FORMAT " by %s:", d->id,
                           deadline_state_name(d->state), d->owner, d->priority, d->generation, instant_seconds(d->due),
                           instant_seconds(d->snoozed_until), d->answered_by);
    for (guint i = 0; i < d->steps->len; i++) {
        const DeadlineStep *step = d->steps->pdata[i];
        g_string_append_printf(out, " %" G_GINT64_FORMAT "%s", instant_seconds(step->at), step->sent ? "!" : "");
    }
    for (guint i = 0; !without_history && i < d->history->len; i++) {
        const HistoryEvent *event = d->history->pdata[i];
        g_string_append_printf(out, " %s@%" G_GINT64_FORMAT, event->event, instant_seconds(event->at));
    }
    g_string_append_c(out, '\n');
}

static char *waiting(void) {
    GString *text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    StoreQuery query = {.limit = 1000, .now = now_is()};
    g_autoptr(GPtrArray) found = store_query(store, &query, &error);
    if (!found)
        fail_msg("%s", error->message);
    for (guint i = 0; i < found->len; i++)
        say(found->pdata[i], text);
    return g_string_free(text, FALSE);
}

static const char *state_named(const char *id) {
    g_autoptr(Deadline) found = store_deadline(store, id, NULL);
    return found ? deadline_state_name(found->state) : "none";
}

/* Loses everything by a command (NULL: by `lexgate rebuild`); gives how many entries came back of both. */
static uint64_t lose_and_fill(const char *how) {
    uint64_t before[] = {state_of(&gateway).read, state_of(&escalated).read};
    if (how)
        command(how);
    else
        assert_true(store_wipe(store, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        for (int k = 0; k < PATIENCE_MS / 5 && state_of(members[i]).read == before[i]; k++) {
            journal_wake(members[i]->journal);
            poll(NULL, 0, 5);
        }
    settle();
    return state_of(&gateway).read + state_of(&escalated).read - before[0] - before[1];
}

/* Two months of a small firm: most of it over, something of every kind still waiting. */
static void tell_two_months(void) {
    ask_new("old-open");
    ask_new("snoozed");
    ask_new("handed");
    ask_new("told");
    ask_new("bounced");
    for (int i = 0; i < OLD; i++) {
        g_autofree char *id = g_strdup_printf("d%03d", i);
        ask_new(id);
        if (i % 2)
            reply(id);
        noise(1);
    }
    settle();
    set_day(0.1);
    for (int i = 0; i < OLD; i++) {
        g_autofree char *id = g_strdup_printf("d%03d", i);
        if (i % 2)
            fate(id, "sent");
        else
            act(id, "'close'");
    }
    reply("bounced");
    g_autofree char *until = time_in(100);
    g_autofree char *snooze =
        g_strdup_printf("'snooze','until':'%s','steps':[{'at':'%s','tell':['owner']}]", until, until);
    act("snoozed", snooze);
    settle();
    set_day(1.2);
    act("handed", "'assign','owner':'carl@firm.test'");
    ask("join", "chase", "'m-chase','m-old-open'");
    tell(&escalated, "step-sent", g_strdup("{'id':'told','gen':0,'step':0,'to':['alice@firm.test']}"));
    fate("bounced", "bounced");
    settle();
    for (int day = 2; day < 60; day += 4) { /* Redis keeps house with every change */
        set_day(day);
        noise(12);
        if (day == 30)
            act("d004", "'reopen'");
        if (day == 34)
            act("d004", "'close'");
        settle();
    }
    ask_new("fresh-answered");
    ask_new("fresh-open");
    ask_new("fresh-provisional");
    settle();
    set_day(60);
    reply("fresh-answered");
    reply("fresh-provisional");
    settle();
    fate("fresh-answered", "sent");
    settle();
    set_day(62);
    noise(5);
    settle();
}

static void what_waits_comes_back_and_little_is_read(void **state) {
    tell_two_months();
    wait_for_checkpoints();
    uint64_t all = journal_synced(gateway.journal) + journal_synced(escalated.journal);
    g_autofree char *before = waiting();
    assert_non_null(strstr(before, "chase") ? before : strstr(before, "asked-again"));
    uint64_t read = lose_and_fill("FLUSHALL");
    g_autofree char *after = waiting();
    assert_string_equal(after, before);
    if (read * 4 > all)
        fail_msg("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " entries were read", read, all);
    /* What ended lately is there, and opens again when the news is bad; what ended long ago is not. */
    assert_string_equal(state_named("fresh-answered"), "answered");
    assert_string_equal(state_named("d000"), "none");
    fate("fresh-answered", "bounced");
    fate("fresh-provisional", "sent");
    settle();
    assert_string_equal(state_named("fresh-answered"), "open");
    assert_string_equal(state_named("fresh-provisional"), "answered");
    Instant made;
    assert_true(store_is_filled_in_part(store, &made, NULL));
    /* `lexgate rebuild` reads all. */
    assert_true(store_wipe(store, NULL));
    for (int i = 0; i < PATIENCE_MS / 5 && strcmp(state_named("d000"), "closed") != 0; i++) {
        settle();
        poll(NULL, 0, 5);
    }
    settle();
    assert_string_equal(state_named("d000"), "closed");
    assert_string_equal(state_named("d001"), "answered");
    assert_false(store_is_filled_in_part(store, &made, NULL));
}

static void it_is_filled_the_same_way_again_and_from_the_next_one(void **state) {
    tell_two_months();
    wait_for_checkpoints();
    g_autofree char *before = waiting();
    lose_and_fill("FLUSHALL");
    lose_and_fill("FLUSHALL");
    g_autofree char *again = waiting();
    assert_string_equal(again, before);
    set_day(63.5);
    noise(1);
    settle();
    wait_for_checkpoints();
    act("snoozed", "'answer'");
    settle();
    g_autofree char *later = waiting();
    uint64_t read = lose_and_fill("FLUSHALL");
    g_autofree char *after = waiting();
    assert_string_equal(after, later);
    assert_true(read < 60);
    assert_string_equal(state_named("snoozed"), "answered");
}

/* The act tells the question once more. */
static void what_was_opened_again_after_long_comes_back(void **state) {
    static const char *const question =
        "'reopen','threads':['m-d000'],'ops':[{'op':'open','again':true,'id':'d000','client':'harbour','matter':'M1',"
        "'owner':'alice@firm.test','sl':'standard','soft':false,'start':'2023-11-14T22:13:20Z','due':'2023-11-15T22:13:"
        "20Z',"
        "'steps':[]}]";
    tell_two_months();
    wait_for_checkpoints();
    act("d000", question);
    settle();
    assert_string_equal(state_named("d000"), "open");
    lose_and_fill("FLUSHALL");
    g_autoptr(Deadline) again = store_deadline(store, "d000", NULL);
    assert_non_null(again);
    assert_int_equal(again->state, DEADLINE_OPEN);
    assert_int_equal(instant_seconds(again->start), 1700000000);
    set_day(62.1);
    reply("d000");
    settle();
    assert_string_equal(state_named("d000"), "provisional");
}

/* ---- Any two months ---- */

static void something(GRand *rand, GPtrArray *asked) {
    static const char *const acts[] = {
        "'close'", "'answer'", "'reopen'", "'keep'", "'priority','priority':2", "'assign','owner':'carl@firm.test'"};
    int what = g_rand_int_range(rand, 0, 10);
    const char *id = asked->len ? asked->pdata[g_rand_int_range(rand, 0, (gint32)asked->len)] : NULL;
    if (what < 3 || !id) {
        char *fresh = g_strdup_printf("x%08x", g_rand_int(rand));
        g_ptr_array_add(asked, fresh);
        ask_new(fresh);
    } else if (what == 3) {
        g_autofree char *chaser = g_strdup_printf("j%d", g_rand_int_range(rand, 0, 1000000));
        g_autofree char *threads = g_strdup_printf("'m-%s','m-%s'", chaser, id);
        ask("join", chaser, threads);
    } else if (what < 6) {
        reply(id);
    } else if (what < 8) {
        fate(id, what == 6 ? "sent" : "bounced");
    } else if (what == 8) {
        act(id, acts[g_rand_int_range(rand, 0, G_N_ELEMENTS(acts))]);
    } else {
        noise(2);
    }
}

/* The lines of each that the other has not. */
static void fail_differing(guint32 seed, const char *filled, const char *whole) {
    g_auto(GStrv) a = g_strsplit(filled, "\n", -1), b = g_strsplit(whole, "\n", -1);
    for (char **line = a; *line; line++)
        if (!g_strv_contains((const char *const *)b, *line))
            print_message("filled: %s\n", *line);
    for (char **line = b; *line; line++)
        if (!g_strv_contains((const char *const *)a, *line))
            print_message("whole:  %s\n", *line);
    fail_msg("LEXGATE_SEED=%u", seed);
}

/* Whoever reads all has the same waiting as whoever goes by checkpoints. */
static void any_past_is_filled_as_if_all_had_been_read(void **state) {
    without_history = true;
    const char *wanted = g_getenv("LEXGATE_SEED"), *full = g_getenv("LEXGATE_FULL");
    guint32 first = wanted ? (guint32)g_ascii_strtoull(wanted, NULL, 10) : full ? g_random_int() / 2 : 1;
    for (guint32 seed = first; seed < first + (wanted ? 1 : full ? 60 : 1); seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(GPtrArray) asked = g_ptr_array_new_with_free_func(g_free);
        for (double day = 0; day < 60; day += g_rand_double_range(rand, 0.05, 2.5)) {
            set_day(day);
            for (int i = g_rand_int_range(rand, 1, 6); i > 0; i--)
                something(rand, asked);
            settle();
            if (asked->len > 6) /* what is long over is opened again by an act of its own, above */
                g_ptr_array_remove_range(asked, 0, asked->len - 6);
        }
        noise(1);
        settle();
        set_day(61.5);
        noise(1);
        settle();
        wait_for_checkpoints();
        for (int i = 0; i < 3; i++)
            something(rand, asked);
        settle();
        lose_and_fill("FLUSHALL");
        g_autofree char *filled = waiting();
        lose_and_fill(NULL);
        g_autofree char *whole = waiting();
        if (strcmp(filled, whole) != 0)
            fail_differing(seed, filled, whole);
        end(state);
        start(state);
    }
    without_history = false;
}

static void change_file(const Member *member, const char *text) {
    g_autofree char *path = g_strdup_printf("%s/%s.checkpoint", folder, journal_writer_name(member->journal));
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* One that does not hold for one writer holds for none: what the other left out might be an answer. */
static void a_forged_checkpoint_has_all_read_by_all(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        tell_two_months();
        wait_for_checkpoints();
        g_autofree char *before = waiting();
        close_all(); /* and it is not made anew meanwhile */
        open_all();
        settle();
        change_file(members[i], "{\"v\":1,\"writer\":\"x\",\"through\":1,\"hash\":\"\",\"made\":\"2026-01-01T00:00:"
                                "00Z\",\"matters\":\"\"}\n");
        uint64_t all = journal_synced(gateway.journal) + journal_synced(escalated.journal);
        uint64_t read = lose_and_fill("FLUSHALL");
        for (int k = 0; k < PATIENCE_MS / 5 && strcmp(state_named("d000"), "closed") != 0; k++) {
            settle();
            poll(NULL, 0, 5);
        }
        settle();
        g_autofree char *after = waiting();
        assert_string_equal(after, before);
        assert_true(read > 0 && all > 0);
        assert_string_equal(state_named("d000"), "closed");
        end(state);
        start(state);
    }
}

static void an_old_one_beside_a_new_one_has_all_read_by_all(void **state) {
    g_autofree char *path = g_strdup_printf("%s/%s.checkpoint", folder, journal_writer_name(gateway.journal));
    g_autofree char *old = NULL;
    tell_two_months();
    wait_for_checkpoints();
    assert_true(g_file_get_contents(path, &old, NULL, NULL));
    set_day(80);
    act("old-open", "'close'");
    noise(1);
    settle();
    wait_for_checkpoints();
    g_autofree char *before = waiting();
    assert_true(g_file_set_contents(path, old, -1, NULL));
    lose_and_fill("FLUSHALL");
    for (int k = 0; k < PATIENCE_MS / 5 && strcmp(state_named("d000"), "closed") != 0; k++) {
        settle();
        poll(NULL, 0, 5);
    }
    settle();
    g_autofree char *after = waiting();
    assert_string_equal(after, before);
    assert_string_equal(state_named("old-open"), "closed");
}

static void a_rolled_back_redis_goes_on_from_its_marks(void **state) {
    tell_two_months();
    wait_for_checkpoints();
    command("SAVE");
    ask_new("after");
    act("old-open", "'close'");
    settle();
    g_autofree char *before = waiting();
    uint64_t read = state_of(&gateway).read + state_of(&escalated).read;
    redis_kill();
    redis_run();
    assert_true(redis_answers());
    for (int i = 0; i < PATIENCE_MS / 5 && strcmp(state_named("after"), "open") != 0; i++) {
        settle();
        poll(NULL, 0, 5);
    }
    for (int i = 0; i < PATIENCE_MS / 5 && strcmp(state_named("old-open"), "closed") != 0; i++)
        poll(NULL, 0, 5);
    g_autofree char *after = waiting();
    assert_string_equal(after, before);
    assert_true(state_of(&gateway).read + state_of(&escalated).read - read < 10);
    g_autofree char *dump = g_build_filename(redis_folder, "dump.rdb", NULL);
    g_remove(dump);
}

static bool is_made_since(double day) {
    Instant made = state_of(&gateway).checkpoint_made;
    return instant_compare(made, INSTANT_NEVER) != 0 && made.us > (int64_t)((1700000000.0 + day * 86400) * 1e6);
}

/* What Redis lost by hand must not be taken for over. */
static void while_something_is_missing_none_is_made(void **state) {
    ask_new("a");
    ask_new("b");
    noise(3);
    settle();
    command("DEL lexgate:{test}:d:a");
    set_day(3); /* one of this day may begin before the noise is in, and ask for nothing */
    noise(1);
    settle();
    set_day(5);
    noise(1);
    settle();
    for (int i = 0; i < 60; i++) {
        journal_wake(gateway.journal);
        poll(NULL, 0, 5);
    }
    assert_false(is_made_since(4));
    assert_true(store_wipe(store, NULL));
    for (int i = 0; i < PATIENCE_MS / 5 && strcmp(state_named("a"), "open") != 0; i++)
        poll(NULL, 0, 5);
    set_day(5.2);
    noise(1);
    settle();
    for (int i = 0; i < PATIENCE_MS / 5 && !is_made_since(4); i++) {
        journal_wake(gateway.journal);
        poll(NULL, 0, 5);
        if (i % 20 == 19)
            __atomic_add_fetch(&now_us, 61 * 1000000, __ATOMIC_RELAXED);
    }
    assert_in_range(state_of(&gateway).checkpoint_matters, 4, 5); /* both, and what came within a day or two */
}

int main(void) {
#define UPKEEP(test) cmocka_unit_test_setup_teardown(test, start, end)
    const struct CMUnitTest tests[] = {
        UPKEEP(what_waits_comes_back_and_little_is_read),
        UPKEEP(it_is_filled_the_same_way_again_and_from_the_next_one),
        UPKEEP(what_was_opened_again_after_long_comes_back),
        UPKEEP(any_past_is_filled_as_if_all_had_been_read),
        UPKEEP(a_forged_checkpoint_has_all_read_by_all),
        UPKEEP(an_old_one_beside_a_new_one_has_all_read_by_all),
        UPKEEP(a_rolled_back_redis_goes_on_from_its_marks),
        UPKEEP(while_something_is_missing_none_is_made),
    };
    json_prepare();
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
