/* SPDX-License-Identifier: Apache-2.0 */
/* The program itself, in a house of its own: exit statuses and output that others rely on. Nothing runs but the
 * command. */
#include "base/json.h"
#include "base/text.h"
#include "journal/entry.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

static const char config[] =
    "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; calendar = \"london\";\n"
    "        policy: { version = \"2026.11\"; review_by = \"2099-05-31\"; }; };\n"
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; certificates = "
    "\"certs\"; };\n"
    "milter: { socket = \"unix:/var/spool/postfix/lexgate/milter.sock\"; };\n"
    "calendars: { london: { timezone = \"Europe/London\"; hours: { mon-fri = [\"09:00-13:00\", \"14:00-17:30\"]; }; }; "
    "};\n"
    "service_levels: { standard: { answer_within = \"8h\"; calendar = \"london\";\n"
    "                              ladder = ( { at = \"50%\"; tell = [\"owner\"]; } ); }; };\n"
    "rules: ( { id = \"secret\"; when: { direction = \"outgoing\"; matter: { level = [\"confidential\", \"strict\"]; "
    "}; };\n"
    "           encrypt: { accept = [\"end-to-end\"]; otherwise = \"reject\"; }; },\n"
    "         { id = \"question\"; when: { direction = \"incoming\"; sender: { is = \"client\"; }; };\n"
    "           deadline = \"standard\"; } );\n";

static const char *const house_files[][2] = {
    {"lexgate.conf", config},
    {"broken.conf", "firm: { name = \"Aldous\"; domians = [\"aldous.test\"]; };\n"},
    {"staff.csv", "address,name,role,team,supervisor,cover,calendar,language,logins\n"
                  "alice@aldous.test,Alice,lawyer,property,,,london,en,alice\n"},
    {"clients.csv",
     "client,name,addresses,language,channel,service_level\nharbour,Harbour,claire@harbour.test,en,mail,standard\n"},
    {"tls.conf", "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
                 "registry: { clients = \"tls.csv\"; };\n"},
    {"tls.csv", "client,name,addresses,language,channel,service_level,tls\n"
                "harbour,Harbour,@harbour.test @ships.test,en,mail,,MX1.harbour.test mx2.harbour.test\n"
                "delta,Delta,a@delta.test b@delta.test,en,mail,,dane-only\n"
                "echo,Echo,@echo.test,en,mail,,mta-sts\nfox,Fox,@fox.test,en,mail,,\n"},
    {"strict.conf", "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
                    "inside: { trusted_relays = [\"127.0.0.2\"]; };\n"},
    {"loose.conf", "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
                   "inside: { trusted_relays = [\"127.0.0.2\", \"127.0.0.3\"]; };\n"},
    {"clash.conf", "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
                   "registry: { clients = \"clash.csv\"; };\n"},
    {"clash.csv", "client,name,addresses,language,channel,service_level,tls\n"
                  "ann,Ann,ann@mail.test,en,mail,,dane-only\nbo,Bo,bo@mail.test,en,mail,,mx.mail.test\n"},
    {"matters.csv", "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                    "2026-0117,harbour,Lease,confidential,alice@aldous.test,property,standard,open,,\n"},
    {"question.eml",
     "From: Claire <claire@harbour.test>\nTo: Alice <alice@aldous.test>\nSubject: When?\n"
     "Message-ID: <1@harbour.test>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\nWhen can you send the lease?\n"},
    {"secret.eml",
     "From: Alice <alice@aldous.test>\r\nTo: claire@harbour.test\r\nSubject: Lease\r\nMessage-ID: <2@aldous.test>\r\n"
     "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n\r\nHere it is.\r\n"},
    {"foreign.eml", "From: a@else.test\nTo: b@else.test\nSubject: Us two\n\nHello.\n"},
    {"good.json", "{\"message\": \"question.eml\", \"at\": \"2026-11-23T10:00:00Z\",\n"
                  " \"expect\": {\"direction\": \"incoming\", \"decision\": {\"action\": \"accept\"}}}\n"},
};

static char *house;

static char *in_house(const char *name) {
    return g_build_filename(house, name, NULL);
}

static void write_file(const char *name, const char *text) {
    g_autofree char *path = in_house(name);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static int set_up(void **state) {
    house = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(house_files); i++)
        write_file(house_files[i][0], house_files[i][1]);
    g_autofree char *cases = in_house("cases");
    return g_mkdir(cases, 0755);
}

static void remove_tree(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_tree(inner);
    }
    g_remove(path);
}

static int tear_down(void **state) {
    remove_tree(house);
    g_free(house);
    return 0;
}

/* Runs ./lexgate in the house with the words of one line; gives its exit status and what it wrote. */
static int run(const char *words, char **out, char **err) {
    g_autofree char *here = g_get_current_dir();
    g_autofree char *program = g_build_filename(here, "lexgate", NULL);
    g_autofree char *line = g_strdup_printf("'%s' %s", program, words);
    g_auto(GStrv) argv = NULL;
    int status = 0;
    assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
    assert_true(g_spawn_sync(house, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, err, &status, NULL));
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

typedef struct {
    const char *words;
    int status;
    const char *out, *err; /* must occur; NULL: nothing is said there */
} RunCase;

static const RunCase run_cases[] = {
    {"--version", 0, "lexgate ", NULL},
    {"--help", 0, "calendar due", NULL},
    {"queue --help", 0, "--overdue", NULL},
    {"", 2, NULL, "a command is missing"},
    {"queu", 2, NULL, "\"queue\""},
    {"queue --bogus", 2, NULL, "usage: lexgate queue"},
    {"explain", 2, NULL, "something is missing; usage: lexgate explain"},
    {"check -c", 2, NULL, "-c wants"},
    {"-c lexgate.conf check", 0, "0 errors", ""},
    {"check --config=lexgate.conf", 0, "1 matters", ""},
    {"check -c broken.conf", 1, "cannot be used", "broken.conf:1"},
    {"check -c absent.conf", 2, NULL, "absent.conf"},
    {"calendar due --calendar london --from 2026-11-23T09:00:00Z --for 8h -c lexgate.conf", 0, "2026-11-24T09:30:00Z\n",
     NULL},
    {"calendar due --calendar london --from 2026-11-23T09:00:00Z --for 28800s -c lexgate.conf", 0,
     "2026-11-24T09:30:00Z\n", NULL},
    {"calendar elapsed --from 2026-11-23T09:00:00Z --to 2026-11-24T09:30:00Z -c lexgate.conf", 0, "28800\n", NULL},
    {"calendar elapsed --from 2026-11-24T09:00:00Z --to 2026-11-23T09:30:00Z -c lexgate.conf", 0, "0\n", NULL},
    {"calendar next-open --from 2026-11-21T09:00:00Z -c lexgate.conf", 0, "2026-11-23T09:00:00Z\n", NULL},
    {"calendar next-open --client harbour --from 2026-11-23T13:30:00Z -c lexgate.conf", 0, "2026-11-23T14:00:00Z\n",
     NULL},
    {"calendar next-open --client nobody -c lexgate.conf", 2, NULL, "--client nobody"},
    {"calendar show --client harbour --calendar london -c lexgate.conf", 2, NULL, "--calendar names the hours"},
    {"calendar show --service-level golden -c lexgate.conf", 2, NULL, "--service-level golden"},
    {"calendar show --team property --from 2026-11-22T12:00:00Z --days 2 -c lexgate.conf", 0,
     "london, Europe/London\nSun 2026-11-22  closed\nMon 2026-11-23  09:00-13:00 14:00-17:30\n", NULL},
    {"calendar show --calendar always --from 2026-11-22T12:00:00Z --days 1 -c lexgate.conf", 0,
     "always, UTC\nSun 2026-11-22  00:00-24:00\n", NULL},
    {"calendar show --days 1 --json -c lexgate.conf", 0, "\"kind\": \"weekday\"", NULL},
    {"calendar show --days 500 -c lexgate.conf", 2, NULL, "--days 500"},
    {"calendar due --calendar paris --from 2026-11-23T09:00:00Z --for 8h -c lexgate.conf", 2, NULL, "paris"},
    {"calendar due --from noon --for 8h -c lexgate.conf", 2, NULL, "--from noon"},
    {"explain -c lexgate.conf question.eml", 0, "claire@harbour.test", NULL},
    {"explain -c lexgate.conf --auth alice secret.eml", 1, "secret", NULL},
    {"explain -c lexgate.conf clients.csv", 0, "relayed",
     "clients.csv begins with no line of a mail header, such as \"From: …\"; is it a message?\n"},
    {"explain -c lexgate.conf absent.eml", 2, NULL, "absent.eml"},
    {"explain -c absent.conf question.eml", 2, NULL, "absent.conf"},
    {"explain -c lexgate.conf --rcpt 'not an address' question.eml", 2, NULL, "not an address"},
    {"explain -c lexgate.conf --at noon question.eml", 2, NULL, "--at noon"},
    {"explain -c lexgate.conf --client 1.2.3 question.eml", 2, NULL, "1.2.3"},
    {"explain -c lexgate.conf --hints lexgate.conf question.eml", 2, NULL, "--hints lexgate.conf: no JSON: line 1"},
    {"explain -c lexgate.conf --hints good.json question.eml", 2, NULL,
     "--hints good.json: unknown \"message\" in the"},
    {"explain -c lexgate.conf --hints absent.json question.eml", 2, NULL, "--hints: absent.json: cannot open"},
    {"test absent -c lexgate.conf", 2, NULL, "absent: cannot open the folder: No such file or directory"},
    {"replay -c lexgate.conf cases", 2, "0 messages judged, 1 problem\n", "cases: there is no message in it\n"},
    {"replay -c lexgate.conf question.eml", 0, "1 message judged, 0 problems\n\n", NULL},
    {"replay -c lexgate.conf foreign.eml", 0, "at aldous.test (firm.domains), so hardly a rule", NULL},
    {"postfix-recipe -c lexgate.conf", 0, "\nsmtpd_milters = unix:lexgate/milter.sock\n", NULL},
    {"postfix-recipe --strict -c lexgate.conf", 0, "receive_override_options=no_address_mappings",
     "lacks what this recipe needs: inside: { trusted_relays = [\"127.0.0.2\"]; };\n"},
    {"postfix-recipe --strict -c strict.conf", 0, "receive_override_options=no_address_mappings", ""},
    {"postfix-recipe --strict -c loose.conf", 0, "# ---- master.cf ----", "inside.trusted_relays holds 127.0.0.3"},
    {"journal search -c lexgate.conf .", 2, NULL, ".: there is no journal here\n"},
    {"journal verify .", 2, NULL, ".: there is no journal here\n"},
    {"postfix-tls-policy -c tls.conf", 0,
     "lexgate-tls-policy\necho.test secure match=nexthop:dot-nexthop\n"
     "harbour.test secure match=mx1.harbour.test:mx2.harbour.test\n"
     "ships.test secure match=mx1.harbour.test:mx2.harbour.test\n",
     NULL},
    {"postfix-tls-policy -c tls.conf", 0, "\ndelta.test dane-only\n# MTA-STS", NULL},
    {"postfix-tls-policy -c clash.conf", 2, NULL,
     "clash.csv:3: error: tls: the clients ann and bo say different things of mail.test (\"dane-only\" and "
     "\"mx.mail.test\")"},
    {"test . -c lexgate.conf", 0, "1 of 1 cases", NULL},
    {"test cases -c lexgate.conf", 2, NULL, "no case"},
    {"registry import --check -c lexgate.conf", 0, "good", ""},
    {"registry import --dry-run -c lexgate.conf", 0, "Nothing was written.", ""},
    {"rebuild -c lexgate.conf", 2, "lexgate:{", "--yes"},
    {"cert import question.eml -c lexgate.conf", 1, NULL, "question.eml"},
};

static void the_command_answers_as_promised(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(run_cases); i++) {
        const RunCase *one = &run_cases[i];
        g_autofree char *out = NULL, *err = NULL;
        int status = run(one->words, &out, &err);
        bool said = one->out ? strstr(out, one->out) != NULL : *out == '\0';
        bool complained = one->err ? strstr(err, one->err) != NULL : *err == '\0';
        if (status != one->status || !said || !complained)
            fail_msg("lexgate %s: exit %d\n%s\n%s", one->words, status, out, err);
    }
}

static json_t *explain(const char *options) {
    g_autofree char *out = NULL, *err = NULL;
    g_autofree char *words = g_strconcat("explain -c lexgate.conf --json --at 2026-11-23T10:00:00Z ", options, NULL);
    assert_in_range(run(words, &out, &err), 0, 1);
    json_t *json = json_parse(out, strlen(out), NULL);
    if (!json)
        fail_msg("%s: %s%s", words, out, err);
    return json;
}

static void explain_guesses_the_envelope_and_answers_one_object(void **state) {
    g_autoptr(json_t) asked = explain("question.eml");
    assert_string_equal(json_text(asked, "direction"), "incoming");
    assert_string_equal(json_text(json_member(asked, "sender"), "address"), "claire@harbour.test");
    assert_int_equal(json_array_size(json_list(asked, "recipients")), 1);
    const json_t *deadline = json_array_get(json_list(asked, "deadlines"), 0);
    assert_string_equal(json_text(deadline, "op"), "open");
    assert_string_equal(json_text(deadline, "owner"), "alice@aldous.test");
    g_autoptr(json_t) bounce = explain("--from '<>' --rcpt alice@aldous.test question.eml");
    assert_string_equal(json_text(json_member(bounce, "automatic"), "kind"), "bounce");
    assert_int_equal(json_array_size(json_list(bounce, "deadlines")), 0);
    g_autoptr(json_t) secret = explain("--auth alice secret.eml");
    assert_string_equal(json_text(json_member(secret, "decision"), "action"), "reject");
    assert_string_equal(json_text(json_member(secret, "sender"), "by"), "login");
}

typedef struct {
    const char *options, *text; /* the case's file */
    int status;
    const char *out, *err; /* NULL: nothing is asked of it */
} PolicyCase;

#define ASKED "\"message\": {\"from\": \"claire@harbour.test\", \"to\": \"alice@aldous.test\", \"text\": \"When?\"}"

static const PolicyCase policy_cases[] = {
    {"", "{\"message\": \"../question.eml\", \"expect\": {\"decision\": {\"action\": \"reject\", \"code\": 250}}}", 1,
     "FAILED one.json:1: a case\n       decision.action\n         expected \"reject\"\n         got      \"accept\"\n",
     ""},
    {"",
     "{\"name\": \"a question\", " ASKED ", \"applies\": [\"question\"], "
     "\"does_not_apply\": [\"secret\"]}",
     0,
     "ok     one.json:1: a question\n1 of 1 cases are as expected\n1 of 2 rules apply in some case; in none:\n  secret",
     ""},
    {"--all-rules ", "{" ASKED ", \"applies\": [\"question\"]}", 1, "  secret (lexgate.conf:", ""},
    {"--all-rules ",
     "[{" ASKED ", \"applies\": [\"question\"]}, {\"auth\": \"alice\", \"message\": \"../secret.eml\", "
     "\"applies\": [\"secret\"]}]",
     0, "2 of 2 rules apply in some case\n", ""},
    {"", "{" ASKED ", \"does_not_apply\": [\"question\"]}", 1,
     "rules[question]\n         expected that it does not apply\n         got      it applies: ", ""},
    {"", "{" ASKED ",\n \"applies\": [\"question\",\n \"secrt\"]}", 2, "0 of 1",
     "one.json:3: the policy has no rule \"secrt\"; did you mean \"secret\"?"},
    {"", "{" ASKED ",\n \"expect\": {\"rules\": [{\"id\": \"zebra\"}]}}", 2, "0 of 1",
     "one.json:2: the policy has no rule \"zebra\"; correct the id, or add the rule"},
    {"", "[{" ASKED ", \"expect\": {}},\n\n{" ASKED ",\n \"rctp\": []}]", 2, "1 of 2",
     "one.json:4: unknown \"rctp\" in a case; did you mean \"rcpt\"?"},
    {"", "[{" ASKED ", \"expect\": {}},\n\n{" ASKED "}]", 2, "ok     one.json:1: a case\n",
     "one.json:3: nothing is expected"},
    {"", "{" ASKED ", \"expect\": {},\n \"auth\": \"alcie\"}", 2, "0 of 1",
     "one.json:2: \"auth\": nobody of the staff logs in as \"alcie\"; did you mean \"alice\"?"},
    {"", "{" ASKED ", \"expect\": {}, \"auth\": \"stranger\"}", 2, "0 of 1", "expects the anomaly \"unknown-login\""},
    {"", "{\"message\": \"../secret.eml\", \"auth\": \"stranger\", \"expect\": {\"anomalies\": [\"unknown-login\"]}}",
     0, "1 of 1", ""},
    {"", "{" ASKED ", \"expect\": {}, \"auth\": {\"login\": \"alice\"}}", 2, "0 of 1", "\"auth\" is no text"},
    {"", "{" ASKED ", \"expect\": {},\n \"hints\": {\"thraeds\": {}}}", 2, "0 of 1",
     "one.json:2: unknown \"thraeds\" in the hints; did you mean \"threads\"?"},
    {"", "{" ASKED ", \"expect\": {}, \"hints\": {\"threads\": {\"x@y\":\n {\"mater\": \"1\"}}}}", 2, "0 of 1",
     "one.json:2: unknown \"mater\" in the hint of thread x@y; did you mean \"matter\"?"},
    {"", "{\"message\": {\"subject\": 5}, \"expect\": {}}", 2, "0 of 1", "\"subject\" is no text"},
    {"", "{\"message\": {\"to\": 5}, \"expect\": {}}", 2, "0 of 1", "\"to\" is an address in double quotes, or a list"},
    {"", "{\"message\": {\"headers\": \"X: y\"}, \"expect\": {}}", 2, "0 of 1", "\"headers\" is an object"},
    {"", "{" ASKED "}", 2, "0 of 1", "nothing is expected"},
    {"", "{\"expect\": {}}", 2, "0 of 1", "\"message\" is missing"},
    {"", "{\"mesage\": \"x.eml\", \"expect\": {}}", 2, "0 of 1", "did you mean \"message\"?"},
    {"", "{\"message\": {\"form\": \"a@b.test\"}, \"expect\": {}}", 2, "0 of 1", "did you mean \"from\"?"},
    {"", "{" ASKED ", \"at\": \"noon\", \"expect\": {}}", 2, "0 of 1", "\"at\" wants a time"},
    {"", "{" ASKED ", \"applies\": \"x\"}", 2, "0 of 1", "\"applies\" is a list of texts"},
    {"", "{\"message\": \"absent.eml\", \"expect\": {}}", 2, "0 of 1", "absent.eml"},
    {"", "[{" ASKED ", \"expect\": {}}, 7]", 2, "1 of 1", "a case is an object"},
    {"", "{", 2, "0 of 0", "one.json: no JSON: line 1"},
};

static void a_policy_case_says_what_differs_and_which_rules_nobody_tried(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(policy_cases); i++) {
        const PolicyCase *one = &policy_cases[i];
        g_autofree char *out = NULL, *err = NULL;
        g_autofree char *words = g_strdup_printf("test %scases -c lexgate.conf", one->options);
        write_file("cases/one.json", one->text);
        int status = run(words, &out, &err);
        bool said = !one->out || strstr(out, one->out), complained = *one->err ? strstr(err, one->err) != NULL : !*err;
        if (status != one->status || !said || !complained)
            fail_msg("%s: exit %d\n%s\n%s", one->text, status, out, err);
    }
    g_autofree char *path = in_house("cases/one.json");
    g_remove(path);
}

static void a_changed_or_cut_journal_is_found_out(void **state) {
    char hash[JOURNAL_HASH + 1] = "";
    size_t length;
    g_autoptr(json_t) payload = json_pack("{s:s}", "id", "x");
    Instant t = instant_from_seconds(1795442400);
    g_autofree char *one = entry_line("milter-a", 1, "boot", t, "act", payload, hash, &length);
    g_autofree char *two = entry_line("milter-a", 2, "boot", t, "act", payload, hash, &length);
    g_autofree char *both = g_strconcat(one, two, NULL);
    g_autofree char *folder = in_house("journal"), *out = NULL, *err = NULL;
    g_autofree char *with_head = g_strdup_printf("journal verify --head %s journal", hash);
    assert_int_equal(g_mkdir(folder, 0755), 0);
    write_file("journal/milter-a.000001.jsonl", both);
    assert_int_equal(run(with_head, &out, &err), 0);
    assert_non_null(strstr(out, hash));
    write_file("journal/milter-a.000001.jsonl", one);
    assert_int_equal(run("journal verify journal", NULL, NULL), 0);
    assert_int_equal(run(with_head, NULL, NULL), 1);
    strstr(both, "\"x\"")[1] = 'y';
    write_file("journal/milter-a.000001.jsonl", both);
    assert_int_equal(run("journal verify journal", NULL, NULL), 1);
    assert_int_equal(run("journal verify absent", NULL, NULL), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_answers_as_promised),
        cmocka_unit_test(explain_guesses_the_envelope_and_answers_one_object),
        cmocka_unit_test(a_policy_case_says_what_differs_and_which_rules_nobody_tried),
        cmocka_unit_test(a_changed_or_cut_journal_is_found_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
