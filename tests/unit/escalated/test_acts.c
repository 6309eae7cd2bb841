/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what: every refusal is one sentence that gives nothing away. */
#include "watch.h"

#include "base/io.h"
#include "escalated/acts.h"
#include "escalated/socket.h"
#include "journal/reader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534 /* a uid whose login no staff member has */

static Watch *watch;

typedef struct {
    const char *request;
    unsigned uid;
    const char *answer; /* how it begins */
} ActCase;

static void check(const ActCase *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        g_autofree char *answer = watch_act(watch, cases[i].request, cases[i].uid);
        if (!g_str_has_prefix(answer, cases[i].answer))
            fail_msg("%s\n gave %s", cases[i].request, answer);
    }
}

static void an_act_on_a_deadline_needs_a_person_who_may_see_it(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "acted", "2026-0003", "bob@aldous.test");
    static const ActCase cases[] = {
        {"", 0, "error: one JSON object"},
        {"[1]", 0, "error: one JSON object"},
        {"{\"act\": \"ping\"}", NOBODY, "ok: here"}, /* lexgate doctor asks whether anybody is there */
        {"{\"act\": \"answer\", \"id\": \"acted\"}", 0, "error: who does this?"},
        {"{\"act\": \"answer\", \"id\": \"acted\", \"by\": \"eve@evil.test\"}", 0, "error: who does this?"},
        {"{\"act\": \"answer\", \"id\": \"acted\", \"by\": \"bob@aldous.test\"}", NOBODY,
         "error: your login is not that of bob"},
        {"{\"act\": \"dance\", \"id\": \"acted\", \"by\": \"bob@aldous.test\"}", 0, "error: there is no such act"},
        {"{\"act\": \"answer\", \"id\": \"other\", \"by\": \"bob@aldous.test\"}", 0,
         "error: there is no deadline with"},
        {"{\"act\": \"answer\", \"id\": \"a b\", \"by\": \"bob@aldous.test\"}", 0, "error: there is no deadline with"},
        /* Alice is walled off: to her it is not there, and she is not the new owner. */
        {"{\"act\": \"answer\", \"id\": \"acted\", \"by\": \"alice@aldous.test\"}", 0,
         "error: there is no deadline with"},
        {"{\"act\": \"assign\", \"id\": \"acted\", \"by\": \"bob@aldous.test\", \"owner\": \"alice@aldous.test\"}", 0,
         "error: alice@aldous.test cannot take this over"},
        {"{\"act\": \"assign\", \"id\": \"acted\", \"by\": \"bob@aldous.test\", \"owner\": \"team:none\"}", 0,
         "error: nobody in that"},
        {"{\"act\": \"assign\", \"id\": \"acted\", \"by\": \"bob@aldous.test\"}", 0, "error: to whom?"},
        {"{\"act\": \"snooze\", \"id\": \"acted\", \"by\": \"bob@aldous.test\"}", 0, "error: until when?"},
        {"{\"act\": \"snooze\", \"id\": \"acted\", \"by\": \"bob@aldous.test\", \"until\": \"2026-11-23T09:59:59Z\"}",
         0, "error: 2026-11-23T09:59:59Z is in the past"},
        {"{\"act\": \"snooze\", \"id\": \"acted\", \"by\": \"bob@aldous.test\", \"until\": \"2036-11-23T09:59:59Z\"}",
         0, "error: 2036-11-23T09:59:59Z is too far"},
        {"{\"act\": \"assign\", \"id\": \"acted\", \"by\": \"bob@aldous.test\", \"owner\": \"Max@aldous.test\"}", 0,
         "ok: handed over"},
        {"{\"act\": \"answer\", \"id\": \"acted\", \"by\": \"bob@aldous.test\", \"note\": \"by phone\"}", 0,
         "ok: answered"},
        {"{\"act\": \"answer\", \"id\": \"acted\", \"by\": \"bob@aldous.test\"}", 0, "error: "},
    };
    check(cases, G_N_ELEMENTS(cases));
    g_autoptr(Deadline) deadline = store_deadline(watch->store, "acted", NULL);
    assert_string_equal(deadline->owner, "max@aldous.test");
    assert_int_equal(deadline->state, DEADLINE_ANSWERED);
}

static void an_act_can_be_undone_and_deadlines_can_be_merged(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    watch_open(watch, "first", "2026-0003", "bob@aldous.test");
    watch_open(watch, "second", "2026-0003", "bob@aldous.test");
    static const ActCase cases[] = {
#define BOB ", \"by\": \"bob@aldous.test\""
        {"{\"act\": \"reopen\", \"id\": \"first\"" BOB "}", 0, "error: deadline first still waits"},
        {"{\"act\": \"close\", \"id\": \"first\", \"reason\": \"whim\"" BOB "}", 0, "error: why? The reason must"},
        {"{\"act\": \"close\", \"id\": \"first\", \"reason\": 5" BOB "}", 0, "ok: closed"},
        {"{\"act\": \"priority\", \"id\": \"first\", \"priority\": 1" BOB "}", 0, "error: deadline first is already"},
        {"{\"act\": \"reopen\", \"id\": \"first\", \"by\": \"alice@aldous.test\"}", 0, "error: there is no deadline"},
        {"{\"act\": \"reopen\", \"id\": \"first\"" BOB "}", 0, "ok: opened again"},
        {"{\"act\": \"priority\", \"id\": \"first\", \"priority\": 100" BOB "}", 0, "error: which priority?"},
        {"{\"act\": \"priority\", \"id\": \"first\", \"priority\": -1" BOB "}", 0, "error: which priority?"},
        {"{\"act\": \"priority\", \"id\": \"first\", \"priority\": \"9\"" BOB "}", 0, "error: which priority?"},
        {"{\"act\": \"priority\", \"id\": \"first\", \"priority\": 4" BOB "}", 0, "ok: priority set"},
    };
    static const ActCase later[] = {
        {"{\"act\": \"merge\", \"id\": \"second\"" BOB "}", 0, "error: there is no deadline"},
        {"{\"act\": \"merge\", \"id\": \"second\", \"into\": \"../x\"" BOB "}", 0, "error: there is no deadline"},
        {"{\"act\": \"merge\", \"id\": \"second\", \"into\": \"second\"" BOB "}", 0, "error: these are one"},
        {"{\"act\": \"merge\", \"id\": \"second\", \"into\": \"first\", \"by\": \"alice@aldous.test\"}", 0,
         "error: there is no deadline"},
        {"{\"act\": \"merge\", \"id\": \"second\", \"into\": \"first\", \"by\": \"bob@aldous.test\"}", 0, "ok: merged"},
        {"{\"act\": \"merge\", \"id\": \"first\", \"into\": \"second\", \"by\": \"bob@aldous.test\"}", 0,
         "error: deadline second is already"},
#undef BOB
    };
    check(cases, G_N_ELEMENTS(cases));
    watch_set_clock(watch, "2026-11-23T10:01:00Z");
    check(later, G_N_ELEMENTS(later));
    g_autoptr(Deadline) first = store_deadline(watch->store, "first", NULL);
    g_autoptr(Deadline) second = store_deadline(watch->store, "second", NULL);
    assert_int_equal(first->state, DEADLINE_OPEN);
    assert_int_equal(first->priority, 5);
    assert_int_equal(second->state, DEADLINE_CLOSED);
    HistoryEvent *last = g_ptr_array_index(second->history, second->history->len - 1);
    g_autofree char *said = history_event_say(last);
    assert_string_equal(said, "closed by bob@aldous.test: merged into first");
}

/* `in_clear`: what the entry says of leaving unencrypted; NULL: nothing, as before that was known. */
/* What a Redis needs that was filled without what had long been over. */
static void opening_again_tells_the_question_once_more(void **state) {
    const Settings *settings = policy_settings(watch->daemon.firm->policy);
    watch_open(watch, "again", "2026-0001", "bob@aldous.test");
    static const ActCase acts[] = {
        {"{\"act\": \"close\", \"id\": \"again\", \"reason\": \"settled\", \"by\": \"bob@aldous.test\"}", 0,
         "ok: closed"},
        {"{\"act\": \"reopen\", \"id\": \"again\", \"by\": \"bob@aldous.test\"}", 0, "ok: opened again"},
    };
    check(acts, G_N_ELEMENTS(acts));
    const char *writer = journal_writer_name(watch->daemon.journal);
    g_autoptr(JournalReader) reader =
        journal_reader_open(settings->paths_journal, writer, journal_synced(watch->daemon.journal) - 1, NULL);
    g_autoptr(Entry) entry = NULL;
    assert_int_equal(journal_read(reader, &entry, NULL), READ_ENTRY);
    assert_string_equal(json_text(entry->body, "act"), "reopen");
    const json_t *op = json_array_get(json_list(entry->body, "ops"), 0);
    static const char *const said[][2] = {{"op", "open"},
                                          {"id", "again"},
                                          {"client", "harbour"},
                                          {"matter", "2026-0001"},
                                          {"owner", "bob@aldous.test"},
                                          {"start", "2026-11-23T10:00:00Z"},
                                          {"due", "2026-11-23T14:00:00Z"}};
    for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
        assert_string_equal(json_text(op, said[i][0]), said[i][1]);
    assert_true(json_flag(op, "again", false));
    assert_int_equal(json_array_size(json_list(op, "steps")), 3);
}

static void hold_as(const char *qid, bool confirm, const char *in_clear) {
    g_autoptr(json_t) personal =
        json_pack("{s:s, s:s, s:s, s:[s]}", "from", "alice@aldous.test", "rcpt", "carl@harbour.test", "subject",
                  "the draft", "text", "Matter 2026-0002 is confidential.");
    if (in_clear && strcmp(in_clear, "no") != 0)
        json_object_set_new(personal, "in_clear", json_pack("[s]", "carl@harbour.test"));
    g_autofree char *sealed = daemon_seal(&watch->daemon, "harbour", personal);
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:[], s:[], s:s, s:s}", "qid", qid, "track",
                  qid, "action", confirm ? "confirm" : "hold", "direction", "outgoing", "is", "staff", "by",
                  "alice@aldous.test", "staff", "alice@aldous.test", "client", "harbour", "matter", "2026-0002",
                  "rules", "client-question", "threads", "ops", "k", "harbour", "p", sealed);
    if (in_clear)
        json_object_set_new(payload, "in_clear", json_string(in_clear));
    watch_append(watch, "decision", payload);
}

static void hold(const char *qid, bool confirm) {
    hold_as(qid, confirm, "no");
}

static void held_mail_is_for_others_to_decide(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    hold("4H1", false);
    watch_round(watch);
    g_autofree char *told = watch_told(watch);
    assert_string_equal(told, "alice");
    static const ActCase cases[] = {
        {"{\"act\": \"release\", \"qid\": \"4H9\", \"by\": \"max@aldous.test\"}", 0,
         "error: no mail with this queue id"},
        {"{\"act\": \"release\", \"qid\": \"4H1\", \"by\": \"alice@aldous.test\"}", 0, "error: your own mail"},
        {"{\"act\": \"release\", \"qid\": \"4H1\", \"by\": \"bob@aldous.test\"}", 0, "error: this mail can only be"},
        {"{\"act\": \"release\", \"qid\": \"4H1\", \"by\": \"mia@aldous.test\"}", 0,
         "error: no mail with this queue id"},
        {"{\"act\": \"released\", \"qid\": \"4H1\", \"by\": \"max@aldous.test\"}", NOBODY, "error: your login"},
        {"{\"act\": \"refuse\", \"qid\": \"4H1\", \"by\": \"max@aldous.test\", \"note\": \"not like this\"}", 0,
         "ok: refusal recorded"},
    };
    check(cases, G_N_ELEMENTS(cases));
    g_autofree char *nothing = watch_told(watch); /* somebody else may have let it go meanwhile */
    assert_string_equal(nothing, "");
    static const ActCase gone[] = {{"{\"act\": \"removed\", \"qid\": \"4H1\", \"by\": \"max@aldous.test\", "
                                    "\"note\": \"not like this\"}",
                                    0, "ok: removed, and the sender is told"}};
    check(gone, G_N_ELEMENTS(gone));
    const SinkMail *mail = sink_mails(watch->sink)->pdata[0];
    assert_non_null(strstr(mail->data->str, "not like this"));
    assert_non_null(strstr(mail->data->str, "Max Maple"));
    g_autofree char *again = watch_told(watch);
    assert_string_equal(again, "alice");
    static const ActCase after[] = {
        {"{\"act\": \"removed\", \"qid\": \"4H1\", \"by\": \"max@aldous.test\"}", 0, "ok: removed"},
        {"{\"act\": \"release\", \"qid\": \"4H1\", \"by\": \"max@aldous.test\"}", 0,
         "error: no mail with this queue id"},
    };
    check(after, G_N_ELEMENTS(after));
}

static void mail_to_confirm_goes_with_a_reason(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    hold("4C1", true);
    static const ActCase cases[] = {
        {"{\"act\": \"release\", \"qid\": \"4C1\", \"by\": \"alice@aldous.test\"}", 0,
         "error: this mail goes when you say why"},
        {"{\"act\": \"release\", \"qid\": \"4C1\", \"by\": \"alice@aldous.test\", \"note\": \" \\t \"}", 0,
         "error: this mail goes when you say why"},
        {"{\"act\": \"release\", \"qid\": \"4C1\", \"by\": \"alice@aldous.test\", \"note\": \"agreed by phone\"}", 0,
         "ok: release recorded"},
        {"{\"act\": \"released\", \"qid\": \"4C1\", \"by\": \"alice@aldous.test\"}", 0, "ok: released"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

#define ACT(act, qid, by, more) "{\"act\": \"" act "\", \"qid\": \"" qid "\", \"by\": \"" by "@aldous.test\"" more "}"
#define KNOWINGLY ", \"in_clear\": true, \"note\": \"nora asked for it by phone\""

static void mail_that_would_leave_in_clear_goes_knowingly(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    hold_as("4E1", false, "yes");
    hold_as("4E2", true, "unknown");
    hold_as("4E3", true, NULL);
    static const ActCase cases[] = {
        {ACT("release", "4E3", "max", ""), 0,
         "error: it would leave unencrypted to people outside, and nobody knows whether"},
        {ACT("release", "4E3", "alice", KNOWINGLY), 0, "error: walls and encryption cannot be confirmed away"},
        {ACT("release", "4E3", "max", KNOWINGLY), 0, "ok: release recorded"},
        {ACT("release", "4E1", "max", ""), 0,
         "error: it would leave unencrypted to carl@harbour.test, although a rule asks for encryption"},
        {ACT("release", "4E1", "max", ", \"note\": \"why not\""), 0, "error: it would leave unencrypted"},
        {ACT("release", "4E1", "max", ", \"in_clear\": true"), 0, "error: it would leave unencrypted"},
        {ACT("release", "4E1", "max", ", \"in_clear\": true, \"note\": \" \""), 0, "error: it would leave unencrypted"},
        {ACT("release", "4E2", "max", ""), 0,
         "error: it would leave unencrypted to carl@harbour.test, and nobody knows whether"},
        {ACT("release", "4E2", "alice", KNOWINGLY), 0, "error: walls and encryption cannot be confirmed away"},
        {ACT("refuse", "4E2", "alice", ""), 0, "ok: refusal recorded"},
        {ACT("release", "4E1", "max", KNOWINGLY), 0, "ok: release recorded"},
        {ACT("released", "4E1", "max", KNOWINGLY), 0, "ok: released"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void of_two_who_decide_the_first_counts(void **state) {
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    hold("4D1", false);
    hold("4D2", false);
    static const ActCase at_once[] = {
        {ACT("release", "4D1", "max", ""), 0, "ok: release recorded"},
        {ACT("refuse", "4D1", "alice", ""), 0, "error: max@aldous.test has let it go already"},
        {ACT("release", "4D1", "max", ""), 0, "ok: release recorded"}, /* whose command was interrupted */
        {ACT("released", "4D1", "max", ""), 0, "ok: released"},
        {ACT("refuse", "4D2", "alice", ""), 0, "ok: refusal recorded"},
        {ACT("release", "4D2", "max", ""), 0, "error: alice@aldous.test has refused it already"},
    };
    check(at_once, G_N_ELEMENTS(at_once));
    watch_set_clock(watch, "2026-11-23T10:02:00Z"); /* nothing came of it */
    static const ActCase later[] = {{ACT("release", "4D2", "max", ""), 0, "ok: release recorded"}};
    check(later, G_N_ELEMENTS(later));
}

static void *serve(void *state) {
    socket_serve(&watch->daemon, *(int *)state);
    return NULL;
}

/* What comes back on one connection until the other side closes it, or until a line is complete. Caller owns. */
static char *ask(const char *path, const char *text, size_t length) {
    int fd = io_connect_unix(path, 1000, NULL);
    assert_true(fd >= 0);
    GString *answer = g_string_new(NULL);
    char piece[256];
    ssize_t got;
    /* A line that is too long may be refused before all of it is written. */
    if (send(fd, text, length, MSG_NOSIGNAL) < 0)
        assert_int_equal(errno, EPIPE);
    while (!strchr(answer->str, '\n') && (got = recv(fd, piece, sizeof piece, 0)) > 0)
        g_string_append_len(answer, piece, got);
    close(fd);
    return g_string_free(answer, FALSE);
}

static void the_socket_answers_lines_and_outlasts_bad_clients(void **state) {
    g_autofree char *path = g_build_filename(watch->folder, "acts.sock", NULL);
    int listener = io_listen_unix(path, 0666, NULL);
    assert_true(listener >= 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, serve, &listener), 0);
    int silent[100]; /* more than it serves, and they stay */
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
        silent[i] = io_connect_unix(path, 1000, NULL);
    g_autofree char *bad = ask(path, "x\n", 2);
    assert_string_equal(bad, "{\"ok\":false,\"error\":\"one JSON object a line is expected\"}\n");
    size_t size = ACT_LINE_MAX + 8192;
    g_autofree char *long_line = g_strnfill(size, 'x');
    g_autofree char *none = ask(path, long_line, size);
    assert_string_equal(none, "");
    static const char GOOD[] = "{\"act\": \"answer\", \"id\": \"nothere\", \"by\": \"bob@aldous.test\"}\n";
    g_autofree char *good = ask(path, GOOD, strlen(GOOD));
    assert_true(g_str_has_prefix(good, "{\"ok\":false,\"error\":\"there is no deadline"));
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
        close(silent[i]);
    daemon_stop(&watch->daemon);
    pthread_join(thread, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act_on_a_deadline_needs_a_person_who_may_see_it),
        cmocka_unit_test(opening_again_tells_the_question_once_more),
        cmocka_unit_test(an_act_can_be_undone_and_deadlines_can_be_merged),
        cmocka_unit_test(held_mail_is_for_others_to_decide),
        cmocka_unit_test(mail_to_confirm_goes_with_a_reason),
        cmocka_unit_test(mail_that_would_leave_in_clear_goes_knowingly),
        cmocka_unit_test(of_two_who_decide_the_first_counts),
        cmocka_unit_test(the_socket_answers_lines_and_outlasts_bad_clients), /* stops the daemon: last */
    };
    watch = watch_start();
    if (!watch)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    watch_stop(watch);
    return failed;
}
