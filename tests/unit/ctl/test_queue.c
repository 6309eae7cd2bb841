/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate queue`, `show`, `held` and `doctor` against a Redis of our own: the stable names, the spreadsheet, and the
 * walls. */
#include "base/keyring.h"
#include "../store/redis.h"

static char *house;

static void write_file(const char *name, const char *text) {
    g_autofree char *path = g_build_filename(house, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void apply(uint64_t seq, const char *changes) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdelimit(g_strdup(changes), "'", '"');
    g_autoptr(json_t) list = json_loads(text, 0, NULL);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(free);
    assert_non_null(list);
    for (size_t i = 0; i < json_array_size(list); i++)
        g_ptr_array_add(texts, json_compact(json_array_get(list, i)));
    StoreBatch batch = {.writer = "milter-a",
                        .first = seq,
                        .last = seq,
                        .head = seq,
                        .changes = texts,
                        .now = instant_from_seconds(1700000000)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
}

static const char changes[] =
    "[{'seq':1,'op':'open','id':'late1','client':'harbour','matter':'2026-0117','owner':'alice@aldous.test','sl':'"
    "standard','t':1700000000,"
    "'start':1700000000,'due':1700003600,'threads':['a'],'steps':[[1700001800,'owner']],'p':''},"
    "{'seq':1,'op':'open','id':'late2','client':'quill','matter':'2026-0201','owner':'team:=1+1','sl':'standard','soft'"
    ":true,'t':1700000000,"
    "'start':1700000000,'due':1700007200,'threads':['b'],'steps':[],'p':''},"
    "{'seq':1,'op':'open','id':'calm1','client':'quill','matter':'','owner':'ben@aldous.test','sl':'standard','t':"
    "1700000000,"
    "'start':1700000000,'due':4102444800,'threads':['c'],'steps':[],'p':''},"
    "{'seq':1,'op':'held','qid':'4X1abc','track':'t','k':'_firm','p':'','staff':'alice@aldous.test','matter':'2026-"
    "0117','client':'harbour',"
    "'rules':['bank'],'confirm':false,'ops':[],'t':1700000000}]";

static int set_up(void **state) {
    if (redis_start(state) != 0)
        return -1;
    house = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    g_autofree char *config = g_strdup_printf(
        "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
        "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
        "redis: { socket = \"%s\"; tag = \"test\"; };\n"
        "paths: { state = \".\"; journal = \".\"; run = \".\"; };\n"
        "calendars: { london: { timezone = \"Europe/London\"; hours: { mon-fri = [\"09:00-17:30\"]; }; }; };\n"
        "service_levels: { standard: { answer_within = \"8h\"; calendar = \"london\"; }; };\n",
        redis_socket);
    write_file("lexgate.conf", config);
    write_file(
        "staff.csv",
        "address,name,role,team,supervisor,cover,calendar,language\nalice@aldous.test,Alice,lawyer,property,,,,en\n"
        "ben@aldous.test,Ben,lawyer,property,,,,en\n");
    write_file("clients.csv",
               "client,name,addresses,language,channel,service_level\nharbour,Harbour,@harbour.test,en,mail,\n"
               "quill,Quill,@quill.test,en,mail,\n");
    write_file("matters.csv", "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                              "2026-0117,harbour,Lease,confidential,alice@aldous.test,property,,open,,ben@aldous.test\n"
                              "2026-0201,quill,Shop,normal,ben@aldous.test,property,,open,,\n");
    apply(1, changes);
    return 0;
}

static int tear_down(void **state) {
    g_autoptr(GDir) dir = g_dir_open(house, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(house, name, NULL);
        g_remove(path);
    }
    g_rmdir(house);
    g_free(house);
    return redis_stop(state);
}

static int run(const char *words, char **out) {
    g_autofree char *here = g_get_current_dir();
    g_autofree char *line = g_strdup_printf("'%s/lexgate' -c lexgate.conf %s", here, words);
    g_auto(GStrv) argv = NULL;
    g_autofree char *err = NULL;
    int status = 0;
    assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
    assert_true(g_spawn_sync(house, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, &err, &status, NULL));
    if (strstr(err, "Sanitizer"))
        fail_msg("%s", err);
    return WEXITSTATUS(status);
}

/* The members `name` of the objects that --json prints, joined. Caller owns. */
static char *listed(const char *words, const char *name) {
    g_autofree char *out = NULL;
    assert_int_equal(run(words, &out), 0);
    g_autoptr(json_t) list = json_parse(out, strlen(out), NULL);
    assert_true(json_is_array(list));
    GString *text = g_string_new(NULL);
    size_t i;
    json_t *object;
    json_array_foreach(list, i, object)
        g_string_append_printf(text, "%s%s", i ? " " : "", json_text_or(object, name, "?"));
    return g_string_free(text, FALSE);
}

static void the_queue_is_filtered_and_walled(void **state) {
    static const struct {
        const char *words, *ids;
    } cases[] = {
        {"queue --json", "late1 late2 calm1"},
        {"queue --json --overdue", "late1 late2"},
        {"queue --json --client quill", "late2 calm1"},
        {"queue --json --owner Alice@aldous.test", "late1"},
        {"queue --json --matter 2026-0201", "late2"},
        {"queue --json --state closed", ""},
        {"queue --json --limit 1", "late1"},
        {"queue --json --as alice@aldous.test", "late1 late2 calm1"},
        {"queue --json --as ben@aldous.test", "late2 calm1"},
        {"queue --json --as ben@aldous.test --limit 1", "late2"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *ids = listed(cases[i].words, "id");
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("%s: %s", cases[i].words, ids);
    }
}

static void the_names_are_stable_and_the_cells_harmless(void **state) {
    g_autofree char *out = NULL, *json = NULL;
    assert_int_equal(run("queue --csv --client quill --overdue", &out), 0);
    assert_string_equal(
        out, "id,client,matter,owner,service_level,state,soft,priority,start,due,late,snoozed_until,answered_by,"
             "suggested_by,suggested_at,kind\n"
             "late2,quill,2026-0201,team:=1+1,standard,open,yes,0,2023-11-14T22:13:20Z,2023-11-15T00:13:20Z,yes,,,,,question\n");
    assert_int_equal(run("queue --json --client harbour", &json), 0);
    g_autoptr(json_t) list = json_parse(json, strlen(json), NULL);
    const json_t *row = json_array_get(list, 0);
    assert_true(json_flag(row, "late", false));
    assert_string_equal(json_text(row, "due"), "2023-11-14T23:13:20Z");
    assert_true(json_is_null(json_object_get(row, "snoozed_until")));
}

static void what_is_walled_off_does_not_exist(void **state) {
    g_autofree char *shown = NULL, *hidden = NULL;
    assert_int_equal(run("show late1", &shown), 0);
    assert_non_null(strstr(shown, "harbour"));
    assert_int_equal(run("show --as ben@aldous.test late1", &hidden), 1);
    assert_string_equal(hidden, "");
    assert_int_equal(run("show --json 4X1abc", NULL), 0);
    assert_int_equal(run("show --as ben@aldous.test 4X1abc", NULL), 1);
    g_autofree char *held = listed("held --json", "queue_id"),
                    *walled = listed("held --json --as ben@aldous.test", "queue_id");
    assert_string_equal(held, "4X1abc");
    assert_string_equal(walled, "");
}

/* What Redis holds was sealed by `ring`. */
static void open_sealed_by(Keyring *ring, unsigned seq, const char *id) {
    g_autofree char *sealed = keyring_seal(ring, "quill", "{\"subject\":\"s\"}", NULL);
    g_autofree char *change = g_strdup_printf(
        "[{'seq':%u,'op':'open','id':'%s','client':'quill','matter':'','owner':'ben@aldous.test','sl':'standard','t':"
        "1700000000,'start':1700000000,'due':1700000100,'threads':['%s'],'steps':[],'p':'%s'}]",
        seq, id, id, sealed);
    apply(seq, change);
}

static void the_doctor_sees_what_was_sealed_with_other_keys(void **state) {
    g_autofree char *ours = g_build_filename(house, "keys", NULL);
    g_autofree char *others = g_dir_make_tmp("lexgate-test-XXXXXX", NULL),
                    *theirs = g_build_filename(others, "k", NULL);
    g_autoptr(Keyring) here = keyring_open(ours, true, NULL), there = keyring_open(theirs, true, NULL);
    assert_non_null(here);
    assert_non_null(there);
    open_sealed_by(here, 2, "mine1");
    g_autofree char *good = NULL, *bad = NULL;
    run("doctor", &good);
    assert_non_null(strstr(good, "they open all of the 1 deadlines and held mails looked at"));
    open_sealed_by(there, 3, "theirs1");
    run("doctor", &bad);
    assert_non_null(
        strstr(bad, "1 of 2 deadlines and held mails cannot be opened with the keys of this gateway (theirs1)"));
    g_autofree char *tidy = g_strdup_printf("rm -rf '%s' '%s'", others, ours);
    assert_int_equal(system(tidy), 0);
}

static void the_doctor_writes_to_redis_more_than_once(void **state) {
    for (int i = 0; i < 2; i++) {
        g_autofree char *out = NULL;
        assert_int_equal(run("doctor", &out), 1);
        if (!strstr(out, "reachable and writable"))
            fail_msg("%s", out);
    }
}

static void the_doctor_tells_of_a_daemon_that_leaves_redis_alone(void **state) {
    static const char calm[] = "\nlexgate_redis_calls_not_tried 7\nlexgate_redis_connections_resting 0\n",
                      resting[] = "\nlexgate_redis_calls_not_tried 120\nlexgate_redis_connections_resting 2\n";
    g_autofree char *out = NULL;
    write_file("lexgate-milter.prom", calm);
    write_file("lexgate-escalated.prom", resting);
    run("doctor", &out);
    assert_non_null(strstr(out, "lexgate-milter: closed; 7 calls were not tried since its start"));
    assert_non_null(strstr(out, "lexgate-escalated: open on 2 of its connections"));
    assert_non_null(strstr(out, "120 calls were not tried"));
    assert_null(strstr(out, "lexgate-milter: open"));
}

static void a_rebuild_without_daemons_says_so(void **state) {
    g_autofree char *out = NULL;
    write_file("milter-a.000001.jsonl", "");
    assert_int_equal(run("rebuild --yes --timeout 0", &out), 0);
    assert_non_null(strstr(out, "0 entries"));
    g_autofree char *ids = listed("queue --json", "id");
    assert_string_equal(ids, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_is_filtered_and_walled),
        cmocka_unit_test(the_names_are_stable_and_the_cells_harmless),
        cmocka_unit_test(what_is_walled_off_does_not_exist),
        cmocka_unit_test(the_doctor_writes_to_redis_more_than_once),
        cmocka_unit_test(the_doctor_sees_what_was_sealed_with_other_keys),
        cmocka_unit_test(the_doctor_tells_of_a_daemon_that_leaves_redis_alone),
        cmocka_unit_test(a_rebuild_without_daemons_says_so), /* empties the store: last */
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
