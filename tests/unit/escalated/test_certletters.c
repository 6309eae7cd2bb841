/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators hear once a week what is to be done about certificates, and at once of a key that changed. */
#include "escalated/certletters.h"

#include "../notice/office.h"
#include "watch.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Watch *watch;
static CertLetters letters;

static char *place(const char *name) {
    return g_build_filename(policy_settings(watch->daemon.firm->policy)->paths_state, name, NULL);
}

static void lay(const char *text) {
    g_autofree char *path = place("certs-report.json");
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

#define ONE(address, digits, at)                                                                                       \
    "{\"address\":\"" address "\",\"kind\":\"S/MIME certificate\",\"fingerprint\":\"" digits "\",\"at\":\"" at "\"}"
#define SECTION(name, list) "\"" name "\":{\"count\":1,\"list\":[" list "]}"
#define EXPIRING SECTION("expiring", ONE("nora@harbour.test", "aaaa", "2026-12-01T00:00:00Z"))
#define WAITING(digits) SECTION("waiting", ONE("nora@harbour.test", digits, "2026-11-23T00:00:00Z"))

/* Who hears at this time; caller owns. */
static char *heard_at(const char *time) {
    watch_set_clock(watch, time);
    certletters_send(&letters, &watch->daemon);
    return watch_told(watch);
}

static void expect(const char *time, const char *whom) {
    g_autofree char *told = heard_at(time);
    if (strcmp(told, whom) != 0)
        fail_msg("%s: told '%s', not '%s'", time, told, whom);
}

static void forget(void) {
    g_autofree char *report = place("certs-report.json"), *told = place("certs-told.json");
    g_unlink(report);
    g_unlink(told);
    letters = (CertLetters){0};
}

static void the_list_comes_once_a_week_while_there_is_something_to_do(void **state) {
    forget();
    expect("2026-11-23T08:00:00Z", ""); /* no file yet */
    lay("{\"waiting\":{\"count\":0,\"list\":[]}}");
    expect("2026-11-23T08:10:00Z", "");
    lay("{" EXPIRING "}");
    expect("2026-11-23T08:20:00Z", "max mia");
    expect("2026-11-24T08:00:00Z", "");
    letters = (CertLetters){0}; /* a restart */
    expect("2026-11-29T23:00:00Z", "");
    expect("2026-11-30T00:10:00Z", "max mia");
}

static void a_changed_key_is_told_at_once_and_once(void **state) {
    forget();
    lay("{" EXPIRING "}");
    expect("2026-11-23T08:00:00Z", "max mia");
    lay("{" EXPIRING "," WAITING("bbbb") "}");
    expect("2026-11-23T08:10:00Z", "max mia");
    expect("2026-11-24T08:00:00Z", "");
    lay("{" EXPIRING "," WAITING("cccc") "}");
    expect("2026-11-24T09:00:00Z", "max mia");
    expect("2026-11-30T09:00:00Z", "max mia"); /* the weekly one */
    expect("2026-11-30T09:10:00Z", "");
}

static void a_file_that_anybody_could_have_written_does_no_harm(void **state) {
    static const char *const texts[] = {"",
                                        "[]",
                                        "{",
                                        "{\"waiting\":7}",
                                        "{\"waiting\":{\"list\":[7,{\"fingerprint\":7},null]}}",
                                        "{\"waiting\":{\"list\":{}}}"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        forget();
        lay(texts[i]);
        g_autofree char *told = heard_at("2026-11-23T08:00:00Z");
        assert_true(strcmp(told, "") == 0 || strcmp(told, "max mia") == 0);
        letters = (CertLetters){0};
        expect("2026-11-23T09:00:00Z", "");
    }
}

static void the_letter_says_whose_it_is_and_adds_no_line(void **state) {
    const Staff to = {.address = "mia@aldous.test", .name = "Mia", .calendar = ""};
    static const char text[] =
        "{" SECTION("waiting", ONE("nora@harbour.test\\r\\nBcc: e@evil.test", "bbbb", "x")) "," EXPIRING "}";
    g_autoptr(json_t) report = json_parse(text, strlen(text), NULL);
    assert_non_null(report);
    NoticeContext context = daemon_context(&watch->daemon, watch->daemon.firm);
    CertsNotice notice = {.to = &to, .key = "certs:x", .report = report, .weekly = true};
    g_autoptr(GString) message = notice_for_certs(&context, &notice);
    g_autofree char *plain = office_plain(message->str);
    assert_null(strstr(plain, "\nBcc:"));
    assert_non_null(strstr(plain, "lexgate cert trust"));
    assert_non_null(strstr(plain, "expire within four weeks"));
    assert_non_null(strstr(plain, "nora@harbour.test (Harbour"));
    assert_null(strstr(plain, "have expired"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_comes_once_a_week_while_there_is_something_to_do),
        cmocka_unit_test(a_changed_key_is_told_at_once_and_once),
        cmocka_unit_test(a_file_that_anybody_could_have_written_does_no_harm),
        cmocka_unit_test(the_letter_says_whose_it_is_and_adds_no_line),
    };
    watch = watch_start();
    if (!watch)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    watch_stop(watch);
    return failed;
}
