/* SPDX-License-Identifier: Apache-2.0 */
/* One message judged offline, as `lexgate explain` does it, and the answer that a judge process would send. */
#include "judge/judge.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/reached.h"
#include "judge/answerjson.h"
#include "message/message.h"
#include "policy/load.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const char *const files[][2] = {
    {"lexgate.conf",
     "firm: { name = \"Firm\"; domains = [\"firm.test\"]; calendar = \"c\"; policy: { version = \"7\"; }; };\n"
     "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
     "paths: { state = \".\"; run = \".\"; };\n"
     "calendars: { c: { timezone = \"Europe/London\"; hours: { mon-sun = [\"00:00-24:00\"]; }; }; };\n"
     "service_levels: { standard: { answer_within = \"8h\"; ladder = ( { at = \"50%\"; tell = [\"owner\", \"cover\"]; "
     "} ); }; };\n"
     "rules: ( { id = \"question\"; when: { direction = \"incoming\"; }; deadline = \"standard\"; },\n"
     "         { id = \"secret\"; when: { direction = \"outgoing\"; }; encrypt: { accept = [\"end-to-end\"]; otherwise "
     "= \"reject\"; }; "
     "},\n"
     "         { id = \"tried\"; mode = \"observe\"; when: { direction = \"incoming\"; }; do = \"reject\"; },\n"
     "         { id = \"tongue\"; mode = \"observe\"; when: { recipient: { language_differs = true; }; }; do = "
     "\"confirm\"; },\n"
     "         { id = \"warn\"; when: { direction = \"incoming\"; }; banner: { text = \"From outside.\"; form = "
     "\"text\"; }; },\n"
     "         { id = \"stamp\"; stamp: { name = \"X-Firm\"; value = \"yes\"; }; copy_to = [\"archive@firm.test\"]; } "
     ");\n"},
    {"staff.csv", "address,name,role,team,supervisor,cover,calendar,language,logins\n"
                  "alice@firm.test,Alice,lawyer,litigation,,,,en,alice\n"},
    {"clients.csv",
     "client,name,addresses,language,channel,service_level\nharbour,Harbour,nora@harbour.test,en,mail,\n"},
    {"matters.csv", "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                    "2026-0117,harbour,Title,normal,alice@firm.test,litigation,,open,,\n"},
};

static char *folder;
static Policy *policy;
static Registry *registry;
static CertStore *certs;

static int setup(void **state) {
    json_prepare();
    message_prepare();
    folder = g_dir_make_tmp("lexgate-judge-XXXXXX", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i][0], NULL);
        assert_true(g_file_set_contents(path, files[i][1], -1, NULL));
    }
    g_autofree char *path = g_build_filename(folder, "lexgate.conf", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    policy = policy_load_offline(path, instant_from_seconds(1795000000), &registry, problems);
    for (guint i = 0; !policy && i < problems->len; i++) {
        g_autofree char *line = problem_say(g_ptr_array_index(problems, i));
        g_printerr("%s\n", line);
    }
    certs = certs_load(NULL, NULL);
    return policy ? 0 : -1;
}

static int teardown(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i][0], NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
    certs_free(certs);
    registry_free(registry);
    policy_unref(policy);
    return 0;
}

typedef struct {
    const char *sender, *recipient, *login, *message;
    bool too_large, headers_only;
    Action action;
} Case;

static const Case cases[] = {
    {"nora@harbour.test", "alice@firm.test", NULL,
     "From: nora@harbour.test\r\nTo: alice@firm.test\r\nSubject: \"When\" \\ =?utf-8?q?=C3=A9?=?\r\nMessage-ID: "
     "<a@b>\r\n"
     "X-Lexgate-Track: forged\r\n\r\nWhen?\r\n",
     false, false, ACTION_ACCEPT},
    {"alice@firm.test", "nora@harbour.test", "alice",
     "From: alice@firm.test\r\nTo: nora@harbour.test\r\nSubject: x\r\n\r\nclear\r\n", false, false, ACTION_REJECT},
    {"alice@firm.test", "nora@harbour.test", "alice",
     "From: alice@firm.test\r\nTo: nora@harbour.test\r\nSubject: x\r\n\r\nclear\r\n", false, true, ACTION_HOLD},
    {"", "alice@firm.test", NULL, "", true, false, ACTION_ACCEPT},
};

static Decision *judge_case(const Case *one, Facts **facts) {
    JudgeContext context = {.policy = policy, .registry = registry, .certs = certs};
    Hints *hints = hints_new();
    JudgeMessage message = {
        .data = one->message,
        .length = strlen(one->message),
        .too_large = one->too_large,
        .headers_only = one->headers_only,
        .hints = hints,
    };
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup(one->sender);
    g_ptr_array_add(envelope->recipients, g_strdup(one->recipient));
    envelope->login = g_strdup(one->login);
    envelope->received = instant_from_seconds(1795000000);
    Decision *decision = judge_message(&context, &message, envelope, facts);
    hints_free(hints);
    return decision;
}

static void plan_copy(Decision *decision, const char *recipient, Seal seal, size_t offset) {
    MailCopy *copy = mail_copy_new(seal);
    g_ptr_array_add(copy->recipients, g_strdup(recipient));
    copy->offset = offset;
    copy->size = 10;
    g_ptr_array_add(decision->copies, copy);
}

static void note_consent(Decision *decision) {
    GivenConsent *given = g_new(GivenConsent, 1);
    *given = (GivenConsent){g_strdup("harbour"), 0, consent_read("who=N;when=2026-01-01;scope=all;until=2026-12-31")};
    g_ptr_array_add(decision->consents, given);
}

/* Every member of `part` is in `whole` with the same value; lists of rules may leave some out. */
static void assert_within(json_t *part, json_t *whole, const char *where) {
    const char *name;
    json_t *value;
    json_object_foreach(part, name, value) {
        json_t *other = json_object_get(whole, name);
        if (!other)
            fail_msg("%s.%s is not in the contract's JSON", where, name);
        if (json_is_object(value))
            assert_within(value, other, name);
        else if (strcmp(name, "rules") != 0 && !json_equal(value, other))
            fail_msg("%s.%s differs", where, name);
    }
}

static void the_answer_is_a_part_of_the_contracts_json(void **state) {
    static char out[65536];
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = NULL;
        g_autoptr(Decision) decision = judge_case(&cases[i], &facts);
        plan_copy(decision, "alice@firm.test", SEAL_NONE, 0);
        plan_copy(decision, "nora@harbour.test", SEAL_OPENPGP, 10);
        note_consent(decision);
        reached_note_sealed(decision, "nora@harbour.test", SEAL_OPENPGP, "0123");
        g_ptr_array_add(decision->sealed_to, g_strdup("0123"));
        decision->subject_outside = "signed";
        decision->in_clear = MATCH_YES;
        g_ptr_array_add(decision->in_clear_to, g_strdup("nora@harbour.test"));
        g_autoptr(json_t) whole = decision_to_json(decision, facts);
        size_t length = answerjson_write(decision, facts, out, sizeof out);
        assert_true(length > 0);
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) part = json_parse(out, length, &error);
        if (!part)
            fail_msg("%s: %s", error->message, out);
        assert_int_equal(decision->action, cases[i].action);
        assert_non_null(json_text(part, "subject"));
        assert_string_equal(json_text(part, "message_id"), facts->message_id);
        assert_int_equal(json_array_size(json_list(json_object_get(part, "decision"), "copies")), 2);
        assert_int_equal(json_array_size(json_list(json_object_get(part, "decision"), "consents")), 1);
        assert_int_equal(json_array_size(json_list(json_object_get(part, "decision"), "ways")), 1);
        json_t *in_clear = json_object_get(json_object_get(part, "decision"), "in_clear");
        assert_string_equal(json_text(in_clear, "is"), "yes");
        json_object_del(part, "subject");
        json_object_del(part, "message_id");
        assert_within(part, whole, "answer");
        const json_t *rules = json_list(part, "rules");
        for (size_t r = 0; r < json_array_size(rules); r++)
            assert_int_equal(policy_rule(policy, json_text(json_array_get(rules, r), "id")) != NULL, 1);
    }
}

static void a_sentence_is_written_into_the_text_or_the_header(void **state) {
    for (int large = 0; large < 2; large++) {
        Case one = cases[0];
        one.too_large = large;
        g_autoptr(Facts) facts = NULL;
        g_autoptr(Decision) decision = judge_case(&one, &facts);
        const RemarkResult *remark = g_ptr_array_index(decision->remarks, 0);
        assert_int_equal(remark->form, large ? REMARK_IN_HEADER : REMARK_IN_BODY);
        assert_string_equal(remark->why, large ? "the message is too large to be read whole" : "1");
        assert_string_equal(decision->body_bytes->str, large ? "" : "From outside.\r\n\r\n");
        assert_int_equal(decision->body_edits->len, !large);
        bool header = false;
        for (guint i = 0; i < decision->headers->len; i++)
            header |= strcmp(((HeaderEdit *)g_ptr_array_index(decision->headers, i))->name, "X-Lexgate-Banner") == 0;
        assert_int_equal(header, large);
    }
}

static void an_answer_that_does_not_fit_is_none(void **state) {
    char out[64];
    g_autoptr(Facts) facts = NULL;
    g_autoptr(Decision) decision = judge_case(&cases[0], &facts);
    assert_int_equal(answerjson_write(decision, facts, out, sizeof out), 0);
}

static void a_message_that_was_cut_proves_nothing(void **state) {
    Case cut = cases[1];
    cut.too_large = true;
    g_autoptr(Facts) facts = NULL;
    g_autoptr(Decision) decision = judge_case(&cut, &facts);
    assert_true(facts->unreadable);
    assert_int_equal(facts->encryption, ENC_UNKNOWN);
    assert_int_equal(g_array_index(facts->proofs, Proof, 0), PROOF_UNKNOWN);
    bool said = false;
    for (guint i = 0; i < facts->anomalies->len; i++)
        said |= strcmp(g_ptr_array_index(facts->anomalies, i), "limit:size") == 0;
    assert_true(said);
}

/* What is quoted is in another language than what was written above it. */
static void the_language_is_that_of_the_writer(void **state) {
    static const Case german = {
        "alice@firm.test",
        "nora@harbour.test",
        "alice",
        "From: alice@firm.test\r\nTo: nora@harbour.test\r\nSubject: x\r\nContent-Type: text/plain; "
        "charset=utf-8\r\n\r\n"
        "Vielen Dank. Wir sehen den Entwurf an und melden uns am Montag wieder bei Ihnen.\r\n\r\n"
        "> Could you please tell us whether the supplier has to deliver the goods this year?\r\n"
        "> We would like to know it before the meeting of the board on Thursday.\r\n",
        false,
        false,
        ACTION_REJECT};
    Case headers_only = german;
    headers_only.headers_only = true;
    g_autoptr(Facts) facts = NULL, unseen = NULL;
    g_autoptr(Decision) decision = judge_case(&german, &facts), blind = judge_case(&headers_only, &unseen);
    assert_string_equal(facts->language, "de");
    assert_null(unseen->language);
    g_autofree char *page = explain_text(decision, facts);
    assert_non_null(strstr(page, "the text is in language de, and nora@harbour.test reads en"));
    assert_non_null(strstr(page, "\nLanguage    de, confidence 75 %\n"));
    g_autoptr(json_t) whole = decision_to_json(decision, facts), less = decision_to_json(blind, unseen);
    const json_t *language = json_object_get(whole, "language");
    assert_string_equal(json_text(language, "code"), "de");
    assert_int_equal(json_number(language, "confidence", 0), 75);
    assert_true(json_is_null(json_object_get(less, "language")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_a_part_of_the_contracts_json),
        cmocka_unit_test(a_sentence_is_written_into_the_text_or_the_header),
        cmocka_unit_test(an_answer_that_does_not_fit_is_none),
        cmocka_unit_test(a_message_that_was_cut_proves_nothing),
        cmocka_unit_test(the_language_is_that_of_the_writer),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
