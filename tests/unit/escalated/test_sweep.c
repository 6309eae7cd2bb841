/* SPDX-License-Identifier: Apache-2.0 */
/* Within an hour what was broken in Redis is mended and told of; what is whole is left alone. */
#include "watch.h"

#include "escalated/sweep.h"
#include "journal/reader.h"

#include <hiredis/hiredis.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Watch *watch;

static void command(const char *text) {
    const Settings *settings = policy_settings(watch->daemon.firm->policy);
    redisContext *context = redisConnectUnix(settings->redis_socket);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_autofree char *key = g_strdup_printf("lexgate:{%s}:%s", settings->redis_tag, words[1]);
    const char *arguments[] = {words[0], key, words[2], words[2] ? words[3] : NULL};
    redisReply *reply = redisCommandArgv(context, (int)g_strv_length(words), arguments, NULL);
    assert_true(reply && reply->type != REDIS_REPLY_ERROR);
    freeReplyObject(reply);
    redisFree(context);
}

/* A whole pass, minute by minute from ten o'clock on; gives what was mended. */
static unsigned pass(Sweep *sweep) {
    unsigned mended = 0;
    for (int minute = 0; minute <= 60; minute++) {
        g_autofree char *time = g_strdup_printf("2026-11-23T%02d:%02d:00Z", 10 + minute / 60, minute % 60);
        watch_set_clock(watch, time);
        mended += sweep_some(sweep, &watch->daemon, watch->store, true);
    }
    return mended;
}

static StoreSweep result(void) {
    StoreSweep sweep;
    assert_true(store_sweep_read(watch->store, &sweep, NULL));
    return sweep;
}

/* Ids that entries `mended` name, with what was wrong. Caller owns. */
static char *journalled(void) {
    const Settings *settings = policy_settings(watch->daemon.firm->policy);
    g_autoptr(JournalReader) reader =
        journal_reader_open(settings->paths_journal, journal_writer_name(watch->daemon.journal), 0, NULL);
    GString *text = g_string_new(NULL);
    for (;;) {
        g_autoptr(Entry) entry = NULL;
        if (journal_read(reader, &entry, NULL) != READ_ENTRY)
            return g_string_free(text, FALSE);
        size_t i;
        json_t *op;
        if (strcmp(entry->kind, "mended") == 0)
            json_array_foreach(json_list(entry->body, "ops"), i, op)
                g_string_append_printf(text, "%s: %s; ", json_text(op, "id"), json_text(op, "was"));
    }
}

static void what_is_whole_is_left_alone(void **state) {
    g_auto(Sweep) sweep = {0};
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "w1", "2026-0001", "alice@aldous.test");
    watch_open(watch, "w2", "2026-0001", "bob@aldous.test");
    g_autofree char *snoozed = watch_act(
        watch, "{\"act\":\"snooze\",\"id\":\"w2\",\"by\":\"bob@aldous.test\",\"until\":\"2026-11-23T13:00:00Z\"}", 0);
    assert_true(g_str_has_prefix(snoozed, "ok"));
    assert_int_equal(pass(&sweep), 0);
    g_auto(StoreSweep) found = result();
    assert_true(instant_compare(found.ended, INSTANT_NEVER) != 0);
    assert_true(found.looked > 5 && found.mended == 0 && found.lost == 0);
    g_autofree char *told = journalled();
    assert_string_equal(told, "");
}

static void a_reminder_that_was_never_planned_is_and_comes(void **state) {
    g_auto(Sweep) sweep = {0};
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "n1", "2026-0001", "alice@aldous.test");
    command("ZREM jobs step:n1:0:0");
    command("ZREM o:alice@aldous.test n1");
    assert_int_equal(pass(&sweep), 1);
    g_auto(StoreSweep) found = result();
    assert_true(found.mended == 1 && found.lost == 0);
    g_autofree char *told = journalled();
    assert_string_equal(told, "n1: not-listed no-job; ");
    g_autofree char *nobody = watch_told(watch);
    watch_set_clock(watch, "2026-11-23T12:00:00Z");
    watch_round(watch);
    g_autofree char *who = watch_told(watch);
    assert_non_null(strstr(who, "alice"));
    assert_true(metrics_write(watch->daemon.metrics));
    g_autofree char *path = g_build_filename(watch->folder, "test.prom", NULL), *metrics = NULL;
    assert_true(g_file_get_contents(path, &metrics, NULL, NULL));
    assert_non_null(strstr(metrics, "lexgate_sweep_mended_total 1"));
}

static void what_is_gone_is_named_once_and_not_mended(void **state) {
    g_auto(Sweep) sweep = {0};
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "g1", "2026-0001", "alice@aldous.test");
    g_autofree char *before = journalled();
    command("DEL d:g1");
    assert_int_equal(pass(&sweep), 0);
    g_auto(StoreSweep) found = result();
    assert_int_equal(found.lost, 1);
    assert_string_equal(found.ids, "g1");
    g_autofree char *told = journalled();
    assert_string_equal(told, before);
    command("ZREM all g1");
    command("ZREM jobs step:g1:0:0");
    command("ZREM o:alice@aldous.test g1");
    command("ZREM c:harbour g1");
    command("ZREM m:2026-0001 g1");
}

static double overdue(void) {
    g_autofree char *path = g_build_filename(watch->folder, "test.prom", NULL), *metrics = NULL;
    assert_true(metrics_write(watch->daemon.metrics) && g_file_get_contents(path, &metrics, NULL, NULL));
    const char *line = strstr(metrics, "\nlexgate_overdue_jobs ");
    return line ? g_ascii_strtod(line + strlen("\nlexgate_overdue_jobs "), NULL) : -1;
}

static void what_nobody_claims_is_told_of_when_it_lasts(void **state) {
    static const struct {
        const char *at;
        bool alarm;
    } looks[] = {
        {"2026-11-23T12:00:00Z", false}, /* this daemon has just begun: it will claim them */
        {"2026-11-23T12:14:00Z", false}, {"2026-11-23T12:16:00Z", false}, /* once may be a moment */
        {"2026-11-23T12:17:00Z", false}, {"2026-11-23T12:22:00Z", true},
    };
    g_auto(Sweep) sweep = {0};
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "u1", "2026-0001", "alice@aldous.test");
    command("ZADD jobs 1000 step:u1:0:0");
    for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
        watch_set_clock(watch, looks[i].at);
        sweep_some(&sweep, &watch->daemon, watch->store, true);
        if ((overdue() > 0) != looks[i].alarm)
            fail_msg("%s: %g", looks[i].at, overdue());
    }
    watch_round(watch);
    watch_set_clock(watch, "2026-11-23T12:40:00Z");
    sweep_some(&sweep, &watch->daemon, watch->store, true);
    watch_set_clock(watch, "2026-11-23T12:50:00Z");
    sweep_some(&sweep, &watch->daemon, watch->store, true);
    assert_true(overdue() == 0);
}

static void it_rests_while_redis_is_away_and_begins_again(void **state) {
    g_auto(Sweep) sweep = {0};
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    assert_int_equal(sweep_some(&sweep, &watch->daemon, watch->store, false), 0);
    assert_null(sweep.sets);
    sweep_some(&sweep, &watch->daemon, watch->store, true);
    assert_non_null(sweep.sets);
    assert_int_equal(sweep_some(&sweep, &watch->daemon, watch->store, false), 0);
    assert_null(sweep.sets);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_whole_is_left_alone),
        cmocka_unit_test(a_reminder_that_was_never_planned_is_and_comes),
        cmocka_unit_test(what_is_gone_is_named_once_and_not_mended),
        cmocka_unit_test(what_nobody_claims_is_told_of_when_it_lasts),
        cmocka_unit_test(it_rests_while_redis_is_away_and_begins_again),
    };
    watch = watch_start();
    if (!watch)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    watch_stop(watch);
    return failed;
}
