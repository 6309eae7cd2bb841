/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from the rules: severity, ways, refusals, header edits, observation. */
#include "firm.h"
#include "engine/explain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"

#define ENCRYPT_RULE                                                                                                   \
    "{ id = \"needs-encryption\"; policy = \"4.2\"; when: { direction = \"outgoing\";\n"                               \
    "  matter: { level = [\"confidential\", \"strict\"]; }; };\n"                                                      \
    "  encrypt: { accept = [\"end-to-end\", \"smime\", \"openpgp\", \"verified-tls\", \"consent\"]; otherwise = "      \
    "\"reject\"; };\n"                                                                                                 \
    "  say = \"Matter {matter} is {level}. {missing} cannot receive encrypted mail yet.\"; }"
#define WALL_RULE                                                                                                      \
    "{ id = \"wall\"; policy = \"4.6\"; when: { any = ( { sender: { walled_off = true; }; },\n"                        \
    "  { recipient: { walled_off = true; }; } ); }; do = \"reject\"; }"

static void each_recipient_needs_a_way(void **state) {
    static const struct {
        const char *rcpt, *proofs, *subject, *action, *way;
    } cases[] = {
        {JANE, "n", NULL, "reject", "none"},
        {JANE, "s", NULL, "accept", "end-to-end"},
        {JANE, "c", NULL, "accept", "end-to-end"},
        {JANE, "u", NULL, "hold", "none"},
        {JANE " jane@mail.test", "sn", NULL, "reject", "end-to-end"},
        {JANE " jane@mail.test", "un", NULL, "reject", "none"},
        {"a@tlsco.test", "n", NULL, "accept", "verified-tls"},
        {"a@tlsco.test x@else.test", "nn", NULL, "reject", "verified-tls"}, /* one body for all */
        {"a@yesco.test", "n", NULL, "accept", "consent"},
        {"a@yesco.test", "n", "[2026-0200]", "reject", "none"}, /* not hers to consent to */
        {JANE, "n", "[2026-0118]", "accept", "none"},           /* a normal matter needs none */
        {"bob@aldous.test", "n", "[2026-0117]", "accept", "none"},
    };
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = ALICE,
                           .login = "alice",
                           .rcpt = cases[i].rcpt,
                           .proofs = cases[i].proofs,
                           .subject = cases[i].subject};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s %s %s\n", cases[i].rcpt, cases[i].proofs, cases[i].subject);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
        const Person *first = g_ptr_array_index(judged->decision->recipients, 0);
        assert_string_equal(way_name(first->way), cases[i].way);
    }
}

static void a_mailing_to_a_thousand_is_refused_in_few_words(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    g_autoptr(GString) recipients = g_string_new(JANE);
    for (int i = 1; i < 1000; i++)
        g_string_append_printf(recipients, " client%d@harbour.test", i);
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = recipients->str};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_int_equal(judged->decision->action, ACTION_REJECT);
    const RuleResult *result = g_ptr_array_index(judged->decision->rules, 0);
    assert_int_equal(result->concerned->len, 1000);
    assert_true(result->why->len < 30);
    assert_string_equal(g_ptr_array_index(result->why, result->why->len - 1), "nor to 988 more");
}

static void consent_ends_on_its_day(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    const Mail late = {.from = ALICE, .rcpt = "a@yesco.test", .at = "2027-01-01T10:00:00Z"};
    g_autoptr(Judged) judged = firm_judge(firm, &late);
    assert_int_equal(judged->decision->action, ACTION_REJECT);
}

static void staff_read_why_and_strangers_do_not(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    const Mail proven = {.from = ALICE, .login = "alice", .rcpt = JANE " jane@mail.test", .proofs = "sn"};
    g_autoptr(Judged) full = firm_judge(firm, &proven);
    assert_int_equal(full->decision->code, 550);
    assert_string_equal(full->decision->status, "5.7.1");
    assert_string_equal(g_ptr_array_index(full->decision->text, 0),
                        "Matter 2026-0117 is confidential. jane@mail.test cannot receive encrypted mail yet.");
    const char *const parts[] = {"Recipients concerned: jane@mail.test.", "2026-0117",  "section 4.2",        "2026.11",
                                 "https://intranet.aldous.test/mail",     "What to do", full->decision->track};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        assert_true(judged_says(full, parts[i]));
    assert_int_equal(full->decision->headers->len, 0);

    const Mail unproven = {.from = ALICE, .rcpt = JANE};
    g_autoptr(Judged) plain = firm_judge(firm, &unproven);
    assert_int_equal(plain->decision->action, ACTION_REJECT);
    assert_true(judged_says(plain, plain->decision->track));
    const char *const secrets[] = {"2026-0117", "confidential", "4.2", JANE, "Harbour"};
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++)
        assert_false(judged_says(plain, secrets[i]));
}

static void who_is_walled_off_does_not_read_of_the_matter(void **state) {
    static const char *const orders[] = {"rules: (" WALL_RULE "," ENCRYPT_RULE ");",
                                         "rules: (" ENCRYPT_RULE "," WALL_RULE ");"};
    static const char *const secrets[] = {"2026-0117", "confidential", "Harbour", "4.2", "encrypt", "certificate"};
    const Mail mail = {.from = "carol@aldous.test", .login = "carol", .rcpt = JANE, .subject = "[2026-0117]"};
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        g_autoptr(Firm) firm = firm_new(orders[i]);
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_int_equal(judged->decision->action, ACTION_REJECT);
        assert_int_equal(judged->decision->by, BY_LOGIN);
        assert_true(judged_says(judged, "4.6"));
        for (size_t s = 0; s < G_N_ELEMENTS(secrets); s++)
            assert_false(judged_says(judged, secrets[s]));
    }
}

static void a_stamp_tells_nobody_behind_a_wall_of_the_matter(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"mark\"; stamp: { name = \"X-About\"; value = \"{matter}\"; }; } );");
    const Mail open = {.from = ALICE, .login = "alice", .rcpt = "bob@aldous.test", .subject = "[2026-0117]"};
    g_autoptr(Judged) told = firm_judge(firm, &open);
    assert_string_equal(judged_header(told, "X-About"), "2026-0117");
    const Mail across = {
        .from = ALICE, .login = "alice", .rcpt = "bob@aldous.test carol@aldous.test", .subject = "[2026-0117]"};
    g_autoptr(Judged) hidden = firm_judge(firm, &across);
    assert_string_equal(judged_header(hidden, "X-About"), "(not shown)");
}

static void a_long_refusal_is_cut_into_lines(void **state) {
    g_autoptr(GString) more = g_string_new("rules: ( { id = \"long\"; do = \"reject\"; say = \"");
    for (int i = 0; i < 300; i++)
        g_string_append(more, i % 50 ? "\xC3\xA9" : "word ");
    g_string_append(more, "\"; } );");
    g_autoptr(Firm) firm = firm_new(more->str);
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    for (guint i = 0; i < judged->decision->text->len; i++) {
        const char *line = g_ptr_array_index(judged->decision->text, i);
        assert_true(strlen(line) <= 400 && g_utf8_validate(line, -1, NULL));
        assert_null(strpbrk(line, "\r\n"));
    }
}

static void the_most_severe_action_wins_in_any_order(void **state) {
    static const struct {
        const char *actions[3];
        const char *action;
        int code;
    } cases[] = {
        {{"confirm", "hold", "accept"}, "hold", 250},      {{"hold", "defer", "confirm"}, "defer", 451},
        {{"reject", "defer", "hold"}, "reject", 550},      {{"hold", "reject", "defer"}, "reject", 550},
        {{"accept", "confirm", "accept"}, "confirm", 250},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rules = g_strdup_printf(
            "rules: ( { id = \"a\"; do = \"%s\"; }, { id = \"b\"; do = \"%s\"; }, { id = \"c\"; do = \"%s\"; } );",
            cases[i].actions[0], cases[i].actions[1], cases[i].actions[2]);
        g_autoptr(Firm) firm = firm_new(rules);
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
        assert_int_equal(judged->decision->code, cases[i].code);
    }
}

static void unknown_does_what_the_rule_says_of_it(void **state) {
    static const struct {
        const char *rule, *action;
    } cases[] = {
        {"do = \"reject\";", "reject"},
        {"do = \"confirm\";", "confirm"},
        {"do = \"reject\"; on_unknown = \"skip\";", "accept"},
        {"do = \"reject\"; on_unknown = \"hold\";", "hold"},
        {"do = \"hold\"; on_unknown = \"match\";", "hold"},
        {"stamp = ( { name = \"X-S\"; value = \"v\"; } );", "accept"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rules =
            g_strdup_printf("rules: ( { id = \"a\"; when: { text = \"secret\"; }; %s } );", cases[i].rule);
        g_autoptr(Firm) firm = firm_new(rules);
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE, .unreadable = true};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s\n", cases[i].rule);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
        assert_null(judged_header(judged, "X-S"));
    }
}

static void what_rests_on_what_nobody_saw_is_held(void **state) {
    static const struct {
        Mail mail;
        const char *action;
    } cases[] = {
        {{.rcpt = JANE, .thread = "q@x", .hints_missing = true}, "hold"},
        {{.rcpt = JANE, .hints_missing = true}, "reject"}, /* no thread: no hint could help */
        {{.rcpt = "opp@other.test", .thread = "q@x", .hints_missing = true}, "reject"}, /* nothing to choose */
        {{.rcpt = JANE, .unjudged = true}, "hold"},
    };
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = cases[i].mail;
        mail.from = ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%zu\n", i);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
    }
}

static void forged_headers_go_highest_index_first(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail mail = {
        .from = JANE,
        .rcpt = ALICE,
        .header = {{"X-Lexgate-Track", "1"}, {"Reply-By", "x"}, {"x-lexgate-track ", "2"}, {"X-Lexgate-Odd", "3"}}};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    static const struct {
        const char *op, *name;
        unsigned index;
    } expected[] = {
        {"delete", "X-Lexgate-Track", 2}, {"delete", "X-Lexgate-Track", 1}, {"delete", "Reply-By", 1},
        {"delete", "X-Lexgate-Odd", 1},   {"add", "X-Lexgate-Decision", 1}, {"add", "X-Lexgate-Matter", 1},
    };
    assert_int_equal(judged->decision->headers->len, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, i);
        assert_string_equal(edit->op, expected[i].op);
        assert_string_equal(edit->name, expected[i].name);
        assert_int_equal(edit->index, expected[i].index);
    }
    assert_string_equal(judged_header(judged, "X-Lexgate-Decision"), "accept; policy=2026.11; rules=-; enc=none");
}

static void what_leaves_carries_a_track_and_nothing_internal(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"s\"; stamp = ( { name = \"X-Firm\"; value = \"{firm} {rule}\"; } ); } );");
    const Mail mail = {
        .from = ALICE,
        .login = "alice",
        .rcpt = JANE,
        .header = {{"X-Matter", "2026-0118"}, {"X-Lexgate-Decision", "x"}, {"Reply-By", "hers"}, {"X-Firm", "old"}}};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    const char *track = judged_header(judged, "X-Lexgate-Track");
    assert_int_equal(strlen(track), 28);
    assert_true(g_str_has_suffix(track, ".-"));
    assert_string_equal(judged_header(judged, "X-Firm"), "Aldous & Partners s");
    assert_null(judged_header(judged, "X-Lexgate-Decision"));
    assert_null(judged_header(judged, "X-Lexgate-Matter"));
    unsigned deleted = 0;
    for (guint i = 0; i < judged->decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, i);
        deleted += !strcmp(edit->op, "delete");
        assert_string_not_equal(edit->name, "Reply-By");
    }
    assert_int_equal(deleted, 3);
    g_autoptr(Judged) again = firm_judge(firm, &mail);
    assert_string_equal(again->decision->track, judged->decision->track);
}

static void a_stranger_does_not_stamp_for_the_firm(void **state) {
    static const struct {
        const char *rule;
        Mail mail;
        bool gone;
    } cases[] = {
        {"stamp: { name = \"X-Firm\"; value = \"v\"; };", {.from = JANE, .rcpt = ALICE}, true},
        {"stamp: { name = \"X-Firm\"; value = \"v\"; }; mode = \"observe\";", {.from = JANE, .rcpt = ALICE}, false},
        {"stamp: { name = \"X-Other\"; value = \"v\"; };", {.from = JANE, .rcpt = ALICE}, false},
        {"stamp: { name = \"X-Firm\"; value = \"v\"; };", {.from = ALICE, .login = "alice", .rcpt = JANE}, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rules =
            g_strdup_printf("rules: ( { id = \"s\"; when: { subject = \"never\"; }; %s } );", cases[i].rule);
        g_autoptr(Firm) firm = firm_new(rules);
        Mail mail = cases[i].mail;
        mail.header[0][0] = "x-firm";
        mail.header[0][1] = "forged";
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        bool gone = false;
        for (guint h = 0; h < judged->decision->headers->len; h++) {
            const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, h);
            gone |= !strcmp(edit->op, "delete") && !g_ascii_strcasecmp(edit->name, "X-Firm");
        }
        assert_int_equal(gone, cases[i].gone);
    }
}

static void a_wall_keeps_the_matter_out_of_headers_and_copies(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"c\"; copy_to = [\"carol@aldous.test\", \"sam@aldous.test\", \"" ALICE "\"]; } );");
    const Mail mail = {.from = JANE, .rcpt = ALICE " carol@aldous.test", .subject = "[2026-0117]"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    assert_null(judged_header(judged, "X-Lexgate-Matter"));
    const Mail alone = {.from = JANE, .rcpt = ALICE, .subject = "[2026-0117]"};
    g_autoptr(Judged) copied = firm_judge(firm, &alone);
    assert_string_equal(judged_header(copied, "X-Lexgate-Matter"), "2026-0117");
    assert_int_equal(copied->decision->add_recipients->len, 1);
    assert_string_equal(g_ptr_array_index(copied->decision->add_recipients, 0), "sam@aldous.test");
}

static void what_only_observes_changes_nothing(void **state) {
    g_autoptr(Firm) one = firm_new("rules: ( { id = \"r\"; mode = \"observe\"; do = \"reject\";\n"
                                   "  stamp = ( { name = \"X-S\"; value = \"v\"; } ); },\n"
                                   "  { id = \"off\"; mode = \"off\"; do = \"reject\"; } );");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    g_autoptr(Judged) judged = firm_judge(one, &mail);
    assert_int_equal(judged->decision->action, ACTION_ACCEPT);
    assert_null(judged_header(judged, "X-S"));
    assert_true(judged_rule(judged, "r")->applies);
    assert_int_equal(judged_rule(judged, "r")->action, ACTION_REJECT);
    assert_false(judged_rule(judged, "off")->applies);
    assert_false(judged->decision->observe);

    g_autoptr(Firm) whole = firm_new("mode = \"observe\"; rules: ( { id = \"r\"; do = \"reject\"; } );");
    g_autoptr(Judged) all = firm_judge(whole, &mail);
    assert_true(all->decision->observe);
    assert_int_equal(all->decision->action, ACTION_ACCEPT);
    assert_int_equal(all->decision->code, 250);
    assert_int_equal(all->decision->headers->len, 0);
    assert_int_equal(judged_rule(all, "r")->action, ACTION_REJECT);
}

static void the_json_has_the_members_of_the_contract(void **state) {
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    const char *sender, *by, *address, *proof, *way, *level, *id, *matter_by, *rule, *match, *action, *status;
    int code;
    json_t *unused;
    assert_int_equal(json_unpack(judged->json, "{s:{s:s,s:s},s:{s:s},s:s,s:{s:s,s:s,s:s}}", "policy", "version", &id,
                                 "digest", &by, "registry", "digest", &level, "direction", &way, "sender", "address",
                                 &sender, "is", &proof, "by", &by),
                     0);
    assert_int_equal(json_unpack(judged->json, "{s:[{s:s,s:s,s:s,s:s,s:s,s:s}]}", "recipients", "address", &address,
                                 "is", &by, "matter", &id, "level", &level, "proof", &proof, "way", &way),
                     0);
    assert_string_equal(address, JANE);
    assert_int_equal(json_unpack(judged->json, "{s:{s:s,s:s,s:s,s:b,s:s,s:o}}", "matter", "id", &id, "client", &address,
                                 "level", &level, "privileged", &code, "by", &matter_by, "candidates", &unused),
                     0);
    assert_string_equal(id, "2026-0117");
    assert_int_equal(json_unpack(judged->json, "{s:{s:s,s:s},s:{s:s,s:s},s:s,s:o,s:o,s:o}", "encryption", "state", &id,
                                 "why", &by, "automatic", "kind", &level, "why", &way, "asks", &proof, "anomalies",
                                 &unused, "detections", &unused, "attachments", &unused),
                     0);
    assert_int_equal(json_unpack(judged->json, "{s:[{s:s,s:s,s:s,s:o}]}", "rules", "id", &rule, "match", &match, "mode",
                                 &id, "why", &unused),
                     0);
    assert_string_equal(match, "yes");
    assert_int_equal(json_unpack(judged->json, "{s:{s:s,s:i,s:s,s:o,s:o,s:o,s:o},s:o}", "decision", "action", &action,
                                 "code", &code, "status", &status, "text", &unused, "headers", &unused,
                                 "add_recipients", &unused, "remove_recipients", &unused, "deadlines", &unused),
                     0);
    assert_string_equal(action, "reject");
    assert_int_equal(code, 550);
    g_autofree char *page = explain_text(judged->decision, judged->facts);
    assert_non_null(strstr(page, "This outgoing message is refused."));
    assert_non_null(
        strstr(page, "Why\n  Rule needs-encryption (no title, section 4.2)\n      - the message is outgoing\n"));
}

/* It may have been revoked: good enough for most mail, not for what is privileged. */
static void a_stale_list_of_revocations_holds_privileged_mail_alone(void **state) {
    static const struct {
        const char *rcpt, *proofs, *keys, *action;
    } cases[] = {
        {JANE, "s", "usable", "accept"},          {JANE, "s", "stale", "hold"},
        {"bo@beta.test", "s", "stale", "accept"}, /* strict, not privileged */
        {JANE, "o", "stale", "accept"},           /* an OpenPGP key has no such list */
        {JANE, "n", "stale", "reject"},
    };
    g_autoptr(Firm) firm = firm_new("rules: (" ENCRYPT_RULE ");");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {
            .from = ALICE, .login = "alice", .rcpt = cases[i].rcpt, .proofs = cases[i].proofs, .keys = cases[i].keys};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s %s %s\n", cases[i].rcpt, cases[i].proofs, cases[i].keys);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_needs_a_way),
        cmocka_unit_test(a_stale_list_of_revocations_holds_privileged_mail_alone),
        cmocka_unit_test(a_mailing_to_a_thousand_is_refused_in_few_words),
        cmocka_unit_test(consent_ends_on_its_day),
        cmocka_unit_test(staff_read_why_and_strangers_do_not),
        cmocka_unit_test(who_is_walled_off_does_not_read_of_the_matter),
        cmocka_unit_test(a_stamp_tells_nobody_behind_a_wall_of_the_matter),
        cmocka_unit_test(a_long_refusal_is_cut_into_lines),
        cmocka_unit_test(the_most_severe_action_wins_in_any_order),
        cmocka_unit_test(unknown_does_what_the_rule_says_of_it),
        cmocka_unit_test(what_rests_on_what_nobody_saw_is_held),
        cmocka_unit_test(forged_headers_go_highest_index_first),
        cmocka_unit_test(what_leaves_carries_a_track_and_nothing_internal),
        cmocka_unit_test(a_stranger_does_not_stamp_for_the_firm),
        cmocka_unit_test(a_wall_keeps_the_matter_out_of_headers_and_copies),
        cmocka_unit_test(what_only_observes_changes_nothing),
        cmocka_unit_test(the_json_has_the_members_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
