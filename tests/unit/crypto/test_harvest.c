/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate of a signer is taken, which waits for somebody, and which is none of ours. */
#include "crypto/harvest.h"
#include "base/timesource.h"
#include "crypto/verify.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static CertPlaces places;
static char *folder, *roots;
static Instant now;

static void issue(const char *name, const char *address, const char *issuer, const char *usage, int days) {
    assert_true(lab_run("openssl req -new -newkey rsa:2048 -nodes -keyout %s.key -subj '/CN=%s' -out %s.csr && "
                        "printf 'subjectAltName=email:%s\\nkeyUsage=%s\\nextendedKeyUsage=emailProtection\\n' > %s.ext "
                        "&& openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial -days %d -sha256 "
                        "-extfile %s.ext -out %s.pem",
                        name, name, name, address, usage, name, name, issuer, issuer, days, name, name));
}

static void issue_authority(const char *name, const char *issuer) {
    assert_true(lab_run("openssl req -new -newkey rsa:2048 -nodes -keyout %s.key -subj '/CN=%s' -out %s.csr && "
                        "printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign,cRLSign\\n' > %s.ext && "
                        "openssl x509 -req -in %s.csr %s -days 30 -sha256 -extfile %s.ext -out %s.pem",
                        name, name, name, name, name, issuer, name, name));
}

static int make_world(void **state) {
    TimeSource clock = timesource_system();
    if (lab_group_setup(state) != 0)
        return -1;
    issue_authority("root", "-signkey root.key");
    issue_authority("inter", "-CA root.pem -CAkey root.key -set_serial 5");
    issue_authority("stranger", "-signkey stranger.key");
    issue("one", "claire@client.test", "inter", "digitalSignature,keyEncipherment", 30);
    issue("two", "claire@client.test", "root", "digitalSignature,keyEncipherment", 30);
    issue("signs", "claire@client.test", "root", "digitalSignature", 30);
    issue("foreign", "claire@client.test", "stranger", "digitalSignature,keyEncipherment", 30);
    issue("over", "claire@client.test", "root", "digitalSignature,keyEncipherment", 1);
    issue("alices", "alice@client.test", "root", "digitalSignature,keyEncipherment", 30);
    issue("guarded", "boss@client.test", "root", "digitalSignature,keyEncipherment", 30);
    now = instant_add(timesource_now(&clock), duration_seconds(60));
    folder = g_build_filename(lab_folder(), "kept", NULL);
    roots = g_build_filename(lab_folder(), "root.pem", NULL);
    places = (CertPlaces){folder, roots, NULL};
    return 0;
}

static int drop_world(void **state) {
    g_free(folder);
    g_free(roots);
    return lab_group_teardown(state);
}

/* As the gateway keeps it: without the mail. */
static GBytes *signature_of(const char *who) {
    size_t length;
    assert_true(lab_run("openssl cms -sign -binary -in plain.txt -signer %s.pem -inkey %s.key -certfile inter.pem "
                        "-outform DER -out s.p7s",
                        who, who));
    unsigned char *data = lab_read("s.p7s", &length);
    return g_bytes_new_take(data, length);
}

/* The certificate that a judge found to be the one of From. */
static char *fingerprint_of(const char *who) {
    size_t length;
    assert_true(lab_run("openssl x509 -in %s.pem -outform DER | sha256sum | cut -c1-64 | tr -d '\\n' > print.txt", who));
    unsigned char *text = lab_read("print.txt", &length);
    char *fingerprint = g_strndup((const char *)text, length);
    g_free(text);
    return fingerprint;
}

static bool is_guarded(const char *address, void *state) {
    return strcmp(address, "boss@client.test") == 0;
}

static Harvested *take(GHashTable *taken, GBytes *signature, const char *signer) {
    g_autoptr(CertStore) store = certs_read(&places, NULL, now, NULL, NULL);
    const Harvesting harvesting = {
        .places = &places, .store = store, .taken = taken, .is_guarded = is_guarded, .now = now};
    return harvest_take(&harvesting, signature, signer);
}

static void expect(GHashTable *taken, GBytes *signature, HarvestResult result, const char *where) {
    g_autoptr(Harvested) harvested = take(taken, signature, NULL);
    bool placed = *where == '\0' ? *harvested->path == '\0' : strstr(harvested->path, where) != NULL;
    if (harvested->result != result || !placed)
        fail_msg("%s (%s), %s", harvest_result_name(harvested->result), harvested->why, harvested->path);
}

static CertState state_of(const char *address) {
    g_autoptr(CertStore) store = certs_read(&places, NULL, now, NULL, NULL);
    return certs_state(store, address, now, NULL);
}

static GHashTable *nobody(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void clean(void) {
    assert_true(lab_run("rm -rf kept && mkdir kept"));
}

/* Signatures say whole seconds: what lies there was signed a year ago. */
static void age_what_is_kept(void) {
    assert_true(lab_run("sed -i 's/^Signed-At: 20[0-9][0-9]/Signed-At: 2020/' kept/harvested/*.pem"));
}

static void the_first_certificate_is_used_and_the_next_waits(void **state) {
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) one = signature_of("one"), two = signature_of("two");
    clean();
    expect(taken, one, HARVEST_NEW, "/harvested/");
    assert_int_equal(state_of("claire@client.test"), CERT_USABLE);
    assert_true(lab_run("ls kept/issuers/*.pem")); /* without it no chain would be found */
    expect(taken, one, HARVEST_KNOWN, "");
    age_what_is_kept();
    expect(taken, two, HARVEST_WAITS, "/waiting/");
    assert_int_equal(state_of("claire@client.test"), CERT_USABLE);
    expect(taken, two, HARVEST_KNOWN, "");
}

static void an_older_signature_with_another_key_is_passed_over(void **state) {
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) one = signature_of("one"), two = signature_of("two");
    clean();
    expect(taken, two, HARVEST_NEW, "/harvested/");
    assert_true(lab_run("sed -i 's/^Signed-At: 20[0-9][0-9]/Signed-At: 2090/' kept/harvested/*.pem"));
    expect(taken, one, HARVEST_KNOWN, "");
}

/* Both may be genuine; who is the owner nobody can tell. */
static void of_two_in_one_run_the_second_waits(void **state) {
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) one = signature_of("one"), two = signature_of("two");
    clean();
    g_autoptr(CertStore) store = certs_read(&places, NULL, now, NULL, NULL);
    const Harvesting harvesting = {
        .places = &places, .store = store, .taken = taken, .is_guarded = is_guarded, .now = now};
    g_autoptr(Harvested) first = harvest_take(&harvesting, one, NULL),
                          second = harvest_take(&harvesting, two, NULL);
    assert_int_equal(first->result, HARVEST_NEW);
    assert_int_equal(second->result, HARVEST_WAITS);
}

/* Whoever else signs beside the sender has not written to us. */
static void of_two_signers_the_one_in_from_is_taken(void **state) {
    static const char *const senders[] = {"one", "alices"};
    size_t length;
    assert_true(lab_run("openssl cms -sign -binary -in plain.txt -signer one.pem -inkey one.key -signer alices.pem "
                        "-inkey alices.key -certfile inter.pem -outform DER -out s.p7s"));
    unsigned char *made = lab_read("s.p7s", &length);
    g_autoptr(GBytes) both = g_bytes_new_take(made, length);
    for (size_t i = 0; i < G_N_ELEMENTS(senders); i++) {
        g_autofree char *signer = fingerprint_of(senders[i]);
        clean();
        g_autoptr(GHashTable) taken = nobody();
        g_autoptr(Harvested) harvested = take(taken, both, signer);
        assert_int_equal(harvested->result, HARVEST_NEW);
        assert_string_equal(harvested->fingerprint, signer);
    }
    g_autofree char *other = fingerprint_of("two");
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(Harvested) harvested = take(taken, both, other);
    assert_int_equal(harvested->result, HARVEST_REFUSED);
}

static void a_client_with_privileged_matters_waits(void **state) {
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) guarded = signature_of("guarded");
    clean();
    expect(taken, guarded, HARVEST_WAITS, "/waiting/");
    assert_int_equal(state_of("boss@client.test"), CERT_WAITS);
}

static void what_was_put_in_by_hand_learns_what_its_owner_reads(void **state) {
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) one = signature_of("one");
    clean();
    assert_true(lab_run("cp one.pem kept/one.pem"));
    expect(taken, one, HARVEST_NEWER, "/harvested/");
    g_autoptr(CertStore) store = certs_read(&places, NULL, now, NULL, NULL);
    g_autoptr(GPtrArray) found = certs_find(store, "claire@client.test", now);
    const Cert *cert = g_ptr_array_index(found, 0);
    assert_int_equal(cert->trust, TRUST_BY_HAND);
    assert_true(cert->reads & CERT_READS_AES256_CBC);
}

/* A root vouches for whoever reads the mail of an address for an hour; who put one there knew the owner. */
static void beside_whatever_was_put_in_by_hand_a_new_one_waits(void **state) {
    static const struct {
        const char *what, *command, *signer;
        int days; /* from now */
        HarvestResult result;
    } cases[] = {
        {"valid", "cp two.pem kept", "one", 0, HARVEST_WAITS},
        {"expired", "cp over.pem kept", "one", 2, HARVEST_WAITS},
        {"for signing", "cp signs.pem kept", "one", 0, HARVEST_WAITS},
        {"OpenPGP", "cp alice.asc kept", "alices", 0, HARVEST_WAITS},
        {"OpenPGP of somebody else", "cp alice.asc kept", "one", 0, HARVEST_NEW},
        {"OpenPGP out of a header", "mkdir kept/autocrypt && cp alice.asc kept/autocrypt", "alices", 0, HARVEST_NEW},
        {"expired, and by chain", "mkdir kept/ldap && cp over.pem kept/ldap", "one", 2, HARVEST_NEW},
    };
    Instant today = now;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GHashTable) taken = nobody();
        g_autoptr(GBytes) signature = signature_of(cases[i].signer);
        if (strstr(cases[i].command, ".asc") && !lab_has_gpg())
            continue;
        print_message("%s\n", cases[i].what);
        clean();
        assert_true(lab_run("%s", cases[i].command));
        now = instant_add(today, duration_seconds((int64_t)cases[i].days * 86400));
        expect(taken, signature, cases[i].result, cases[i].result == HARVEST_NEW ? "/harvested/" : "/waiting/");
        now = today;
    }
}

static void what_is_not_theirs_is_refused(void **state) {
    static const char *const names[] = {"signs", "foreign"};
    clean();
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GHashTable) taken = nobody();
        g_autoptr(GBytes) bytes = signature_of(names[i]);
        expect(taken, bytes, HARVEST_REFUSED, "");
    }
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) rubbish = g_bytes_new("0\x03\x02\x01\x01", 5), nothing = g_bytes_new("", 0);
    expect(taken, rubbish, HARVEST_REFUSED, "");
    expect(taken, nothing, HARVEST_REFUSED, "");
}

static void a_signature_from_the_future_is_refused(void **state) {
    g_autoptr(GHashTable) taken = nobody();
    g_autoptr(GBytes) one = signature_of("one");
    Instant kept = now;
    clean();
    TimeSource clock = timesource_system();
    now = instant_add(timesource_now(&clock), duration_seconds(-2));
    expect(taken, one, HARVEST_REFUSED, "");
    now = kept;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_certificate_is_used_and_the_next_waits),
        cmocka_unit_test(an_older_signature_with_another_key_is_passed_over),
        cmocka_unit_test(of_two_in_one_run_the_second_waits),
        cmocka_unit_test(of_two_signers_the_one_in_from_is_taken),
        cmocka_unit_test(a_client_with_privileged_matters_waits),
        cmocka_unit_test(what_was_put_in_by_hand_learns_what_its_owner_reads),
        cmocka_unit_test(beside_whatever_was_put_in_by_hand_a_new_one_waits),
        cmocka_unit_test(what_is_not_theirs_is_refused),
        cmocka_unit_test(a_signature_from_the_future_is_refused),
    };
    return cmocka_run_group_tests(tests, make_world, drop_world);
}
