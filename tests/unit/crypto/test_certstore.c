/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot: which certificate is preferred, what a change does, and what a look-up among ten thousand costs. */
#include "base/io.h"
#include "base/text.h"
#include "crypto/certfiles.h"
#include "crypto/certs_snapshot.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void free_cert(void *cert) {
    cert_free(cert);
}

enum { DAY = 86400 };
#define T0 1700000000

static Cert *make_cert(CertKind kind, const char *fingerprint, const char *address, int64_t from, int64_t until) {
    Cert *cert = cert_new(kind);
    g_free(cert->fingerprint);
    cert->fingerprint = g_strdup(fingerprint);
    g_ptr_array_add(cert->addresses, g_strdup(address));
    cert->not_before = instant_from_seconds(T0 + from * DAY);
    cert->not_after = instant_from_seconds(T0 + until * DAY);
    return cert;
}

static CertStore *store_of(GPtrArray *certs) {
    g_autofree char *path = g_build_filename(lab_folder(), "test.mdb", NULL);
    assert_true(certs_write(&(CertsContent){.certs = certs}, path, NULL));
    CertStore *store = certs_open_snapshot(path, NULL);
    assert_non_null(store);
    unlink(path);
    return store;
}

static void by_hand_goes_before_by_chain_then_the_newest_and_no_expired_one_hides_it(void **state) {
    static const struct {
        const char *fingerprint;
        int from, until;
        CertTrust trust;
        bool revoked;
    } rows[] = {
        /* in the order of preference on day 100 */
        {"newest", 90, 400, TRUST_BY_HAND, false},  {"by hand", 5, 900, TRUST_BY_HAND, false},
        {"by chain", 95, 900, TRUST_BY_CHAIN, false}, {"older", 0, 900, TRUST_BY_CHAIN, false},
        {"future", 200, 900, TRUST_BY_HAND, false}, {"expired", 95, 99, TRUST_BY_HAND, false},
        {"waits", 96, 900, TRUST_WAITING, false},   {"nobody", 97, 900, TRUST_NONE, false},
        {"revoked", 98, 900, TRUST_BY_HAND, true},
    };
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    for (size_t i = G_N_ELEMENTS(rows); i-- > 0;) {
        Cert *cert = make_cert(CERT_SMIME, rows[i].fingerprint, "Ann@Client.Test", rows[i].from, rows[i].until);
        cert->trust = rows[i].trust;
        if (rows[i].revoked)
            cert->revoked = instant_from_seconds(T0);
        g_ptr_array_add(certs, cert);
    }
    g_autoptr(CertStore) store = store_of(certs);
    assert_int_equal(certs_count(store), G_N_ELEMENTS(rows));
    g_autoptr(GPtrArray) found = certs_find(store, "ann@client.test", instant_from_seconds(T0 + 100 * DAY));
    assert_int_equal(found->len, G_N_ELEMENTS(rows));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_string_equal(((const Cert *)g_ptr_array_index(found, i))->fingerprint, rows[i].fingerprint);
}

static void the_address_written_exactly_so_comes_first(void **state) {
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    g_ptr_array_add(certs, make_cert(CERT_SMIME, "lower", "ann@client.test", 0, 900));
    g_ptr_array_add(certs, make_cert(CERT_SMIME, "upper", "Ann@client.test", 1, 900));
    g_autoptr(CertStore) store = store_of(certs);
    static const struct {
        const char *asked, *first;
    } rows[] = {{"ann@client.test", "lower"}, {"Ann@client.test", "upper"}, {"ANN@CLIENT.TEST", "upper"}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) found = certs_find(store, rows[i].asked, instant_from_seconds(T0 + 10 * DAY));
        assert_int_equal(found->len, 2);
        assert_string_equal(((const Cert *)g_ptr_array_index(found, 0))->fingerprint, rows[i].first);
    }
}

static void an_international_address_is_found_in_both_its_forms(void **state) {
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    g_ptr_array_add(certs, make_cert(CERT_SMIME, "utf8", "jörg@bücher.test", 0, 900));
    g_autoptr(CertStore) store = store_of(certs);
    static const char *const asked[] = {"jörg@bücher.test", "JÖRG@BÜCHER.test", "jörg@xn--bcher-kva.test"};
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        g_autoptr(GPtrArray) found = certs_find(store, asked[i], instant_from_seconds(T0 + DAY));
        assert_int_equal(found->len, 1);
    }
}

static void a_record_comes_back_as_it_was_and_a_cut_one_does_not(void **state) {
    g_autoptr(CertReads) reads = certreads_new();
    g_autofree char *path = g_build_filename(lab_folder(), "alice.pem", NULL);
    assert_true(certread_file(reads, path, NULL));
    Cert *cert = g_ptr_array_index(reads->certs, 0);
    cert->reads = CERT_READS_AES256_GCM | CERT_READS_OAEP;
    cert->signed_at = instant_from_seconds(T0);
    g_autoptr(GByteArray) packed = cert_pack(cert);
    g_autoptr(Cert) again = cert_unpack(packed->data, packed->len);
    assert_int_equal(again->reads, CERT_READS_AES256_GCM | CERT_READS_OAEP);
    assert_int_equal(instant_compare(again->signed_at, instant_from_seconds(T0)), 0);
    g_autoptr(GByteArray) repacked = cert_pack(again);
    assert_int_equal(packed->len, repacked->len);
    assert_memory_equal(packed->data, repacked->data, packed->len);
    for (guint length = 0; length < packed->len; length++)
        assert_null(cert_unpack(packed->data, length));
}

/* As it lies in the folder, and merged with a copy that knows nothing of a signature. */
static void what_its_owner_reads_is_kept_in_the_file(void **state) {
    g_autofree char *folder = g_build_filename(lab_folder(), "reads", NULL);
    g_autofree char *path = g_build_filename(lab_folder(), "alice.pem", NULL);
    g_autoptr(CertReads) reads = certreads_new();
    assert_true(certread_file(reads, path, NULL));
    Cert *cert = g_ptr_array_index(reads->certs, 0);
    g_autofree char *plain = certfiles_keep(folder, NULL, cert, NULL);
    cert->reads = CERT_READS_AES128_GCM | CERT_READS_OAEP;
    cert->signed_at = instant_from_seconds(T0);
    g_autofree char *signing = certfiles_keep(folder, CERTS_HARVESTED, cert, NULL);
    assert_non_null(plain);
    assert_non_null(signing);
    g_autoptr(CertStore) store = certs_load(folder, NULL);
    g_autoptr(GPtrArray) found = certs_find(store, "alice@client.test", instant_from_seconds(T0));
    assert_int_equal(found->len, 1);
    const Cert *merged = g_ptr_array_index(found, 0);
    g_autofree char *words = cert_reads_words(merged->reads);
    assert_string_equal(words, "aes128-gcm oaep");
    assert_int_equal(instant_compare(merged->signed_at, instant_from_seconds(T0)), 0);
    assert_int_equal(merged->trust, TRUST_BY_HAND);
}

static char *state_folder(void) {
    char *path = g_build_filename(lab_folder(), "state", NULL);
    assert_true(io_make_folder(path, 0755, NULL));
    return path;
}

static unsigned snapshots_in(const char *path) {
    unsigned count = 0;
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        count += g_str_has_suffix(name, ".mdb");
    return count;
}

static void the_snapshot_is_made_once_and_again_when_a_file_changes(void **state) {
    g_autofree char *where = state_folder(), *places_folder = g_build_filename(lab_folder(), "kept", NULL);
    CertPlaces places = {.folder = places_folder};
    Instant now = instant_from_seconds(time(NULL));
    assert_true(lab_run("mkdir -p kept && cp alice.pem kept/"));
    g_autoptr(CertStore) first = certs_open(&places, where, now, NULL);
    assert_non_null(first);
    assert_int_equal(certs_count(first), 1);
    struct stat before, after;
    g_autofree char *lock = g_build_filename(where, "certs.lock", NULL);
    assert_int_equal(stat(where, &before), 0);
    g_autoptr(CertStore) same = certs_open(&places, where, now, NULL);
    assert_int_equal(stat(where, &after), 0);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec); /* nothing was written */
    assert_true(lab_run("cp bob.pem kept/"));
    g_autoptr(CertStore) second = certs_open(&places, where, now, NULL);
    assert_int_equal(certs_count(second), 2);
    assert_int_equal(snapshots_in(where), 1);
    assert_int_equal(certs_count(first), 1); /* who has the old one open keeps it */
    assert_non_null(certs_of(first, "alice@client.test"));
    g_autoptr(CertStore) tomorrow = certs_open(&places, where, instant_add(now, duration_seconds(DAY)), NULL);
    assert_int_equal(certs_count(tomorrow), 2);
}

/* The commands take what a judge has made, with what was wrong with the files; and nothing that is out of date. */
static void a_snapshot_that_is_up_to_date_is_read_instead_of_the_files(void **state) {
    g_autofree char *certs = g_build_filename(lab_folder(), "quick", NULL), *kept = state_folder();
    const CertPlaces places = {.folder = certs};
    Instant when = instant_from_seconds(T0 + DAY);
    assert_true(lab_run("mkdir -p quick && cp alice.pem quick && echo nothing > quick/bad.pem"));
    g_autoptr(CertStore) made = certs_open(&places, kept, when, NULL);
    assert_non_null(made);
    assert_true(
        lab_run("chmod 0 quick/alice.pem && chmod 644 quick/alice.pem && mv state state.away")); /* another look */
    g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(CertStore) anew = certs_read(&places, kept, when, read, NULL);
    assert_int_equal(read->len, 1);
    assert_true(lab_run("mv state.away state"));
    g_autoptr(CertStore) again = certs_open(&places, kept, when, NULL);
    g_autoptr(CertStore) told = certs_read(&places, kept, when, taken, NULL);
    assert_int_equal(certs_count(told), certs_count(anew));
    assert_int_equal(taken->len, 1);
    assert_string_equal(g_ptr_array_index(taken, 0), g_ptr_array_index(read, 0));

    /* Another one in its place shows which of the two is read. */
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(free_cert);
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("o%d", i);
        g_ptr_array_add(others, make_cert(CERT_SMIME, name, "o@client.test", 0, 900));
    }
    assert_true(lab_run("ls state/certs-*.mdb > one"));
    size_t length;
    g_autofree char *listed = (char *)lab_read("one", &length);
    g_autofree char *relative = g_strndup(listed, strcspn(listed, "\n"));
    g_autofree char *path = g_build_filename(lab_folder(), relative, NULL);
    assert_true(certs_write(&(CertsContent){.certs = others}, path, NULL));
    g_autoptr(CertStore) quick = certs_read(&places, kept, when, NULL, NULL);
    assert_int_equal(certs_count(quick), 5);
    assert_true(lab_run("cp eve.pem quick/new.crt"));
    g_autoptr(CertStore) newer = certs_read(&places, kept, when, NULL, NULL);
    assert_int_equal(certs_count(newer), 2);
}

static void where_nothing_can_be_written_there_is_an_error(void **state) {
    g_autoptr(GError) error = NULL;
    CertPlaces places = {.folder = lab_folder()};
    assert_null(certs_open(&places, "/proc/nowhere", instant_from_seconds(T0), &error));
    assert_non_null(error);
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The budget is 50 µs; a sanitized or busy machine gets room, a scan of all would take a thousand times as long. */
static void a_look_up_among_ten_thousand_costs_microseconds(void **state) {
    enum { CERTS = 10000, ROUNDS = 20000, BUDGET_US = 50 };
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    g_autofree char *der = g_malloc0(1500);
    for (unsigned i = 0; i < CERTS; i++) {
        g_autofree char *fingerprint = g_strdup_printf("%064x", i),
                        *address = g_strdup_printf("p%u@c%u.test", i, i % 500);
        Cert *cert = make_cert(i % 2 ? CERT_OPENPGP : CERT_SMIME, fingerprint, address, 0, 900);
        g_bytes_unref(cert->data);
        cert->data = g_bytes_new(der, 1500);
        g_ptr_array_add(certs, cert);
    }
    g_autoptr(CertStore) store = store_of(certs);
    Instant now = instant_from_seconds(T0 + DAY);
    double start = cpu_seconds();
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned n = i * 7919 % CERTS;
        g_autofree char *address = g_strdup_printf("p%u@c%u.test", n, n % 500);
        g_autoptr(GPtrArray) found = certs_find(store, address, now);
        assert_int_equal(found->len, 1);
        assert_int_equal(g_bytes_get_size(((const Cert *)g_ptr_array_index(found, 0))->data), 1500);
    }
    double us = (cpu_seconds() - start) * 1e6 / ROUNDS;
    print_message("a look-up costs %.1f us of CPU\n", us);
#ifdef LEXGATE_SANITIZED
    assert_true(us < 10 * BUDGET_US);
#else
    assert_true(us < BUDGET_US);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand_goes_before_by_chain_then_the_newest_and_no_expired_one_hides_it),
        cmocka_unit_test(the_address_written_exactly_so_comes_first),
        cmocka_unit_test(an_international_address_is_found_in_both_its_forms),
        cmocka_unit_test(a_record_comes_back_as_it_was_and_a_cut_one_does_not),
        cmocka_unit_test(what_its_owner_reads_is_kept_in_the_file),
        cmocka_unit_test(the_snapshot_is_made_once_and_again_when_a_file_changes),
        cmocka_unit_test(a_snapshot_that_is_up_to_date_is_read_instead_of_the_files),
        cmocka_unit_test(where_nothing_can_be_written_there_is_an_error),
        cmocka_unit_test(a_look_up_among_ten_thousand_costs_microseconds),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_teardown);
}
