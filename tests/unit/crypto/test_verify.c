/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that openssl(1) and gpg(1) make, and what is wrong with those that do not count. */
#include "crypto/verify.h"
#include "base/timesource.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/resource.h>

static CertStore *store;
static Instant now;

#define CA "basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign,cRLSign\\n"
#define MAIL "extendedKeyUsage=emailProtection\\n"
#define LISTED "crlDistributionPoints=URI:http://crl.test/root.crl\\n"
#define CLAIRE "subjectAltName=email:claire@client.test\\n"

static const struct {
    const char *name, *issuer, *algorithm, *days, *extensions;
} people[] = {
    {"root", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", CA},
    {"inter", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", CA},
    {"stranger", "stranger", "RSA -pkeyopt rsa_keygen_bits:2048", "300", CA},
    {"claire", "inter", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE},
    {"ec", "root", "EC -pkeyopt ec_paramgen_curve:P-256", "300", MAIL CLAIRE},
    {"pss", "root", "RSA-PSS -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE},
    {"hugo", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL "subjectAltName=email:hugo@other.test\\n"},
    {"nobody", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL},
    {"foreign", "stranger", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE},
    {"alone", "alone", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE},
    {"gone", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE LISTED},
    {"listed", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE LISTED},
    {"unlisted", "inter", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE LISTED},
    {"short", "root", "RSA -pkeyopt rsa_keygen_bits:1024", "300", MAIL CLAIRE},
    {"server", "root", "RSA -pkeyopt rsa_keygen_bits:2048", "300", "extendedKeyUsage=serverAuth\\n" CLAIRE},
    {"byhand", "byhand", "RSA -pkeyopt rsa_keygen_bits:2048", "300", MAIL CLAIRE},
};

static void make_person(size_t i) {
    bool self = strcmp(people[i].name, people[i].issuer) == 0;
    g_autofree char *by =
        self ? g_strdup_printf("-signkey %s.key", people[i].name)
             : g_strdup_printf("-CA %s.pem -CAkey %s.key -set_serial %zu", people[i].issuer, people[i].issuer, 100 + i);
    assert_true(lab_run("openssl genpkey -algorithm %s -out %s.key && printf '%%b' '%s' > %s.ext && "
                        "openssl req -new -key %s.key -subj '/CN=%s' -out %s.csr && "
                        "openssl x509 -req -in %s.csr %s -days %s -sha256 -extfile %s.ext -out %s.pem",
                        people[i].algorithm, people[i].name, people[i].extensions, people[i].name, people[i].name,
                        people[i].name, people[i].name, people[i].name, by, people[i].days, people[i].name,
                        people[i].name));
}

static int make_world(void **state) {
    TimeSource clock = timesource_system();
    if (lab_group_setup(state) != 0)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++)
        make_person(i);
    assert_true(
        lab_run("mkdir -p kept crls && cp byhand.pem kept && "
                "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\ndefault_md=sha256\\n' > ca.cnf && "
                ": > index.txt.attr && printf 'R\\t301231235959Z\\t260101120000Z\\t%%s\\tunknown\\t/CN=x\\n' "
                "$(openssl x509 -in gone.pem -noout -serial | cut -d= -f2) > index.txt && "
                "openssl ca -config ca.cnf -gencrl -keyfile root.key -cert root.pem -crldays 5 -out crls/r.pem"));
    if (lab_has_gpg())
        assert_true(lab_run("cp alice.asc kept"));
    now = instant_add(timesource_now(&clock), duration_seconds(60));
    g_autofree char *folder = g_build_filename(lab_folder(), "kept", NULL);
    g_autofree char *roots = g_build_filename(lab_folder(), "root.pem", NULL);
    g_autofree char *crls = g_build_filename(lab_folder(), "crls", NULL);
    store = certs_read(&(CertPlaces){folder, roots, crls}, NULL, now, NULL, NULL);
    assert_non_null(store);
    return 0;
}

static int drop_world(void **state) {
    certs_free(store);
    return lab_group_teardown(state);
}

static VerifyInput input_of(const unsigned char *signature, size_t length, const void *content, size_t content_length) {
    return (VerifyInput){.signature = signature,
                         .length = length,
                         .content = content,
                         .content_length = content_length,
                         .certs = store,
                         .from = "claire@client.test",
                         .now = now};
}

/* Of plain.txt, made with these options; NULL: openssl cannot. */
static Verified *verify_made(const char *who, const char *options, bool carries) {
    size_t length, content_length;
    assert_true(
        lab_run("openssl cms -sign -binary %s -in plain.txt -signer %s.pem -inkey %s.key -outform DER -out s.p7s %s",
                carries ? "-nodetach" : "", who, who, options));
    g_autofree unsigned char *signature = lab_read("s.p7s", &length);
    g_autofree unsigned char *content = lab_read("plain.txt", &content_length);
    VerifyInput input = input_of(signature, length, carries ? NULL : content, content_length);
    return verify_cms(&input);
}

static const struct {
    const char *who, *options;
    SignatureState state;
    const char *words; /* in the sentence */
} cases[] = {
    {"claire", "-certfile inter.pem", SIGNATURE_VALID, "signed by claire@client.test, certificate of inter"},
    {"claire", "-certfile inter.pem -md sha512", SIGNATURE_VALID, "signed by"},
    {"claire", "-certfile inter.pem -noattr", SIGNATURE_VALID, "signed by"},
    {"claire", "-certfile inter.pem -keyopt rsa_padding_mode:pss", SIGNATURE_VALID, "signed by"},
    {"ec", "", SIGNATURE_VALID, "signed by"},
    {"pss", "", SIGNATURE_UNKNOWN, "kind that cannot be checked"},
    {"claire", "", SIGNATURE_UNKNOWN_SIGNER, "nobody vouches for the certificate of claire@client.test"},
    {"claire", "-certfile inter.pem -md sha1", SIGNATURE_WEAK, "SHA1, which can be forged"},
    {"claire", "-certfile inter.pem -md md5", SIGNATURE_WEAK, "MD5, which can be forged"},
    {"hugo", "", SIGNATURE_WRONG_ADDRESS,
     "the certificate of hugo@other.test, and the message says it comes from claire"},
    {"nobody", "", SIGNATURE_UNKNOWN_SIGNER, "names no e-mail address"},
    {"foreign", "-certfile stranger.pem", SIGNATURE_UNKNOWN_SIGNER, "nobody vouches"},
    {"alone", "", SIGNATURE_UNKNOWN_SIGNER, "nobody vouches"},
    {"gone", "", SIGNATURE_REVOKED, "was revoked on 2026-01-01"},
    {"listed", "", SIGNATURE_VALID, "signed by"},
    {"unlisted", "-certfile inter.pem", SIGNATURE_VALID, "there is no list of its issuer"},
    {"short", "", SIGNATURE_WEAK, "(RSA 1024) is too short"},
    {"server", "", SIGNATURE_UNKNOWN_SIGNER, "not for signing e-mail"},
    {"byhand", "", SIGNATURE_VALID, "trusted by hand"},
    {"byhand", "-nocerts", SIGNATURE_VALID, "trusted by hand"},
    {"claire", "-nocerts", SIGNATURE_UNKNOWN, "did not come with it"},
    {"claire", "-certfile inter.pem -signer hugo.pem -inkey hugo.key", SIGNATURE_VALID, "signed by claire"},
};

static void each_signature_is_what_its_signer_and_digest_make_it(void **state) {
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
        size_t c = i / 2;
        g_autoptr(Verified) verified = verify_made(cases[c].who, cases[c].options, i % 2);
        if (verified->state != cases[c].state || strstr(verified->why, cases[c].words) == NULL)
            fail_msg("%s %s: %s (%s)", cases[c].who, cases[c].options, signature_state_name(verified->state),
                     verified->why);
        assert_true((verified->kept != NULL) == (verified->state == SIGNATURE_VALID));
    }
}

/* Every byte of content and signature: no change leaves it valid but where the certificates that nobody needs lie. */
static void a_changed_byte_is_never_valid(void **state) {
    size_t length, content_length;
    assert_true(
        lab_run("openssl cms -sign -binary -in plain.txt -signer ec.pem -inkey ec.key -outform DER -out s.p7s"));
    g_autofree unsigned char *signature = lab_read("s.p7s", &length);
    g_autofree unsigned char *content = lab_read("plain.txt", &content_length);
    VerifyInput input = input_of(signature, length, content, content_length);
    unsigned states[SIGNATURE_NONE + 1] = {0};
    for (size_t i = 0; i < content_length; i++) {
        content[i] ^= 1;
        g_autoptr(Verified) verified = verify_cms(&input);
        assert_int_equal(verified->state, SIGNATURE_INVALID);
        content[i] ^= 1;
    }
    for (size_t i = 0; i < length; i++) {
        signature[i] ^= 1;
        g_autoptr(Verified) verified = verify_cms(&input);
        states[verified->state]++;
        signature[i] ^= 1;
    }
    for (size_t cut = 0; cut < length; cut++) {
        input.length = cut;
        g_autoptr(Verified) verified = verify_cms(&input);
        assert_int_equal(verified->state, SIGNATURE_UNKNOWN);
    }
    assert_true(states[SIGNATURE_INVALID] > 100);
    assert_true(states[SIGNATURE_VALID] < 12); /* NULL parameters, the version of the signer */
}

static void a_certificate_counts_while_it_is_valid_alone(void **state) {
    static const struct {
        int days;
        SignatureState state;
    } times[] = {{-2, SIGNATURE_EXPIRED}, {0, SIGNATURE_VALID}, {299, SIGNATURE_VALID}, {301, SIGNATURE_EXPIRED}};
    size_t length, content_length;
    assert_true(
        lab_run("openssl cms -sign -binary -in plain.txt -signer ec.pem -inkey ec.key -outform DER -out s.p7s"));
    g_autofree unsigned char *signature = lab_read("s.p7s", &length);
    g_autofree unsigned char *content = lab_read("plain.txt", &content_length);
    VerifyInput input = input_of(signature, length, content, content_length);
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        input.now = instant_add(now, duration_seconds(times[i].days * 86400));
        g_autoptr(Verified) verified = verify_cms(&input);
        assert_int_equal(verified->state, times[i].state);
    }
}

/* What openssl(1) cannot say: another time, and capabilities. */
static GBytes *sign_with(const char *who, int64_t seconds, const int *capabilities) {
    size_t length;
    g_autofree char *pem = g_strconcat(who, ".pem", NULL), *key_name = g_strconcat(who, ".key", NULL);
    g_autofree unsigned char *cert = lab_read(pem, &length);
    BIO *bio = BIO_new_mem_buf(cert, (int)length);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    g_autofree unsigned char *key_text = lab_read(key_name, &length);
    bio = BIO_new_mem_buf(key_text, (int)length);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    const unsigned flags = CMS_BINARY | CMS_DETACHED | CMS_PARTIAL;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    CMS_SignerInfo *info = CMS_add1_signer(cms, x509, key, EVP_sha256(), flags | CMS_NOSMIMECAP);
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)seconds);
    assert_int_equal(CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1), 1);
    ASN1_TIME_free(time);
    STACK_OF(X509_ALGOR) *algorithms = NULL;
    for (; capabilities != NULL && *capabilities != 0; capabilities++)
        assert_int_equal(CMS_add_simple_smimecap(&algorithms, *capabilities, -1), 1);
    if (algorithms != NULL)
        assert_int_equal(CMS_add_smimecap(info, algorithms), 1);
    sk_X509_ALGOR_pop_free(algorithms, X509_ALGOR_free);
    g_autofree unsigned char *content = lab_read("plain.txt", &length);
    bio = BIO_new_mem_buf(content, (int)length);
    assert_int_equal(CMS_final(cms, bio, NULL, flags), 1);
    BIO_free(bio);
    unsigned char *der = NULL;
    int size = i2d_CMS_ContentInfo(cms, &der);
    GBytes *bytes = g_bytes_new(der, (gsize)size);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    X509_free(x509);
    EVP_PKEY_free(key);
    return bytes;
}

static Verified *verify_bytes(GBytes *bytes, bool attributes_only) {
    size_t length, content_length;
    const unsigned char *signature = g_bytes_get_data(bytes, &length);
    g_autofree unsigned char *content = lab_read("plain.txt", &content_length);
    VerifyInput input = input_of(signature, length, attributes_only ? NULL : content, content_length);
    input.attributes_only = attributes_only;
    return verify_cms(&input);
}

static void the_time_of_signing_is_not_in_the_future(void **state) {
    g_autoptr(GBytes) later = sign_with("ec", instant_seconds(now) + 2 * 86400, NULL);
    g_autoptr(GBytes) earlier = sign_with("ec", instant_seconds(now) - 5 * 86400, NULL);
    g_autoptr(Verified) future = verify_bytes(later, false);
    g_autoptr(Verified) before = verify_bytes(earlier, false);
    assert_int_equal(future->state, SIGNATURE_UNKNOWN);
    assert_non_null(strstr(future->why, "in the future"));
    assert_int_equal(before->state, SIGNATURE_EXPIRED); /* the certificate did not exist yet */
}

/* What is kept of a signature proves to another process who signed, when, and what they can read. */
static void the_kept_signature_is_checked_again_without_the_content(void **state) {
    static const int capabilities[] = {NID_aes_256_gcm, NID_rsaesOaep, NID_des_ede3_cbc, 0};
    g_autoptr(GBytes) bytes = sign_with("ec", instant_seconds(now), capabilities);
    g_autoptr(Verified) verified = verify_bytes(bytes, false);
    assert_int_equal(verified->state, SIGNATURE_VALID);
    assert_int_equal(verified->reads, CERT_READS_AES256_GCM | CERT_READS_OAEP);
    assert_int_equal(instant_seconds(verified->signed_at), instant_seconds(now));
    g_autoptr(Verified) again = verify_bytes(verified->kept, true);
    assert_int_equal(again->state, SIGNATURE_VALID);
    assert_int_equal(again->reads, verified->reads);
    assert_string_equal(again->signer->fingerprint, verified->signer->fingerprint);

    size_t length;
    const unsigned char *kept = g_bytes_get_data(verified->kept, &length);
    g_autofree unsigned char *forged = g_memdup2(kept, length);
    unsigned char *gcm = memmem(forged, length, "\x60\x86\x48\x01\x65\x03\x04\x01\x2e", 9);
    gcm[8] = 0x2a;
    g_autoptr(GBytes) changed = g_bytes_new(forged, length);
    g_autoptr(Verified) other = verify_bytes(changed, true);
    assert_int_equal(other->state, SIGNATURE_INVALID);
    g_autoptr(Verified) bare = verify_made("ec", "-noattr", false); /* nothing is left to check without the content */
    g_autoptr(Verified) blind = verify_bytes(bare->kept, true);
    assert_int_equal(blind->state, SIGNATURE_INVALID);
}

static void the_authorities_that_came_along_are_given(void **state) {
    g_autoptr(Verified) verified = verify_made("claire", "-certfile inter.pem", false);
    g_autoptr(GPtrArray) issuers = verify_cms_issuers(verified->kept, verified->signer);
    assert_int_equal(issuers->len, 1);
}

static void what_is_no_signature_is_unknown(void **state) {
    static const char *const files[] = {"plain.txt", "alice.der", "e.p7", "d.p7"};
    assert_true(lab_run("openssl cms -encrypt -aes256 -in plain.txt -outform DER -out e.p7 alice.pem && "
                        "openssl cms -data_create -in plain.txt -outform DER -out d.p7"));
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        size_t length;
        g_autofree unsigned char *data = lab_read(files[i], &length);
        VerifyInput input = input_of(data, length, "x", 1);
        g_autoptr(Verified) verified = verify_cms(&input);
        assert_int_equal(verified->state, SIGNATURE_UNKNOWN);
        g_autoptr(Verified) openpgp = verify_openpgp(&input);
        assert_int_equal(openpgp->state, SIGNATURE_UNKNOWN);
    }
}

/* A thousand certificates, signers or digests would be a thousand times the work. */
static void too_much_of_it_is_refused_before_openssl_sees_it(void **state) {
    assert_true(lab_run("printf 'nsComment=' > big.ext && head -c 300000 /dev/zero | tr '\\0' x >> big.ext && "
                        "openssl x509 -req -in ec.csr -CA root.pem -CAkey root.key -set_serial 7 -extfile big.ext "
                        "-out big.pem"));
    g_autoptr(Verified) large = verify_made("ec", "-certfile big.pem", false);
    assert_int_equal(large->state, SIGNATURE_UNKNOWN);
    assert_non_null(strstr(large->why, "larger than any"));
    GString *signers = g_string_new("-nocerts ");
    for (int i = 0; i < 9; i++)
        g_string_append(signers, "-signer hugo.pem -inkey hugo.key ");
    g_autoptr(Verified) many = verify_made("ec", signers->str, false);
    g_string_free(signers, TRUE);
    assert_non_null(strstr(many->why, "larger than any"));
}

static void a_signature_over_ten_megabytes_costs_no_copy_of_them(void **state) {
    struct rusage before, after;
    size_t length, content_length;
    assert_true(
        lab_run("head -c 10000000 /dev/urandom > big.bin && openssl cms -sign -binary -in big.bin -signer ec.pem "
                "-inkey ec.key -outform DER -out big.p7s"));
    g_autofree unsigned char *signature = lab_read("big.p7s", &length);
    g_autofree unsigned char *content = lab_read("big.bin", &content_length);
    VerifyInput input = input_of(signature, length, content, content_length);
    getrusage(RUSAGE_SELF, &before);
    g_autoptr(Verified) verified = verify_cms(&input);
    getrusage(RUSAGE_SELF, &after);
    assert_int_equal(verified->state, SIGNATURE_VALID);
    assert_true(after.ru_maxrss - before.ru_maxrss < 4000);
}

static const struct {
    const char *options;
    bool changed;
    const char *from;
    SignatureState state;
} openpgp_cases[] = {
    {"--digest-algo SHA256", false, "alice@client.test", SIGNATURE_VALID},
    {"--digest-algo SHA512 --armor", false, "alice@client.test", SIGNATURE_VALID},
    {"--digest-algo SHA256 --armor --textmode", false, "alice@client.test", SIGNATURE_VALID},
    {"--digest-algo SHA256", true, "alice@client.test", SIGNATURE_INVALID},
    {"--digest-algo SHA1 --allow-weak-digest-algos", false, "alice@client.test", SIGNATURE_WEAK},
    {"--digest-algo SHA256", false, "claire@client.test", SIGNATURE_UNKNOWN},
};

static void openpgp_signatures_are_checked_with_the_keys_of_the_sender(void **state) {
    if (!lab_has_gpg())
        skip();
    for (size_t i = 0; i < G_N_ELEMENTS(openpgp_cases); i++) {
        size_t length, content_length;
        assert_true(lab_run("rm -f s.sig; gpg --batch --passphrase '' -u alice@client.test %s --detach-sign -o s.sig "
                            "plain.txt",
                            openpgp_cases[i].options));
        g_autofree unsigned char *signature = lab_read("s.sig", &length);
        g_autofree unsigned char *content = lab_read("plain.txt", &content_length);
        content[content_length / 2] ^= openpgp_cases[i].changed;
        VerifyInput input = input_of(signature, length, content, content_length);
        input.from = openpgp_cases[i].from;
        g_autoptr(Verified) verified = verify_openpgp(&input);
        if (verified->state != openpgp_cases[i].state)
            fail_msg("%s: %s (%s)", openpgp_cases[i].options, signature_state_name(verified->state), verified->why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signature_is_what_its_signer_and_digest_make_it),
        cmocka_unit_test(a_changed_byte_is_never_valid),
        cmocka_unit_test(a_certificate_counts_while_it_is_valid_alone),
        cmocka_unit_test(the_time_of_signing_is_not_in_the_future),
        cmocka_unit_test(the_kept_signature_is_checked_again_without_the_content),
        cmocka_unit_test(the_authorities_that_came_along_are_given),
        cmocka_unit_test(what_is_no_signature_is_unknown),
        cmocka_unit_test(too_much_of_it_is_refused_before_openssl_sees_it),
        cmocka_unit_test(a_signature_over_ten_megabytes_costs_no_copy_of_them),
        cmocka_unit_test(openpgp_signatures_are_checked_with_the_keys_of_the_sender),
    };
    return cmocka_run_group_tests(tests, make_world, drop_world);
}
