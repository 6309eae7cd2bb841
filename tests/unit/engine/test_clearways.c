/* SPDX-License-Identifier: Apache-2.0 */
/* Verified TLS holds for domains and consent for a client on a day of the firm's. */
#include "firm.h"
#include "engine/explain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char rules[] = "rules: ( { id = \"seal\"; when: { direction = \"outgoing\"; };\n"
                            "  encrypt: { accept = [\"verified-tls\", \"consent\"]; otherwise = \"reject\"; }; } );";

static const FirmRows rows = {
    .clients = "oak,Oak,@oak.test @oak.example ann@guest.test,en,mail,standard,,mx.oak.test,\n"
               "ivy,Ivy,@ivy.test,en,mail,standard,,,who=Ivy;when=2026-06-01;scope=all;until=2026-06-30\n",
};

static void verified_tls_covers_domains_of_the_table_alone(void **state) {
    static const struct {
        const char *rcpt, *way;
    } cases[] = {
        {"ann@oak.test", "verified-tls"},
        {"Anybody@OAK.example", "verified-tls"},
        {"ann@guest.test", "none"},    /* the client's, but where Postfix promises nothing */
        {"ann@mail.oak.test", "none"}, /* its table does not know sub-domains */
        {"ann%oak.test@aldous.test", "verified-tls"},
        {"ann@xoak.test", "none"},
        {"x@else.test", "none"},
    };
    g_autoptr(Firm) firm = firm_with(rules, &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = "alice@aldous.test", .login = "alice", .rcpt = cases[i].rcpt};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        const Person *person = g_ptr_array_index(judged->decision->recipients, 0);
        assert_string_equal(way_name(person->way), cases[i].way);
        assert_int_equal(judged->decision->action, person->way == WAY_NONE ? ACTION_REJECT : ACTION_ACCEPT);
    }
}

static void consent_holds_on_the_days_of_the_firm(void **state) {
    static const struct {
        const char *at;
        bool holds;
    } cases[] = {
        {"2026-05-31T22:59:59Z", false},
        {"2026-05-31T23:00:00Z", true}, /* London keeps summer time */
        {"2026-06-30T22:59:59Z", true},
        {"2026-06-30T23:00:00Z", false},
    };
    g_autoptr(Firm) firm = firm_with(rules, &rows);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = "alice@aldous.test", .login = "alice", .rcpt = "x@ivy.test", .at = cases[i].at};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        assert_int_equal(judged->decision->action, cases[i].holds ? ACTION_ACCEPT : ACTION_REJECT);
    }
}

static json_t *consents_of(const Judged *judged) {
    return json_object_get(json_object_get(judged->json, "decision"), "consents");
}

static void a_message_by_consent_names_it(void **state) {
    g_autoptr(Firm) firm = firm_with(rules, &rows);
    const Mail mail = {
        .from = "alice@aldous.test", .login = "alice", .rcpt = "x@ivy.test y@ivy.test", .at = "2026-06-10T10:00:00Z"};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    g_autofree char *json = json_dumps(consents_of(judged), JSON_COMPACT);
    assert_string_equal(json, "[{\"client\":\"ivy\",\"who\":\"Ivy\",\"when\":\"2026-06-01\",\"scope\":\"all\","
                              "\"until\":\"2026-06-30\"}]");
    g_autofree char *text = explain_text(judged->decision, judged->facts);
    assert_non_null(
        strstr(text, ", goes by consent in clear: Ivy, from 2026-06-01 until 2026-06-30, for all matters\n"));
    const Mail by_tls = {.from = "alice@aldous.test", .login = "alice", .rcpt = "ann@oak.test"};
    g_autoptr(Judged) other = firm_judge(firm, &by_tls);
    assert_int_equal(json_array_size(consents_of(other)), 0);
    const Mail refused = {
        .from = "alice@aldous.test", .login = "alice", .rcpt = "x@ivy.test x@else.test", .at = "2026-06-10T10:00:00Z"};
    g_autoptr(Judged) none = firm_judge(firm, &refused);
    assert_int_equal(json_array_size(consents_of(none)), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verified_tls_covers_domains_of_the_table_alone),
        cmocka_unit_test(consent_holds_on_the_days_of_the_firm),
        cmocka_unit_test(a_message_by_consent_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
