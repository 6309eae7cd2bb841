/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of certificates: whose, until when, and what is passed over with a word about it. */
#include "crypto/certs.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const char *problem_with(const GPtrArray *problems, const char *file) {
    for (guint i = 0; i < problems->len; i++)
        if (strstr(g_ptr_array_index(problems, i), file) != NULL)
            return g_ptr_array_index(problems, i);
    return NULL;
}

static void each_address_finds_its_certificates_and_keys(void **state) {
    g_autoptr(CertStore) store = certs_load(lab_folder(), NULL);
    assert_non_null(certs_of(store, "alice@client.test"));
    assert_int_equal(certs_of(store, "alice@client.test")->len, 1); /* PEM and DER of the same */
    assert_non_null(certs_of(store, "ALICE@Client.Test"));
    assert_non_null(certs_of(store, "bob@client.test"));
    assert_null(certs_of(store, "carol@client.test"));
    if (lab_has_gpg()) {
        assert_non_null(certs_keys_of(store, "alice@client.test"));
        assert_int_equal(certs_keys_of(store, "bob@client.test")->len, 1); /* the subkey: the primary key only signs */
    }
}

static void unusable_files_are_passed_over_with_a_reason(void **state) {
    static const struct {
        const char *file, *arguments, *reason;
    } cases[] = {
        {"signing.pem", "-subj /CN=x -addext subjectAltName=email:s@client.test -addext keyUsage=digitalSignature",
         "key usage"},
        {"server.pem", "-subj /CN=x -addext subjectAltName=email:s@client.test -addext extendedKeyUsage=serverAuth",
         "extended key usage"},
        {"nobody.pem", "-subj /CN=x", "no e-mail address"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_true(lab_run("openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out %s %s", cases[i].file,
                            cases[i].arguments));
    assert_true(lab_run("echo rubbish > rubbish.pem; printf '\\305\\001x' > rubbish.gpg; : > empty.der"));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(CertStore) store = certs_load(lab_folder(), problems);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *problem = problem_with(problems, cases[i].file);
        assert_non_null(problem);
        assert_non_null(strstr(problem, cases[i].reason));
    }
    assert_non_null(problem_with(problems, "rubbish.pem"));
    assert_non_null(problem_with(problems, "rubbish.gpg"));
    assert_non_null(problem_with(problems, "empty.der"));
    assert_null(certs_of(store, "s@client.test"));
    assert_non_null(certs_of(store, "alice@client.test"));
    assert_true(lab_run("rm signing.pem server.pem nobody.pem rubbish.pem rubbish.gpg empty.der"));
}

static void an_internationalised_mailbox_is_an_address(void **state) {
    assert_true(lab_run("openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out utf8.pem -utf8 -subj /CN=x "
                        "-addext 'subjectAltName=otherName:1.3.6.1.5.5.7.8.9;UTF8:joerg@client.test'"));
    g_autoptr(CertStore) store = certs_load(lab_folder(), NULL);
    assert_non_null(certs_of(store, "joerg@client.test"));
    assert_true(lab_run("rm utf8.pem"));
}

/* As X509_check_email(): what stands beside a mailbox in the name of the subject nobody has checked. */
static void the_name_of_the_subject_counts_only_without_a_mailbox(void **state) {
    static const char *const others[] = {"email:mallory@evil.test",
                                         "otherName:1.3.6.1.5.5.7.8.9;UTF8:mallory@evil.test"};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        assert_true(lab_run("openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out two.pem "
                            "-subj /CN=x/emailAddress=anna@client.test -addext 'subjectAltName=%s'",
                            others[i]));
        g_autoptr(CertStore) store = certs_load(lab_folder(), NULL);
        assert_non_null(certs_of(store, "mallory@evil.test"));
        assert_null(certs_of(store, "anna@client.test"));
    }
    assert_true(lab_run("rm two.pem"));
}

static void an_absent_folder_is_an_empty_store(void **state) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(CertStore) store = certs_load("/nonexistent/certificates", problems);
    g_autoptr(CertStore) none = certs_load(NULL, problems);
    assert_null(certs_of(store, "alice@client.test"));
    assert_null(certs_keys_of(none, "alice@client.test"));
    assert_int_equal(problems->len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_finds_its_certificates_and_keys),
        cmocka_unit_test(unusable_files_are_passed_over_with_a_reason),
        cmocka_unit_test(an_internationalised_mailbox_is_an_address),
        cmocka_unit_test(the_name_of_the_subject_counts_only_without_a_mailbox),
        cmocka_unit_test(an_absent_folder_is_an_empty_store),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_teardown);
}
