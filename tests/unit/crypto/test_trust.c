/* SPDX-License-Identifier: Apache-2.0 */
/* A small world of authorities, made by openssl: who is vouched for, who is revoked, and for how long that is known. */
#include "crypto/certs.h"
#include "crypto/trust.h"
#include "base/timesource.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/x509v3.h>
#include <string.h>

static const char *folder;
static char *certs, *roots, *crls;
static Instant now;

enum { DAY = 86400, LIST_DAYS = 10 };

static Instant in_days(int64_t days) {
    return instant_add(now, duration_seconds(days * DAY));
}

/* NAME.pem, signed by ISSUER (or itself), with these extensions, one a line. */
static void issue(const char *issuer, const char *name, const char *key, const char *extensions) {
    static unsigned serial = 16;
    g_autofree char *signer =
        g_strcmp0(issuer, name) == 0
            ? g_strdup_printf("-signkey %s.key", key)
            : g_strdup_printf("-CA pki/%s.pem -CAkey pki/%s.key -set_serial %u", issuer, issuer, ++serial);
    assert_true(lab_run("openssl req -new -key %s.key -subj '/CN=%s' -out pki/%s.csr", key, name, name));
    assert_true(lab_run("printf '%%b' '%s' > pki/%s.ext", extensions, name));
    assert_true(lab_run("openssl x509 -req -in pki/%s.csr %s -days 300 -sha256 -extfile pki/%s.ext -out pki/%s.pem",
                        name, signer, name, name));
}

#define AUTHORITY "basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign,cRLSign\\nsubjectKeyIdentifier=hash\\n"
#define LISTED "crlDistributionPoints=URI:http://crl.test/inter.crl\\n"
#define MAIL "extendedKeyUsage=emailProtection\\n"
#define ENCIPHERS "keyUsage=keyEncipherment\\n"

static void make_authority(const char *issuer, const char *name, const char *more) {
    g_autofree char *key = g_strdup_printf("pki/%s", name);
    g_autofree char *extensions = g_strconcat(AUTHORITY, more, NULL);
    assert_true(lab_run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out pki/%s.key", name));
    issue(issuer, name, key, extensions);
}

/* The list of an authority, holding the certificate `revoked` (NULL: none). */
static void make_list(const char *issuer, const char *revoked) {
    assert_true(
        lab_run("printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=pki/index.txt\\ndefault_md=sha256\\n' > pki/ca.cnf; "
                ": > pki/index.txt; : > pki/index.txt.attr"));
    if (revoked != NULL)
        assert_true(lab_run("printf 'R\\t301231235959Z\\t260101120000Z\\t%%s\\tunknown\\t/CN=x\\n' "
                            "$(openssl x509 -in pki/%s.pem -noout -serial | cut -d= -f2) > pki/index.txt",
                            revoked));
    assert_true(lab_run("openssl ca -config pki/ca.cnf -gencrl -keyfile pki/%s.key -cert pki/%s.pem -crldays %d "
                        "-out crls/%s.pem",
                        issuer, issuer, LIST_DAYS, issuer));
}

static void put(const char *name, const char *place) {
    assert_true(lab_run("cp pki/%s.pem certs/%s/%s.pem", name, place, name));
}

typedef struct {
    const char *name, *issuer, *key, *extensions;
    const char *place; /* of the folder: "." is trusted by hand */
    CertState state;
    const char *words;
} Case;

static const Case cases[] = {
    {"rsa", "inter", "rsa", ENCIPHERS MAIL LISTED, "ldap", CERT_USABLE, NULL},
    {"agrees", "inter", "ec", "keyUsage=keyAgreement\\n" MAIL LISTED, "ldap", CERT_USABLE, NULL},
    {"plain", "inter", "rsa", "", "harvested", CERT_USABLE, NULL}, /* no usages: all are allowed */
    {"ecsigns", "inter", "ec", "keyUsage=digitalSignature\\n" MAIL, "ldap", CERT_WRONG_USAGE, "key usage"},
    {"ecenciphers", "inter", "ec", ENCIPHERS MAIL, "ldap", CERT_WRONG_USAGE, "key usage"},
    {"rsasigns", "inter", "rsa", "keyUsage=digitalSignature\\n" MAIL, ".", CERT_WRONG_USAGE, "key usage"},
    {"server", "inter", "rsa", ENCIPHERS "extendedKeyUsage=serverAuth\\n", ".", CERT_WRONG_USAGE, "e-mail"},
    {"ed", "inter", "ed", MAIL, ".", CERT_WRONG_USAGE, "only sign"},
    {"x", "inter", "x", MAIL, ".", CERT_WRONG_USAGE, "neither RSA nor EC"},
    {"alone", "alone", "rsa", ENCIPHERS MAIL, "ldap", CERT_UNTRUSTED, "self"},
    {"byhand", "byhand", "rsa", ENCIPHERS MAIL, ".", CERT_USABLE, NULL},
    {"waiting", "inter", "rsa", ENCIPHERS MAIL, "waiting", CERT_WAITS, "approval"},
    {"web", "webinter", "rsa", ENCIPHERS MAIL, "ldap", CERT_UNTRUSTED, "not for e-mail"},
    {"short", "inter", "rsa1024", ENCIPHERS MAIL, "ldap", CERT_UNTRUSTED, "too weak"},
    {"gone", "inter", "rsa", ENCIPHERS MAIL LISTED, "ldap", CERT_REVOKED, "revoked on 2026-01-01"},
    {"gonebyhand", "stranger", "rsa", ENCIPHERS MAIL, ".", CERT_REVOKED, "revoked on 2026-01-01"},
    {"nolist", "other", "rsa", ENCIPHERS MAIL LISTED, "ldap", CERT_STALE, "no list"},
    {"unlisted", "other", "rsa", ENCIPHERS MAIL, "ldap", CERT_USABLE, NULL}, /* its issuer publishes none */
};

static void make_keys(void) {
    assert_true(lab_run("mkdir -p pki roots crls certs/ldap certs/harvested certs/waiting certs/issuers"));
    assert_true(
        lab_run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key && "
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.key && "
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key && "
                "openssl genpkey -algorithm ed25519 -out ed.key && openssl genpkey -algorithm x25519 -out x.key"));
}

/* x25519 cannot sign a request: its certificate is made over another request. */
static void issue_case(const Case *one) {
    g_autofree char *extensions =
        g_strdup_printf("%ssubjectAltName=email:%s@client.test\\n", one->extensions, one->name);
    if (strcmp(one->key, "x") != 0) {
        issue(one->issuer, one->name, one->key, extensions);
        return;
    }
    issue(one->issuer, one->name, "rsa", extensions);
    assert_true(
        lab_run("openssl pkey -in x.key -pubout -out x.pub && openssl x509 -req -in pki/%s.csr -CA pki/%s.pem "
                "-CAkey pki/%s.key -set_serial 9 -days 300 -extfile pki/%s.ext -force_pubkey x.pub -out pki/%s.pem",
                one->name, one->issuer, one->issuer, one->name, one->name));
}

static int make_world(void **state) {
    TimeSource clock = timesource_system();
    folder = lab_open();
    if (folder == NULL)
        return -1;
    certs = g_build_filename(folder, "certs", NULL);
    roots = g_build_filename(folder, "roots", NULL);
    crls = g_build_filename(folder, "crls", NULL);
    make_keys();
    make_authority("root", "root", "");
    make_authority("root", "inter", "");
    make_authority("root", "other", "");
    make_authority("root", "webinter", "extendedKeyUsage=serverAuth\\n");
    make_authority("stranger", "stranger", "");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        issue_case(&cases[i]);
        put(cases[i].name, cases[i].place);
    }
    make_list("root", NULL);
    make_list("inter", "gone");
    make_list("stranger", "gonebyhand");
    assert_true(lab_run("cp pki/root.pem roots/; cp pki/inter.pem pki/other.pem pki/webinter.pem certs/issuers/"));
    now = instant_add(timesource_now(&clock), duration_seconds(1));
    return 0;
}

static int end_world(void **state) {
    lab_close();
    g_free(certs);
    g_free(roots);
    g_free(crls);
    return 0;
}

static CertStore *open_world(Instant when) {
    CertStore *store = certs_read(&(CertPlaces){certs, roots, crls}, NULL, when, NULL, NULL);
    assert_non_null(store);
    return store;
}

static CertState state_of(const CertStore *store, const char *name, Instant when, char **words) {
    g_autofree char *address = g_strdup_printf("%s@client.test", name);
    return certs_state(store, address, when, words);
}

static void each_certificate_is_in_its_state(void **state) {
    g_autoptr(CertStore) store = open_world(now);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = NULL;
        CertState found = state_of(store, cases[i].name, now, &words);
        if (found != cases[i].state || (cases[i].words && !strstr(words, cases[i].words)))
            fail_msg("%s: %s (%s), expected %s (%s)", cases[i].name, cert_state_name(found), words,
                     cert_state_name(cases[i].state), cases[i].words ? cases[i].words : "");
    }
}

static void only_trusted_ones_may_be_named_by_an_envelope(void **state) {
    g_autoptr(CertStore) store = open_world(now);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *address = g_strdup_printf("%s@client.test", cases[i].name);
        assert_int_equal(certs_of(store, address) != NULL, cert_state_encrypts(cases[i].state));
    }
}

static void a_list_grows_stale_and_a_certificate_expires(void **state) {
    static const struct {
        int days;
        const char *name;
        CertState state;
        const char *words;
    } rows[] = {
        {LIST_DAYS - 1, "rsa", CERT_USABLE, NULL},
        {LIST_DAYS + 1, "rsa", CERT_STALE, "out of date since"},
        {LIST_DAYS + 1, "gone", CERT_REVOKED, NULL},
        {LIST_DAYS + 1, "byhand", CERT_USABLE, NULL}, /* no chain, so no list was ever to be asked */
        {301, "rsa", CERT_EXPIRED, "ask them for the new one"},
        {301, "byhand", CERT_EXPIRED, "expired on"},
        {-1, "byhand", CERT_NOT_YET, "valid from"},
    };
    g_autoptr(CertStore) fresh = open_world(now);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Instant when = in_days(rows[i].days);
        g_autoptr(CertStore) remade = open_world(when); /* judged then, or known since before: the same */
        const CertStore *const stores[] = {fresh, remade};
        for (size_t s = 0; s < G_N_ELEMENTS(stores); s++) {
            g_autofree char *words = NULL;
            CertState found = state_of(stores[s], rows[i].name, when, &words);
            if (found != rows[i].state || (rows[i].words && !strstr(words, rows[i].words)))
                fail_msg("%s after %d days (%zu): %s (%s)", rows[i].name, rows[i].days, s, cert_state_name(found),
                         words);
        }
    }
}

static void without_roots_only_hands_are_trusted(void **state) {
    g_autoptr(CertStore) store = certs_read(&(CertPlaces){certs, NULL, NULL}, NULL, now, NULL, NULL);
    g_autofree char *words = NULL;
    assert_int_equal(state_of(store, "rsa", now, &words), CERT_UNTRUSTED);
    assert_non_null(strstr(words, "trust.roots"));
    assert_int_equal(state_of(store, "byhand", now, NULL), CERT_USABLE);
}

static void without_a_place_for_lists_nobody_is_stale_or_revoked(void **state) {
    g_autoptr(CertStore) store = certs_read(&(CertPlaces){certs, roots, NULL}, NULL, in_days(50), NULL, NULL);
    assert_int_equal(state_of(store, "rsa", in_days(50), NULL), CERT_USABLE);
    assert_int_equal(state_of(store, "gone", in_days(50), NULL), CERT_USABLE);
}

/* OpenSSL's own answer to "is this certificate for this address?" must never be wider than ours. */
static void addresses_match_as_openssl_matches_them(void **state) {
    static const char *const asked[] = {"rsa@client.test", "rsa@CLIENT.test", "RSA@client.test", "rsa@other.test"};
    g_autoptr(CertStore) store = open_world(now);
    g_autoptr(GPtrArray) found = certs_find(store, "rsa@client.test", now);
    size_t length;
    const unsigned char *der = g_bytes_get_data(((const Cert *)g_ptr_array_index(found, 0))->data, &length);
    X509 *x509 = d2i_X509(NULL, &der, (long)length);
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        bool theirs = X509_check_email(x509, asked[i], 0, 0) == 1;
        bool ours = certs_of(store, asked[i]) != NULL;
        assert_true(ours || !theirs);
        assert_int_equal(ours, i < 3);
    }
    X509_free(x509);
}

static bool accepts(const Trust *trust, const char *file, Instant when, char **why) {
    size_t length;
    g_autofree unsigned char *data = lab_read(file, &length);
    GBytes *der = NULL;
    g_autofree char *name = NULL;
    bool accepted = trust_accepts_crl(trust, data, length, when, &der, &name, why);
    assert_int_equal(accepted, der != NULL && name != NULL);
    g_clear_pointer(&der, g_bytes_unref);
    return accepted;
}

static void a_fetched_list_must_be_genuine_and_of_today(void **state) {
    g_autoptr(Trust) trust = trust_load(roots, NULL, NULL);
    g_autofree char *why = NULL, *late = NULL, *early = NULL, *none = NULL, *unneeded = NULL;
    assert_true(accepts(trust, "crls/root.pem", now, &unneeded));
    assert_false(accepts(trust, "crls/stranger.pem", now, &why));
    assert_non_null(strstr(why, "no known root or authority"));
    assert_false(accepts(trust, "crls/root.pem", in_days(LIST_DAYS + 1), &late));
    assert_non_null(strstr(late, "out of date"));
    assert_false(accepts(trust, "crls/root.pem", in_days(-1), &early));
    assert_non_null(strstr(early, "future"));
    assert_false(accepts(trust, "pki/root.pem", now, &none));
    assert_non_null(strstr(none, "no list"));
}

static void lists_are_fetched_from_where_certificates_say(void **state) {
    g_autoptr(CertStore) store = open_world(now);
    g_autoptr(Trust) trust = trust_load(roots, NULL, NULL);
    g_autoptr(GPtrArray) found = certs_find(store, "rsa@client.test", now);
    g_autoptr(GPtrArray) urls = trust_crl_urls(trust, found);
    assert_int_equal(urls->len, 1);
    assert_string_equal(g_ptr_array_index(urls, 0), "http://crl.test/inter.crl");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_certificate_is_in_its_state),
        cmocka_unit_test(only_trusted_ones_may_be_named_by_an_envelope),
        cmocka_unit_test(a_list_grows_stale_and_a_certificate_expires),
        cmocka_unit_test(without_roots_only_hands_are_trusted),
        cmocka_unit_test(without_a_place_for_lists_nobody_is_stale_or_revoked),
        cmocka_unit_test(addresses_match_as_openssl_matches_them),
        cmocka_unit_test(a_fetched_list_must_be_genuine_and_of_today),
        cmocka_unit_test(lists_are_fetched_from_where_certificates_say),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
