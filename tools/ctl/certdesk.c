/* SPDX-License-Identifier: Apache-2.0 */
/* What is said is what lies in the folder now, not what a daemon took last: a snapshot in paths.state that is out of
 * date is made anew where that may be written; else the files are read in place. */
#include "ctl/certdesk.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/certcensus.h"
#include "ctl/certreport.h"
#include "ctl/firm.h"
#include "ctl/print.h"
#include "judge/judge.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LEAST_DIGITS = 4, SHOWN_DIGITS = 16 };

/* Opening makes it, reading takes it. */
static CertStore *read_folder(const CertDesk *desk, GError **error) {
    const char *state = policy_settings(desk->policy)->paths_state;
    if (access(state, W_OK) == 0)
        certs_free(certs_open(&desk->places, state, desk->now, NULL));
    return certs_read(&desk->places, state, desk->now, desk->problems, error);
}

bool certdesk_open(const CommandLine *line, CertDesk *desk) {
    TimeSource clock = timesource_system();
    g_autoptr(GError) error = NULL;
    *desk = (CertDesk){.policy = firm_policy(line), .now = timesource_now(&clock)};
    if (!desk->policy)
        return false;
    desk->places = judge_cert_places(desk->policy);
    if (!desk->places.folder || !*desk->places.folder) {
        command_fail("%s names no folder: set registry.certificates", line->config);
        certdesk_clear(desk);
        return false;
    }
    desk->problems = g_ptr_array_new_with_free_func(g_free);
    desk->store = read_folder(desk, &error);
    if (desk->store)
        return true;
    command_fail("%s; set TMPDIR to a folder that can be written", error->message);
    certdesk_clear(desk);
    return false;
}

void certdesk_clear(CertDesk *desk) {
    g_clear_pointer(&desk->policy, policy_unref);
    g_clear_pointer(&desk->problems, g_ptr_array_unref);
    certs_free(desk->store);
    *desk = (CertDesk){0};
}

void certdesk_say_problems(const CertDesk *desk) {
    for (guint i = 0; i < desk->problems->len; i++)
        fprintf(stderr, "lexgate: %s\n", (char *)g_ptr_array_index(desk->problems, i));
}

static bool is_fingerprint(const char *word) {
    return strlen(word) >= LEAST_DIGITS && strspn(word, "0123456789abcdefABCDEF") == strlen(word);
}

GPtrArray *certdesk_named(const CertDesk *desk, const char *word) {
    g_autoptr(GPtrArray) found = NULL;
    if (is_fingerprint(word))
        found = certs_by_fingerprint(desk->store, word);
    else if (strchr(word, '@'))
        found = certs_find(desk->store, word, desk->now);
    if (found && found->len > 0)
        return g_steal_pointer(&found);
    if (found)
        command_fail("%s: no certificate or key of that %s is known", word,
                     is_fingerprint(word) ? "fingerprint" : "address");
    else
        command_fail("%s: write an address, or at least %d digits of a fingerprint", word, LEAST_DIGITS);
    return NULL;
}

Cert *certdesk_one(const CertDesk *desk, const char *word) {
    g_autoptr(GPtrArray) found = certdesk_named(desk, word);
    if (!found)
        return NULL;
    if (found->len == 1)
        return g_ptr_array_steal_index(found, 0);
    command_fail("%s: there are %u of them; name one by its fingerprint (lexgate cert show %s)", word, found->len,
                 word);
    return NULL;
}

bool certdesk_knows_revoked(const CertDesk *desk, const Cert *cert) {
    g_autoptr(GPtrArray) known = certs_by_fingerprint(desk->store, cert->fingerprint);
    return known->len > 0 && ((const Cert *)g_ptr_array_index(known, 0))->revoked.us != INSTANT_NEVER.us;
}

bool certdesk_renew(const CertDesk *desk) {
    const char *state = policy_settings(desk->policy)->paths_state;
    g_autoptr(GError) error = NULL;
    if (!g_file_test(state, G_FILE_TEST_IS_DIR))
        return true;
    g_autoptr(CertStore) store = certs_open(&desk->places, state, desk->now, &error);
    if (!store) {
        command_fail("%s: no snapshot of the certificates can be written there: %s", state, error->message);
        return false;
    }
    CertCensus census;
    cert_census(store, desk->now, &census);
    cert_census_write(&census, desk->now, state);
    if (cert_report_write(store, desk->now, state, &error))
        return true;
    command_fail("%s", error->message);
    return false;
}

void certdesk_changed(const CertDesk *desk) {
    certdesk_renew(desk);
    puts("Running daemons take it at their next reload: systemctl reload lexgate-milter");
}

char *cert_day(Instant t) {
    char text[INSTANT_TEXT];
    return t.us == INSTANT_NEVER.us ? g_strdup("-") : g_strndup(instant_format(t, text), strlen("2026-03-01"));
}

char *cert_addresses(const Cert *cert) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < cert->addresses->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", (char *)g_ptr_array_index(cert->addresses, i));
    return g_string_free(text, FALSE);
}

static json_t *keys_to_json(const Cert *cert) {
    json_t *list = json_array();
    for (guint i = 0; i < cert->keys->len; i++) {
        const CertKey *key = &g_array_index(cert->keys, CertKey, i);
        char id[17];
        g_snprintf(id, sizeof id, "%016" G_GINT64_MODIFIER "x", key->id);
        json_array_append_new(list, json_pack("{s:s,s:o,s:o}", "id", id, "from", json_instant(key->not_before), "until",
                                              json_instant(key->not_after)));
    }
    return list;
}

json_t *cert_to_json(const Cert *cert, Instant now) {
    g_autofree char *why = cert_state_words(cert, now), *reads = cert_reads_words(cert->reads);
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(cert->file));
    json_object_set_new(object, "kind", json_string(cert_kind_name(cert->kind)));
    json_object_set_new(object, "addresses", json_from_texts(cert->addresses));
    json_object_set_new(object, "fingerprint", json_string(cert->fingerprint));
    json_object_set_new(object, "subject", json_string(cert->subject));
    json_object_set_new(object, "issuer", json_string(cert->issuer_name));
    json_object_set_new(object, "algorithm", json_string(cert->algorithm));
    json_object_set_new(object, "from", json_instant(cert->not_before));
    json_object_set_new(object, "until", json_instant(cert->not_after));
    json_object_set_new(object, "source", json_string(cert_source_name(cert->source)));
    json_object_set_new(object, "trust", json_string(cert_trust_name(cert->trust)));
    json_object_set_new(object, "chain",
                        cert->kind == CERT_OPENPGP || *cert->chain ? json_string(cert->chain) : json_null());
    json_object_set_new(object, "revoked", json_instant(cert->revoked));
    json_object_set_new(object, "checked_until", json_instant(cert->checked_until));
    json_object_set_new(object, "first_seen", json_instant(cert->first_seen));
    json_object_set_new(object, "last_seen", json_instant(cert->last_seen));
    json_object_set_new(object, "signed_at",
                        instant_seconds(cert->signed_at) > 0 ? json_instant(cert->signed_at) : json_null());
    json_object_set_new(object, "reads", json_string(reads));
    json_object_set_new(object, "keys", keys_to_json(cert));
    json_object_set_new(object, "state", json_string(cert_state_name(cert_state(cert, now))));
    json_object_set_new(object, "why", json_string(why));
    return object;
}

void print_certs(const GPtrArray *certs, Instant now, bool json) {
    if (json) {
        g_autoptr(json_t) list = json_array();
        for (guint i = 0; i < certs->len; i++)
            json_array_append_new(list, cert_to_json(g_ptr_array_index(certs, i), now));
        print_json(list);
        return;
    }
    static const char *const columns[] = {"ADDRESSES", "KIND", "FINGERPRINT", "UNTIL", "TRUST", "STATE", NULL};
    g_autoptr(Table) table = table_new(columns);
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        g_autofree char *addresses = cert_addresses(cert), *until = cert_day(cert->not_after);
        g_autofree char *digits = g_strndup(cert->fingerprint, SHOWN_DIGITS);
        const char *cells[] = {addresses, cert_kind_name(cert->kind),   digits,
                               until,     cert_trust_name(cert->trust), cert_state_name(cert_state(cert, now))};
        table_add(table, cells);
    }
    table_print(table);
}
