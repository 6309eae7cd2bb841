/* SPDX-License-Identifier: Apache-2.0 */
/* A judge that encrypts: what it makes opens, says so in its answer, and is refused when the second proof fails. */
#include "judge/encrypt_write.h"
#include "../crypto/lab.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/explain.h"
#include "judge/answerjson.h"
#include "judge/confine.h"
#include "judge/rewrite.h"
#include "message/message.h"
#include "policy/load.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define ALICE "alice@client.test"
#define BOB "bob@client.test"

static const char *const files[][2] = {
    {"lexgate.conf", "firm: { name = \"Firm\"; domains = [\"firm.test\"]; };\n"
                     "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; "
                     "certificates = \"certs\"; };\n"
                     "paths: { state = \".\"; run = \".\"; };\n"
                     "encryption: { archive = \"archive.pem\"; protect_headers = false; };\n"
                     "rules: ( { id = \"secret\"; when: { direction = \"outgoing\"; subject = \"secret\"; };\n"
                     "           encrypt: { accept = [\"end-to-end\", \"smime\"]; }; },\n"
                     "         { id = \"words\"; when: { subject = \"words\"; }; disclaimer: { text = \"Ours alone.\"; "
                     "form = \"text\"; }; },\n"
                     "         { id = \"tag\"; when: { subject = \"tagged\"; }; subject_tag = \"[firm]\"; } );\n"},
    {"staff.csv",
     "address,name,role,team,supervisor,cover,calendar,language,logins\nsam@firm.test,Sam,lawyer,x,,,,en,sam\n"},
    {"clients.csv", "client,name,addresses,language,channel,service_level\n"},
    {"matters.csv", "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"},
};

static Policy *policy;
static Registry *registry;
static CertStore *certs;
static Sealer *sealer;

static int setup(void **state) {
    json_prepare();
    judge_prepare();
    if (lab_group_setup(state) != 0 ||
        !lab_run("mkdir certs && cp alice.pem bob.pem certs && cp eve.pem archive.pem && cp eve.key archive.key"))
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(lab_folder(), files[i][0], NULL);
        assert_true(g_file_set_contents(path, files[i][1], -1, NULL));
    }
    g_autofree char *path = g_build_filename(lab_folder(), "lexgate.conf", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    policy = policy_load_offline(path, instant_from_seconds(0), &registry, problems);
    for (guint i = 0; !policy && i < problems->len; i++) {
        g_autofree char *line = problem_say(g_ptr_array_index(problems, i));
        g_printerr("%s\n", line);
    }
    if (!policy)
        return -1;
    certs = certs_load(policy_settings(policy)->registry_certificates, NULL);
    sealer = sealer_open(policy);
    return sealer->problem ? -1 : 0;
}

static int teardown(void **state) {
    sealer_free(sealer);
    certs_free(certs);
    registry_free(registry);
    policy_unref(policy);
    return lab_group_teardown(state);
}

static Instant now(void) {
    return instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC);
}

static Decision *judge(const char *message, size_t length, const char *recipients, bool fixed, Facts **facts) {
    JudgeContext context = {.policy = policy, .registry = registry, .certs = certs, .sealer = sealer};
    g_autoptr(Hints) hints = hints_new();
    JudgeMessage judged = {.data = message, .length = length, .fixed_body = fixed, .hints = hints};
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup("sam@firm.test");
    envelope->login = g_strdup("sam");
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = text_words(recipients);
    envelope->received = now();
    return judge_message(&context, &judged, envelope, facts);
}

/* The message as it goes on. */
static GString *result_of(const char *message, size_t length, const Decision *decision) {
    size_t body_at;
    GString *out = rewrite_head(message, length, decision->headers, &body_at);
    assert_int_equal(decision->body_edits->len, 1);
    const ByteEdit *edit = &g_array_index(decision->body_edits, ByteEdit, 0);
    assert_int_equal(edit->at, body_at);
    assert_int_equal(edit->removed, length - body_at);
    assert_int_equal(edit->added, decision->body_bytes->len);
    return g_string_append_len(out, decision->body_bytes->str, (gssize)decision->body_bytes->len);
}

static char *opened_by(const char *who, const GString *message) {
    size_t length;
    g_autofree char *path = g_build_filename(lab_folder(), "sealed.eml", NULL);
    assert_true(g_file_set_contents(path, message->str, (gssize)message->len, NULL));
    if (!lab_run("openssl cms -decrypt -binary -in sealed.eml -inkey %s.key -recip %s.pem -out opened && printf '\\0' "
                 ">> opened",
                 who, who))
        fail_msg("%s cannot open:\n%s", who, message->str);
    return (char *)lab_read("opened", &length);
}

#define HEAD(subject) "From: sam@firm.test\r\nTo: " ALICE ", " BOB "\r\nSubject: " subject "\r\n"

static const struct {
    const char *message, *inside, *subject;
} letters[] = {
    {HEAD("secret") "\r\nTwo million.\r\n", "Content-Type: text/plain\r\n\r\nTwo million.\r\n",
     "\r\nSubject: secret\r\n"},
    {HEAD("secret words") "\r\nTwo million.\r\n", "Content-Type: text/plain\r\n\r\nTwo million.\r\n\r\nOurs alone.\r\n",
     "\r\nSubject: secret words\r\n"},
    {HEAD("secret tagged") "Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/plain; charset=utf-8\r\n"
                           "Content-Language: en\r\nMIME-Version: 1.0\r\n\r\nTwo.\r\n",
     "Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: "
     "en\r\n\r\nTwo.\r\n",
     "\r\nSubject: [firm] secret tagged\r\n"},
};

static void a_letter_goes_on_encrypted_as_it_would_have_gone_on(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autoptr(Facts) facts = NULL;
        const char *message = letters[i].message;
        g_autoptr(Decision) decision = judge(message, strlen(message), ALICE " " BOB, false, &facts);
        assert_int_equal(decision->action, ACTION_ACCEPT);
        assert_int_equal(decision->sealed, SEAL_SMIME);
        assert_int_equal(decision->sealed_to->len, 3);
        GString *result = result_of(message, strlen(message), decision);
        if (!strstr(result->str, letters[i].subject) || strstr(result->str, "Two"))
            fail_msg("%s", result->str);
        const char *const everybody[] = {"alice", "bob", "archive"};
        for (size_t who = 0; who < G_N_ELEMENTS(everybody); who++) {
            g_autofree char *inside = opened_by(everybody[who], result);
            assert_string_equal(inside, letters[i].inside);
        }
        g_string_free(result, TRUE);
    }
}

static void the_subject_stands_inside_alone_where_the_policy_wants_that(void **state) {
    static const char message[] =
        "From: sam@firm.test\r\nKeywords: sum\r\nTo: " ALICE ", " BOB
        "\r\nThread-Topic: secret\r\nSubject: secret tagged\r\nSubject: again\r\n"
        "Bcc: secret@x.test\r\nSummary: secret\r\nX-Subject: secret\r\nHP-Outer: Subject: secret\r\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nX-Mailer: m\r\n\r\nTwo million.\r\n";
    static const char inside[] =
        "Content-Type: text/plain;\r\n hp=\"cipher\"\r\nFrom: sam@firm.test\r\nKeywords: sum\r\nTo: " ALICE ", " BOB
        "\r\nThread-Topic: secret\r\nSubject: [firm] secret tagged\r\nSubject: [firm] again\r\nSummary: "
        "secret\r\nX-Subject: secret\r\nDate: Mon, 23 Nov 2026 "
        "10:00:00 +0000\r\n"
        "HP-Outer: From: sam@firm.test\r\nHP-Outer: To: " ALICE ", " BOB "\r\nHP-Outer: Subject: [...]\r\n"
        "HP-Outer: Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nTwo million.\r\n";
    ((Settings *)policy_settings(policy))->encryption_protect_headers = true;
    g_autoptr(Facts) facts = NULL;
    g_autoptr(Decision) decision = judge(message, strlen(message), ALICE " " BOB, false, &facts);
    assert_int_equal(decision->sealed, SEAL_SMIME);
    GString *result = result_of(message, strlen(message), decision);
    assert_true(
        g_str_has_prefix(result->str, "From: sam@firm.test\r\nTo: " ALICE ", " BOB "\r\nSubject: [...]\r\nDate: "));
    assert_null(strstr(result->str, "secret"));
    assert_null(strstr(result->str, "Keywords"));
    g_autofree char *read = opened_by("bob", result);
    assert_string_equal(read, inside);
    g_string_free(result, TRUE);
    ((Settings *)policy_settings(policy))->encryption_protect_headers = false;
}

static void a_subject_that_cannot_be_hidden_is_spoken_of(void **state) {
    static const struct {
        const char *fields, *why, *said;
    } tried[] = {
        {"Subject: secret\r\nContent-Type: text/plain\r\nContent-Type: text/plain\r\n", "ambiguous",
         "its subject stays readable outside of what is encrypted: mail programs read its Content-Type"},
        {"Subject: secret\r\nContent-Type: multipart/signed; boundary=b\r\n", "signed",
         "its subject stays readable outside of what is encrypted: it is signed"},
        {"Subject: secret\r\n", "", NULL},
    };
    ((Settings *)policy_settings(policy))->encryption_protect_headers = true;
    for (size_t i = 0; i < G_N_ELEMENTS(tried); i++) {
        g_autofree char *message = g_strdup_printf("From: sam@firm.test\r\nTo: " ALICE "\r\n%s\r\n--b\r\n\r\nTwo "
                                                   "million.\r\n--b\r\n\r\nx\r\n--b--\r\n",
                                                   tried[i].fields);
        g_autoptr(Facts) facts = NULL;
        g_autoptr(Decision) decision = judge(message, strlen(message), ALICE, false, &facts);
        assert_int_equal(decision->sealed, SEAL_SMIME);
        g_autoptr(json_t) whole = decision_to_json(decision, facts);
        const json_t *sealed = json_member(json_member(whole, "decision"), "sealed");
        assert_string_equal(json_text(sealed, "subject_outside"), tried[i].why);
        g_autofree char *page = explain_text(decision, facts);
        if (tried[i].said ? !strstr(page, tried[i].said) : strstr(page, "its subject stays") != NULL)
            fail_msg("%s", page);
    }
    ((Settings *)policy_settings(policy))->encryption_protect_headers = false;
}

static void the_answer_says_what_was_made_of_it(void **state) {
    char out[65536];
    g_autoptr(Facts) facts = NULL;
    const char *message = letters[1].message;
    g_autoptr(Decision) decision = judge(message, strlen(message), ALICE " " BOB, false, &facts);
    g_autoptr(json_t) whole = decision_to_json(decision, facts);
    size_t length = answerjson_write(decision, facts, out, sizeof out);
    g_autoptr(json_t) answer = json_parse(out, length, NULL);
    const json_t *part = json_object_get(answer, "decision"), *same = json_object_get(whole, "decision");
    const char *const members[] = {"sealed", "body", "remarks", "headers"};
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        assert_true(json_equal(json_object_get(part, members[i]), json_object_get(same, members[i])));
    assert_string_equal(json_text(json_object_get(part, "sealed"), "way"), "smime");
}

static void what_nothing_asks_for_and_what_cannot_be_changed_stays(void **state) {
    static const char plain[] = HEAD("hello") "\r\nTwo million.\r\n";
    g_autoptr(Facts) facts = NULL, fixed = NULL, inside = NULL;
    g_autoptr(Decision) clear = judge(plain, strlen(plain), ALICE, false, &facts);
    assert_int_equal(clear->sealed, SEAL_NONE);
    assert_int_equal(clear->body_edits->len, 0);
    g_autoptr(Decision) refused = judge(letters[0].message, strlen(letters[0].message), ALICE, true, &fixed);
    assert_int_equal(refused->action, ACTION_REJECT);
    bool said = false;
    for (guint i = 0; i < refused->text->len; i++)
        said |= strstr(g_ptr_array_index(refused->text, i), "the mail server lets no filter change it") != NULL;
    assert_true(said);
    static const char odd[] =
        "From: sam@firm.test\r\nTo: " ALICE "\r\nSubject: secret\r\nno field at all\r\n\r\nTwo\r\n";
    g_autoptr(Decision) malformed = judge(odd, strlen(odd), ALICE, false, &inside);
    assert_int_equal(malformed->action, ACTION_REJECT);
    assert_int_equal(malformed->body_edits->len, 0);
    assert_non_null(strstr(malformed->seal_failure, "no header field"));
}

/* The faults that the second proof is there for. */
static void a_message_that_is_not_what_it_should_be_is_not_proved(void **state) {
    g_autoptr(Facts) facts = NULL;
    const char *message = letters[0].message;
    g_autoptr(Decision) decision = judge(message, strlen(message), ALICE " " BOB, false, &facts);
    GString *good = result_of(message, strlen(message), decision);
    g_autoptr(GPtrArray) both = text_words(ALICE " " BOB), other = text_words(ALICE " carol@client.test"),
                         none = text_words("");
    char *why = NULL;
    assert_true(encrypt_prove(certs, SEAL_SMIME, both, now(), (Bytes){good->str, good->len}, &why));
    size_t head = (size_t)(strstr(good->str, "\r\n\r\n") + 4 - good->str);
    g_autofree char *flipped = g_memdup2(good->str, good->len + 1),
                    *beside = g_strconcat(good->str, "And in clear.\r\n", NULL);
    memset(flipped + head + 80, 'A', 40);
    const struct {
        const char *what;
        Bytes bytes;
        const GPtrArray *recipients;
        Seal seal;
    } faults[] = {
        {"another certificate", {good->str, good->len}, other, SEAL_SMIME},
        {"nobody", {good->str, good->len}, none, SEAL_SMIME},
        {"the other kind", {good->str, good->len}, both, SEAL_OPENPGP},
        {"a body that was cut", {good->str, good->len - 100}, both, SEAL_SMIME},
        {"half a body", {good->str, head + (good->len - head) / 2}, both, SEAL_SMIME},
        {"no body", {good->str, head}, both, SEAL_SMIME},
        {"a damaged envelope", {flipped, good->len}, both, SEAL_SMIME},
        {"words behind it", {beside, strlen(beside)}, both, SEAL_SMIME},
        {"the letter in clear", {message, strlen(message)}, both, SEAL_SMIME},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *said = NULL;
        if (encrypt_prove(certs, faults[i].seal, faults[i].recipients, now(), faults[i].bytes, &said))
            fail_msg("%s is proved", faults[i].what);
    }
    g_string_free(good, TRUE);
}

/* What the linker puts in the place of encrypt_smime(). */
static enum { NO_FAULT, WRONG_CERTIFICATE, CUT, IN_CLEAR } fault;

bool __real_encrypt_smime(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why);
bool __wrap_encrypt_smime(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why);

bool __wrap_encrypt_smime(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why) {
    g_autoptr(GPtrArray) archive = g_ptr_array_new();
    EncryptInput wrong = *input;
    if (fault == IN_CLEAR) {
        g_string_append_len(out, input->pieces[1].data, (gssize)input->pieces[1].length);
        return true;
    }
    g_ptr_array_add(archive, g_ptr_array_index(input->certs, input->certs->len - 1));
    if (fault == WRONG_CERTIFICATE)
        wrong.certs = archive;
    bool made = __real_encrypt_smime(encrypter, &wrong, out, why);
    if (fault == CUT)
        g_string_truncate(out, out->len - 100);
    return made;
}

static void whatever_goes_wrong_in_between_makes_a_refusal(void **state) {
    for (fault = WRONG_CERTIFICATE; fault <= IN_CLEAR; fault++) {
        g_autoptr(Facts) facts = NULL;
        const char *message = letters[1].message;
        g_autoptr(Decision) decision = judge(message, strlen(message), ALICE " " BOB, false, &facts);
        assert_int_equal(decision->action, ACTION_REJECT);
        assert_int_equal(decision->code, 550);
        assert_int_equal(decision->sealed, SEAL_NONE);
        assert_int_equal(decision->body_edits->len + decision->body_bytes->len + decision->headers->len, 0);
        assert_non_null(strstr(decision->seal_failure, "read again, it is not encrypted to " ALICE));
        assert_true(
            g_str_has_prefix(g_ptr_array_index(decision->text, 2), "The gateway could not encrypt it: read again"));
    }
    fault = NO_FAULT;
}

static int encrypts_when_confined(void) {
    g_autoptr(Facts) facts = NULL;
    Decision *decision = judge(letters[1].message, strlen(letters[1].message), ALICE " " BOB, false, &facts);
    return decision->sealed == SEAL_SMIME && decision->action == ACTION_ACCEPT ? 0 : 1;
}

static void a_confined_judge_encrypts_its_first_message(void **state) {
#ifdef LEXGATE_SANITIZED
    skip(); /* see confine.c */
#endif
    sealer_free(sealer);
    sealer = sealer_open(policy);
    pid_t child = fork();
    if (child == 0)
        _exit(confine_judge(64 << 20) ? encrypts_when_confined() : 2);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("status %d, signal %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confined_judge_encrypts_its_first_message),
        cmocka_unit_test(a_letter_goes_on_encrypted_as_it_would_have_gone_on),
        cmocka_unit_test(the_subject_stands_inside_alone_where_the_policy_wants_that),
        cmocka_unit_test(a_subject_that_cannot_be_hidden_is_spoken_of),
        cmocka_unit_test(the_answer_says_what_was_made_of_it),
        cmocka_unit_test(what_nothing_asks_for_and_what_cannot_be_changed_stays),
        cmocka_unit_test(a_message_that_is_not_what_it_should_be_is_not_proved),
        cmocka_unit_test(whatever_goes_wrong_in_between_makes_a_refusal),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
