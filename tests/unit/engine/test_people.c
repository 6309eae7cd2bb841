/* SPDX-License-Identifier: Apache-2.0 */
/* What every address is to the firm, and whether the headers agree on who speaks. */
#include "firm.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/lookalike.h"
#include "engine/people.h"
#include "policy/condition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"
#define MORE                                                                                                           \
    "people: { webmail = [\"letters.test\"]; prospects = [\"jo@maybe.test\", \"@perhaps.test\", \"Ann@GMAIL.com\", "   \
    "\"opp@other.test\"]; };\n"

static const FirmRows rows = {
    .clients = "homer,Homer,homer@gmail.com,en,post,standard,,,\n",
    .matters = "R-1,beta,Roles,normal,sam@aldous.test,board,standard,open,boss@rival.test,,,no,"
               "opposing-counsel:lex@rival.test co-counsel:co@ally.test court:@court.test expert:e@know.test "
               "insurer:i@cover.test interpreter:t@tongue.test,,\n",
};

/* "KIND[/role][/webmail]" of one recipient. */
static char *kind_of(const json_t *person) {
    const char *role = json_string_value(json_object_get(person, "role"));
    return g_strdup_printf("%s%s%s%s", json_string_value(json_object_get(person, "is")), *role ? "/" : "", role,
                           json_is_true(json_object_get(person, "webmail")) ? "/webmail" : "");
}

static void every_address_is_of_a_kind(void **state) {
    static const struct {
        const char *address, *kind;
    } cases[] = {
        {"bob@aldous.test", "staff/assistant"},
        {"a.smith@aldous.test", "staff/lawyer"},
        {"nobody@aldous.test", "other"},
        {JANE, "client"},
        {"homer@gmail.com", "client/webmail"},
        {"a@newco.test", "client"},                   /* without a matter still a client */
        {"opp@other.test", "party/opposing-counsel"}, /* known, so no prospect */
        {"boss@rival.test", "party/opposing"},
        {"lex@rival.test", "party/opposing-counsel"},
        {"co@ally.test", "party/co-counsel"},
        {"clerk@court.test", "party/court"},
        {"e@know.test", "party/expert"},
        {"i@cover.test", "party/insurer"},
        {"t+r-1@tongue.test", "party/interpreter"},
        {"jo@maybe.test", "prospect"},
        {"jo+x@maybe.test", "prospect"},
        {"other@maybe.test", "other"},
        {"anybody@perhaps.test", "prospect"},
        {"ann@gmail.com", "prospect/webmail"},
        {"x@gmail.com", "other/webmail"},
        {"x@googlemail.com", "other/webmail"},
        {"x@yahoo.co.uk", "other/webmail"},
        {"x@web.de", "other/webmail"},
        {"x@letters.test", "other/webmail"},
        {"x@sub.letters.test", "other/webmail"},
        {"x@notletters.test", "other"},
        {"x@gmail.com.evil.test", "other"},
        {"x@else.test", "other"},
    };
    g_autoptr(Firm) firm = firm_with(MORE, &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail out = {.from = ALICE, .login = "alice", .rcpt = cases[i].address};
        g_autoptr(Judged) judged = firm_judge(firm, &out);
        g_autofree char *kind = kind_of(json_array_get(json_object_get(judged->json, "recipients"), 0));
        if (strcmp(kind, cases[i].kind) != 0)
            fail_msg("%s: wanted %s, got %s", cases[i].address, cases[i].kind, kind);
        if (g_str_has_prefix(kind, "staff"))
            continue;
        const Mail in = {.from = cases[i].address, .rcpt = ALICE};
        g_autoptr(Judged) incoming = firm_judge(firm, &in);
        g_autofree char *sender = kind_of(json_object_get(incoming->json, "sender"));
        assert_string_equal(sender, kind);
    }
}

/* Where it goes to is another matter: the domain's server has it first. */
static void who_writes_over_a_bang_path_is_nobody_known(void **state) {
    static const char *const froms[] = {"evil.test!ceo@harbour.test", "evil.test!boss@rival.test"};
    g_autoptr(Firm) firm = firm_with(MORE, &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(froms); i++) {
        const Mail in = {.from = froms[i], .rcpt = ALICE};
        g_autoptr(Judged) incoming = firm_judge(firm, &in);
        assert_int_equal(incoming->decision->sender->is, PERSON_OTHER);
    }
    const Mail out = {.from = ALICE, .login = "alice", .rcpt = froms[0]};
    g_autoptr(Judged) outgoing = firm_judge(firm, &out);
    assert_int_equal(((Person *)g_ptr_array_index(outgoing->decision->recipients, 0))->is, PERSON_CLIENT);
}

static void headers_that_disagree_are_named(void **state) {
    static const struct {
        Mail mail;
        const char *differs;
    } cases[] = {
        {{.from = JANE}, ""},
        {{.from = JANE, .sender = "<>"}, ""},
        {{.from = JANE, .sender = ""}, ""},
        {{.from = JANE, .sender = "ceo+bounce@harbour.test"}, ""},
        {{.from = JANE, .sender = "\"ceo\"@Harbour.test."}, ""},
        {{.from = JANE, .sender = "bounces@mail.harbour.test"}, "envelope"},
        {{.from = JANE, .sender = "bounces@sender.test"}, "envelope envelope-domain"},
        {{.from = JANE, .reply_to = JANE}, ""},
        {{.from = JANE, .reply_to = "cfo@harbour.test"}, "reply-to"},
        {{.from = JANE, .reply_to = "ceo@harbour.evil.test"}, "reply-to reply-to-domain"},
        {{.from = JANE, .reply_to = JANE " ceo@evil.test"}, "reply-to reply-to-domain"},
        {{.from = JANE, .sender_header = "pa@harbour.test"}, "sender"},
        {{.from = JANE, .sender_header = "pa@agency.test"}, "sender sender-domain"},
        {{.from = JANE " pa@harbour.test", .sender = JANE}, "several"},
        {{.from = JANE " pa@harbour.test", .sender = JANE, .sender_header = "pa@harbour.test"}, "several"},
        {{.from = ALICE, .sender = "a.smith@aldous.test", .login = "alice"}, ""}, /* an alias is the same person */
        {{.from = ALICE, .sender = "bob@aldous.test", .login = "bob"}, "envelope"},
        {{.from = "", .sender = JANE, .reply_to = "x@evil.test"}, ""},
        {{.from = "a@harbour.co.uk", .reply_to = "a@evil.co.uk"}, "reply-to reply-to-domain envelope envelope-domain"},
    };
    g_autoptr(Firm) firm = firm_new("");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = cases[i].mail;
        mail.rcpt = "sam@aldous.test";
        if (i == G_N_ELEMENTS(cases) - 1)
            mail.sender = "b@other.co.uk";
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        for (guint w = 0; w < judged->decision->differs->len; w++)
            g_ptr_array_add(words, g_ptr_array_index(judged->decision->differs, w));
        g_ptr_array_add(words, NULL);
        g_autofree char *differs = g_strjoinv(" ", (char **)words->pdata);
        if (strcmp(differs, cases[i].differs) != 0)
            fail_msg("%zu: wanted \"%s\", got \"%s\"", i, cases[i].differs, differs);
        assert_int_equal(json_array_size(json_object_get(json_object_get(judged->json, "sender"), "differs")),
                         judged->decision->differs->len);
    }
}

static void rules_may_ask_for_all_of_it(void **state) {
    static const struct {
        const char *when;
        Mail mail;
        Match match;
        const char *why;
    } cases[] = {
        {"recipient: { webmail = true; };", {.rcpt = "x@gmail.com"}, MATCH_YES, "of personal webmail"},
        {"recipient: { webmail = true; is = \"client\"; };", {.rcpt = "x@gmail.com"}, MATCH_NO, NULL},
        {"recipient: { webmail = false; };", {.rcpt = JANE}, MATCH_YES, NULL},
        {"sender: { webmail = true; };", {.from = "homer@gmail.com", .rcpt = ALICE}, MATCH_YES, NULL},
        {"recipient: { is = \"prospect\"; };", {.rcpt = "jo@maybe.test"}, MATCH_YES, "is a prospective client"},
        {"recipient: { channel = \"post\"; };", {.rcpt = "homer@gmail.com"}, MATCH_YES, "prefers is post"},
        {"recipient: { channel = \"post\"; };", {.rcpt = "x@else.test"}, MATCH_NO, "not known"},
        {"from_differs = \"reply-to-domain\";",
         {.from = JANE, .rcpt = ALICE, .reply_to = "x@evil.test"},
         MATCH_YES,
         "Reply-To x@evil.test"},
        {"from_differs = [\"several\", \"sender\"];",
         {.from = JANE, .rcpt = ALICE, .reply_to = "x@evil.test"},
         MATCH_NO,
         NULL},
        {"matter: { preserved = true; };", {.rcpt = "a@keep.test"}, MATCH_YES, "until 2026-11-16"},
        {"matter: { preserved = true; };", {.rcpt = "a@keep.test", .at = "2026-11-17T00:00:00Z"}, MATCH_NO, NULL},
        {"matter: { preserved = false; };", {.rcpt = JANE}, MATCH_YES, NULL},
    };
    static const FirmRows kept = {
        .clients = "homer,Homer,homer@gmail.com,en,post,standard,,,\nkeep,Keep,@keep.test,en,mail,standard,,,\n",
        .matters = "K-1,keep,Kept,normal,sam@aldous.test,board,standard,open,,,,no,,2026-11-16,\n",
    };
    g_autoptr(GString) rules = g_string_new(MORE "rules: (");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_string_append_printf(rules,
                               "%s { id = \"r%zu\"; when: { %s }; stamp = ( { name = \"X-R\"; value = \"v\"; } ); }",
                               i ? "," : "", i, cases[i].when);
    g_string_append(rules, ");");
    g_autoptr(Firm) firm = firm_with(rules->str, &kept);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = cases[i].mail;
        mail.from = mail.from ? mail.from : ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autofree char *id = g_strdup_printf("r%zu", i);
        const RuleResult *result = judged_rule(judged, id);
        g_autofree char *why = judged_why(result);
        if (result->match != cases[i].match || (cases[i].why && !strstr(why, cases[i].why)))
            fail_msg("%s: %d, %s", cases[i].when, result->match, why);
    }
}

static const struct {
    Mail mail;
    const char *alike; /* KIND=WHOM of the sender, or of the recipient; "": like nobody */
} alike_cases[] = {
    {{.from = "x@evil.test", .names = "Alice Smith"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "Smith, Alice"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@gmail.com", .names = "Alice Smith"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = JANE, .names = "Alice Smith"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "\"Alice\" <alice@aldous.test>"}, "staff-name=\"Alice\" <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "x@evil.test"}, ""},
    {{.from = "x@evil.test", .names = "Alice Jones"}, ""},
    {{.from = "x@evil.test", .names = "Alice"}, ""},
    {{.from = "x@evil.test", .names = "Alice S."}, ""},
    {{.from = "x@evil.test", .names = "A Smith"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "Smith, A."}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "B Smith"}, ""},
    {{.from = "x@evil.test", .names = "Alice Smith (via phone)"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "Alice Smith via Portal"}, "staff-name=Alice Smith <alice@aldous.test>"},
    {{.from = "x@evil.test", .names = "htimS ecilA"}, ""},
    {{.from = "x@evil.test", .names = JANE}, "client-domain=" JANE " of client harbour"},
    {{.from = "x@evil.test", .names = "Jane (" JANE ") via List"}, "client-domain=" JANE " of client harbour"},
    {{.from = "x@evil.test", .names = "ceo\xef\xbc\xa0harbour.test"}, "client-domain=" JANE " of client harbour"},
    {{.from = "pa@harbour.test", .names = JANE}, ""},
    {{.from = "x@evil.test", .names = "Aldous & Partners"}, "firm-domain=Aldous & Partners"},
    {{.from = "x@evil.test", .names = "ALDOUS and Partners, Accounts"}, "firm-domain=Aldous & Partners"},
    {{.from = "x@evil.test", .names = "Aldous Huxley"}, ""},
    {{.from = "x@evil.test", .names = "Partners"}, ""},
    {{.from = "alice@aldous.test", .names = "Alice Smith", .login = "alice"}, ""},
    {{.from = "ceo@harb0ur.test"}, "client-domain=harbour.test of client harbour"},
    {{.from = "ceo@harbour.test.evil.test"}, "client-domain=harbour.test of client harbour"},
    {{.from = "alice@ald0us.test"}, "firm-domain=aldous.test"},
    {{.from = "alice@aldous.co"}, "firm-domain=aldous.test"},
    {{.from = "alice@aldous.test.evil.test"}, "firm-domain=aldous.test"},
    {{.from = "alice@aldous-law.test"}, "firm-domain=aldous.test"},
    {{.from = "alice@aldouspayments.com"}, "firm-domain=aldous.test"},
    {{.from = JANE, .reply_to = "ceo@harbour-billing.com"}, "client-domain=harbour.test of client harbour"},
    {{.from = ALICE, .login = "alice", .rcpt = "x@my-harbour.test"}, "client-domain=harbour.test of client harbour"},
    {{.from = JANE}, ""},
    {{.from = JANE, .reply_to = "ceo@harb0ur.test"}, "client-domain=harbour.test of client harbour"},
    {{.from = JANE, .reply_to = "jane@mail.test"}, ""},
    {{.from = "x@mail.harbour.test"}, ""}, /* a host of the client's domain is the client's */
    {{.from = "opp@other.test"}, ""},
    {{.from = "x@otters.test"}, ""},
    {{.from = ALICE, .login = "alice", .rcpt = "ceo@harbuor.test"}, "client-domain=harbour.test of client harbour"},
    {{.from = ALICE, .login = "alice", .rcpt = "bob@a1dous.test"}, "firm-domain=aldous.test"},
    {{.from = ALICE, .login = "alice", .rcpt = "x@else.test"}, ""},
};

/* KIND=WHOM, or "". */
static char *likeness_of(const Person *person) {
    char *seen = g_strdup("");
    for (int kind = 0; kind < LIKENESS_KINDS; kind++) {
        if (!person->alike[kind])
            continue;
        g_free(seen);
        seen = g_strdup_printf("%s=%s", likeness_kind_name((LikenessKind)kind), person->alike[kind]);
    }
    return seen;
}

static void strangers_may_look_like_somebody(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"alike\"; when: { any = ( { sender: { lookalike = [\"staff-name\", "
                 "\"client-domain\", \"firm-domain\"]; }; }, { recipient: { lookalike = "
                 "[\"client-domain\", \"firm-domain\"]; }; } ); }; do = \"hold\"; } );");
    for (size_t i = 0; i < G_N_ELEMENTS(alike_cases); i++) {
        Mail mail = alike_cases[i].mail;
        bool out = mail.rcpt != NULL;
        mail.rcpt = out ? mail.rcpt : ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const Person *person =
            out ? g_ptr_array_index(judged->decision->recipients, 0) : (gpointer)judged->decision->sender;
        g_autofree char *seen = likeness_of(person);
        if (strcmp(seen, alike_cases[i].alike) != 0)
            fail_msg("%zu %s: wanted \"%s\", got \"%s\"", i, mail.from, alike_cases[i].alike, seen);
        const RuleResult *rule = judged_rule(judged, "alike");
        assert_int_equal(rule->match, *seen ? MATCH_YES : MATCH_NO);
        if (!*seen)
            continue;
        g_autofree char *anomaly = g_strdup_printf("lookalike:%.*s", (int)strcspn(seen, "="), seen);
        assert_true(judged_odd(judged, anomaly));
        assert_non_null(strstr(g_ptr_array_index(rule->why, 0), strchr(seen, '=') + 1));
        g_autofree char *text = explain_text(judged->decision, judged->facts);
        assert_non_null(strstr(text, "looks like"));
    }
}

static void who_writes_for_the_first_time_is_known_from_the_hints(void **state) {
    static const struct {
        Mail mail;
        const char *first_time, *new_to_staff;
    } cases[] = {
        {{.from = JANE, .rcpt = ALICE}, "yes", "yes"},
        {{.from = JANE, .rcpt = ALICE, .known = JANE "=" ALICE}, "no", "no"},
        {{.from = JANE, .rcpt = ALICE, .known = JANE "=bob@aldous.test"}, "no", "yes"},
        {{.from = JANE, .rcpt = "sam@aldous.test bob@aldous.test", .known = JANE "=bob@aldous.test"}, "no", "no"},
        {{.from = JANE, .rcpt = "alice+tag@aldous.test", .known = JANE "=" ALICE}, "no", "no"},
        {{.from = JANE, .rcpt = ALICE, .hints_missing = true}, "unknown", "unknown"},
        {{.from = JANE, .rcpt = ALICE, .correspondents_missing = true}, "unknown", "unknown"},
        {{.from = JANE, .rcpt = ALICE, .known = JANE "=" ALICE, .correspondents_missing = true}, "no", "no"},
        /* From counts, whatever the envelope of its own owner says, or none. */
        {{.from = JANE, .rcpt = ALICE, .sender = "<>", .known = JANE "=" ALICE}, "no", "no"},
        {{.from = JANE, .rcpt = ALICE, .sender = "<>"}, "yes", "yes"},
        {{.from = JANE, .rcpt = ALICE, .sender = "b@mail.harbour.test", .known = JANE "="}, "no", "yes"},
        {{.from = JANE, .rcpt = ALICE, .sender = "b@mail.harbour.test", .known = "b@mail.harbour.test="}, "yes", "yes"},
        /* Of another owner: this From from this envelope. */
        {{.from = JANE, .rcpt = ALICE, .sender = "x@else.test"}, "yes", "yes"},
        {{.from = JANE, .rcpt = ALICE, .sender = "x@else.test", .known = "x@else.test=" ALICE}, "yes", "yes"},
        {{.from = JANE, .rcpt = ALICE, .sender = "x@else.test", .known = JANE "=" ALICE " x@else.test=" ALICE},
         "yes",
         "yes"},
        {{.from = JANE, .rcpt = ALICE, .sender = "y@m.else.test", .known = JANE "_via_else.test=" ALICE}, "no", "no"},
        /* The front must have seen the same From. */
        {{.from = JANE, .rcpt = ALICE, .sender = "x@else.test", .from_asked = JANE}, "yes", "yes"},
        {{.from = JANE, .rcpt = ALICE, .sender = "x@else.test", .from_asked = ""}, "unknown", "unknown"},
        {{.from = JANE, .rcpt = ALICE, .sender = "<>", .from_asked = "x@else.test"}, "unknown", "unknown"},
        {{.from = JANE, .rcpt = ALICE, .from_asked = "x@else.test"}, "yes", "yes"},
        {{.from = ALICE, .login = "alice", .rcpt = JANE}, "yes", "yes"},
        {{.from = ALICE, .login = "alice", .rcpt = JANE, .known = JANE "=" ALICE}, "no", "no"},
        {{.from = ALICE, .login = "alice", .rcpt = "CEO+x@harbour.test", .known = JANE "="}, "no", "yes"},
        {{.from = ALICE, .login = "alice", .rcpt = "bob@aldous.test"}, "no", "no"},
    };
    g_autoptr(Firm) firm = firm_new(
        "rules: ( { id = \"first\"; when: { any = ( { sender: { first_time = true; outside = true; }; }, { "
        "recipient: { first_time = true; }; } ); }; stamp: { name = \"X-First\"; value = \"v\"; }; }, { id = "
        "\"new\"; when: { any = ( { sender: { new_to_staff = true; }; }, { recipient: { new_to_staff = true; }; "
        "} ); }; stamp: { name = \"X-New\"; value = \"v\"; }; } );");
    static const char *const words[] = {"no", "yes", "unknown"};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Judged) judged = firm_judge(firm, &cases[i].mail);
        bool in = judged->decision->sender->outside;
        json_t *person = in ? json_object_get(judged->json, "sender")
                            : json_array_get(json_object_get(judged->json, "recipients"), 0);
        const char *first = json_string_value(json_object_get(person, "first_time"));
        const char *new = json_string_value(json_object_get(person, "new_to_staff"));
        if (strcmp(first, cases[i].first_time) != 0 || strcmp(new, cases[i].new_to_staff) != 0)
            fail_msg("%zu: %s %s", i, first, new);
        assert_string_equal(words[judged_rule(judged, "first")->match], cases[i].first_time);
        assert_string_equal(words[judged_rule(judged, "new")->match], cases[i].new_to_staff);
    }
}

/* The words of the condition are those of the code that finds them. */
static void the_condition_knows_each_difference(void **state) {
    for (size_t i = 0; i < condition_type_count; i++) {
        if (condition_types[i].test != TEST_FROM_DIFFERS)
            continue;
        assert_true(g_strv_equal(condition_types[i].words, from_differences));
        return;
    }
    fail();
}

static void explain_tells_roles_webmail_and_differences(void **state) {
    g_autoptr(Firm) firm = firm_with(MORE, &rows);
    const Mail mail = {.from = "x@gmail.com", .rcpt = ALICE, .reply_to = "y@evil.test"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    g_autofree char *text = explain_text(judged->decision, judged->facts);
    assert_non_null(strstr(text, "personal webmail"));
    assert_non_null(strstr(text, "not the same as Reply-To y@evil.test"));
    const Mail court = {.from = ALICE, .login = "alice", .rcpt = "clerk@court.test"};
    g_autoptr(Judged) out = firm_judge(firm, &court);
    g_autofree char *told = explain_text(out->decision, out->facts);
    assert_non_null(strstr(told, ", court"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_is_of_a_kind),
        cmocka_unit_test(who_writes_over_a_bang_path_is_nobody_known),
        cmocka_unit_test(headers_that_disagree_are_named),
        cmocka_unit_test(rules_may_ask_for_all_of_it),
        cmocka_unit_test(who_writes_for_the_first_time_is_known_from_the_hints),
        cmocka_unit_test(strangers_may_look_like_somebody),
        cmocka_unit_test(the_condition_knows_each_difference),
        cmocka_unit_test(explain_tells_roles_webmail_and_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
