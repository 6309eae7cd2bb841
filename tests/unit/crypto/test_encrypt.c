/* SPDX-License-Identifier: Apache-2.0 */
/* What is encrypted here opens with openssl(1), and with nothing else than the keys it is for. */
#include "crypto/encrypt.h"
#include "crypto/proof.h"
#include "enclab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static int setup(void **state) {
    if (lab_group_setup(state) != 0)
        return -1;
    if (!lab_run("for bits in 3072 4096; do openssl req -x509 -newkey rsa:$bits -nodes -keyout rsa$bits.key -out "
                 "rsa$bits.pem -days 30 -subj /CN=x -addext subjectAltName=email:rsa$bits@client.test; done") ||
        !lab_run("for curve in P-384 P-521; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:$curve -nodes "
                 "-keyout $curve.key -out $curve.pem -days 30 -subj /CN=x -addext "
                 "subjectAltName=email:$curve@client.test -addext keyUsage=keyAgreement; done"))
        return -1;
    return enclab_open();
}

static void free_cert(void *cert) {
    cert_free(cert);
}

/* The certificates of these addresses of client.test. */
static GPtrArray *people(const char *names) {
    GPtrArray *certs = g_ptr_array_new_with_free_func(free_cert);
    g_auto(GStrv) all = g_strsplit(names, " ", -1);
    for (char **name = all; *name != NULL; name++) {
        g_autofree char *address = g_strdup_printf("%s@client.test", *name);
        Cert *cert = encrypt_find(store, address, CERT_SMIME, now());
        if (cert == NULL)
            fail_msg("%s has no certificate", address);
        g_ptr_array_add(certs, cert);
    }
    return certs;
}

static void let_read(const GPtrArray *certs, unsigned what) {
    for (guint i = 0; i < certs->len; i++)
        ((Cert *)g_ptr_array_index(certs, i))->reads = what;
}

/* Into out.p7m, in DER; *der is the caller's. */
static void encrypt(const EncryptInput *input, unsigned char **der, size_t *length) {
    g_autoptr(GString) out = g_string_new("before");
    g_autofree char *why = NULL;
    if (!encrypt_smime(encrypter, input, out, &why))
        fail_msg("%s", why);
    assert_memory_equal(out->str, "before", 6);
    for (const char *line = out->str + 6, *end; *line != '\0'; line = end + 2) {
        end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line == 76 || end[2] == '\0');
    }
    *der = g_base64_decode(out->str + 6, length);
    g_autofree char *path = g_build_filename(lab_folder(), "out.p7m", NULL);
    assert_true(g_file_set_contents(path, (char *)*der, (gssize)*length, NULL));
}

/* One key in 256 that openssl makes up for a stranger, so as not to tell whether RSA was right, ends in a padding. */
static void assert_closed(const char *plain, size_t length) {
    if (!lab_run("openssl cms -decrypt -binary -inform DER -in out.p7m -inkey eve.key -out opened"))
        return;
    size_t got;
    g_autofree unsigned char *opened = lab_read("opened", &got);
    assert_true(got != length || memcmp(opened, plain, length) != 0);
}

static void assert_opens(const char *names, const char *plain, size_t length) {
    g_auto(GStrv) all = g_strsplit(names, " ", -1);
    for (char **name = all; *name != NULL; name++) {
        size_t got;
        if (!lab_run("openssl cms -decrypt -binary -inform DER -in out.p7m -inkey %s.key -recip %s.pem -out opened",
                     *name, *name))
            fail_msg("%s cannot open it", *name);
        g_autofree unsigned char *opened = lab_read("opened", &got);
        assert_int_equal(got, length);
        assert_memory_equal(opened, plain, length);
    }
    assert_closed(plain, length);
}

static char *some_bytes(size_t length) {
    char *bytes = g_malloc(length + 1);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i * 2654435761U >> 13);
    return bytes;
}

static void every_kind_of_certificate_opens_it(void **state) {
    static const char *const everybody[] = {
        "alice", "bob", "rsa3072", "rsa4096", "P-384", "P-521", "alice bob rsa3072 rsa4096 P-384 P-521"};
    static const char plain[] = "Content-Type: text/plain\r\n\r\nThe settlement is two million.\r\n";
    Bytes piece = {plain, strlen(plain)};
    for (int kind = 0; kind < 4; kind++)
        for (size_t i = 0; i < G_N_ELEMENTS(everybody); i++) {
            g_autoptr(GPtrArray) certs = people(everybody[i]);
            g_autofree unsigned char *der = NULL;
            size_t length;
            let_read(certs, kind & 2 ? CERT_READS_OAEP : 0);
            EncryptInput input = {&piece, 1, certs, .authenticated = (kind & 1) != 0};
            encrypt(&input, &der, &length);
            assert_opens(everybody[i], plain, strlen(plain));
        }
}

static void ciphers_and_keys_are_of_the_kind_that_was_asked_for(void **state) {
    static const struct {
        const char *names;
        bool authenticated, oaep;
        const char *there, *absent;
    } cases[] = {
        {"bob", false, false, "dhSinglePass-stdDH-sha256kdf", "sha1"},
        {"bob", false, false, "id-aes256-wrap", "aes128"},
        {"P-384", true, false, "id-aes256-wrap", "aes128"},
        {"alice", false, false, ":aes-256-cbc", "rsaesOaep"},
        {"alice", false, false, ":rsaEncryption", "aes-256-gcm"},
        {"alice", true, false, ":aes-256-gcm", "aes-256-cbc"},
        {"alice", true, true, ":rsaesOaep", ":rsaEncryption"},
        {"alice", false, true, ":sha256", "sha1"},
    };
    Bytes piece = {"x", 1};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) certs = people(cases[i].names);
        g_autofree unsigned char *der = NULL;
        size_t length;
        EncryptInput input = {&piece, 1, certs, .authenticated = cases[i].authenticated};
        let_read(certs, cases[i].oaep ? CERT_READS_OAEP : 0);
        encrypt(&input, &der, &length);
        if (!lab_run(
                "openssl asn1parse -inform DER -in out.p7m > parsed && grep -q -e %s parsed && ! grep -q -e %s parsed",
                cases[i].there, cases[i].absent))
            fail_msg("%s: no %s, or %s", cases[i].names, cases[i].there, cases[i].absent);
    }
}

/* The lengths around the ciphertext are ours: as many octets as they take, and as OpenSSL would write them. */
static void every_length_is_written_as_der(void **state) {
    static const size_t lengths[] = {0,   1,   15,  16,  17,   56,   57,    58,    100,
                                     127, 128, 255, 256, 4095, 4096, 65535, 65536, 1 << 20};
    g_autoptr(GPtrArray) certs = people("alice bob");
    g_autofree char *plain = some_bytes(1 << 20);
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(lengths); i++) {
        size_t length = lengths[i / 2], der_length, first = length / 3;
        Bytes pieces[] = {{plain, first}, {plain + first, 0}, {plain + first, length - first}};
        EncryptInput input = {pieces, G_N_ELEMENTS(pieces), certs, .authenticated = i % 2 != 0};
        g_autofree unsigned char *der = NULL;
        if (length == 0 && input.authenticated)
            continue; /* an empty ciphertext: nobody's message is empty */
        encrypt(&input, &der, &der_length);
        assert_opens("alice bob", plain, length);
        g_autoptr(ContentProof) proof = proof_cms(der, der_length);
        g_autofree char *why = NULL;
        assert_int_equal(content_proof_for(proof, store, "alice@client.test", now(), &why), FOR_YES);
        assert_true(
            lab_run("openssl cms -cmsout -inform DER -in out.p7m -outform DER -out again && cmp out.p7m again"));
    }
}

static void a_certificate_that_cannot_be_used_leaves_nothing_behind(void **state) {
    Bytes piece = {"x", 1};
    g_autoptr(GPtrArray) certs = people("alice");
    Cert *bad = cert_new(CERT_SMIME);
    g_free(bad->fingerprint);
    bad->fingerprint = g_strdup("bad");
    bad->data = g_bytes_new_static("rubbish", 7);
    g_ptr_array_add(bad->addresses, g_strdup("carol@client.test"));
    g_ptr_array_add(certs, bad);
    g_autoptr(GString) out = g_string_new("before");
    g_autofree char *why = NULL;
    EncryptInput input = {&piece, 1, certs, .authenticated = false};
    assert_false(encrypt_smime(encrypter, &input, out, &why));
    assert_string_equal(out->str, "before");
    assert_non_null(strstr(why, "carol@client.test"));
}

static void the_newest_valid_certificate_wins(void **state) {
    assert_true(
        lab_run("mkdir -p many && for days in 10 20 -1; do openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key "
                "-out many/days$days.pem -days $days -subj /CN=x -addext subjectAltName=email:m@client.test; done; "
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out many/signing.pem -days 90 -subj /CN=x "
                "-addext subjectAltName=email:m@client.test -addext keyUsage=digitalSignature"));
    g_autofree char *folder = g_build_filename(lab_folder(), "many", NULL);
    g_autoptr(CertStore) many = certs_load(folder, NULL);
    Instant today = now();
    g_autoptr(Cert) found = encrypt_find(many, "M@client.test", CERT_SMIME, today);
    assert_non_null(found);
    assert_true(strcmp(found->file, "days10.pem") == 0 || strcmp(found->file, "days20.pem") == 0);
    Instant later = instant_from_seconds(today.us / 1000000 + 15 * 86400);
    g_autoptr(Cert) last = encrypt_find(many, "m@client.test", CERT_SMIME, later);
    assert_string_equal(last->file, "days20.pem");
    Instant after = instant_from_seconds(today.us / 1000000 + 30 * 86400);
    assert_null(encrypt_find(many, "m@client.test", CERT_SMIME, after));
    assert_null(encrypt_find(many, "m@client.test", CERT_OPENPGP, today));
    assert_null(encrypt_find(many, "n@client.test", CERT_SMIME, today));
}

static GPtrArray *load_archive(const char *name, GError **error) {
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(files, g_build_filename(lab_folder(), "alice.pem", NULL));
    g_ptr_array_add(files, g_build_filename(lab_folder(), name, NULL));
    return encrypt_load_archive(files, error);
}

static void an_archive_certificate_is_read_or_its_file_is_named(void **state) {
    static const struct {
        const char *file, *says;
    } bad[] = {{"absent.pem", "absent.pem"},
               {"plain.txt", "there is no certificate"},
               {"nobody.pem", "e-mail address"},
               {"signing.pem", "key usage"}};
    assert_true(lab_run("openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out nobody.pem -subj /CN=x && "
                        "cp many/signing.pem ."));
    g_autoptr(GError) none = NULL;
    g_autoptr(GPtrArray) archive = load_archive("bob.pem", &none);
    assert_int_equal(archive->len, 2);
    assert_int_equal(((Cert *)g_ptr_array_index(archive, 1))->kind, CERT_SMIME);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(load_archive(bad[i].file, &error));
        if (strstr(error->message, bad[i].says) == NULL || !g_str_has_prefix(error->message, "encryption.archive: "))
            fail_msg("%s", error->message);
    }
    assert_true(lab_run("rm nobody.pem signing.pem"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_certificate_opens_it),
        cmocka_unit_test(ciphers_and_keys_are_of_the_kind_that_was_asked_for),
        cmocka_unit_test(every_length_is_written_as_der),
        cmocka_unit_test(a_certificate_that_cannot_be_used_leaves_nothing_behind),
        cmocka_unit_test(the_newest_valid_certificate_wins),
        cmocka_unit_test(an_archive_certificate_is_read_or_its_file_is_named),
    };
    return cmocka_run_group_tests(tests, setup, enclab_teardown);
}
