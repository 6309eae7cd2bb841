/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway lets confidential mail pass by the way verified-tls on the word of the registry; that it leaves by
 * verified TLS is Postfix's part. Here Postfix is asked, domain by domain, where it would take the mail and whether it
 * insists there; then whether its table is that of this register, and whether anything could leave at all. */
#include "ctl/doctor.h"
#include "ctl/postfix.h"
#include "ctl/tlspolicy.h"
#include "base/text.h"
#include <string.h>
#include <sys/stat.h>

#define CHECK "postfix verified TLS"
#define MAKE_ANEW "make the table anew (\"lexgate postfix-tls-policy\" says how), or take verified-tls out of the rules"

static GPtrArray *domains_of(const GPtrArray *demands) {
    GPtrArray *domains = g_ptr_array_new();
    for (guint i = 0; i < demands->len; i++)
        g_ptr_array_add(domains, ((const TlsDemand *)demands->pdata[i])->domain);
    return domains;
}

/* Those for which Postfix does not insist, the first of them, and those for which it insists on something else. */
typedef struct {
    unsigned open, other;
    const Route *first_open, *first_other;
} Census;

static Census count(const GPtrArray *demands, const GPtrArray *routes) {
    Census census = {0};
    for (guint i = 0; i < demands->len; i++) {
        const Route *route = routes->pdata[i];
        g_autofree char *wanted = tlspolicy_level(demands->pdata[i]);
        bool strict = tlspolicy_is_strict(route->answer);
        if (!strict && census.open++ == 0)
            census.first_open = route;
        if (strict && !text_equal(route->answer, wanted) && census.other++ == 0)
            census.first_other = route;
    }
    return census;
}

static void tell_open(Doctor *doctor, const Census *census, unsigned all) {
    const Route *first = census->first_open;
    Complaint missing = {FINDING_FAIL, CHECK, MAKE_ANEW "; smtp_tls_policy_maps must name it"};
    g_autofree char *remedy =
        g_strdup_printf("let Postfix deliver to the domain's own servers, or give smtp_tls_policy_maps a line for %s "
                        "that insists, or take verified-tls out of the rules",
                        first->place);
    Complaint elsewhere = {FINDING_FAIL, CHECK, remedy};
    if (*first->by)
        doctor_complain(doctor, &elsewhere,
                        "confidential mail may leave in clear: %s takes mail for %s to %s, where Postfix does not "
                        "insist on verified TLS (%u of %u domains)",
                        first->by, first->domain, first->place, census->open, all);
    else
        doctor_complain(doctor, &missing,
                        "confidential mail may leave in clear: Postfix does not insist on verified TLS for %u of %u "
                        "domains (%s%s%s)",
                        census->open, all, first->domain, *first->answer ? ": " : "", first->answer);
}

static void look_at_routes(Doctor *doctor, const PostfixConfig *config, const GPtrArray *demands) {
    g_autoptr(GPtrArray) domains = domains_of(demands), faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) routes = routes_find(config, domains, faults);
    Census census = count(demands, routes);
    Complaint unreadable = {FINDING_WARN, CHECK, "correct the table; Postfix defers mail while it cannot read one"};
    Complaint other = {FINDING_WARN, CHECK, MAKE_ANEW};
    for (guint i = 0; i < faults->len && i < 3; i++)
        doctor_complain(doctor, &unreadable, "%s", (char *)faults->pdata[i]);
    if (census.open)
        tell_open(doctor, &census, demands->len);
    else if (census.other)
        doctor_complain(
            doctor, &other,
            "Postfix insists on verified TLS for all %u domains, but for %u not as the register says (%s: %s)",
            demands->len, census.other, census.first_other->domain, census.first_other->answer);
    else
        doctor_ok(doctor, CHECK, "Postfix insists on it for all %u domains of clients with a column tls", demands->len);
}

/* Lines that the register no longer has keep mail back for nothing. */
static void look_at_digest(Doctor *doctor, const PostfixConfig *config, const GPtrArray *demands) {
    g_autoptr(GPtrArray) keys = g_ptr_array_new(), faults = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(keys, TLSPOLICY_DIGEST_KEY);
    g_autoptr(GHashTable) answers =
        tables_ask(config->folder, postfix_setting(config, "smtp_tls_policy_maps"), keys, faults);
    g_autofree char *wanted = tlspolicy_digest(demands);
    const char *found = g_hash_table_lookup(answers, TLSPOLICY_DIGEST_KEY);
    Complaint complaint = {FINDING_WARN, "postfix TLS table", MAKE_ANEW};
    if (found && !text_equal(found, wanted))
        doctor_complain(doctor, &complaint, "the table was made from another register than the one in force");
    else if (found)
        doctor_ok(doctor, "postfix TLS table", "it was made from this register");
}

/* Where postmap puts what it makes of a table; NULL for one that Postfix reads as it is. Caller owns. */
static char *compiled_name(const char *table) {
    static const struct {
        const char *kind, *ending;
    } kinds[] = {{"hash:", ".db"}, {"btree:", ".db"}, {"lmdb:", ".lmdb"}, {"cdb:", ".cdb"}};
    const char *plain = g_str_has_prefix(table, "proxy:") ? table + strlen("proxy:") : table;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(plain, kinds[i].kind))
            return g_strconcat(plain + strlen(kinds[i].kind), kinds[i].ending, NULL);
    return NULL;
}

static bool is_older(const struct stat *a, const struct stat *b) {
    return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
           (a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

static void look_at_ages(Doctor *doctor, const PostfixConfig *config) {
    g_autoptr(GPtrArray) tables = postfix_elements(postfix_setting(config, "smtp_tls_policy_maps"));
    for (guint i = 0; i < tables->len; i++) {
        g_autofree char *compiled = compiled_name(tables->pdata[i]);
        const char *source = strchr(tables->pdata[i], '/');
        struct stat made, from;
        if (!compiled || !source || stat(source, &from) != 0 || stat(compiled, &made) != 0 || !is_older(&made, &from))
            continue;
        g_autofree char *remedy = g_strdup_printf("postmap %s", (char *)tables->pdata[i]);
        Complaint complaint = {FINDING_FAIL, "postfix TLS table", remedy};
        doctor_complain(doctor, &complaint, "%s was changed after Postfix's form of it was made", source);
    }
}

static bool any_is(const GPtrArray *demands, bool dane) {
    for (guint i = 0; i < demands->len; i++)
        if (text_equal(((const TlsDemand *)demands->pdata[i])->tls, "dane-only") == dane)
            return true;
    return false;
}

/* Safe, but nothing would ever leave; and what undoes the table from outside. */
static void look_at_settings(Doctor *doctor, const PostfixConfig *config, const GPtrArray *demands) {
    Complaint roots = {FINDING_FAIL, "postfix smtp_tls_CAfile",
                       "postconf -e 'smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt', then postfix reload"};
    Complaint names = {FINDING_FAIL, "postfix smtp_dns_support_level",
                       "postconf -e 'smtp_dns_support_level = dnssec', with a resolver on this host that validates"};
    Complaint senders = {FINDING_WARN, CHECK, "see that they do not take mail for clients elsewhere"};
    Complaint required = {FINDING_FAIL, "postfix tls_required_enable",
                          "postconf -e 'tls_required_enable = no', then postfix reload"};
    bool has_roots = *postfix_setting(config, "smtp_tls_CAfile") || *postfix_setting(config, "smtp_tls_CApath") ||
                     text_equal(postfix_setting(config, "tls_append_default_CA"), "yes");
    if (!has_roots && any_is(demands, false))
        doctor_complain(doctor, &roots, "it is empty: Postfix trusts no authority, so that mail by verified TLS stays");
    if (any_is(demands, true) && !text_equal(postfix_setting(config, "smtp_dns_support_level"), "dnssec"))
        doctor_complain(doctor, &names, "it is \"%s\": without DNSSEC no mail leaves for domains with dane-only",
                        postfix_setting(config, "smtp_dns_support_level"));
    if (*postfix_setting(config, "sender_dependent_relayhost_maps") ||
        *postfix_setting(config, "sender_dependent_default_transport_maps"))
        doctor_complain(doctor, &senders,
                        "the way of mail depends on its sender (sender_dependent_…_maps), which "
                        "cannot be followed here");
    if (text_equal(postfix_setting(config, "tls_required_enable"), "yes"))
        doctor_complain(doctor, &required, "a header \"TLS-Required: no\" switches verified TLS off for its message");
}

void doctor_look_at_tls(Doctor *doctor, const PostfixConfig *config) {
    g_autoptr(GPtrArray) demands = NULL;
    if (!doctor->registry || !tlspolicy_is_used(doctor->policy))
        return;
    Complaint unread = {FINDING_FAIL, CHECK, "run \"lexgate check\""};
    if (registry_tls_all(doctor->registry, &demands) != LOOKUP_FOUND) {
        doctor_complain(doctor, &unread, "the register cannot be read");
    } else if (demands->len) {
        look_at_routes(doctor, config, demands);
        look_at_digest(doctor, config, demands);
        look_at_ages(doctor, config);
        look_at_settings(doctor, config, demands);
    }
}
