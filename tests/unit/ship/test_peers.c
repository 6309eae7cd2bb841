/* SPDX-License-Identifier: Apache-2.0 */
/* Two gateways and one Redis: what one learns the other knows, whatever becomes of Redis, the streams in it, or an
 * index. */
#include "store/redis.h"
#include "ship/peers.h"
#include "store/peers.h"
#include <hiredis/hiredis.h>

#define PATIENCE_MS 60000
#define GRACE_MS 300

typedef struct {
    const char *role;
    char *folder;
    int command_ms;
    Keyring *keyring;
    JournalWriter *writer;
    HintIndex *hints; /* NULL: of lexgate-escalated */
    Shipper *shipper;
    Peers *peers;
} Gateway;

static char *keys;
static Gateway one = {.role = "milter"}, two = {.role = "milter"}, desk = {.role = "escalated"};

static char *hints_path(const Gateway *gateway) {
    return g_build_filename(gateway->folder, "hints.mdb", NULL);
}

static void open_gateway(Gateway *gateway) {
    g_autofree char *path = hints_path(gateway);
    JournalSettings journal = {
        .folder = gateway->folder, .role = gateway->role, .segment_size = 20000, .clock = timesource_system()};
    gateway->writer = journal_writer_open(&journal, NULL);
    gateway->hints = strcmp(gateway->role, "milter") == 0 ? hintindex_open(path, true, NULL) : NULL;
    ShipperSettings ship = {.folder = gateway->folder,
                            .writer = gateway->writer,
                            .store = store_on_socket(gateway->command_ms),
                            .hints = gateway->hints,
                            .keyring = gateway->keyring,
                            .clock = timesource_system()};
    gateway->shipper = shipper_start(&ship, NULL);
    PeersSettings peers = {.folder = gateway->folder,
                           .writer = gateway->writer,
                           .store = store_on_socket(gateway->command_ms),
                           .hints = gateway->hints,
                           .keyring = gateway->keyring,
                           .shipper = gateway->shipper,
                           .clock = timesource_system(),
                           .grace_ms = GRACE_MS};
    gateway->peers = peers_start(&peers, NULL);
    assert_true(gateway->shipper && gateway->peers);
}

static void close_gateway(Gateway *gateway) {
    if (!gateway->peers)
        return;
    g_clear_pointer(&gateway->peers, peers_stop);
    shipper_stop(gateway->shipper);
    hintindex_free(gateway->hints);
    journal_writer_close(gateway->writer);
}

static void make_gateway(Gateway *gateway) {
    gateway->folder = g_dir_make_tmp("lexgate-peer-XXXXXX", NULL);
    gateway->keyring = keyring_open(keys, true, NULL);
    gateway->command_ms = 10000;
    assert_non_null(gateway->keyring);
}

static void remove_gateway(Gateway *gateway) {
    close_gateway(gateway);
    g_autofree char *command = g_strdup_printf("rm -rf %s", gateway->folder);
    assert_int_equal(system(command), 0);
    g_clear_pointer(&gateway->folder, g_free);
    g_clear_pointer(&gateway->keyring, keyring_free);
}

static redisReply *command(const char *format, const char *argument) {
    redisContext *context = redisConnectUnix(redis_socket);
    redisReply *reply = redisCommand(context, format, argument);
    redisFree(context);
    assert_non_null(reply);
    return reply;
}

static int start(void **state) {
    freeReplyObject(command("FLUSHALL", NULL));
    keys = g_dir_make_tmp("lexgate-keys-XXXXXX", NULL);
    make_gateway(&one);
    make_gateway(&two);
    make_gateway(&desk);
    return 0;
}

static int end(void **state) {
    remove_gateway(&one);
    remove_gateway(&two);
    remove_gateway(&desk);
    g_autofree char *command = g_strdup_printf("rm -rf %s", keys);
    assert_int_equal(system(command), 0);
    g_clear_pointer(&keys, g_free);
    return 0;
}

static void append(const Gateway *gateway, const char *kind, const char *members) {
    g_autofree char *text = g_strdup_printf("{%s}", members);
    g_strdelimit(text, "'", '"');
    g_autoptr(json_t) payload = json_loads(text, 0, NULL);
    assert_non_null(payload);
    assert_true(journal_append(gateway->writer, kind, payload, NULL, NULL));
}

/* A client's question, in the thread `thread`, with its own id. */
static void ask(const Gateway *gateway, const char *id, const char *thread) {
    g_autofree char *members = g_strdup_printf(
        "'qid':'Q%s','action':'accept','direction':'incoming','client':'harbour','matter':'M1','threads':['m-%s'%s%s%s]"
        ","
        "'people':['p-%s'],'ops':[{'op':'open','id':'%s','client':'harbour','start':'2026-11-23T13:00:00Z',"
        "'due':'2026-11-23T17:00:00Z','steps':[]}]",
        id, id, *thread ? ",'" : "", thread, *thread ? "'" : "", id, id);
    append(gateway, "decision", members);
}

static void ask_many(const Gateway *gateway, int count) {
    for (int i = 0; i < count; i++) {
        g_autofree char *id = g_strdup_printf("d%04d", i);
        ask(gateway, id, "");
    }
}

/* "client matter owner: deadlines" as this gateway knows the thread; "none". Caller owns. */
static char *thread_of(const Gateway *gateway, const char *key) {
    ThreadHint *hint;
    if (!hintindex_thread(gateway->hints, key, &hint))
        return g_strdup("none");
    g_ptr_array_add(hint->deadlines, NULL);
    g_autofree char *ids = g_strjoinv(" ", (char **)hint->deadlines->pdata);
    char *text = g_strdup_printf("%s %s %s: %s", hint->client, hint->matter, hint->owner, ids);
    g_ptr_array_set_size(hint->deadlines, (gint)hint->deadlines->len - 1);
    thread_hint_free(hint);
    return text;
}

static void wait_thread(const Gateway *gateway, const char *key, const char *wanted) {
    g_autofree char *last = NULL;
    for (int i = 0; i < PATIENCE_MS / 10; i++) {
        g_free(last);
        last = thread_of(gateway, key);
        if (strcmp(last, wanted) == 0)
            return;
        poll(NULL, 0, 10);
    }
    assert_string_equal(last, wanted);
}

static PeersState state_of(const Gateway *gateway) {
    PeersState state;
    peers_state(gateway->peers, &state);
    return state;
}

static void wait_behind(const Gateway *gateway, bool behind) {
    for (int i = 0; i < PATIENCE_MS / 10 && state_of(gateway).behind != behind; i++)
        poll(NULL, 0, 10);
    assert_int_equal(state_of(gateway).behind, behind);
}

static void what_one_gateway_learns_the_other_knows(void **state) {
    open_gateway(&one);
    open_gateway(&two);
    open_gateway(&desk);
    ask(&one, "a", "");
    wait_thread(&two, "m-a", "harbour M1 : a");
    bool known;
    g_autoptr(GPtrArray) people = g_ptr_array_new();
    g_ptr_array_add(people, (char *)"p-a");
    assert_true(hintindex_people(two.hints, people, &known) && known);
    /* Answered through the other one, and what is asked again is in the thread for both. */
    append(
        &two, "decision",
        "'qid':'R','action':'accept','direction':'outgoing','staff':'alice@firm.test','client':'harbour','matter':'M1',"
        "'threads':['r1','m-a'],'ops':[{'op':'clear','id':'a','client':'harbour'}]");
    wait_thread(&one, "m-a", "harbour M1 alice@firm.test: ");
    wait_thread(&one, "r1", "harbour M1 alice@firm.test: ");
    ask(&one, "b", "r1");
    wait_thread(&two, "m-a", "harbour M1 alice@firm.test: b");
    /* By phone. */
    append(&desk, "act", "'act':'answer','id':'b','by':'alice@firm.test'");
    wait_thread(&one, "m-a", "harbour M1 alice@firm.test: ");
    wait_thread(&two, "m-a", "harbour M1 alice@firm.test: ");
    assert_false(state_of(&one).behind || state_of(&two).behind);
}

static void redis_never_sees_whom_or_what_it_is_about(void **state) {
    open_gateway(&one);
    open_gateway(&two);
    ask(&two, "b", "");
    wait_thread(&one, "m-b", "harbour M1 : b");
    ask(&one, "a", "");
    wait_thread(&two, "m-a", "harbour M1 : a");
    g_autofree char *key = g_strconcat("lexgate:{test}:h:", journal_writer_name(one.writer), NULL);
    redisReply *items = command("XRANGE %s - +", key);
    assert_int_equal(items->type, REDIS_REPLY_ARRAY);
    for (size_t i = 0; i < items->elements; i++) {
        const char *sealed = items->element[i]->element[1]->element[3]->str;
        assert_null(strstr(sealed, "harbour"));
        assert_null(strstr(sealed, "m-a"));
    }
    freeReplyObject(items);
}

static void whoever_comes_late_gets_all_from_the_journal(void **state) {
    open_gateway(&one);
    ask_many(&one, 1500); /* nobody is there to be taught: the stream has nothing */
    assert_true(shipper_wait(one.shipper, PATIENCE_MS));
    open_gateway(&two);
    wait_thread(&two, "m-d1499", "harbour M1 : d1499");
    wait_thread(&two, "m-d0000", "harbour M1 : d0000");
    uint64_t mark = hintindex_mark(two.hints, journal_writer_name(one.writer));
    assert_int_equal(mark, 1500);
    /* And goes on where it stood. */
    close_gateway(&two);
    ask(&one, "late", "");
    open_gateway(&two);
    wait_thread(&two, "m-late", "harbour M1 : late");
    wait_behind(&two, false);
}

static void a_lost_stream_or_redis_or_index_is_made_good(void **state) {
    open_gateway(&one);
    open_gateway(&two);
    ask_many(&one, 300);
    wait_thread(&two, "m-d0299", "harbour M1 : d0299");
    g_autofree char *key = g_strconcat("lexgate:{test}:h:", journal_writer_name(one.writer), NULL);
    close_gateway(&two);
    ask(&one, "x", "");
    assert_true(shipper_wait(one.shipper, PATIENCE_MS));
    freeReplyObject(command("DEL %s", key));
    open_gateway(&two);
    wait_thread(&two, "m-x", "harbour M1 : x");
    freeReplyObject(command("FLUSHALL", NULL));
    ask(&one, "y", "");
    wait_thread(&two, "m-y", "harbour M1 : y");
    /* The index goes: all of it is asked for, from the beginning. */
    close_gateway(&two);
    g_autofree char *path = hints_path(&two);
    assert_int_equal(g_remove(path), 0);
    freeReplyObject(command("FLUSHALL", NULL));
    open_gateway(&two);
    wait_thread(&two, "m-d0000", "harbour M1 : d0000");
    wait_thread(&two, "m-y", "harbour M1 : y");
    wait_behind(&two, false);
}

static void a_journal_that_was_cut_uses_its_numbers_again(void **state) {
    open_gateway(&one);
    open_gateway(&two);
    ask_many(&one, 20);
    wait_thread(&two, "m-d0019", "harbour M1 : d0019");
    close_gateway(&one);
    g_autofree char *cut =
        g_strdup_printf("cd %s && f=$(ls milter-*.jsonl | head -1) && head -5 $f > keep && rm milter-*.jsonl "
                        "hints.mdb && mv keep $f",
                        one.folder);
    assert_int_equal(system(cut), 0);
    open_gateway(&one);
    ask(&one, "new", "");
    wait_thread(&two, "m-new", "harbour M1 : new");
}

static void who_cannot_hear_the_others_says_so(void **state) {
    one.command_ms = two.command_ms = 200;
    open_gateway(&one);
    open_gateway(&two);
    ask(&one, "a", "");
    wait_thread(&two, "m-a", "harbour M1 : a");
    wait_behind(&two, false);
    redis_hang();
    wait_behind(&two, true);
    kill(redis_pid, SIGCONT);
    wait_behind(&two, false);
    /* Not where there is no other gateway: Redis says nothing that the hints do not hold. */
    close_gateway(&one);
    freeReplyObject(command("FLUSHALL", NULL));
    close_gateway(&two);
    g_autofree char *path = hints_path(&two);
    assert_int_equal(g_remove(path), 0);
    open_gateway(&two);
    open_gateway(&desk);
    append(&desk, "act", "'act':'answer','id':'b','by':'alice@firm.test'");
    for (int i = 0; i < PATIENCE_MS / 10 && !hintindex_mark(two.hints, journal_writer_name(desk.writer)); i++)
        poll(NULL, 0, 10);
    assert_int_equal(hintindex_mark(two.hints, journal_writer_name(desk.writer)), 1);
    redis_hang();
    poll(NULL, 0, 4 * GRACE_MS);
    assert_false(state_of(&two).behind);
    kill(redis_pid, SIGCONT);
}

static void other_keys_teach_nothing(void **state) {
    g_autofree char *others = g_dir_make_tmp("lexgate-keys-XXXXXX", NULL);
    g_autofree char *command = g_strdup_printf("rm -rf %s", others);
    keyring_free(two.keyring);
    two.keyring = keyring_open(others, true, NULL);
    open_gateway(&one);
    open_gateway(&two);
    ask(&one, "a", "");
    wait_behind(&two, true);
    wait_thread(&two, "m-a", "none");
    assert_int_equal(hintindex_mark(two.hints, journal_writer_name(one.writer)), 0);
    assert_int_equal(system(command), 0);
}

int main(void) {
#define PEERS(test) cmocka_unit_test_setup_teardown(test, start, end)
    const struct CMUnitTest tests[] = {
        PEERS(what_one_gateway_learns_the_other_knows),
        PEERS(redis_never_sees_whom_or_what_it_is_about),
        PEERS(whoever_comes_late_gets_all_from_the_journal),
        PEERS(a_lost_stream_or_redis_or_index_is_made_good),
        PEERS(a_journal_that_was_cut_uses_its_numbers_again),
        PEERS(who_cannot_hear_the_others_says_so),
        PEERS(other_keys_teach_nothing),
    };
    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
