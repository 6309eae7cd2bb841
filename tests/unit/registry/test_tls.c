/* SPDX-License-Identifier: Apache-2.0 */
/* The column tls: of which domains it speaks, what is no entry, and that two clients cannot say two things of one. */
#include "firm.h"
#include "registry/tls.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* NULL after an error of the import; what was said goes into `said`. */
static Registry *open_clients(Firm *firm, const char *rows, GString *said) {
    g_autofree char *clients = g_strconcat(CLIENT_HEAD, rows, NULL);
    firm_write(firm, STAFF_HEAD, clients, MATTER_HEAD);
    g_autofree char *path = firm_import(firm, said);
    return path ? registry_open(path, NULL) : NULL;
}

typedef struct {
    const char *addresses, *tls;
    const char *domains; /* of which it speaks: "DOMAIN what it says", with commas between */
} Spoken;

static void it_speaks_of_the_clients_own_domains(void **state) {
    static const Spoken cases[] = {
        {"@oak.test", "mx1.oak.test", "oak.test mx1.oak.test"},
        {"@oak.test @oak.example", "dane-only", "oak.example dane-only,oak.test dane-only"},
        {"@oak.test ann@else.test", "mx1.oak.test", "oak.test mx1.oak.test"}, /* a guest elsewhere is not covered */
        {"ann@oak.test bo@oak.test", "mta-sts", "oak.test mta-sts"},
        {"ann@oak.test ann@gmail.com", "mx1.oak.test", "oak.test mx1.oak.test"}, /* nor all of a provider's mail */
        {"ann@gmail.com", "dane-only", ""},
        {"ann@[192.0.2.1]", "dane-only", ""},
        {"@oak.test", "MX2.Oak.test mx1.oak.test mx2.oak.test", "oak.test mx1.oak.test mx2.oak.test"},
        {"@straße.test", "mx.straße.test", "xn--strae-oqa.test mx.xn--strae-oqa.test"},
        {"@oak.test", "", ""},
    };
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) said = g_string_new(NULL), found = g_string_new(NULL);
        g_autofree char *row = g_strdup_printf("oak,Oak,%s,en,mail,,,%s,\n", cases[i].addresses, cases[i].tls);
        g_autoptr(Registry) registry = open_clients(firm, row, said);
        g_autoptr(GPtrArray) demands = NULL;
        assert_non_null(registry);
        assert_int_equal(registry_tls_all(registry, &demands), LOOKUP_FOUND);
        for (guint d = 0; d < demands->len; d++) {
            const TlsDemand *demand = demands->pdata[d];
            g_string_append_printf(found, "%s%s %s", d ? "," : "", demand->domain, demand->tls);
            assert_string_equal(demand->client, "oak");
        }
        assert_string_equal(found->str, cases[i].domains);
        assert_int_equal(strstr(said->str, "warning: tls: none of the addresses is in a domain") != NULL,
                         *cases[i].tls && !*cases[i].domains);
    }
}

static void a_domain_is_found_and_no_subdomain_of_it(void **state) {
    static const struct {
        const char *address;
        Lookup found;
    } cases[] = {
        {"ann@oak.test", LOOKUP_FOUND},
        {"anybody@oak.test", LOOKUP_FOUND},
        {"ann@mail.oak.test", LOOKUP_ABSENT},
        {"ann@oak.test.evil", LOOKUP_ABSENT},
        {"ann@test", LOOKUP_ABSENT},
        {"oak.test", LOOKUP_ABSENT},
        {"", LOOKUP_ABSENT},
        {"ann@xoak.test", LOOKUP_ABSENT},
    };
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(Registry) registry = open_clients(firm, "oak,Oak,@oak.test,en,mail,,,mx1.oak.test,\n", said);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(TlsDemand) demand = NULL;
        assert_int_equal(registry_tls(registry, cases[i].address, &demand), cases[i].found);
        assert_int_equal(demand != NULL, cases[i].found == LOOKUP_FOUND);
    }
}

static void what_no_certificate_can_name_is_an_error(void **state) {
    static const char *const words[] = {
        "mx1",
        "192.0.2.1",
        "[192.0.2.1]",
        "nexthop",
        ".oak.test",
        "*.oak.test",
        "mx1.oak.test:mx2.oak.test",
        "mx_1.oak.test",
        "-mx.oak.test",
        "mx1..oak.test",
        "dane-only mta-sts",
        "dane",
        "mx1.oak.test dane-only",
    };
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *row = g_strdup_printf("oak,Oak,@oak.test,en,mail,,,%s,\n", words[i]);
        assert_null(open_clients(firm, row, said));
        if (!strstr(said->str, "clients.csv:2: error: tls: \""))
            fail_msg("%s: %s", words[i], said->str);
    }
}

static void two_clients_say_one_thing_of_a_domain(void **state) {
    static const struct {
        const char *rows, *said; /* "": fine */
    } cases[] = {
        {"a,A,ann@corp.test,en,mail,,,mx2.corp.test mx1.corp.test,\nb,B,bo@corp.test,en,mail,,,mx1.corp.test "
         "MX2.corp.test,\n",
         ""},
        {"a,A,@corp.test,en,mail,,,dane-only,\nb,B,bo@corp.test,en,mail,,,,\n", ""},
        {"a,A,@corp.test,en,mail,,,dane-only,\nb,B,@b.test bo@corp.test,en,mail,,,mx.b.test,\n", ""},
        {"a,A,@corp.test,en,mail,,,dane-only,\nb,B,bo@corp.test,en,mail,,,mx.corp.test,\n",
         "clients.csv:3: error: tls: the clients a and b say different things of corp.test (\"dane-only\" and "
         "\"mx.corp.test\")"},
    };
    g_autoptr(Firm) firm = firm_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        g_autoptr(Registry) registry = open_clients(firm, cases[i].rows, said);
        assert_int_equal(registry != NULL, !*cases[i].said);
        assert_true(*cases[i].said ? strstr(said->str, cases[i].said) != NULL : !said->len);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_speaks_of_the_clients_own_domains),
        cmocka_unit_test(a_domain_is_found_and_no_subdomain_of_it),
        cmocka_unit_test(what_no_certificate_can_name_is_an_error),
        cmocka_unit_test(two_clients_say_one_thing_of_a_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
