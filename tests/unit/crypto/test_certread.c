/* SPDX-License-Identifier: Apache-2.0 */
/* What correspondents send, as programs make it: PEM, DER, PKCS#12, vCard, OpenPGP. */
#include "base/text.h"
#include "crypto/certfiles.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static CertReads *read_lab(const char *name, const char *passphrase) {
    size_t length;
    g_autofree unsigned char *data = lab_read(name, &length);
    CertReads *reads = certreads_new();
    certread_bytes(reads, (const char *)data, length, passphrase);
    return reads;
}

static const Cert *cert_at(const CertReads *reads, guint i) {
    assert_true(i < reads->certs->len);
    return g_ptr_array_index(reads->certs, i);
}

static void make_vcard(const char *name, const char *version, const char *property, const char *file) {
    size_t length;
    g_autofree unsigned char *data = lab_read(file, &length);
    g_autofree char *base64 = base64_encode(data, length);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "BEGIN:VCARD\r\nVERSION:%s\r\nFN:Alice\r\n%s", version, property);
    for (size_t at = 0; at < strlen(base64); at += 60) /* folded */
        g_string_append_printf(text, "%s%.60s", at ? "\r\n " : "", base64 + at);
    g_string_append(text, "\r\nEND:VCARD\r\n");
    g_autofree char *path = g_build_filename(lab_folder(), name, NULL);
    assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
}

/* VALUE=text: line breaks are written \n (RFC 6350 section 3.4). */
static void make_text_vcard(const char *name, const char *file) {
    size_t length;
    g_autofree char *data = (char *)lab_read(file, &length);
    g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
    g_autofree char *value = g_strjoinv("\\n", lines);
    g_autofree char *text = g_strdup_printf("BEGIN:VCARD\nVERSION:4.0\nKEY;TYPE=PGP;VALUE=text:%s\nEND:VCARD\n", value);
    g_autofree char *path = g_build_filename(lab_folder(), name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void every_format_gives_the_same_certificate(void **state) {
    assert_true(lab_run("openssl pkcs12 -export -in alice.pem -inkey alice.key -passout pass:secret -out alice.p12"));
    assert_true(
        lab_run("openssl pkcs12 -export -legacy -in alice.pem -inkey alice.key -passout pass:secret -out old.p12"));
    assert_true(lab_run("openssl pkcs12 -export -nokeys -in alice.pem -certpbe NONE -passout pass: -out open.p12"));
    make_vcard("v3.vcf", "3.0", "item1.KEY;TYPE=X509;ENCODING=b:", "alice.der");
    make_vcard("v4.vcf", "4.0", "KEY:data:application/pkix-cert;base64,", "alice.der");
    make_vcard("v2.vcf", "2.1", "CERT;X509;ENCODING=BASE64:", "alice.der");
    static const struct {
        const char *file, *passphrase;
    } files[] = {{"alice.pem", NULL}, {"alice.der", NULL}, {"alice.p12", "secret"}, {"old.p12", "secret"},
                 {"open.p12", NULL},  {"v3.vcf", NULL},    {"v4.vcf", NULL},        {"v2.vcf", NULL}};
    g_autoptr(CertReads) first = read_lab("alice.pem", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(CertReads) reads = read_lab(files[i].file, files[i].passphrase);
        if (reads->certs->len != 1)
            fail_msg("%s: %u certificates; %s", files[i].file, reads->certs->len,
                     reads->problems->len ? (char *)g_ptr_array_index(reads->problems, 0) : "");
        assert_string_equal(cert_at(reads, 0)->fingerprint, cert_at(first, 0)->fingerprint);
        assert_true(g_bytes_equal(cert_at(reads, 0)->data, cert_at(first, 0)->data));
        assert_false(reads->private_key);
    }
    assert_string_equal(g_ptr_array_index(cert_at(first, 0)->addresses, 0), "Alice@client.test");
    assert_string_equal(cert_at(first, 0)->algorithm, "RSA 2048");
}

static void a_pkcs12_wants_its_pass_phrase_and_gives_no_key(void **state) {
    g_autoptr(CertReads) without = read_lab("alice.p12", NULL), wrong = read_lab("alice.p12", "guess");
    assert_true(without->passphrase);
    assert_true(wrong->passphrase);
    assert_int_equal(without->certs->len + wrong->certs->len, 0);
    assert_non_null(strstr(g_ptr_array_index(without->problems, 0), "--passphrase-file"));
    g_autoptr(CertReads) opened = read_lab("alice.p12", "secret");
    g_autofree char *text = cert_as_text(cert_at(opened, 0));
    assert_null(strstr(text, "PRIVATE"));
}

static void a_pkcs12_that_would_take_hours_is_refused(void **state) {
    assert_true(
        lab_run("openssl pkcs12 -export -nokeys -in alice.pem -iter 2000001 -nomaciter -passout pass:x -out slow.p12"));
    g_autoptr(CertReads) reads = read_lab("slow.p12", "x");
    assert_int_equal(reads->certs->len, 0);
    assert_int_equal(reads->problems->len, 1);
    assert_non_null(strstr(g_ptr_array_index(reads->problems, 0), "2000001 rounds"));
}

static void one_file_may_hold_several(void **state) {
    assert_true(lab_run("cat alice.pem bob.pem > both.pem"));
    g_autoptr(CertReads) reads = read_lab("both.pem", NULL);
    assert_int_equal(reads->certs->len, 2);
    assert_string_equal(cert_at(reads, 1)->algorithm, "EC P-256");
    if (!lab_has_gpg())
        return;
    assert_true(lab_run("gpg --armor --export bob@client.test > bob.asc; (echo words; cat alice.asc; echo more; cat "
                        "bob.asc) > two.asc; "
                        "gpg --export > two.gpg"));
    static const char *const files[] = {"two.asc", "two.gpg"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(CertReads) keys = read_lab(files[i], NULL);
        assert_int_equal(keys->certs->len, 2);
        assert_int_equal(cert_at(keys, 0)->kind, CERT_OPENPGP);
        assert_int_equal(cert_at(keys, 1)->keys->len, 1);
    }
}

static void keys_in_vcards_are_found(void **state) {
    if (!lab_has_gpg())
        skip();
    assert_true(lab_run("gpg --export alice@client.test > alice.gpg"));
    make_vcard("pgp3.vcf", "3.0", "KEY;TYPE=PGP;ENCODING=b:", "alice.gpg");
    make_vcard("pgp4.vcf", "4.0", "KEY:data:application/pgp-keys;base64,", "alice.asc");
    make_text_vcard("text.vcf", "alice.asc");
    static const char *const files[] = {"pgp3.vcf", "pgp4.vcf", "text.vcf"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(CertReads) reads = read_lab(files[i], NULL);
        if (reads->certs->len != 1)
            fail_msg("%s: %u keys", files[i], reads->certs->len);
        assert_int_equal(cert_at(reads, 0)->kind, CERT_OPENPGP);
    }
}

static void what_is_no_use_says_why(void **state) {
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", "no certificate"},
        {"Dear Sir,\n", "no certificate"},
        {"BEGIN:VCARD\nVERSION:3.0\nFN:Alice\nEND:VCARD\n", "no property KEY"},
        {"BEGIN:VCARD\nKEY;VALUE=uri:https://client.test/key\nEND:VCARD\n", "web address"},
        {"BEGIN:VCARD\nKEY;VALUE=uri:ldap://client.test/o=key\nEND:VCARD\n", "(ldap:)"},
        {"BEGIN:VCARD\nKEY;ENCODING=b:!!!\nEND:VCARD\n", "no base64"},
        /* a vCard in a vCard, spaces before it */
        {"BEGIN:VCARD\nKEY;ENCODING=b:ICBCRUdJTjpWQ0FSRA==\nEND:VCARD\n", "another vCard"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(CertReads) reads = certreads_new();
        certread_bytes(reads, cases[i].text, strlen(cases[i].text), NULL);
        assert_int_equal(reads->problems->len, 1);
        if (!strstr(g_ptr_array_index(reads->problems, 0), cases[i].reason))
            fail_msg("%s: %s", cases[i].reason, (char *)g_ptr_array_index(reads->problems, 0));
    }
}

static void a_private_key_is_noticed(void **state) {
    assert_true(
        lab_run("cat alice.pem alice.key > with-key.pem; openssl crl2pkcs7 -nocrl -certfile alice.pem > 7.pem && "
                "cat 7.pem alice.key > 7key.pem; openssl pkey -in alice.key -outform DER -out rsa.key && "
                "openssl pkey -in bob.key -traditional -outform DER -out ec.key && openssl pkcs8 -topk8 -in "
                "alice.key -passout pass:x -outform DER -out locked.key"));
    static const char *const files[] = {"with-key.pem", "7key.pem", "rsa.key", "ec.key", "locked.key"};
    static const char *const open[] = {"alice.pem", "7.pem", "alice.der"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(CertReads) reads = read_lab(files[i], NULL);
        if (!reads->private_key)
            fail_msg("%s: nothing private was seen", files[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(open); i++) {
        g_autoptr(CertReads) reads = read_lab(open[i], NULL);
        if (reads->private_key || reads->certs->len != 1)
            fail_msg("%s: %u certificates", open[i], reads->certs->len);
    }
    if (!lab_has_gpg())
        return;
    assert_true(lab_run(
        "gpg --batch --passphrase '' --pinentry-mode loopback --export-secret-keys alice@client.test > secret.gpg"));
    g_autoptr(CertReads) key = read_lab("secret.gpg", NULL);
    assert_true(key->private_key);
}

/* Standard error of a daemon is its log. */
static void a_damaged_key_says_nothing_on_standard_error(void **state) {
    if (!lab_has_gpg())
        skip();
    g_autofree char *path = g_build_filename(lab_folder(), "errors", NULL), *said = NULL;
    assert_true(lab_run("head -c 200 bob.gpg > cut.gpg"));
    int saved = dup(STDERR_FILENO), into = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(saved >= 0 && into >= 0 && dup2(into, STDERR_FILENO) >= 0);
    g_autoptr(CertReads) reads = read_lab("cut.gpg", NULL);
    fputs("ours\n", stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(into);
    assert_true(g_file_get_contents(path, &said, NULL, NULL));
    assert_string_equal(said, "ours\n");
}

static void expired_and_revoked_keys_say_so(void **state) {
    if (!lab_has_gpg())
        skip();
    assert_true(
        lab_run("gpg --batch --passphrase '' --quick-gen-key 'Old <old@client.test>' rsa2048 encrypt,sign 2d && "
                "gpg --armor --export old@client.test > old.asc"));
    /* The subkey that encrypts, and a user id, revoked by their owner. */
    assert_true(lab_run("gpg --batch --passphrase '' --quick-gen-key 'Rev <rev@client.test>' ed25519 sign never && "
                        "F=$(gpg --with-colons --list-keys rev@client.test | awk -F: '/^fpr/{print $10; exit}') && "
                        "gpg --batch --passphrase '' --quick-add-key $F cv25519 encr never && "
                        "gpg --batch --passphrase '' --quick-add-uid $F 'Gone <gone@client.test>' && "
                        "gpg --batch --yes --passphrase '' --quick-revoke-uid $F 'Gone <gone@client.test>' && "
                        "gpg --armor --export $F > uid.asc && "
                        "printf 'key 1\\nrevkey\\ny\\n0\\n\\ny\\nsave\\n' | gpg --no-tty --status-fd 1 --command-fd 0 "
                        "--pinentry-mode loopback --passphrase '' --edit-key $F && gpg --armor --export $F > rev.asc"));
    Instant now = instant_from_seconds(g_get_real_time() / 1000000);
    g_autoptr(CertReads) old = read_lab("old.asc", NULL), uid = read_lab("uid.asc", NULL),
                         rev = read_lab("rev.asc", NULL);
    Cert *key = g_ptr_array_index(old->certs, 0);
    key->trust = TRUST_BY_HAND;
    assert_int_equal(cert_state(key, now), CERT_USABLE);
    assert_int_equal(cert_state(key, instant_add(now, duration_seconds(3 * 86400))), CERT_EXPIRED);
    assert_int_equal(cert_at(uid, 0)->addresses->len, 1); /* the revoked one is no address of hers */
    assert_string_equal(g_ptr_array_index(cert_at(uid, 0)->addresses, 0), "rev@client.test");
    assert_int_equal(cert_state(cert_at(rev, 0), now), CERT_REVOKED);
}

static void what_is_kept_reads_the_same(void **state) {
    static const char *const files[] = {"alice.pem", "bob.pem", "alice.asc"};
    for (size_t i = 0; i < (lab_has_gpg() ? 3 : 2); i++) {
        g_autoptr(CertReads) reads = read_lab(files[i], NULL);
        g_autofree char *text = cert_as_text(cert_at(reads, 0));
        g_autoptr(CertReads) again = certreads_new();
        certread_bytes(again, text, strlen(text), NULL);
        assert_int_equal(again->certs->len, 1);
        assert_string_equal(cert_at(again, 0)->fingerprint, cert_at(reads, 0)->fingerprint);
        assert_true(g_bytes_equal(cert_at(again, 0)->data, cert_at(reads, 0)->data));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_same_certificate),
        cmocka_unit_test(a_pkcs12_wants_its_pass_phrase_and_gives_no_key),
        cmocka_unit_test(a_pkcs12_that_would_take_hours_is_refused),
        cmocka_unit_test(one_file_may_hold_several),
        cmocka_unit_test(keys_in_vcards_are_found),
        cmocka_unit_test(what_is_no_use_says_why),
        cmocka_unit_test(a_private_key_is_noticed),
        cmocka_unit_test(a_damaged_key_says_nothing_on_standard_error),
        cmocka_unit_test(expired_and_revoked_keys_say_so),
        cmocka_unit_test(what_is_kept_reads_the_same),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_teardown);
}
