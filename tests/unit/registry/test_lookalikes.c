/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a domain or a name resembles, in a register where many are near each other. */
#include "base/text.h"
#include "firm.h"
#include "registry/lookalikes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define MORE_STAFF                                                                                                     \
    STAFF_HEAD "alice@firm.test,Alice Aldous,lawyer,,,,,,,,,\nbob@firm.test,Robert Oppenheimer,lawyer,,,,,,,,,\n"      \
               "cher@firm.test,Cher,lawyer,,,,,,,,,\n"
#define MORE_CLIENTS                                                                                                   \
    CLIENT_HEAD "harbour,Harbour,@harbour.com,,,,,,\nmail,M,jo@gmail.com ann@morgan.co.uk,,,,,,\n"                     \
                "walker,Walker,@walker.test @mail.walker.test,,,,,,\nabc,Abc,@abc.test,,,,,,\n"                        \
                "near,Near,@walter.test,,,,,,\npost,Post,@mail.test,,,,,,\nidn,Idn,@m\xc3\xbcller-law.de,,,,,,\n"

static Registry *open_registry(Firm *firm) {
    g_autoptr(GString) said = g_string_new(NULL);
    firm_write(firm, MORE_STAFF, MORE_CLIENTS, MATTER_HEAD);
    g_autofree char *path = firm_import(firm, said);
    if (!path)
        fail_msg("%s", said->str);
    return registry_open(path, NULL);
}

static const struct {
    const char *domain, *like; /* NULL: none */
} domain_cases[] = {
    {"harbour.com", NULL}, /* is one */
    {"mail.harbour.com", NULL},
    {"harbor.com", "harbour.com"},
    {"harb0ur.com", "harbour.com"},
    {"harbuor.com", "harbour.com"},
    {"har-bour.com", "harbour.com"},
    {"mail.harbourr.com", "harbour.com"},
    {"harbour.co", "harbour.com"},
    {"harbour.cm", "harbour.com"},
    {"harbour.net", "harbour.com"},
    {"harbor.co", "harbour.com"}, /* one edit each */
    {"harbr.net", NULL},
    {"xn--hrbour-3nf.com", "harbour.com"},
    {"harbour.com.evil.test", "harbour.com"},
    {"www.harbour.com.evil.test", "harbour.com"},
    {"arbor.com", "harbour.com"},
    {"harper.com", NULL},
    {"rnorgan.co.uk", "morgan.co.uk"},
    {"morgan.com", "morgan.co.uk"},
    {"vvalker.test", "walker.test"},
    {"wallker.test", "walker.test"},
    {"walter.test", NULL}, /* a client, though near another */
    {"waltera.test", "walter.test"},
    {"gmail.test", NULL}, /* "mail" is in many names */
    {"email.test", NULL},
    {"mall.test", NULL},
    {"maily.test", NULL},
    {"mail.example", NULL},
    {"m-ail.test", "mail.test"},
    {"mail.test.evil.test", "mail.test"},
    {"abd.test", NULL}, /* too short to be alike */
    {"a-bc.test", "abc.test"},
    {"xn--mller-law-q9a.de", NULL},
    {"muller-law.de", "xn--mller-law-q9a.de"},
    {"mullerlaw.de", "xn--mller-law-q9a.de"},
    {"harbour-law.com", "harbour.com"}, /* a word beside the name */
    {"harbourlaw.co", "harbour.com"},
    {"harbour-billing.test", "harbour.com"},
    {"my-harbour-payments.de", "harbour.com"},
    {"harb0ur-attorneys.net", "harbour.com"},
    {"secure.harbour-law-portal.com", "harbour.com"},
    {"harbourwater.com", NULL}, /* another name */
    {"harboring.test", NULL},
    {"myharbourdocslogin.test", NULL}, /* three words */
    {"abc-law.com", NULL},             /* too short to be known by */
    {"mail-law.test", NULL},
    {"law.test", NULL},
    {"gmai1.com", NULL}, /* nobody's */
    {"gmail.com", NULL},
    {"com", NULL},
    {"", NULL},
    {"[192.0.2.1]", NULL},
    {".", NULL},
    {"..com", NULL},
};

static void domains_resemble_the_nearest_clients(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(Registry) registry = open_registry(firm);
    for (size_t i = 0; i < G_N_ELEMENTS(domain_cases); i++) {
        Likeness like = {NULL, NULL};
        Lookup found = registry_domain_like(registry, domain_cases[i].domain, &like);
        if (found != (domain_cases[i].like ? LOOKUP_FOUND : LOOKUP_ABSENT) ||
            !text_equal(like.name, domain_cases[i].like))
            fail_msg("%s: wanted %s, got %s", domain_cases[i].domain,
                     domain_cases[i].like ? domain_cases[i].like : "none", like.name ? like.name : "none");
    }
}

static void names_resemble_staff(void **state) {
    static const struct {
        const char *name, *owner;
    } cases[] = {
        {"Alice Aldous", "alice@firm.test"},
        {"ALDOUS, Alice", "alice@firm.test"},
        {"Alice M. Aldous", "alice@firm.test"},
        {"Alice Aldouss", "alice@firm.test"},
        {"Alice Adlous", "alice@firm.test"},
        {"Alicia Aldos", NULL},
        {"Alice", NULL},
        {"Cher", NULL},
        {"Alice Alder", NULL},
        {"R\xd0\xbe"
         "bert Oppenheimer",
         "bob@firm.test"},
        {"Dr. Robert Oppenheimer", NULL},
        {"R. Oppenheimer", "bob@firm.test"},
        {"Oppenheimer, R", "bob@firm.test"},
        {"R J Oppenheimer", "bob@firm.test"},
        {"S Oppenheimer", NULL},
        {"R Oppenheime", NULL},
        {"Robert O", NULL},
        {"A", NULL},
        {"", NULL},
    };
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(Registry) registry = open_registry(firm);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Likeness like = {NULL, NULL};
        registry_person_like(registry, cases[i].name, &like);
        if (!text_equal(like.owner, cases[i].owner))
            fail_msg("%s: %s", cases[i].name, like.owner ? like.owner : "none");
    }
}

/* Each of ten thousand is found from two edits away, whoever else is near. */
static void none_of_many_is_missed(void **state) {
    static const char *const syllables[] = {"har",  "bour", "mill",  "stone", "wick",
                                            "ford", "ash",  "brook", "kin",   "dale"};
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL), clients = g_string_new(CLIENT_HEAD);
    for (int i = 0; i < 10000; i++)
        g_string_append_printf(clients, "c%d,C,@%s%s%s%s.test,,,,,,\n", i, syllables[i / 1000], syllables[i / 100 % 10],
                               syllables[i / 10 % 10], syllables[i % 10]);
    firm_write(firm, STAFF_HEAD, clients->str, MATTER_HEAD);
    g_autofree char *path = firm_import(firm, said);
    g_autoptr(Registry) registry = registry_open(path, NULL);
    for (int i = 0; i < 10000; i += 7) {
        Likeness like = {NULL, NULL};
        g_autofree char *domain = g_strdup_printf("%s%s%s%sxq.test", syllables[i / 1000], syllables[i / 100 % 10],
                                                  syllables[i / 10 % 10], syllables[i % 10]);
        if (registry_domain_like(registry, domain, &like) != LOOKUP_FOUND)
            fail_msg("%s", domain);
    }
}

static char *random_domain(unsigned number) {
    static const char *const syllables[] = {"har", "bour", "mil", "lin", "wick", "ford", "ash", "mor", "gan", "ber"};
    static const char *const suffixes[] = {"com", "co.uk", "test"};
    g_autoptr(GString) domain = g_string_new(NULL);
    for (int left = 1 + rand() % 3; left; left--)
        g_string_append(domain, syllables[rand() % 10]);
    if (rand() % 2)
        domain->str[(size_t)rand() % domain->len] = (char)('a' + rand() % 26);
    if (number)
        g_string_append_printf(domain, "%u", number % 10);
    g_string_append_printf(domain, ".%s", suffixes[rand() % 3]);
    return g_strdup(domain->str);
}

/* The domains of a register, compared one by one. */
static int nearest_of_all(const GPtrArray *known, const char *domain) {
    int nearest = -1;
    for (guint i = 0; i < known->len; i++) {
        int near = domains_alike(known->pdata[i], domain);
        if (text_equal(known->pdata[i], domain))
            return -1;
        nearest = near >= 0 && (nearest < 0 || near < nearest) ? near : nearest;
    }
    return nearest;
}

static void a_look_up_finds_the_nearest_of_all(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(GString) said = g_string_new(NULL), clients = g_string_new(CLIENT_HEAD);
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    srand(4);
    for (unsigned i = 0; i < 500; i++) {
        char *domain = random_domain(i);
        if (g_ptr_array_find_with_equal_func(known, domain, g_str_equal, NULL)) {
            g_free(domain);
            continue;
        }
        g_ptr_array_add(known, domain);
        g_string_append_printf(clients, "c%u,C,@%s,,,,,,\n", i, domain);
    }
    firm_write(firm, STAFF_HEAD, clients->str, MATTER_HEAD);
    g_autofree char *path = firm_import(firm, said);
    g_autoptr(Registry) registry = registry_open(path, NULL);
    unsigned alike = 0;
    for (unsigned i = 0; i < 300; i++) {
        Likeness like;
        g_autofree char *domain = random_domain((unsigned)rand());
        int nearest = nearest_of_all(known, domain);
        Lookup found = registry_domain_like(registry, domain, &like);
        if (found == LOOKUP_FAILED || (found == LOOKUP_FOUND) != (nearest >= 0) ||
            (nearest >= 0 && domains_alike(like.name, domain) != nearest))
            fail_msg("%s: %d", domain, nearest);
        alike += nearest >= 0;
    }
    assert_in_range(alike, 50, 250);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_resemble_the_nearest_clients),
        cmocka_unit_test(names_resemble_staff),
        cmocka_unit_test(none_of_many_is_missed),
        cmocka_unit_test(a_look_up_finds_the_nearest_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
