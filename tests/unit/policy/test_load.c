/* SPDX-License-Identifier: Apache-2.0 */
/* Good configurations mean what they say: the sketch of the design, the example firm, defaults, merging, and the way
 * through a memory file. */
#include "base/text.h"
#include "folder.h"
#include "policy/condition.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define FIRM "firm: { name = \"Aldous\"; domains = [\"Aldous.TEST\"]; };\n"

/* DESIGN section 4, as printed. */
static const char sketch[] =
    "firm: { name = \"Aldous & Partners\"; domains = [\"aldous.test\"]; calendar = \"london\"; unfiled_level = "
    "\"normal\";\n"
    "        policy: { version = \"2026.11\"; review_by = \"2027-05-31\"; document = "
    "\"https://intranet.aldous.test/mail\"; }; };\n"
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; certificates = "
    "\"certs\"; };   # certs: a folder\n"
    "paths: { state = \"/var/lib/lexgate\"; journal = \"/var/lib/lexgate/journal\"; };                      # each has "
    "a default\n"
    "milter: { socket = \"unix:/var/spool/postfix/lexgate/milter.sock\"; };\n"
    "inside: { networks = [\"10.1.0.0/16\"]; trusted_relays = [\"10.1.0.25\"]; };      # a trusted relay vouches for "
    "From; loopback does not by itself\n"
    "redis: { socket = \"/run/redis/redis.sock\"; tag = \"aldous\"; };                  # or server, sentinel, "
    "cluster\n"
    "smtp: { relay = \"127.0.0.1:25\"; from = \"deadlines@aldous.test\"; };             # the way out for notices\n"
    "calendars: { london: { timezone = \"Europe/London\";\n"
    "                       hours: { mon-thu = [\"09:00-13:00\", \"14:00-17:30\"]; fri = [\"09:00-16:00\"]; sat = "
    "[\"22:00-06:00\"]; };\n"
    "                       exceptions = ( { date = \"2026-12-24\"; hours = [\"09:00-12:00\"]; } );\n"
    "                       holidays = [\"holidays/england-wales.ics\"]; }; };\n"
    "service_levels: {\n"
    "  standard: { answer_within = \"8h\"; calendar = \"london\";\n"
    "              ladder = ( { at = \"50%\";      tell = [\"owner\"]; },\n"
    "                         { at = \"100%\";     tell = [\"owner\", \"cover\"]; },\n"
    "                         { at = \"100%+4h\";  tell = [\"supervisor\"]; },\n"
    "                         { at = \"100%+1d\";  tell = [\"managers\"]; repeat = \"1d\"; } ); }; };\n"
    "rules: (\n"
    "  { id = \"confidential-needs-encryption\"; policy = \"4.2\"; mode = \"enforce\";       # enforce | observe | "
    "off\n"
    "    when: { direction = \"outgoing\"; matter: { level = [\"confidential\", \"strict\"]; }; };\n"
    "    encrypt: { accept = [\"end-to-end\", \"smime\", \"openpgp\", \"verified-tls\", \"consent\"]; otherwise = "
    "\"reject\"; };\n"
    "    say = \"Matter {matter} is {level}. {missing} cannot receive encrypted mail yet.\"; },\n"
    "  { id = \"client-question\"; policy = \"3.1\";\n"
    "    when: { direction = \"incoming\"; sender: { is = \"client\"; }; not: { automatic = true; }; };\n"
    "    deadline = \"standard\"; },\n"
    "  { id = \"ethical-wall\"; policy = \"4.6\";\n"
    "    when: { any = ( { sender: { walled_off = true; }; }, { recipient: { walled_off = true; }; } ); }; do = "
    "\"reject\"; } );\n";

static void write_registry(const Folder *folder) {
    folder_write(
        folder, "staff.csv",
        "address,name,role,team,supervisor,cover,calendar,language\nalice@aldous.test,Alice,manager,,,,london,en\n");
    folder_write(
        folder, "clients.csv",
        "client,name,addresses,language,channel,service_level\nharbour,Harbour,@harbour.test,en,mail,standard\n");
    folder_write(folder, "matters.csv",
                 "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                 "2026-0117,harbour,Lease,confidential,alice@aldous.test,,,open,,\n");
    folder_write(folder, "holidays/england-wales.ics",
                 "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
                 "DTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

static void the_sketch_of_the_design_loads_as_printed(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Registry) registry = NULL;
    write_registry(folder);
    folder_write(folder, "lexgate.conf", sketch);
    g_autoptr(Policy) policy = folder_load(folder, &registry, said);
    assert_string_equal(said->str, "");
    assert_non_null(policy);
    const Settings *settings = policy_settings(policy);
    assert_string_equal(settings->firm_name, "Aldous & Partners");
    assert_string_equal(settings->policy_version, "2026.11");
    assert_string_equal(settings->redis_tag, "aldous");
    g_autofree char *certs = g_build_filename(folder->path, "certs", NULL);
    assert_string_equal(settings->registry_certificates, certs);
    assert_true(policy_is_inside(policy, "10.1.255.3"));
    assert_true(policy_is_trusted_relay(policy, "10.1.0.25"));
    assert_int_equal(policy_rules(policy)->len, 3);
    g_autoptr(Client) client = NULL;
    assert_int_equal(registry_client_of(registry, "x@harbour.test", &client), LOOKUP_FOUND);
}

static void rules_of_the_sketch_mean_what_they_say(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    write_registry(folder);
    folder_write(folder, "lexgate.conf", sketch);
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    const Rule *encrypt = policy_rule(policy, "confidential-needs-encryption");
    assert_true(encrypt->encrypts);
    assert_false(encrypt->has_action);
    assert_int_equal(encrypt->accept->len, 5);
    assert_int_equal(g_array_index(encrypt->accept, Way, 0), WAY_END_TO_END);
    assert_int_equal(g_array_index(encrypt->accept, Way, 4), WAY_CONSENT);
    assert_int_equal(encrypt->otherwise, ACTION_REJECT);
    assert_int_equal(encrypt->line, 20);
    const Condition *matter = encrypt->when->children->pdata[1];
    assert_int_equal(matter->kind, COND_MATTER);
    const Condition *level = matter->children->pdata[0];
    assert_int_equal(level->type->test, TEST_MATTER_LEVEL);
    assert_int_equal(level->texts->len, 2);
    const Rule *question = policy_rule(policy, "client-question");
    assert_string_equal(question->section, "3.1");
    assert_ptr_equal(question->deadline, policy_service_level(policy, "standard"));
    assert_int_equal(question->deadline->ladder->len, 4);
    assert_ptr_equal(question->deadline->calendar, policy_calendar(policy, NULL));
    const Condition *not = question->when->children->pdata[2];
    assert_int_equal(not ->kind, COND_NOT);
    const Rule *wall = policy_rule(policy, "ethical-wall");
    assert_int_equal(wall->action, ACTION_REJECT);
    const Condition *any = wall->when->children->pdata[0];
    assert_int_equal(any->kind, COND_ANY);
    assert_int_equal(any->children->len, 2);
}

static void two_settings_are_enough(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Policy) policy = folder_load_text("\xef\xbb\xbf" FIRM, said);
    assert_non_null(policy);
    assert_null(strstr(said->str, "error"));
    assert_int_equal(policy_warnings(policy)->len, 3);
    const Settings *settings = policy_settings(policy);
    assert_string_equal(settings->mode, "enforce");
    assert_string_equal(settings->paths_journal, "/var/lib/lexgate/journal");
    assert_string_equal(settings->paths_keys, "/var/lib/lexgate/keys");
    assert_string_equal(settings->escalation_socket, "/run/lexgate/escalated.sock");
    assert_string_equal(settings->smtp_from, "deadlines@aldous.test");
    assert_string_equal(settings->milter_socket, "unix:/var/spool/postfix/lexgate/milter.sock");
    assert_string_equal(settings->redis_socket, "/run/redis/redis.sock");
    assert_null(settings->redis_server);
    assert_int_equal(settings->milter_judges, 2);
    assert_int_equal(settings->milter_judge_memory, 512 << 20);
    assert_int_equal(settings->milter_message_size, 100 << 20);
    assert_int_equal(settings->redis_timeout.us, 1000000);
    assert_true(settings->headers_reply_by);
    assert_int_equal(policy_unfiled_level(policy), LEVEL_NORMAL);
    const Calendar *always = policy_calendar(policy, NULL);
    assert_string_equal(calendar_name(always), "always");
    Instant due;
    assert_true(calendar_due(always, TEST_NOW, duration_seconds(86400 * 3), &due));
    assert_int_equal(due.us, instant_add(TEST_NOW, duration_seconds(86400 * 3)).us);
}

static void what_is_given_replaces_defaults(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Policy) policy = folder_load_text(
        FIRM
        "paths: { state = \"state\"; run = \"/tmp/run\"; };\nredis: { server = \"10.0.0.1:6379\"; timeout = \"250ms\"; "
        "};\n"
        "milter: { socket = \"unix:m.sock\"; judge_memory = 134217728; message_size = \"1M\"; judge_time = \"2m\"; };\n"
        "headers: { reply_by = false; no_reply_by = \"alice@aldous.test\"; };\nmode = \"observe\";\n"
        "service_levels: { fast: { answer_within = \"3s\"; }; };\n",
        said);
    assert_non_null(policy);
    const Settings *settings = policy_settings(policy);
    assert_true(g_path_is_absolute(settings->paths_journal));
    assert_true(g_str_has_suffix(settings->paths_journal, "/state/journal"));
    assert_string_equal(settings->escalation_socket, "/tmp/run/escalated.sock");
    assert_null(settings->redis_socket);
    assert_string_equal(settings->redis_server, "10.0.0.1:6379");
    assert_int_equal(settings->redis_timeout.us, 250000);
    assert_true(g_str_has_prefix(settings->milter_socket, "unix:/"));
    assert_int_equal(settings->milter_judge_memory, 128 << 20);
    assert_int_equal(settings->milter_message_size, 1 << 20);
    assert_int_equal(settings->milter_judge_time.us, 120000000);
    assert_false(settings->headers_reply_by);
    assert_int_equal(settings->headers_no_reply_by->len, 1);
    assert_string_equal(settings->mode, "observe");
    assert_int_equal(policy_service_level(policy, "fast")->answer_within.business.us, 3000000);
}

static void groups_merge_and_rules_add_up(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    folder_write(folder, "lexgate.conf",
                 FIRM "redis: { tag = \"a\"; };\nrules: ( { id = \"one\"; do = \"hold\"; } );\n");
    folder_write(folder, "conf.d/20.conf", "rules: ( { id = \"three\"; do = \"hold\"; } );\n");
    folder_write(folder, "conf.d/10.conf",
                 "redis: { timeout = \"2s\"; };\nfirm: { policy: { version = \"7\"; }; };\nrules: ( { id = \"two\"; do "
                 "= \"hold\"; } );\n"
                 "registry: { staff = \"people.csv\"; };\n");
    folder_write(folder, "conf.d/people.csv", "address,name,role,team,supervisor,cover,calendar,language\n");
    folder_write(folder, "rules.d/00.conf",
                 "rules: ( { id = \"four\"; mode = \"observe\"; do = \"hold\"; } );\n"
                 "rule_modes: { enforce = \"four\"; off = [\"one\", \"two\"]; };\n");
    folder_write(folder, "conf.d/ignored.txt", "{{{");
    folder_write(folder, "conf.d/.hidden.conf", "{{{");
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    assert_non_null(policy);
    assert_string_equal(policy_settings(policy)->redis_tag, "a");
    assert_int_equal(policy_settings(policy)->redis_timeout.us, 2000000);
    assert_string_equal(policy_settings(policy)->policy_version, "7");
    static const char *const order[] = {"one", "two", "three", "four"};
    static const Mode mode[] = {MODE_OFF, MODE_OFF, MODE_ENFORCE, MODE_ENFORCE};
    assert_int_equal(policy_rules(policy)->len, 4);
    for (guint i = 0; i < 4; i++) {
        assert_string_equal(((Rule *)policy_rules(policy)->pdata[i])->id, order[i]);
        assert_int_equal(((Rule *)policy_rules(policy)->pdata[i])->mode, mode[i]);
    }
}

static void an_alias_key_takes_a_text_or_a_list(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Policy) policy = folder_load_text(
        FIRM "rules: (\n"
             " { id = \"a\"; do = \"hold\"; on_unknown = \"skip\"; mode = \"off\"; title = \"T\"; when: { "
             "matter: { level = \"strict\"; client = [\"a\", \"b*\"]; }; }; },\n"
             " { id = \"b\"; when: { direction = \"incoming\"; }; stamp = ( { name = \"X-A\"; value = "
             "\"{matter}\"; }, { name = \"X-B\"; value = \"b\"; } );\n"
             "   copy_to = [\"Archive@aldous.test\", \"x@aldous.test\"]; },\n"
             " { id = \"c\"; encrypt: { }; when: { recipient: { any = ( { is = \"client\"; }, { not: { "
             "outside = false; }; } ); }; }; } );\n",
        said);
    assert_non_null(policy);
    assert_null(strstr(said->str, "lexgate.conf:"
                                  "3"));
    const Rule *a = policy_rule(policy, "a"), *b = policy_rule(policy, "b"), *c = policy_rule(policy, "c");
    assert_int_equal(a->on_unknown, UNKNOWN_SKIP);
    assert_int_equal(a->mode, MODE_OFF);
    assert_string_equal(a->title, "T");
    assert_int_equal(b->stamps->len, 2);
    assert_false(b->has_action);
    assert_string_equal(b->copy_to->pdata[0], "archive@aldous.test");
    assert_int_equal(c->accept->len, 4);
    const Condition *recipient = c->when->children->pdata[0];
    const Condition *any = recipient->children->pdata[0];
    const Condition *inner = ((Condition *)any->children->pdata[0])->children->pdata[0];
    assert_int_equal(inner->type->group, COND_RECIPIENT);
}

static void odd_things_are_warnings_and_load(void **state) {
    static const struct {
        const char *conf, *said;
    } odd[] = {
        {"rules: ( { id = \"r\"; } );", "lexgate.conf:2: warning: rule r does nothing; give it do, encrypt, deadline, "
                                        "stamp, copy_to, redirect, notify, "
                                        "priority, holding, expect, service_level, subject_tag, banner or disclaimer"},
        {"rules: ( { id = \"r\"; copy_to = \"a@aldous.test\"; say = \"x\"; } );", "so \"say\" is never said"},
        {"rules: ( { id = \"r\"; do = \"hold\"; when: { }; } );", "\"when\" is empty"},
        {"rules: ( { id = \"r\"; copy_to = \"a@else.test\"; } );",
         "copy_to: a@else.test is in none of firm.domains; the mail leaves the firm"},
        {"rules: ( { id = \"r\"; stamp: { name = \"X-M\"; value = \"{client}\"; }; } );", "tells recipients outside"},
        {"rules: ( { id = \"r\"; subject_tag = \"[{matter}]\"; } );", "tells recipients outside"},
        {"rules: ( { id = \"r\"; redirect = \"a@else.test\"; } );", "redirect: a@else.test is in none"},
        {"rules: ( { id = \"r\"; do = \"hold\";\n except: ( { owner = \"a@b.test\"; until = \"2026-11-22\"; why = "
         "\"x\"; } ); } );",
         "lexgate.conf:3: warning: the exception of rule r for which a@b.test answers ended on 2026-11-22: the rule "
         "holds again"},
        {"rules: ( { id = \"r\"; do = \"hold\";\n except: ( { owner = \"a@b.test\"; until = \"2026-12-23\"; why = "
         "\"x\"; } ); } );",
         "lexgate.conf:3: warning: the exception of rule r for which a@b.test answers ends on 2026-12-23; ask"},
        {"inside: { networks = \"0.0.0.0/0\"; };", "is the whole internet"},
        {"smtp: { from = \"a@else.test\"; };", "answers to notices may get lost"},
        {"firm: { policy: { review_by = \"2026-11-22\"; }; };",
         "lexgate.conf:2: warning: the policy was to be reviewed"},
        {"calendars: { a: { hours: { mon = \"09:00-10:00\"; }; }; b: { hours: { tue = \"09:00-10:00\"; }; }; };",
         "several calendars and no firm.calendar: \"a\" is used"},
        {"service_levels: { s: { answer_within = \"1h\"; ladder = ( ); }; };", "nobody is told"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        bool own_firm = g_str_has_prefix(odd[i].conf, "firm");
        g_autofree char *conf =
            own_firm ? g_strconcat("firm: { name = \"A\"; domains = \"a.test\";\n", odd[i].conf + 8, NULL)
                     : g_strconcat(FIRM, odd[i].conf, "\n", NULL);
        g_autoptr(Policy) policy = folder_load_text(conf, said);
        if (!policy || !strstr(said->str, odd[i].said))
            fail_msg("%s\nwanted: %s\nsaid: %s", conf, odd[i].said, said->str);
    }
}

static void our_domains_include_their_subdomains_only(void **state) {
    static const struct {
        const char *address;
        bool ours;
    } cases[] = {
        {"a@aldous.test", true},      {"<A@ALDOUS.TEST>", true},
        {"a@mail.aldous.test", true}, {"a@aldous.test.", true},
        {"a@notaldous.test", false},  {"a@aldous.test.evil", false},
        {"aldous.test", false},       {"", false},
    };
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Policy) policy =
        folder_load_text(FIRM "inside: { networks = [\"192.0.2.0/24\", \"2001:db8::/33\"]; };\n", said);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(policy_is_ours(policy, cases[i].address), cases[i].ours);
    assert_true(policy_is_inside(policy, "192.0.2.255"));
    assert_true(policy_is_inside(policy, "::ffff:192.0.2.1"));
    assert_true(policy_is_inside(policy, "2001:db8:7fff::1"));
    assert_false(policy_is_inside(policy, "2001:db8:8000::1"));
    assert_false(policy_is_inside(policy, "192.0.3.0"));
    assert_false(policy_is_inside(policy, "127.0.0.1"));
    assert_false(policy_is_inside(policy, NULL));
    assert_false(policy_is_inside(policy, "unknown"));
    assert_true(ip_is_loopback("127.8.9.1"));
    assert_true(ip_is_loopback("::1"));
    assert_false(ip_is_loopback("10.0.0.1"));
}

static PolicySource *read_sketch(const Folder *folder) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autofree char *conf = g_build_filename(folder->path, "lexgate.conf", NULL);
    write_registry(folder);
    folder_write(folder, "lexgate.conf", sketch);
    return policy_source_read(conf, problems);
}

static void a_source_travels_as_a_sealed_file_and_needs_no_other(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(PolicySource) source = read_sketch(folder);
    g_autoptr(Policy) here = policy_parse(source, TEST_NOW, problems);
    int fd = policy_source_to_fd(source, NULL);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    folder_remove(folder->path);
    g_autoptr(PolicySource) copy = policy_source_from_fd(fd, NULL);
    assert_non_null(copy);
    g_autoptr(Policy) there = policy_parse(copy, TEST_NOW, problems);
    assert_non_null(there);
    assert_string_equal(policy_digest(here), policy_digest(there));
    close(fd);
    int empty = open("/dev/null", O_RDONLY);
    assert_null(policy_source_from_fd(empty, NULL));
    close(empty);
}

static void the_digest_follows_every_byte_but_not_the_place(void **state) {
    g_autoptr(Folder) one = folder_new(), two = folder_new();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(PolicySource) first = read_sketch(one), second = read_sketch(two);
    g_autoptr(Policy) a = policy_parse(first, TEST_NOW, problems), b = policy_parse(second, TEST_NOW, problems);
    assert_string_equal(policy_digest(a), policy_digest(b));
    folder_write(two, "conf.d/x.conf", "# nothing\n");
    g_autofree char *conf = g_build_filename(two->path, "lexgate.conf", NULL);
    g_autoptr(PolicySource) third = policy_source_read(conf, problems);
    g_autoptr(Policy) c = policy_parse(third, TEST_NOW, problems);
    assert_string_not_equal(policy_digest(a), policy_digest(c));
}

/* The keeper, which reads it at each reload, has a gateway to look after. */
static void a_fifo_is_refused_and_not_waited_for(void **state) {
    for (int part = 0; part < 2; part++) {
        g_autoptr(Folder) folder = folder_new();
        g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
        g_autofree char *conf = g_build_filename(folder->path, "lexgate.conf", NULL);
        if (part)
            folder_write(folder, "conf.d/10-first.conf", "# nothing\n");
        folder_write(folder, "lexgate.conf", "# nothing\n");
        g_autofree char *fifo = g_build_filename(folder->path, part ? "conf.d/20-second.conf" : "lexgate.conf", NULL);
        unlink(fifo);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        g_autoptr(PolicySource) source = policy_source_read(conf, problems);
        assert_null(source);
        assert_int_equal(problems->len, 1);
        g_autofree char *said = problem_say(problems->pdata[0]);
        assert_non_null(strstr(said, "no regular file"));
    }
}

static void the_example_firm_loads_without_a_word(void **state) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top ? top : "../..", "conf", "lexgate.conf", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = policy_load_offline(path, TEST_NOW, &registry, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(problems->pdata[i]);
        print_message("%s\n", line);
    }
    assert_non_null(policy);
    assert_int_equal(problems->len, 0);
    RegistryCounts counts;
    registry_counts(registry, &counts);
    assert_int_equal(counts.staff, 13);
    assert_int_equal(counts.clients, 6);
    assert_int_equal(counts.matters, 12);
    /* Christmas 2027 is a Saturday: its holiday is Monday, Boxing Day's is Tuesday. */
    Instant from, open;
    instant_parse("2027-12-24T12:00:00Z", &from);
    assert_true(calendar_next_open(policy_calendar(policy, "london"), from, &open));
    char text[INSTANT_TEXT];
    assert_string_equal(instant_format(open, text), "2027-12-29T09:00:00Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sketch_of_the_design_loads_as_printed),
        cmocka_unit_test(rules_of_the_sketch_mean_what_they_say),
        cmocka_unit_test(two_settings_are_enough),
        cmocka_unit_test(what_is_given_replaces_defaults),
        cmocka_unit_test(groups_merge_and_rules_add_up),
        cmocka_unit_test(an_alias_key_takes_a_text_or_a_list),
        cmocka_unit_test(odd_things_are_warnings_and_load),
        cmocka_unit_test(our_domains_include_their_subdomains_only),
        cmocka_unit_test(a_source_travels_as_a_sealed_file_and_needs_no_other),
        cmocka_unit_test(the_digest_follows_every_byte_but_not_the_place),
        cmocka_unit_test(a_fifo_is_refused_and_not_waited_for),
        cmocka_unit_test(the_example_firm_loads_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
