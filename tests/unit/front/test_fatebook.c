/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages are followed, as the journal tells of them, and what of their fate is in the journal already. In
 * members ' stands for ", @P@ for the sealed recipients, @nora for the hash of nora@harbour.test, @copy-nora for that
 * of her copy of the message "o". */
#include "base/text.h"
#include "front/fatebook.h"
#include "front/faterecord.h"
#include <string.h>
#include "../../fuzz/firm.h"
#include "../../fuzz/lab.h"

#define RECIPIENTS "{\"rcpt\":[\"Nora@Harbour.test\",\"leo@quill.test\",\"bob@firm.test\"]}"
#define NAMES "'qid':'4AB123','track':'t1','staff':'alice@firm.test','k':'_firm','p':'@P@'"
#define ANSWER "decision 'action':'accept','direction':'outgoing'," NAMES ",'matter':'2026-0117','ops':"
#define FOLLOWED ANSWER "[{'op':'clear','client':'harbour'}]"
#define HELD "decision 'action':'hold','direction':'outgoing'," NAMES
#define ALL "nora@harbour.test(harbour) leo@quill.test()"

static Policy *policy;
static Registry *registry;
static Keyring *keyring;
static Instant now;

typedef struct {
    const char *what;
    const char *entries[6];
    const char *followed; /* as said() says; "": nothing is */
} Case;

static const Case cases[] = {
    {"an answer, without colleagues", {FOLLOWED}, "4AB123 clears 2026-0117: " ALL},
    {"a mail on which nothing depends", {ANSWER "[]"}, "4AB123 2026-0117: " ALL},
    {"several matters, each once",
     {ANSWER "[{'op':'clear','matter':'2026-0117'},{'op':'clear','matter':'m2'}]"},
     "4AB123 clears 2026-0117,m2: " ALL},
    {"incoming mail", {"decision 'action':'accept','direction':'incoming'," NAMES}, ""},
    {"mail between colleagues", {"decision 'action':'accept','direction':'internal'," NAMES}, ""},
    {"what was refused", {"decision 'action':'reject','direction':'outgoing'," NAMES}, ""},
    {"what was only observed", {"decision 'action':'hold','observe':true,'direction':'outgoing'," NAMES}, ""},
    {"nobody can say to whom it went",
     {"decision 'action':'accept','direction':'outgoing','qid':'4AB123','track':'t1','p':'xx'"},
     ""},
    {"it bears no mark", {"decision 'action':'accept','direction':'outgoing','qid':'4AB123','p':'@P@'"}, ""},
    {"on hold", {HELD}, "4AB123 held: " ALL},
    {"on hold until its sender confirms it",
     {"decision 'action':'confirm','direction':'outgoing'," NAMES},
     "4AB123 held: " ALL},
    {"unjudged and on hold", {"unjudged 'action':'hold','direction':'outgoing'," NAMES}, "4AB123 held: " ALL},
    {"unjudged and let in", {"unjudged 'action':'accept','direction':'outgoing'," NAMES}, ""},
    {"let go", {HELD, "released 'qid':'4AB123','track':'t1'"}, "4AB123: " ALL},
    {"in the queue", {ANSWER "[]", "queued 'qid':'4AB123','track':'t1'"}, "4AB123 seen 2026-0117: " ALL},
    {"arrived at one of two",
     {ANSWER "[]", "sent 'track':'t1','rcpt':['@nora']"},
     "4AB123 seen 2026-0117: nora@harbour.test(harbour)=sent leo@quill.test()"},
    {"sent and bounced",
     {ANSWER "[]", "sent 'track':'t1','rcpt':['@nora']", "bounced 'track':'t1','rcpt':['@leo','@nobody',7]"},
     "4AB123 seen 2026-0117: nora@harbour.test(harbour)=sent leo@quill.test()=bounced"},
    {"it waits, and its writer was told", {ANSWER "[]", "deferred 'track':'t1'"}, "4AB123 seen told 2026-0117: " ALL},
    {"it expired", {FOLLOWED, "expired 'track':'t1'"}, ""},
    {"it was removed", {HELD, "removed 'track':'t1'"}, ""},
    {"it was never queued", {FOLLOWED, "unqueued 'track':'t1'"}, ""},
    {"what is told of another", {ANSWER "[]", "expired 'track':'t2'"}, "4AB123 2026-0117: " ALL},
    {"as copies, of which each is somebody's",
     {"queued 'track':'t0','original':'o','rcpt':['@copy-nora'],'as':'4CP001'",
      "decision 'action':'accept','direction':'outgoing','original':'o'," NAMES, "@line 4CP001 bounced"},
     "copies seen: nora@harbour.test(harbour)=bounced leo@quill.test()"},
};

static char *filled(const char *text) {
    static const char *const names[][2] = {{"@nora", "nora@harbour.test"}, {"@leo", "leo@quill.test"}};
    g_autofree char *sealed = keyring_seal(keyring, KEYRING_FIRM, RECIPIENTS, NULL);
    g_autofree char *copy = keyring_index(keyring, "copy", "o nora@harbour.test");
    GString *out = g_string_new(text);
    g_string_replace(out, "'", "\"", 0);
    g_string_replace(out, "@P@", sealed, 0);
    g_string_replace(out, "@copy-nora", copy, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *hash = fatebook_hash(keyring, names[i][1]);
        g_string_replace(out, names[i][0], hash, 0);
    }
    return g_string_free(out, FALSE);
}

static void fold(FateBook *book, LabChain *chain, const char *text) {
    g_autofree char *whole = filled(text);
    g_autoptr(GString) line = g_string_new(NULL);
    assert_true(lab_line(chain, whole, line));
    g_autoptr(Entry) entry = entry_parse(line->str, line->len - 1, NULL, NULL);
    assert_non_null(entry);
    FateReading reading = {policy, registry, 1, now};
    fatebook_fold(book, entry, &reading);
}

/* "@line ID sent": the MTA's log says it of whoever this queue id stands for. */
static void log_line(FateBook *book, const char *text) {
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    MtaLine line = {.what = strcmp(words[2], "sent") ? MTA_BOUNCED : MTA_SENT, .at = now, .pid = 7};
    g_strlcpy(line.queue_id, words[1], sizeof line.queue_id);
    g_strlcpy(line.to, words[3] ? words[3] : "somebody@else.test", sizeof line.to);
    g_strlcpy(line.relay, "mx.test", sizeof line.relay);
    g_strlcpy(line.said, "no such user Nora", sizeof line.said);
    MtaLine tls = {.what = MTA_TLS, .at = now, .pid = 7, .relay = "mx.test", .tls = "verified TLSv1.3"};
    fates_line(fatebook_fates(book), &tls);
    fates_line(fatebook_fates(book), &line);
}

static void take(FateBook *book, LabChain *chain, const char *text) {
    if (g_str_has_prefix(text, "@line "))
        log_line(book, text);
    else
        fold(book, chain, text);
}

static char *said(FateBook *book) {
    static const char *const states[] = {"", "=sent", "=bounced"};
    const FateMessage *message = fates_find(fatebook_fates(book), "t1");
    if (!message)
        return g_strdup("");
    GString *out = g_string_new(*message->queue_id ? message->queue_id : "copies");
    const struct {
        bool is;
        const char *word;
    } flags[] = {{message->held, " held"},
                 {message->seen, " seen"},
                 {message->delay_told, " told"},
                 {message->clears, " clears"}};
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        g_string_append(out, flags[i].is ? flags[i].word : "");
    for (guint i = 0; i < message->matters->len; i++)
        g_string_append_printf(out, "%s%s", i ? "," : " ", (char *)message->matters->pdata[i]);
    g_string_append_c(out, ':');
    for (guint i = 0; i < message->recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        g_string_append_printf(out, " %s(%s)%s", recipient->address, recipient->client, states[recipient->state]);
    }
    return g_string_free(out, FALSE);
}

static void what_the_journal_tells_is_what_is_followed(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        FateBook *book = fatebook_new(keyring);
        LabChain chain = {0};
        for (size_t e = 0; e < G_N_ELEMENTS(cases[i].entries) && cases[i].entries[e]; e++)
            take(book, &chain, cases[i].entries[e]);
        g_autofree char *followed = said(book);
        if (strcmp(followed, cases[i].followed))
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, followed, cases[i].followed);
        assert_int_equal(fates_count(fatebook_fates(book)), *followed != 0);
        fatebook_free(book);
    }
}

static void what_is_older_than_six_days_is_left(void **state) {
    FateBook *book = fatebook_new(keyring);
    LabChain chain = {0};
    Instant today = now;
    now = instant_add(now, duration_seconds(6 * 86400 + 60));
    fold(book, &chain, FOLLOWED);
    now = today;
    assert_int_equal(fates_count(fatebook_fates(book)), 0);
    fatebook_free(book);
}

/* ---- reports ---- */

typedef struct {
    GPtrArray *entries; /* "KIND MEMBERS" */
} Told;

static bool report(const FateMessage *message, FateReport what, void *state) {
    g_autoptr(GError) error = NULL;
    g_autofree char *members = faterecord(keyring, message, what, &error);
    assert_non_null(members);
    g_ptr_array_add(((Told *)state)->entries, g_strconcat(faterecord_kind(what), " ", members, NULL));
    return true;
}

static GPtrArray *reports_of(FateBook *book, int64_t seconds) {
    Told told = {g_ptr_array_new_with_free_func(g_free)};
    FateRound round = {instant_add(now, duration_seconds(seconds)),
                       duration_seconds(600),
                       duration_seconds(3600),
                       9,
                       true,
                       report,
                       &told};
    fates_report(fatebook_fates(book), &round);
    return told.entries;
}

/* A second book that is told the journal alone, as after a restart, says at most once more that it is queued, which
 * changes nothing, and then the rest. */
static void what_was_reported_is_not_reported_again_after_a_restart(void **state) {
    FateBook *book = fatebook_new(keyring), *again = fatebook_new(keyring);
    LabChain chain = {0}, same = {0};
    fold(book, &chain, FOLLOWED);
    log_line(book, "@line 4AB123 sent nora@harbour.test");
    g_autoptr(GPtrArray) first = reports_of(book, 1);
    assert_int_equal(first->len, 1);
    fold(again, &same, FOLLOWED);
    for (guint i = 0; i < first->len; i++)
        fold(again, &same, g_ptr_array_index(first, i));
    g_autoptr(GPtrArray) none = reports_of(again, 2);
    for (guint i = 0; i < none->len; i++)
        assert_true(g_str_has_prefix(g_ptr_array_index(none, i), "queued "));
    log_line(again, "@line 4AB123 bounced leo@quill.test");
    g_autoptr(GPtrArray) rest = reports_of(again, 3);
    assert_int_equal(rest->len, 1);
    assert_true(g_str_has_prefix(g_ptr_array_index(rest, 0), "bounced "));
    assert_int_equal(fates_count(fatebook_fates(again)), 0);
    fatebook_free(book);
    fatebook_free(again);
}

static void a_record_names_hashes_in_clear_and_seals_who_and_what_was_said(void **state) {
    FateBook *book = fatebook_new(keyring);
    LabChain chain = {0};
    g_autofree char *hash = fatebook_hash(keyring, "NORA@harbour.test");
    fold(book, &chain, FOLLOWED);
    log_line(book, "@line 4AB123 sent nora@harbour.test");
    g_autoptr(GPtrArray) told = reports_of(book, 1);
    const char *sent = g_ptr_array_index(told, 0);
    assert_true(g_str_has_prefix(sent, "sent \"qid\":\"4AB123\",\"track\":\"t1\",\"staff\":\"alice@firm.test\","
                                       "\"matter\":\"2026-0117\",\"clears\":true,\"clients\":[\"harbour\"],"));
    assert_non_null(strstr(sent, hash));
    assert_non_null(strstr(sent, "\"tls\":[\"verified TLSv1.3\"],\"at\":\""));
    assert_null(strcasestr(sent, "nora"));
    assert_null(strstr(sent, "mx.test"));
    const char *sealed = strstr(sent, "\"p\":\"") + 5;
    g_autofree char *value = g_strndup(sealed, strcspn(sealed, "\""));
    g_autofree char *plain = keyring_open_value(keyring, KEYRING_FIRM, value, NULL);
    assert_string_equal(plain, "{\"to\":[{\"rcpt\":\"nora@harbour.test\",\"relay\":\"mx.test\",\"said\":"
                               "\"no such user Nora\"}]}");
    fatebook_free(book);
}

static void a_record_that_cannot_be_sealed_is_an_error(void **state) {
    FateMessage *message = fate_message_new("t1", "4AB123", now);
    g_free(message->client);
    message->client = g_strdup("../elsewhere");
    g_autoptr(GError) error = NULL;
    assert_null(faterecord(keyring, message, FATE_REPORT_QUEUED, &error));
    assert_non_null(error);
    fate_message_free(message);
}

static int start(void **state) {
    lab_begin();
    g_autofree char *keys = g_build_filename(lab_folder, "keys", NULL);
    now = instant_from_seconds(LAB_NOW);
    policy = firm_load(FIRM_HEAD "rules: ( );\n", &registry);
    keyring = keyring_open(keys, true, NULL);
    return keyring ? 0 : -1;
}

static int stop(void **state) {
    keyring_free(keyring);
    registry_free(registry);
    policy_unref(policy);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_journal_tells_is_what_is_followed),
        cmocka_unit_test(what_is_older_than_six_days_is_left),
        cmocka_unit_test(what_was_reported_is_not_reported_again_after_a_restart),
        cmocka_unit_test(a_record_names_hashes_in_clear_and_seals_who_and_what_was_said),
        cmocka_unit_test(a_record_that_cannot_be_sealed_is_an_error),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
