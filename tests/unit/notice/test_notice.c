/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told, and what a notice says and keeps to itself. */
#include "notice/notice.h"

#include "base/text.h"
#include "office.h"
#include "policy/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *folder;
static Policy *policy;
static Registry *registry;
static NoticeContext context;

static Instant at(const char *text) {
    Instant t;
    assert_true(instant_parse(text, &t));
    return t;
}

static Deadline *owed(const char *matter, const char *owner) {
    Deadline *deadline = deadline_new();
    g_free(deadline->id), deadline->id = g_strdup("abcd");
    g_free(deadline->client), deadline->client = g_strdup("harbour");
    g_free(deadline->matter), deadline->matter = g_strdup(matter);
    g_free(deadline->owner), deadline->owner = g_strdup(owner);
    deadline->start = at("2026-11-23T09:00:00Z");
    deadline->due = at("2026-11-23T14:00:00Z");
    g_ptr_array_add(deadline->steps, deadline_step_new(at("2026-11-23T12:00:00Z"), "owner"));
    g_ptr_array_add(deadline->steps, deadline_step_new(at("2026-11-23T14:00:00Z"), "owner cover"));
    return deadline;
}

static char *addresses(const GPtrArray *people) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < people->len; i++) {
        g_auto(GStrv) parts = g_strsplit(((const Staff *)people->pdata[i])->address, "@", 2);
        g_string_append_printf(out, "%s%s", out->len ? " " : "", parts[0]);
    }
    return g_string_free(out, FALSE);
}

static void the_words_of_a_ladder_become_people(void **state) {
    static const struct {
        const char *matter, *owner, *tell, *people;
        guint left_out;
    } cases[] = {
        {"2026-0001", "alice@aldous.test", "owner", "alice", 0},
        {"2026-0001", "Alice@Aldous.test", "owner cover supervisor", "alice bob sue", 0},
        {"2026-0001", "alice@aldous.test", "managers", "max mia", 0},
        {"2026-0001", "alice@aldous.test", "handler responsible owner", "bob alice", 0},
        {"2026-0001", "alice@aldous.test", "sue@aldous.test", "sue", 0},
        {"2026-0001", "team:board", "owner", "max mia", 0},
        {"2026-0001", "alice@aldous.test", "stranger@elsewhere.test", "max mia", 0},
        {"", "alice@aldous.test", "handler owner", "alice", 0},
        {"2026-0002", "alice@aldous.test", "owner supervisor managers", "alice max", 2},
        {"2026-0003", "alice@aldous.test", "owner", "max mia", 1},
        {"2026-0003", "alice@aldous.test", "owner cover", "bob", 1},
        {"2026-0001", "lena@aldous.test", "owner", "bob", 0},
        {"2026-0001", "lena@aldous.test", "owner cover", "bob", 0},
        {"2026-0001", "gone@aldous.test", "owner", "max mia", 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Deadline) deadline = owed(cases[i].matter, cases[i].owner);
        g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) people = notice_people(&context, deadline, cases[i].tell, left_out);
        g_autofree char *who = addresses(people);
        assert_string_equal(who, cases[i].people);
        assert_int_equal(left_out->len, cases[i].left_out);
    }
}

static void who_is_on_duty_is_so_when_the_step_is_due(void **state) {
    static const struct {
        const char *now, *matter, *level, *tell, *people;
    } cases[] = {
        {"2026-11-23T10:00:00Z", "2026-0001", "standard", "duty", "bob"},
        {"2026-11-24T08:59:59Z", "2026-0001", "standard", "duty", "bob"},
        {"2026-11-24T09:00:00Z", "2026-0001", "standard", "duty", "alice"},
        {"2026-11-24T09:00:00Z", "2026-0001", "standard", "owner duty", "alice"},
        {"2026-11-25T09:00:00Z", "2026-0001", "standard", "duty", "max mia"}, /* nobody: the managers */
        {"2026-11-25T09:00:00Z", "2026-0001", "standard", "owner duty", "alice"},
        {"2026-11-24T09:00:00Z", "2026-0003", "standard", "duty", "max mia"}, /* walled off */
        {"2026-11-23T10:00:00Z", "2026-0001", "gone", "duty", "max mia"},     /* a level that the policy had once */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        NoticeContext here = {policy, registry, at(cases[i].now)};
        g_autoptr(Deadline) deadline = owed(cases[i].matter, "alice@aldous.test");
        g_free(deadline->service_level);
        deadline->service_level = g_strdup(cases[i].level);
        g_autoptr(GPtrArray) people = notice_people(&here, deadline, cases[i].tell, NULL);
        g_autofree char *who = addresses(people);
        if (strcmp(who, cases[i].people) != 0)
            fail_msg("%s at %s: %s, wanted %s", cases[i].tell, cases[i].now, who, cases[i].people);
    }
}

static char *step_notice(const char *now, const char *matter, const char *to, const char *subject, int step) {
    g_autoptr(Deadline) deadline = owed(matter, "alice@aldous.test");
    g_autoptr(Staff) staff = NULL;
    NoticeContext here = {policy, registry, at(now)};
    assert_int_equal(registry_staff(registry, to, &staff), LOOKUP_FOUND);
    StepNotice notice = {.to = staff,
                         .deadline = deadline,
                         .step = step,
                         .subject = subject,
                         .client_from = "carl@harbour.test",
                         .client_message_id = "<q1@harbour.test>"};
    g_autofree char *message = g_string_free(notice_for_step(&here, &notice), FALSE);
    return office_plain(message);
}

static char *header(const char *message, const char *name) {
    const char *start = strstr(message, name);
    return start ? g_strndup(start, (gsize)(strstr(start, "\r\n") - start)) : NULL;
}

static void all_notices_of_a_deadline_thread(void **state) {
    g_autofree char *first = step_notice("2026-11-23T12:00:00Z", "2026-0001", "alice@aldous.test", "May we sail?", 0);
    g_autofree char *again = step_notice("2026-11-23T12:05:00Z", "2026-0001", "alice@aldous.test", "May we sail?", 0);
    g_autofree char *second = step_notice("2026-11-23T14:00:00Z", "2026-0001", "bob@aldous.test", "May we sail?", 1);
    static const char *const same[] = {"Subject: ", "References: ", "In-Reply-To: "};
    for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autofree char *a = header(first, same[i]), *b = header(second, same[i]);
        assert_string_equal(a, b);
    }
    g_autofree char *a = header(first, "Message-ID: "), *b = header(again, "Message-ID: "),
                    *c = header(second, "Message-ID: ");
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_true(g_str_has_prefix(a, "Message-ID: <abcd.0.0."));
    assert_non_null(strstr(first, "References: <deadline.abcd@aldous.test> <q1@harbour.test>\r\n"));
    assert_non_null(strstr(first, "Subject: An answer is owed to Harbour Ltd: May we sail?\r\n"));
    assert_non_null(strstr(first, "not late yet"));
    assert_non_null(strstr(second, "because Alice Ash has not"));
    /* Bob's calendar is Berlin's. */
    assert_non_null(strstr(first, "14:00"));
    assert_non_null(strstr(second, "15:00"));
}

static char *expected_notice(const char *now, const char *matter, const char *to, const char *unclear) {
    g_autoptr(Deadline) deadline = owed(matter, "alice@aldous.test");
    g_autoptr(Staff) staff = NULL;
    NoticeContext here = {policy, registry, at(now)};
    assert_int_equal(registry_staff(registry, to, &staff), LOOKUP_FOUND);
    deadline->kind = g_strdup("expected");
    StepNotice notice = {.to = staff,
                         .deadline = deadline,
                         .subject = "Your instructions",
                         .client_from = "carl@harbour.test",
                         .client_message_id = "<m1@aldous.test>",
                         .unclear = unclear};
    g_autofree char *message = g_string_free(notice_for_step(&here, &notice), FALSE);
    return office_plain(message);
}

static void who_asked_a_client_is_told_to_chase(void **state) {
    static const struct {
        const char *now, *matter, *to, *unclear, *says, *says_not;
    } cases[] = {
        {"2026-11-23T14:00:00Z", "2026-0001", "alice@aldous.test", NULL, "You asked Harbour Ltd for an answer by ",
         "yet"},
        {"2026-11-23T14:00:00Z", "2026-0001", "alice@aldous.test", NULL, "Asked:      carl@harbour.test", "(late)"},
        {"2026-11-23T12:00:00Z", "2026-0001", "alice@aldous.test", NULL, "none has come yet.", "owed"},
        {"2026-11-23T14:00:00Z", "2026-0001", "bob@aldous.test", NULL, "Alice Ash asked Harbour Ltd", "You asked"},
        {"2026-11-23T09:00:00Z", "2026-0001", "alice@aldous.test", "soon", "or is over: \"soon\". So", "none has come"},
        {"2026-11-23T14:00:00Z", "2026-0004", "alice@aldous.test", NULL, "You asked a client for an answer by",
         "Harbour"},
        {"2026-11-23T09:00:00Z", "2026-0004", "alice@aldous.test", "soon", "or is over. So", "soon"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = expected_notice(cases[i].now, cases[i].matter, cases[i].to, cases[i].unclear);
        if (!strstr(message, cases[i].says) || strstr(message, cases[i].says_not))
            fail_msg("%zu, wanted \"%s\", not \"%s\": %s", i, cases[i].says, cases[i].says_not, message);
    }
    g_autofree char *named = expected_notice("2026-11-23T14:00:00Z", "2026-0001", "alice@aldous.test", NULL);
    assert_non_null(strstr(named, "Subject: An answer is expected of Harbour Ltd: Your instructions\r\n"));
    assert_non_null(strstr(named, "In-Reply-To: <m1@aldous.test>\r\n"));
}

static void a_strict_matter_is_not_named(void **state) {
    g_autofree char *message =
        step_notice("2026-11-23T14:00:00Z", "2026-0004", "alice@aldous.test", "secret merger", 1);
    static const char *const secrets[] = {"secret merger", "harbour", "Harbour", "2026-0004", "carl", "Merger"};
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++)
        assert_null(strstr(message, secrets[i]));
    assert_non_null(strstr(message, "abcd"));
}

static void a_subject_cannot_add_a_header(void **state) {
    g_autofree char *message = step_notice("2026-11-23T14:00:00Z", "2026-0001", "alice@aldous.test",
                                           "x\r\nBcc: victim@evil.test\r\n\r\n<script>{{name}}", 1);
    assert_null(strstr(message, "\r\nBcc:"));
    assert_null(strstr(message, "<script>{{name}}</td>"));
}

static void a_held_sender_learns_why_and_from_whom(void **state) {
    g_autoptr(Staff) alice = NULL;
    assert_int_equal(registry_staff(registry, "alice@aldous.test", &alice), LOOKUP_FOUND);
    g_autoptr(json_t) record =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s]}", "qid", "4F1", "track", "t1", "staff", "alice@aldous.test",
                  "matter", "2026-0002", "client", "harbour", "rules", "client-question");
    g_autoptr(json_t) opened = json_pack("{s:s, s:[s], s:[s]}", "subject", "the draft", "rcpt", "carl@harbour.test",
                                         "text", "Matter 2026-0002 is confidential.");
    g_autofree char *raw =
        g_string_free(notice_for_held(&context, &(HeldNotice){.to = alice, .record = record, .opened = opened}), FALSE);
    g_autofree char *message = office_plain(raw);
    static const char *const told[] = {"Subject: Held mail 4F1: the draft\r\n",
                                       "carl@harbour.test",
                                       "Matter 2026-0002 is confidential.",
                                       "Max Maple",
                                       "4F1",
                                       "3.1"};
    for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
        assert_non_null(strstr(message, told[i]));
    /* Sue and Mia are behind the wall of 2026-0002. */
    assert_null(strstr(message, "Mia"));
    assert_null(strstr(message, "Sue"));
}

static void the_rule_that_holds_is_named_and_not_one_that_applied_too(void **state) {
    g_autoptr(Staff) alice = NULL;
    assert_int_equal(registry_staff(registry, "alice@aldous.test", &alice), LOOKUP_FOUND);
    g_autoptr(json_t) record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:[s, s]}", "qid", "4F1", "track", "t1",
                                         "staff", "alice@aldous.test", "matter", "2026-0004", "client", "harbour",
                                         "confirm", true, "rules", "client-question", "blind-copy");
    g_autofree char *raw =
        g_string_free(notice_for_held(&context, &(HeldNotice){.to = alice, .record = record}), FALSE);
    g_autofree char *message = office_plain(raw);
    assert_non_null(strstr(message, "A client in blind copy"));
    assert_non_null(strstr(message, "5.2"));
    assert_null(strstr(message, "3.1"));
}

static unsigned count_of(const char *text, const char *word) {
    unsigned count = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

static void a_section_that_the_decision_names_is_not_named_again(void **state) {
    static const struct {
        const char *text;
        unsigned times; /* in each of the two bodies */
    } cases[] = {{"Policy: 2026.11 section 5.2, see https://x.test.", 1}, {"Somebody is in blind copy.", 1}};
    g_autoptr(Staff) alice = NULL;
    assert_int_equal(registry_staff(registry, "alice@aldous.test", &alice), LOOKUP_FOUND);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) record = json_pack("{s:s, s:s, s:s, s:s, s:[s]}", "qid", "4F1", "track", "t1", "staff",
                                             "alice@aldous.test", "in_clear", "unknown", "rules", "blind-copy");
        g_autoptr(json_t) opened = json_pack("{s:[s]}", "text", cases[i].text);
        g_autofree char *raw = g_string_free(
            notice_for_held(&context, &(HeldNotice){.to = alice, .record = record, .opened = opened}), FALSE);
        g_autofree char *message = office_plain(raw);
        if (count_of(message, "section 5.2") != 2 * cases[i].times)
            fail_msg("%s", message);
        assert_int_equal(count_of(message, "would leave unencrypted to people outside, and nobody knows"), 2);
    }
}

static char *held_notice(const char *to, const char *staff, const char *matter) {
    g_autoptr(Staff) person = NULL;
    assert_int_equal(registry_staff(registry, to, &person), LOOKUP_FOUND);
    g_autoptr(json_t) record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:[]}", "qid", "4F1", "track", "t1", "staff", staff,
                                         "matter", matter, "client", "harbour", "rules");
    g_autoptr(json_t) opened = json_pack("{s:s, s:s, s:[s]}", "from", "alice@aldous.test", "subject", "the draft",
                                         "rcpt", "carl@harbour.test");
    g_autofree char *raw = g_string_free(
        notice_for_held(&context, &(HeldNotice){.to = person, .record = record, .opened = opened}), FALSE);
    return office_plain(raw);
}

static void who_decides_about_a_strangers_mail_reads_why_and_not_what_the_stranger_was_told(void **state) {
    g_autoptr(Staff) max = NULL;
    assert_int_equal(registry_staff(registry, "max@aldous.test", &max), LOOKUP_FOUND);
    g_autoptr(json_t) record = json_pack("{s:s, s:s, s:s, s:s, s:[]}", "qid", "4F1", "track", "t1", "matter",
                                         "2026-0001", "client", "harbour", "rules");
    g_autoptr(json_t) opened =
        json_pack("{s:s, s:[s], s:[s]}", "from", "eve@else.test", "text", "The message was accepted for delivery.",
                  "why", "the account is none that the matter knows");
    g_autofree char *raw =
        g_string_free(notice_for_held(&context, &(HeldNotice){.to = max, .record = record, .opened = opened}), FALSE);
    g_autofree char *message = office_plain(raw);
    assert_non_null(strstr(message, "the account is none that the matter knows"));
    assert_null(strstr(message, "accepted for delivery"));
}

static void a_held_notice_keeps_walls_and_doubts(void **state) {
    static const struct {
        const char *to, *staff, *matter, *says;
        bool names;
    } cases[] = {
        {"alice@aldous.test", "alice@aldous.test", "2026-0001", "Your mail is being held", true},
        {"alice@aldous.test", "alice@aldous.test", "2026-0003", "Your mail is being held", false}, /* walled off */
        {"alice@aldous.test", "alice@aldous.test", "2026-0004", "Your mail is being held", false}, /* strict */
        {"alice@aldous.test", "", "", "A mail in your name is being held", true},
        {"max@aldous.test", "", "2026-0001", "A mail from alice@aldous.test is being held", true},
        {"max@aldous.test", "", "2026-0004", "A mail is being held", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = held_notice(cases[i].to, cases[i].staff, cases[i].matter);
        assert_non_null(strstr(message, cases[i].says));
        assert_non_null(strstr(message, "could not be read to its end"));
        assert_int_equal(strstr(message, "the draft") != NULL, cases[i].names);
        assert_int_equal(strstr(message, "harbour") != NULL, cases[i].names);
        if (!cases[i].names)
            assert_null(strstr(message, cases[i].matter));
    }
}

static char *report(const char *to, const char *matter, const char *action) {
    g_autoptr(Staff) person = NULL;
    if (registry_staff(registry, to, &person) != LOOKUP_FOUND)
        person = notice_mailbox(to);
    g_autoptr(json_t) record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:[]}", "qid", "4F1", "track", "t1", "action",
                                         action, "matter", matter, "client", "harbour", "rules");
    g_autoptr(json_t) opened = json_pack("{s:s, s:s, s:[s], s:[s]}", "from", "alice@aldous.test", "subject",
                                         "the draft", "rcpt", "carl@harbour.test", "why", "it has an account number");
    g_autofree char *raw = g_string_free(
        notice_for_report(&context, &(ReportNotice){.to = person, .record = record, .opened = opened}), FALSE);
    return office_plain(raw);
}

static void a_report_tells_what_the_reader_may_know(void **state) {
    static const struct {
        const char *to, *matter, *action, *says;
        bool names;
    } cases[] = {
        {"max@aldous.test", "2026-0001", "accept", "gone on its way", true},
        {"max@aldous.test", "2026-0004", "hold", "being held", false},        /* strict */
        {"alice@aldous.test", "2026-0003", "reject", "was refused", false},   /* walled off */
        {"box@aldous.test", "2026-0001", "accept", "gone on its way", false}, /* whoever reads it */
        {"box@aldous.test", "", "accept", "gone on its way", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = report(cases[i].to, cases[i].matter, cases[i].action);
        assert_non_null(strstr(message, cases[i].says));
        assert_non_null(strstr(message, "lexgate journal search --open --id t1"));
        assert_non_null(strstr(message, "Message-ID: <notice.4F1.t1."));
        static const char *const secrets[] = {"the draft", "harbour", "account number"};
        for (size_t s = 0; s < G_N_ELEMENTS(secrets); s++)
            assert_int_equal(strstr(message, secrets[s]) != NULL, cases[i].names);
    }
}

static void of_a_mail_that_waits_its_writer_learns_what_may_be_said(void **state) {
    static const struct {
        const char *matter;
        bool names;
    } cases[] = {{"2026-0001", true}, {"", true}, {"2026-0004", false}, {"2026-0003", false}}; /* strict, walled off */
    g_autoptr(Staff) alice = NULL;
    assert_int_equal(registry_staff(registry, "alice@aldous.test", &alice), LOOKUP_FOUND);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) record = json_pack("{s:s, s:s}", "track", "t1", "matter", cases[i].matter);
        g_autoptr(json_t) opened =
            json_pack("{s:[{s:s, s:s}]}", "to", "rcpt", "nora@harbour.test", "said", "Connection refused");
        DelayNotice notice = {alice, record, opened};
        g_autofree char *raw = g_string_free(notice_for_delay(&context, &notice), FALSE);
        g_autofree char *message = office_plain(raw);
        assert_non_null(strstr(message, "has not been delivered"));
        assert_non_null(strstr(message, "Reference: t1"));
        assert_non_null(strstr(message, "Message-ID: <deferred.t1."));
        assert_int_equal(strstr(message, "nora@harbour.test: Connection refused") != NULL, cases[i].names);
    }
}

static void a_digest_is_one_mail(void **state) {
    g_autoptr(Deadline) one = owed("2026-0001", "alice@aldous.test");
    g_autoptr(Deadline) two = owed("2026-0004", "alice@aldous.test");
    g_autoptr(GPtrArray) deadlines = g_ptr_array_new();
    g_autoptr(Staff) alice = NULL;
    assert_int_equal(registry_staff(registry, "alice@aldous.test", &alice), LOOKUP_FOUND);
    g_ptr_array_add(deadlines, one);
    g_ptr_array_add(deadlines, two);
    g_autoptr(GPtrArray) subjects = g_ptr_array_new();
    g_ptr_array_add(subjects, (char *)"When is the hearing?");
    g_ptr_array_add(subjects, (char *)"A strict secret");
    g_autofree char *raw = g_string_free(
        notice_for_digest(&context, &(DigestNotice){alice, deadlines, subjects, "x1", true, false}), FALSE);
    g_autofree char *message = office_plain(raw);
    assert_non_null(strstr(message, "Harbour Ltd: When is the hearing?, abcd\r\n"));
    assert_null(strstr(message, "secret"));
    subjects->pdata[0] = NULL;
    g_autofree char *bare = g_string_free(
        notice_for_digest(&context, &(DigestNotice){alice, deadlines, subjects, "x1", true, false}), FALSE);
    g_autofree char *nameless = office_plain(bare);
    assert_non_null(strstr(nameless, "Harbour Ltd, abcd\r\n"));
    assert_non_null(strstr(message, "outage"));
    assert_non_null(strstr(message, "Message-ID: <digest.x1."));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_of_a_ladder_become_people),
        cmocka_unit_test(who_is_on_duty_is_so_when_the_step_is_due),
        cmocka_unit_test(all_notices_of_a_deadline_thread),
        cmocka_unit_test(who_asked_a_client_is_told_to_chase),
        cmocka_unit_test(a_strict_matter_is_not_named),
        cmocka_unit_test(of_a_mail_that_waits_its_writer_learns_what_may_be_said),
        cmocka_unit_test(a_subject_cannot_add_a_header),
        cmocka_unit_test(a_held_sender_learns_why_and_from_whom),
        cmocka_unit_test(the_rule_that_holds_is_named_and_not_one_that_applied_too),
        cmocka_unit_test(a_section_that_the_decision_names_is_not_named_again),
        cmocka_unit_test(who_decides_about_a_strangers_mail_reads_why_and_not_what_the_stranger_was_told),
        cmocka_unit_test(a_held_notice_keeps_walls_and_doubts),
        cmocka_unit_test(a_report_tells_what_the_reader_may_know),
        cmocka_unit_test(a_digest_is_one_mail),
    };
    json_prepare();
    folder = office_open("127.0.0.1:25", "/nowhere.sock", "");
    Instant now;
    instant_parse("2026-11-23T10:00:00Z", &now);
    policy = office_policy(folder, now, &registry);
    if (!policy)
        return 1;
    context = (NoticeContext){policy, registry, now};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    registry_free(registry);
    policy_unref(policy);
    office_close(folder);
    return failed;
}
