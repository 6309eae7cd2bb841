/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions that nothing can ever meet are said, each with its place and what to write: an error where the words are
 * ours, a warning where they are the registers'. What can be met passes without a word. */
#include "folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define FIRM                                                                                                           \
    "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"                                                     \
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
#define STAFF "address,name,role,team,supervisor,cover,calendar,language\nnora@aldous.test,Nora,lawyer,Property,,,,en\n"
#define CLIENTS "client,name,addresses,language,channel,service_level\nharbour,Harbour,@harbour.test,en,mail,\n"
#define MATTERS                                                                                                        \
    "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off,accounts\n"                   \
    "M-1,harbour,Quay,normal,nora@aldous.test,Property,,open,,,\n"

/* Line 4 of lexgate.conf. */
static const struct {
    const char *when, *said; /* NULL: nothing */
} conditions[] = {
    {"anomaly = \"matter-mismach\"", "error: there is no oddity \"matter-mismach\"; did you mean \"matter-mismatch\"?"},
    {"anomaly = \"limt:headers\"", "error: there is no oddity \"limt:headers\"; did you mean \"limit:headers\"?"},
    {"anomaly = \"limit\"", "error: there is no oddity \"limit\"; did you mean \"limit:*\"?"},
    {"anomaly = \"html:hiden\"", "error: there is no oddity \"html:hiden\"; did you mean \"html:*\"?"},
    {"anomaly = [\"nul\", \"bare-rc\"]", "error: there is no oddity \"bare-rc\"; did you mean \"bare-cr\"?"},
    {"anomaly = \"virus\"", "error: there is no oddity \"virus\"; see lexgate.conf(5)"},
    {"anomaly = [\"ambiguous-*\", \"limit:*\", \"charset:utf-7\", \"decoding:*@2.1\", \"NUL\"]", NULL},
    {"recipient: { domain = \"@x.test\"; }",
     "error: no domain is \"@x.test\"; write what stands behind the @: \"x.test\""},
    {"recipient: { domain = \"nora@x.test\"; }", "error: no domain is \"nora@x.test\"; write what stands behind"},
    {"recipient: { domain = \"x test\"; }", "error: no domain is \"x test\"; write it like \"client.test\""},
    {"recipient: { domain = \"https://x.test\"; }", "error: no domain is \"https://x.test\"; write it like"},
    {"recipient: { domain = [\"x.test\", \"*.x.test\", \"b\xc3\xbc\x63her.example\"]; }", NULL},
    {"sender: { address = \"nora@\"; }", "error: no address is \"nora@\"; write name@domain"},
    {"sender: { address = \"nora\"; }", "error: no address is \"nora\"; write name@domain, with * for"},
    {"sender: { address = \"@x.test\"; }",
     "error: no address is \"@x.test\"; for a whole domain write domain = \"x.test\""},
    {"sender: { address = [\"nora@x.test\", \"nora*\", \"*@x.test\", \"n?ra@x.test\"]; }", NULL},
    {"header: { name = \"X-Foo:\"; }", "error: no header is called \"X-Foo:\"; write its name alone: \"X-Foo\""},
    {"header: { name = \"X Foo\"; }", "error: no header is called \"X Foo\"; write its name alone: \"X\""},
    {"header: { name = \": x\"; }", "error: no header is called \": x\"; write a name such as"},
    {"header: { name = [\"X-Foo\", \"X-*\"]; }", NULL},
    {"attachment: { kind = \"pdf\"; }", "error: there are no files of kind \"pdf\"; did you mean \"application/pdf\"?"},
    {"attachment: { kind = \"image/pgn\"; }",
     "error: there are no files of kind \"image/pgn\"; did you mean \"image/png\""},
    {"attachment: { kind = \"docx\"; }", "error: there are no files of kind \"docx\"; write a media type such as "
                                         "\"application/pdf\" or \"image/*\", or ask"},
    {"attachment: { kind = [\"image/*\", \"*word*\", \"application/pdf\"]; }", NULL},
    {"attachment: { type = \"pdf\"; }", "error: no media type is \"pdf\"; write one such as \"application/pdf\""},
    {"attachment: { type = [\"application/x-anything\", \"*pdf\"]; }", NULL},
    {"detects: { kind = \"iban\"; where = \"body\"; }",
     "error: nothing is looked for in \"body\"; did you mean \"text\"?"},
    {"detects: { kind = \"iban\"; where = \"attachment\"; }",
     "error: nothing is looked for in \"attachment\"; did you mean \"attachment:*\"?"},
    {"detects: { kind = \"iban\"; where = \"header\"; }",
     "error: nothing is looked for in \"header\"; known: subject, text, hidden-text, attachment:*"},
    {"detects: { kind = \"iban\"; where = [\"subject\", \"attachment:*.pdf\", \"*text\"]; }", NULL},
    {"recipient: { language = \"german\"; }", "error: no language is \"german\"; write \"de\""},
    {"recipient: { language = \"xq\"; }", "error: no language is \"xq\"; write a tag such as \"en\" or \"de-AT\""},
    {"recipient: { language = [\"de\", \"de-AT\", \"hu\", \"de*\"]; }", NULL},
    {"recipient: { channel = \"email\"; }", "warning: channel: \"email\" is none that we know; did you mean \"mail\"?"},
    {"recipient: { channel = [\"phone\", \"p*\"]; }", NULL},
    {"matter: { client = \"harbor\"; }", "warning: rule r asks for the client \"harbor\", which the register of "
                                         "clients does not have; did you mean \"harbour\"?"},
    {"matter: { client = [\"harbour\", \"HARBOUR\", \"har*\"]; }", NULL},
    {"matter: { id = \"M-2\"; }",
     "warning: rule r asks for the matter \"M-2\", which the register of matters does not have; correct it"},
    {"matter: { id = [\"M-1\", \"m-1\", \"2026-*\"]; }", NULL},
    {"matter: { team = \"Tax\"; }", "warning: rule r asks for the team \"Tax\", which the register of staff"},
    {"any = ( { recipient: { team = \"Proprety\"; }; } )",
     "warning: rule r asks for the team \"Proprety\", which the register of staff does not have; did you mean "
     "\"Property\"?"},
    {"recipient: { team = \"property\"; }", NULL},
    /* What belongs elsewhere, and numbers as people write them. */
    {"first_time = true",
     "error: \"first_time\" is no condition of \"when\"; write it where it belongs: sender: { first_time = true; } or "
     "recipient: { first_time = true; }"},
    {"macros = true",
     "error: \"macros\" is no condition of \"when\"; write it where it belongs: attachment: { macros ="},
    {"sender: { subject = \"x\"; }",
     "error: \"subject\" is no condition of \"sender\"; write it where it belongs: above "
     "the groups, subject = \"…\";"},
    {"size_over = \"25MB\"", "error: \"size_over\" is \"25MB\"; write \"25M\" (K, M or G stand for bytes)"},
    {"size_over = \"25 kb\"", "error: \"size_over\" is \"25 kb\"; write \"25K\""},
    {"size_over = \"5GiB\"", "error: \"size_over\" is \"5GiB\"; write \"5G\""},
    {"size_over = \"9B\"", "error: \"size_over\" is \"9B\"; write 9"},
    {"size_over = \"9 pages\"", "error: \"size_over\" is a text; write a whole number such as 4 or, for bytes"},
    {"size_over = \"25M\"", NULL},
};

static void write_firm(const Folder *folder, const char *rule) {
    g_autofree char *conf = g_strdup_printf("%srules: (\n %s );\n", FIRM, rule);
    folder_write(folder, "lexgate.conf", conf);
    folder_write(folder, "staff.csv", STAFF);
    folder_write(folder, "clients.csv", CLIENTS);
    folder_write(folder, "matters.csv", MATTERS);
}

static bool is_said(const char *said, const char *wanted) {
    return wanted ? g_str_has_prefix(said, wanted) : *said == '\0';
}

static void a_value_that_nothing_has_is_said_with_what_to_write(void **state) {
    g_autoptr(Folder) folder = folder_new();
    int failures = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        g_autofree char *rule = g_strdup_printf("{ id = \"r\"; do = \"hold\"; when: { %s; }; }", conditions[i].when);
        g_autofree char *wanted = conditions[i].said ? g_strconcat("lexgate.conf:4: ", conditions[i].said, NULL) : NULL;
        g_autoptr(GString) said = g_string_new(NULL);
        write_firm(folder, rule);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        bool refused = wanted && strstr(wanted, ": error: ");
        if (!is_said(said->str, wanted) || refused != (policy == NULL))
            print_error("%s\nwanted: %s\nsaid: %s\n", conditions[i].when, wanted ? wanted : "", said->str), failures++;
    }
    assert_int_equal(failures, 0);
}

static void exceptions_are_looked_at_and_rules_that_are_off_are_not(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    write_firm(folder, "{ id = \"r\"; do = \"hold\"; except: ( { owner = \"nora@aldous.test\"; until = \"2999-12-31\"; "
                       "why = \"x\"; when: { matter: { client = \"birch\"; }; }; } ); },\n"
                       "{ id = \"s\"; do = \"hold\"; mode = \"off\"; when: { matter: { client = \"oak\"; }; }; }");
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    assert_non_null(policy);
    assert_true(g_str_has_prefix(said->str, "lexgate.conf:4: warning: rule r asks for the client \"birch\""));
    assert_null(strstr(said->str, "oak"));
}

/* Of what is no rule's condition; beginnings of lines. */
static const struct {
    const char *more, *said;
} settings[] = {
    {"service_levels: { day: { answer_within = \"8h\"; ladder = ( { at = \"50%\"; tell = [\"owner\", "
     "\"tom@else.test\"]; } ); "
     "}; };\n",
     "lexgate.conf:5: warning: tell: tom@else.test is in none of firm.domains"},
    {"milter: { socket = \"inet:8899\"; };\n",
     "lexgate.conf:5: warning: milter.socket: \"inet:8899\" listens to every network; write \"inet:8899@127.0.0.1\""},
    {"milter: { socket = \"inet:8899@127.0.0.1\"; };\n", NULL},
    {"rules: ( { id = \"s\"; do = \"hold\";\n except: ( { owner = \"tim@aldous.test\"; until = \"2999-12-31\"; why = "
     "\"x\"; } "
     "); } );\n",
     "lexgate.conf:6: warning: nobody in the register of staff is tim@aldous.test, who answers for an exception of "
     "rule s"},
};

static void settings_that_lead_nowhere_are_warnings(void **state) {
    g_autoptr(Folder) folder = folder_new();
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_autofree char *conf = g_strconcat(FIRM, "\n\n", settings[i].more, NULL);
        g_autoptr(GString) said = g_string_new(NULL);
        write_firm(folder, "{ id = \"r\"; do = \"hold\"; }");
        folder_write(folder, "lexgate.conf", conf);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        if (!policy || !is_said(said->str, settings[i].said))
            fail_msg("%s\nsaid: %s", settings[i].more, said->str);
    }
}

/* Cells whose words nothing comes of. */
static const struct {
    const char *staff, *clients, *matters; /* a row each, or "" */
    const char *said;                      /* NULL: nothing */
} rows[] = {
    {"bo@aldous.test,Bo,lawyer,,,,,german\n", "", "",
     "staff.csv:3: warning: language: \"german\" is no language, so nothing is compared with it; write \"de\""},
    {"", "oak,Oak,,German,mail,\n", "",
     "clients.csv:3: warning: language: \"German\" is no language, so nothing is compared with it; write \"de\""},
    {"", "oak,Oak,,zz,mail,\n", "",
     "clients.csv:3: warning: language: \"zz\" is no language, so nothing is compared with it; write a tag such as "
     "\"en\" or \"de-AT\""},
    {"", "oak,Oak,guest@aldous.test,,,\n", "",
     "clients.csv:3: warning: guest@aldous.test is in the firm's own domains, so colleagues count as this client"},
    {"", "oak,Oak,,hu,Phone,\n", "", NULL},
    {"", "oak,Oak,,de_AT,,\n", "", NULL},
    {"", "oak,Oak,,,phome,\n", "",
     "clients.csv:3: warning: channel: \"phome\" is none that we know; did you mean \"phone\"?"},
    {"", "oak,Oak,,,pigeon,\n", "", "clients.csv:3: warning: channel: \"pigeon\" is none that we know; known: mail,"},
    {"", "", "M-2,harbour,x,normal,nora@aldous.test,,,,,,GB33BUKB20201555555556\n",
     "matters.csv:3: warning: accounts: \"GB33BUKB20201555555556\" is no bank account, so no mail can name it"},
    {"", "", "M-2,harbour,x,normal,nora@aldous.test,,,,,,GB33BUKB20201555555555 DE00370400440532013000\n",
     "matters.csv:3: warning: accounts: \"DE00370400440532013000\" is no bank account"},
    {"", "", "M-2,harbour,x,normal,nora@aldous.test,,,,,,GB33BUKB2020155555555\n",
     "matters.csv:3: warning: accounts: \"GB33BUKB2020155555555\" is no bank account"},
    {"", "", "M-2,harbour,x,normal,nora@aldous.test,,,,,,20-20-15/5555555\n",
     "matters.csv:3: warning: accounts: \"2020155555555\" is no bank account"},
    {"", "", "M-2,harbour,x,normal,nora@aldous.test,,,,,,20-20-15/55555555 gb33 bukb 2020 1555 5555 55\n", NULL},
};

static void a_word_of_a_register_that_nothing_comes_of_is_a_warning(void **state) {
    g_autoptr(Folder) folder = folder_new();
    int failures = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *staff = g_strconcat(STAFF, rows[i].staff, NULL);
        g_autofree char *clients = g_strconcat(CLIENTS, rows[i].clients, NULL);
        g_autofree char *matters = g_strconcat(MATTERS, rows[i].matters, NULL);
        g_autoptr(GString) said = g_string_new(NULL);
        write_firm(folder, "{ id = \"r\"; do = \"hold\"; }");
        folder_write(folder, "staff.csv", staff);
        folder_write(folder, "clients.csv", clients);
        folder_write(folder, "matters.csv", matters);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        if (!policy || !is_said(said->str, rows[i].said))
            print_error("row %zu\nwanted: %s\nsaid: %s\n", i, rows[i].said ? rows[i].said : "", said->str), failures++;
    }
    assert_int_equal(failures, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_nothing_has_is_said_with_what_to_write),
        cmocka_unit_test(exceptions_are_looked_at_and_rules_that_are_off_are_not),
        cmocka_unit_test(settings_that_lead_nowhere_are_warnings),
        cmocka_unit_test(a_word_of_a_register_that_nothing_comes_of_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
