/* SPDX-License-Identifier: Apache-2.0 */
/* From journal to Redis and hints, while Redis is wiped, dies, or knows more than the journal. */
#include "store/redis.h"
#include "ship/shipper.h"
#include <hiredis/hiredis.h>

#define PATIENCE_MS 120000

static char *folder;
static int command_ms; /* the time-out of one command */
static Instant now;
static JournalWriter *writer;
static HintIndex *hints;
static Shipper *shipper;

static char *hints_path(void) {
    return g_build_filename(folder, "hints.mdb", NULL);
}

static void open_all(void) {
    g_autofree char *path = hints_path();
    JournalSettings journal = {
        .folder = folder, .role = "milter", .segment_size = 20000, .clock = timesource_fixed(&now)};
    writer = journal_writer_open(&journal, NULL);
    hints = hintindex_open(path, true, NULL);
    ShipperSettings settings = {.folder = folder,
                                .writer = writer,
                                .store = store_on_socket(command_ms),
                                .hints = hints,
                                .clock = timesource_fixed(&now)};
    shipper = shipper_start(&settings, NULL);
    assert_non_null(shipper);
}

static void close_all(void) {
    shipper_stop(shipper);
    hintindex_free(hints);
    journal_writer_close(writer);
}

static int start(void **state) {
    assert_true(store_wipe(store, NULL));
    instant_parse("2026-11-23T14:00:00Z", &now);
    folder = g_dir_make_tmp("lexgate-ship-XXXXXX", NULL);
    command_ms = 10000;
    open_all();
    return 0;
}

static void remove_files(void) {
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
    }
    g_dir_close(dir);
}

static int end(void **state) {
    close_all();
    remove_files();
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
    return 0;
}

static void append(const char *op, const char *id, const char *threads) {
    g_autofree char *text = g_strdup_printf(
        "{'qid':'Q%s','action':'accept','client':'harbour','matter':'M1','threads':[%s],"
        "'ops':[{'op':'%s','id':'%s','client':'harbour','by':'alice@firm.test','start':'2026-11-23T13:00:00Z',"
        "'due':'2026-11-23T17:00:00Z','steps':[]}]}",
        id, threads, op, strcmp(op, "open") == 0 ? id : "");
    g_strdelimit(text, "'", '"');
    g_autoptr(json_t) payload = json_loads(text, 0, NULL);
    assert_true(journal_append(writer, "decision", payload, NULL, NULL));
}

static void open_many(int first, int count) {
    for (int i = first; i < first + count; i++) {
        g_autofree char *id = g_strdup_printf("d%03d", i);
        g_autofree char *thread = g_strdup_printf("'m%03d'", i);
        append("open", id, thread);
    }
}

static guint count_deadlines(void) {
    StoreQuery query = {.limit = 1000, .now = now};
    g_autoptr(GPtrArray) found = store_query(store, &query, NULL);
    return found ? found->len : 0;
}

static ShipperState state_now(void) {
    ShipperState state;
    shipper_state(shipper, &state);
    return state;
}

static redisContext *other_client(void) {
    redisContext *context = redisConnectUnix(redis_socket);
    assert_false(context->err);
    return context;
}

static void command(const char *text) {
    redisContext *context = other_client();
    freeReplyObject(redisCommand(context, text));
    redisFree(context);
}

/* Until the store has seen all again: a wipe is noticed within a second or two. */
static void wait_for_deadlines(guint wanted) {
    for (int i = 0; i < PATIENCE_MS / 20 && count_deadlines() != wanted; i++)
        poll(NULL, 0, 20);
    assert_int_equal(count_deadlines(), wanted);
}

static void everything_arrives_once_in_hints_and_store(void **state) {
    open_many(0, 200);
    append("clear", "r", "'r1','m007'");
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    assert_int_equal(count_deadlines(), 200);
    g_autoptr(Deadline) answered = store_deadline(store, "d007", NULL);
    assert_int_equal(answered->state, DEADLINE_PROVISIONAL);
    ShipperState seen = state_now();
    assert_true(seen.synced == 201 && seen.in_store == 201 && seen.in_hints == 201 && seen.store_up);
    ThreadHint *hint;
    assert_true(hintindex_thread(hints, "r1", &hint));
    assert_string_equal(hint->matter, "M1");
    thread_hint_free(hint);
    close_all();
    open_all();
    assert_int_equal(hintindex_mark(hints, journal_writer_name(writer)), 201);
    open_many(200, 1);
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    assert_int_equal(count_deadlines(), 201);
    assert_int_equal(state_now().refused_marks, 0);
}

static void a_wiped_redis_is_brought_back_even_when_nothing_happens(void **state) {
    open_many(0, 100);
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    command("FLUSHALL");
    wait_for_deadlines(100);
    assert_true(state_now().refused_marks > 0);
    assert_true(store_wipe(store, NULL));
    wait_for_deadlines(100);
}

static void while_redis_is_away_hints_go_on_and_all_is_shipped_later(void **state) {
    open_many(0, 10);
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    redis_kill();
    open_many(10, 300);
    for (int i = 0; i < PATIENCE_MS / 10 && state_now().in_hints < 310; i++)
        poll(NULL, 0, 10);
    assert_int_equal(state_now().in_hints, 310);
    assert_true(state_now().in_store < 310);
    redis_run();
    assert_true(redis_answers());
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    assert_int_equal(count_deadlines(), 310);
    assert_int_equal(state_now().reconnects, 1);
}

static void a_mark_beyond_the_journal_does_not_stop_it(void **state) {
    open_many(0, 5);
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    assert_true(store_set_mark(store, journal_writer_name(writer), 900, now, NULL));
    open_many(5, 5);
    wait_for_deadlines(10);
}

static void a_damaged_line_costs_only_itself(void **state) {
    open_many(0, 3);
    assert_true(shipper_wait(shipper, PATIENCE_MS));
    g_autofree char *path = g_strdup_printf("%s/%s.000001.jsonl", folder, journal_writer_name(writer));
    g_autofree char *text = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &text, &length, NULL));
    int fd = open(path, O_WRONLY);
    char *second = strchr(text, '\n') + 1;
    assert_int_equal(pwrite(fd, "#", 1, second - text + 1), 1);
    close(fd);
    close_all(); /* what is still in memory need not be read */
    open_all();
    command("FLUSHALL");
    wait_for_deadlines(2);
    open_many(3, 1);
    wait_for_deadlines(3);
}

/* And opens all again, with a Redis that answers. */
static void close_timed(int64_t *best_ms) {
    Instant before = monotonic_now();
    close_all();
    int64_t took = instant_since(monotonic_now(), before).us / 1000;
    *best_ms = MIN(*best_ms, took);
    kill(redis_pid, SIGCONT);
    open_all();
}

/* Within the time-out of one command when Redis hangs, and sooner than it would have looked again when nothing is to
 * do: best of five, since the clock on the wall goes on while the machine does something else. */
static void it_stops_at_once_whatever_redis_does(void **state) {
    int64_t hung = INT64_MAX, idle = INT64_MAX;
    close_all();
    command_ms = 1000;
    open_all();
    for (int i = 0; i < 5 && hung >= 3000; i++) {
        redis_hang();
        open_many(i * 3, 3);
        close_timed(&hung);
    }
    for (int i = 0; i < 5 && idle >= 500; i++) {
        assert_true(shipper_wait(shipper, PATIENCE_MS));
        close_timed(&idle);
    }
    if (hung >= 3000 || idle >= 500)
        fail_msg("took %d ms while Redis hung, %d ms while idle", (int)hung, (int)idle);
}

int main(void) {
#define SHIP(test) cmocka_unit_test_setup_teardown(test, start, end)
    const struct CMUnitTest tests[] = {
        SHIP(everything_arrives_once_in_hints_and_store),
        SHIP(a_wiped_redis_is_brought_back_even_when_nothing_happens),
        SHIP(while_redis_is_away_hints_go_on_and_all_is_shipped_later),
        SHIP(a_mark_beyond_the_journal_does_not_stop_it),
        SHIP(a_damaged_line_costs_only_itself),
        SHIP(it_stops_at_once_whatever_redis_does),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
