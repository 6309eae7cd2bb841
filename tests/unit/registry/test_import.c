/* SPDX-License-Identifier: Apache-2.0 */
/* The import: every fault is named with its line, warnings let it pass, and an unchanged registry is not built twice.
 */
#include "firm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

typedef struct {
    const char *staff, *clients, *matters; /* rows added to the good firm; a row that begins with ! replaces the file */
    const char *said;                      /* part of a line that must be said */
} Fault;

static const Fault faults[] = {
    /* staff */
    {"bob@firm.test,Bob,lawyer,,,,,,,,,\n", "", "",
     "staff.csv:6: error: the address \"bob@firm.test\" is given twice, first in line 3"},
    {"x@firm.test,X,lawyer,,,,,,alice,,,\n", "", "",
     "staff.csv:6: error: the login \"alice\" belongs to alice@firm.test"},
    {"x@firm.test,X,lawyer,,,,,,bob@firm.test,,,\n", "", "",
     "staff.csv:6: error: the login \"bob@firm.test\" is the address of"},
    {"x@firm.test,X,lawyer,,,,,,,A.alder@firm.test,,\n", "", "",
     "staff.csv:6: error: the alias \"a.alder@firm.test\" belongs"},
    {"xfirm.test,X,lawyer,,,,,,,,,\n", "", "", "staff.csv:6: error: address: \"xfirm.test\" is no address"},
    {",X,lawyer,,,,,,,,,\n", "", "", "staff.csv:6: error: the address is empty"},
    {"x@firm.test,X,lawer,,,,,,,,,\n", "", "", "staff.csv:6: error: \"lawer\" is no role; did you mean \"lawyer\"?"},
    {"x@firm.test,X,,,,,,,,,,\n", "", "", "staff.csv:6: error: the role is empty"},
    {"x@firm.test,X,lawyer,,sams@firm.test,,,,,,,\n", "", "",
     "staff.csv:6: error: the supervisor sams@firm.test is not in the staff file; did you mean \"sam@firm.test\"?"},
    {"x@firm.test,X,lawyer,,,gone@firm.test,,,,,,\n", "", "", "staff.csv:6: error: the cover gone@firm.test is not"},
    {"x@firm.test,X,lawyer,,,,,,,,gone@firm.test,\n", "", "", "staff.csv:6: error: acts_for: gone@firm.test is not"},
    {"x@firm.test,X,lawyer,,,,londn,,,,,\n", "", "",
     "staff.csv:6: error: the policy has no calendar \"londn\"; did you mean \"london\"?"},
    {"x@firm.test,X,lawyer,,,,,,,,,31.1.2027\n", "", "", "staff.csv:6: error: leaves_on \"31.1.2027\" is no day"},
    {"x@firm.test,X,lawyer,,y@firm.test,,,,,,,\ny@firm.test,Y,lawyer,,x@firm.test,,,,,,,\n", "", "",
     "staff.csv:6: error: supervisors go in a circle: x@firm.test → y@firm.test → x@firm.test"},
    {"x@firm.test,X,lawyer,,x@firm.test,,,,,,,\n", "", "", "staff.csv:6: error: supervisors go in a circle"},
    {"x@firm.test,X,lawyer\n", "", "", "staff.csv:6: error: 3 cells where the first row has 12"},
    {"x@firm.test,X\"Y,lawyer,,,,,,,,,\n", "", "", "staff.csv:6: error: a quote stands inside"},
    {"x@firm.test,X\xe9,lawyer,,,,,,,,,\n", "", "", "staff.csv:6: error: not UTF-8"},
    {"!address,name,role,team,supervisor,cover,calendar\n", "", "",
     "staff.csv:1: error: column \"language\" is missing"},
    {"!", "", "", "staff.csv:1: error: the file is empty"},
    /* clients */
    {"", "birch,Birch,,,,,,,\n", "", "clients.csv:4: error: the client \"birch\" is given twice, first in line 3"},
    {"", ",Nobody,,,,,,,\n", "", "clients.csv:4: error: \"\" cannot be a client's id"},
    {"", "a b,Nobody,,,,,,,\n", "", "clients.csv:4: error: \"a b\" cannot be a client's id"},
    {"", "oak,Oak,@harbour.test,,,,,,\n", "",
     "clients.csv:4: error: the address \"@harbour.test\" belongs to client harbour"},
    {"", "oak,Oak,oak.test,,,,,,\n", "", "clients.csv:4: error: addresses: \"oak.test\" is no address"},
    {"", "oak,Oak,@Firm.test,,,,,,\n", "", "clients.csv:4: error: @firm.test is the firm's own domain"},
    {"", "oak,Oak,@mail.firm.test,,,,,,\n", "", "clients.csv:4: error: @mail.firm.test is the firm's own domain"},
    {"", "oak,Oak,bob@firm.test,,,,,,\n", "", "clients.csv:4: error: the address bob@firm.test is that of staff"},
    {"", "oak,Oak,,,,standrad,,,\n", "",
     "clients.csv:4: error: the policy has no service level \"standrad\"; did you mean \"standard\"?"},
    {"", "oak,Oak,,,,,secret,,\n", "", "clients.csv:4: error: \"secret\" is no level"},
    {"", "oak,Oak,,,,,,dane-only mx.oak.test,\n", "", "clients.csv:4: error: tls: \"dane-only\" stands alone"},
    {"", "oak,Oak,*@oak.test,,,,,,\n", "",
     "clients.csv:4: error: addresses: \"*@oak.test\" is no address; write name@domain"},
    {"", "oak,Oak,a@oak.test;b@oak.test,,,,,,\n", "", "or @domain, with spaces between several"},
    {"", "oak,Oak,,,,,,dane,\n", "",
     "clients.csv:4: error: tls: \"dane\" is no name of a host; did you mean \"dane-only\"?"},
    {"", "oak,Oak,,,,,,mtasts,\n", "",
     "clients.csv:4: error: tls: \"mtasts\" is no name of a host; did you mean \"mta-sts\"?"},
    {"", "oak,Oak,,,,,,m*x,\n", "", "clients.csv:4: error: tls: \"m*x\" is no name of a host"},
    {"", "oak,Oak,,,,,,,who=A;scope=all;when=2026-01-01\n", "", "clients.csv:4: error: consent: give all of"},
    {"", "oak,Oak,,,,,,,who=A;scope=all;when=soon;until=2026-01-01\n", "",
     "clients.csv:4: error: consent: when \"soon\" is no day"},
    {"", "oak,Oak,,,,,,,by telephone\n", "", "clients.csv:4: error: consent: \"by telephone\" has no ="},
    /* matters */
    {"", "", "2026-0117,harbour,x,normal,,Property,,,,,,,,\n",
     "matters.csv:5: error: the matter \"2026-0117\" is given twice, first in line 2"},
    {"", "", "M/1,harbour,x,normal,,Property,,,,,,,,\n", "matters.csv:5: error: \"M/1\" cannot be a matter's id"},
    {"", "", "M1,harbor,x,normal,,Property,,,,,,,,\n",
     "matters.csv:5: error: client \"harbor\" is not in the clients file; did you mean \"harbour\"?"},
    {"", "", "M1,harbour,x,confidental,,Property,,,,,,,,\n",
     "matters.csv:5: error: \"confidental\" is no level; did you mean \"confidential\"?"},
    {"", "", "M1,harbour,x,,,Property,,,,,,,,\n", "matters.csv:5: error: the level is empty"},
    {"", "", "M1,harbour,x,normal,gone@firm.test,,,,,,,,,\n",
     "matters.csv:5: error: the responsible gone@firm.test is not"},
    {"", "", "M1,harbour,x,normal,,Property,,opened,,,,,,\n", "matters.csv:5: error: \"opened\" is no status"},
    {"", "", "M1,harbour,x,normal,,Property,fast,,,,,,,\n",
     "matters.csv:5: error: the policy has no service level \"fast\""},
    {"", "", "M1,harbour,x,normal,,Property,,,,bbo@firm.test,,,,\n",
     "matters.csv:5: error: walled_off: bbo@firm.test is not"},
    {"", "", "M1,harbour,x,normal,,Property,,,,team:Tax,,,,\n",
     "matters.csv:5: error: walled_off: nobody is in the team \"Tax\""},
    {"", "", "M1,harbour,x,normal,,Property,,,,Bob,,,,\n", "matters.csv:5: error: walled_off: \"bob\" is neither"},
    {"", "", "M1,harbour,x,normal,,Property,,,,,,perhaps,,\n", "matters.csv:5: error: privileged: \"perhaps\""},
    {"", "", "M1,harbour,x,normal,,Property,,,,,,,lex@enemy.test,\n",
     "matters.csv:5: error: parties: \"lex@enemy.test\" has no role"},
    {"", "", "M1,harbour,x,normal,,Property,,,,,,,judge:lex@enemy.test,\n",
     "matters.csv:5: error: \"judge\" is no role of a party"},
    {"", "", "M1,harbour,x,normal,,Property,,,,,,,,2031-02-30\n",
     "matters.csv:5: error: preserve_until \"2031-02-30\" is no day"},
    {"", "", "M1,harbour,x,normal,,Property,,,a@b@c,,,,,\n", "matters.csv:5: error: opposing: \"a@b@c\" is no address"},
    {"", "", "\"M1,harbour\n", "matters.csv:5: error: a quoted cell is not closed"},
};

static char *extended(const char *good, const char *rows) {
    return *rows == '!' ? g_strdup(rows + 1) : g_strconcat(good, rows, NULL);
}

static void each_fault_is_named_with_its_line_and_nothing_is_written(void **state) {
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *staff = extended(STAFF, faults[i].staff), *clients = extended(CLIENTS, faults[i].clients);
        g_autofree char *matters = extended(MATTERS, faults[i].matters);
        g_autoptr(GString) said = g_string_new(NULL);
        firm_write(firm, staff, clients, matters);
        g_autofree char *path = firm_import(firm, said);
        if (path || !strstr(said->str, faults[i].said))
            fail_msg("wanted: %s\nsaid: %s", faults[i].said, said->str);
    }
}

static void what_is_only_odd_is_a_warning(void **state) {
    g_autoptr(Firm) firm = firm_new();
    firm_write(firm,
               "address,name,role,team,supervisor,cover,calendar,language,nickname\nal@else.test,Al,manager,,,,,,Ali\n",
               CLIENT_HEAD "oak,Oak,@gmail.com,,,,,,\n", MATTER_HEAD "M1,oak,x,normal,,,,,,,,,,\n");
    for (int again = 0; again < 2; again++) {
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *path = firm_import(firm, said);
        assert_non_null(path);
        assert_non_null(strstr(said->str, "staff.csv:1: warning: unknown column \"nickname\" is ignored"));
        assert_non_null(strstr(said->str, "staff.csv:2: warning: al@else.test is in none of firm.domains"));
        assert_non_null(strstr(said->str, "clients.csv:2: warning: anybody may have an address in @gmail.com"));
        assert_non_null(strstr(said->str, "matters.csv:2: warning: nobody is responsible for matter M1"));
    }
}

static void who_answers_for_a_matter_behind_its_wall_is_a_warning(void **state) {
    static const struct {
        const char *responsible, *walls, *handler, *said; /* NULL: nothing is */
    } cases[] = {
        {"alice@firm.test", "bob@firm.test", "", NULL},
        {"alice@firm.test", "A.Alder@firm.test", "", "the responsible alice@firm.test is walled off from the matter"},
        {"alice@firm.test", "team:property", "", "the responsible alice@firm.test is walled off from the matter"},
        {"alice@firm.test", "bob@firm.test", "bob@firm.test", "the handler bob@firm.test is walled off"},
        {"", "bob@firm.test", "", NULL},
    };
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *matters = g_strdup_printf(MATTERS "M1,harbour,x,normal,%s,Property,,,,%s,%s,,,\n",
                                                   cases[i].responsible, cases[i].walls, cases[i].handler);
        firm_write(firm, STAFF, CLIENTS, matters);
        g_autofree char *path = firm_import(firm, said);
        assert_non_null(path);
        g_autofree char *wanted = cases[i].said ? g_strdup_printf("matters.csv:5: warning: %s", cases[i].said) : NULL;
        if (wanted ? !strstr(said->str, wanted) : said->len)
            fail_msg("%s: %s", matters, said->str);
    }
}

static void the_same_files_give_the_same_snapshot_and_only_the_last_is_kept(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL);
    struct stat first, second;
    firm_write(firm, STAFF, CLIENTS, MATTERS);
    g_autofree char *one = firm_import(firm, said);
    assert_int_equal(stat(one, &first), 0);
    g_autofree char *two = firm_import(firm, said);
    assert_string_equal(one, two);
    assert_int_equal(stat(two, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    firm_write(firm, STAFF, CLIENTS, MATTERS "2026-0300,birch,Sale,normal,bob@firm.test,Litigation,,,,,,,,\n");
    g_autofree char *three = firm_import(firm, said);
    assert_string_not_equal(one, three);
    g_autoptr(Registry) old = registry_open(one, NULL);
    registry_prune(firm->folder, three);
    assert_int_not_equal(stat(one, &first), 0);
    assert_int_equal(stat(three, &first), 0);
    assert_int_equal(stat(firm->staff, &first), 0);
    g_autoptr(Matter) matter = NULL;
    assert_int_equal(registry_matter(old, "2026-0117", &matter), LOOKUP_FOUND);
    assert_string_equal(said->str, "");
}

static void a_missing_file_is_an_error_and_no_file_is_an_empty_registry(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL);
    g_autofree char *none = firm_import(firm, said);
    assert_null(none);
    assert_non_null(strstr(said->str, "staff.csv: error: the file cannot be read"));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    ImportFiles files = {NULL, NULL, NULL};
    ImportContext context = {0};
    g_autofree char *path = NULL;
    assert_true(registry_import(&files, &context, firm->folder, &path, problems));
    g_autoptr(Registry) registry = registry_open(path, NULL);
    RegistryCounts counts;
    registry_counts(registry, &counts);
    assert_int_equal(counts.staff + counts.clients + counts.matters, 0);
}

static void one_fault_does_not_look_like_many(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL);
    firm_write(firm, "address;name\n", "client;name\n", MATTERS);
    g_autofree char *path = firm_import(firm, said);
    assert_null(path);
    static const char fault[] =
        ":1: error: the columns are not separated by commas; save the file as CSV with commas\n";
    g_auto(GStrv) lines = g_strsplit(said->str, fault, -1);
    assert_int_equal(g_strv_length(lines), 3); /* one in each of the two files, and nothing else */
    assert_true(g_str_has_suffix(lines[0], "staff.csv") && g_str_has_suffix(lines[1], "clients.csv"));
    assert_string_equal(lines[2], "");
}

static void many_faults_are_cut_short(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL), rows = g_string_new(STAFF);
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(rows, "broken%.*s\n", i % 7, ",,,,,,,");
    firm_write(firm, rows->str, CLIENTS, MATTERS);
    g_autofree char *path = firm_import(firm, said);
    assert_null(path);
    assert_non_null(strstr(said->str, "more than 50 errors"));
    assert_true(said->len < 20000);
}

/* One mistake, one line, however many rows have it. */
static void a_file_that_is_odd_as_a_whole_is_one_line(void **state) {
    static const struct {
        const char *text;
        size_t length;   /* 0: as long as the text */
        unsigned repeat; /* of what follows "|" */
        const char *said;
    } cases[] = {
        {"client;name;addresses\n", 0, 0, "1: error: the columns are not separated by commas"},
        {"client\tname\taddresses\n", 0, 0, "1: error: the columns are not separated by commas"},
        {"sep=,\n" CLIENTS, 0, 0, "1: error: this row names none of the columns of clients"},
        {"PK\x03\x04", 0, 0, "1: error: this is a spreadsheet"},
        {"\xff\xfe"
         "c\0l\0i\0",
         8, 0, "1: error: the file is in UTF-16"},
        {"c\0l\0i\0e\0", 8, 0, "1: error: the file is in UTF-16"},
        {"\0c\0l\0i\0e", 8, 0, "1: error: the file is in UTF-16"},
        {"\0\0\0\0\0\0\0\0", 8, 0, "1: error: a NUL byte stands in the row"},
        {"client,name\rharbour,Harbour\r", 0, 0, "1: error: lines end in CR alone"},
        {CLIENT_HEAD "|c2,C,@c2.test,,,,,,\n", 0, 5000,
         "3: error: the client \"c2\" is given twice, first in line 2; keep one (and so 4998 more, until line 5001)"},
        {CLIENT_HEAD "|c2,\"C\n", 0, 1, "2: error: a quoted cell is not closed"},
        {CLIENT_HEAD "|broken\n", 0, 5000, "2: error: 1 cells where the first row has 9"},
        {"", 0, 0, "1: error: the file is empty"},
    };
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) said = g_string_new(NULL), text = g_string_new(NULL);
        g_autofree char *wanted = g_strdup_printf("%s:%s", firm->clients, cases[i].said);
        size_t fixed = cases[i].length ? cases[i].length : strcspn(cases[i].text, "|");
        g_string_append_len(text, cases[i].text, (gssize)fixed);
        for (unsigned r = 0; r < cases[i].repeat; r++)
            g_string_append(text, cases[i].text + fixed + 1);
        firm_write(firm, STAFF_HEAD, "", MATTER_HEAD);
        assert_true(g_file_set_contents(firm->clients, text->str, (gssize)text->len, NULL));
        assert_null(firm_import(firm, said));
        if (!g_str_has_prefix(said->str, wanted) || strchr(said->str, '\n') != said->str + said->len - 1)
            fail_msg("%s\n%s", wanted, said->str);
    }
}

static void what_is_no_file_is_not_waited_for(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL);
    firm_write(firm, STAFF, CLIENTS, MATTERS);
    g_unlink(firm->clients);
    assert_int_equal(mkfifo(firm->clients, 0600), 0);
    assert_null(firm_import(firm, said));
    assert_non_null(strstr(said->str, "clients.csv: error: the file cannot be read (it is no regular file)"));
}

static void thousands_of_matters_are_no_trouble(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL), rows = g_string_new(MATTERS);
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(
            rows, "M%d,harbour,Matter %d,normal,alice@firm.test,Property,,open,,,,,court:@court.test,\n", i, i);
    firm_write(firm, STAFF, CLIENTS, rows->str);
    g_autofree char *path = firm_import(firm, said);
    assert_non_null(path);
    g_autoptr(Registry) registry = registry_open(path, NULL);
    g_autoptr(GPtrArray) matters = NULL;
    assert_int_equal(registry_matters_of(registry, "harbour", &matters), LOOKUP_FOUND);
    assert_int_equal(matters->len, 5002);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named_with_its_line_and_nothing_is_written),
        cmocka_unit_test(what_is_only_odd_is_a_warning),
        cmocka_unit_test(who_answers_for_a_matter_behind_its_wall_is_a_warning),
        cmocka_unit_test(the_same_files_give_the_same_snapshot_and_only_the_last_is_kept),
        cmocka_unit_test(a_missing_file_is_an_error_and_no_file_is_an_empty_registry),
        cmocka_unit_test(one_fault_does_not_look_like_many),
        cmocka_unit_test(many_faults_are_cut_short),
        cmocka_unit_test(a_file_that_is_odd_as_a_whole_is_one_line),
        cmocka_unit_test(what_is_no_file_is_not_waited_for),
        cmocka_unit_test(thousands_of_matters_are_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
