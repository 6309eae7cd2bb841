/* SPDX-License-Identifier: Apache-2.0 */
/* A message put into an encrypted one: what stands outside, what openssl(1) finds inside, and when nothing is made. */
#include "message/protect.h"
#include "../crypto/enclab.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

typedef struct {
    Bytes pieces[3];
    ProtectInput input;
} Sample;

/* The body of a message in three pieces. */
static ProtectInput *sample(Sample *sample, const char *message, size_t length) {
    const char *blank = g_strstr_len(message, (gssize)length, "\r\n\r\n");
    const char *body = blank != NULL ? blank + 4 : message + length;
    size_t rest = length - (size_t)(body - message), first = rest / 2;
    *sample = (Sample){.pieces = {{body, first}, {body, 0}, {body + first, rest - first}}};
    sample->input = (ProtectInput){.head = slice_between(message, body),
                                   .body = sample->pieces,
                                   .pieces = 3,
                                   .certs = store,
                                   .encrypter = encrypter,
                                   .now = now()};
    return &sample->input;
}

static GPtrArray *list(const char *words) {
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) parts = g_strsplit(words, " ", -1);
    for (char **part = parts; *part != NULL && **part != '\0'; part++)
        g_ptr_array_add(all, g_strdup(*part));
    return all;
}

/* What alice reads; caller owns. */
static char *opened(const GString *message, size_t *length) {
    g_autofree char *path = g_build_filename(lab_folder(), "sealed.eml", NULL);
    assert_true(g_file_set_contents(path, message->str, (gssize)message->len, NULL));
    if (!lab_run("openssl cms -decrypt -binary -in sealed.eml -inkey alice.key -recip alice.pem -out opened"))
        fail_msg("openssl cannot open:\n%s", message->str);
    return (char *)lab_read("opened", length);
}

#define OUTER "From: a@firm.test\r\nTo: alice@client.test\r\nSubject: deal\r\n"
#define SEALED                                                                                                         \
    "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\r\n"                          \
    "Content-Disposition: attachment; filename=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"

static const struct {
    const char *what, *message, *outside, *inside;
} cases[] = {
    {"a plain text", OUTER "\r\nTwo million.\r\n", OUTER "MIME-Version: 1.0\r\n",
     "Content-Type: text/plain\r\n\r\nTwo million.\r\n"},
    {"fields among others",
     "Content-Type: text/html;\r\n\tcharset=utf-8\r\n" OUTER
     "Content-Transfer-Encoding: 8bit\r\nMime-Version: 1.0\r\nX-Last: 1\r\n\r\n<p>Zw\xc3\xb6lf\r\n",
     OUTER "Mime-Version: 1.0\r\nX-Last: 1\r\n",
     "Content-Type: text/html;\r\n\tcharset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>Zw\xc3\xb6lf\r\n"},
    {"no body", OUTER "\r\n", OUTER "MIME-Version: 1.0\r\n", "Content-Type: text/plain\r\n\r\n"},
    {"no end of the header", "From: a@firm.test\r\nTo: alice@client.test",
     "From: a@firm.test\r\nTo: alice@client.test\r\nMIME-Version: 1.0\r\n", "Content-Type: text/plain\r\n\r\n"},
    {"lines in LF", OUTER "\r\none\ntwo\r\nthree\n\n", OUTER "MIME-Version: 1.0\r\n",
     "Content-Type: text/plain\r\n\r\none\r\ntwo\r\nthree\r\n\r\n"},
    {"binary",
     OUTER "MIME-Version: 1.0\r\nContent-Type: x/y\r\nContent-transfer-encoding: BINARY\r\n\r\n\n\r\nx\n\xff\r",
     OUTER "MIME-Version: 1.0\r\n", "Content-Type: x/y\r\nContent-transfer-encoding: BINARY\r\n\r\n\n\r\nx\n\xff\r"},
    {"a binary part",
     OUTER "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: "
           "binary\r\n\r\nx\ny\r\n--b--\r\n",
     OUTER "MIME-Version: 1.0\r\n",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: "
     "binary\r\n\r\nx\ny\r\n--b--\r\n"},
};

static void the_letter_stands_inside_and_the_address_outside(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Sample made;
        g_autoptr(GPtrArray) recipients = list("alice@client.test");
        g_autoptr(GString) out = g_string_new("before");
        g_auto(Protection) protection = {0};
        g_autofree char *why = NULL, *before = g_strconcat("before", cases[i].outside, SEALED, NULL);
        size_t length;
        if (!protect_message(sample(&made, cases[i].message, strlen(cases[i].message)), SEAL_SMIME, recipients, out,
                             &protection, &why))
            fail_msg("%s: %s", cases[i].what, why);
        if (!g_str_has_prefix(out->str, before))
            fail_msg("%s: outside stands\n%s", cases[i].what, out->str);
        g_string_erase(out, 0, strlen("before"));
        assert_int_equal(protection.body_at, strlen(before) - strlen("before"));
        g_autofree char *inside = opened(out, &length);
        if (length != strlen(cases[i].inside) || memcmp(inside, cases[i].inside, length) != 0)
            fail_msg("%s: inside stands\n%.*s", cases[i].what, (int)length, inside);
        g_autoptr(Facts) facts = read_outgoing(out->str, out->len, store, "alice@client.test bob@client.test");
        assert_int_equal(g_array_index(facts->proofs, Proof, 0), PROOF_SMIME);
        assert_int_equal(g_array_index(facts->proofs, Proof, 1), PROOF_NONE);
    }
}

static const char letter[] = OUTER "\r\nTwo million.\r\n";

static void everybody_and_the_archive_get_a_key_once(void **state) {
    Sample made;
    g_autoptr(GPtrArray) recipients = list("bob@client.test Alice@client.test alice@client.test"), files = list("");
    g_ptr_array_add(files, g_build_filename(lab_folder(), "eve.pem", NULL));
    g_ptr_array_add(files, g_build_filename(lab_folder(), "alice.pem", NULL));
    g_autoptr(GPtrArray) archive = encrypt_load_archive(files, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    g_auto(Protection) protection = {0};
    g_autofree char *why = NULL;
    sample(&made, letter, strlen(letter))->archive = archive;
    assert_true(protect_message(&made.input, SEAL_SMIME, recipients, out, &protection, &why));
    assert_int_equal(protection.fingerprints->len, 3);
    assert_string_equal(g_ptr_array_index(protection.fingerprints, 2),
                        ((Cert *)g_ptr_array_index(archive, 0))->fingerprint);
    g_autoptr(Facts) facts =
        read_outgoing(out->str, out->len, store, "alice@client.test bob@client.test eve@other.test");
    for (guint i = 0; i < 3; i++)
        assert_int_equal(g_array_index(facts->proofs, Proof, i), PROOF_SMIME);
    assert_null(strstr(out->str, "million"));
}

static void what_cannot_be_encrypted_to_everybody_is_not_made_at_all(void **state) {
    static const struct {
        const char *recipients, *message, *archive, *says;
        Seal seal;
        int64_t later;
    } bad[] = {
        {"alice@client.test carol@client.test", letter, "", "no valid S/MIME certificate of carol@client.test is known",
         SEAL_SMIME, 0},
        {"alice@client.test", letter, "", "no valid S/MIME certificate of alice@client.test is known", SEAL_SMIME,
         40 * 86400},
        {"", letter, "", "nobody", SEAL_SMIME, 0},
        {"alice@client.test", "From: a@firm.test\r\nno field\r\n\r\nx", "", "no header field", SEAL_SMIME, 0},
        {"old@client.test", letter, "alice.pem", "the S/MIME certificate of the firm's archive expired", SEAL_SMIME,
         40 * 86400},
        {"alice@client.test", letter, "alice.asc", "the firm's archive has no S/MIME certificate", SEAL_SMIME, 0},
        {"alice@client.test eve@other.test", letter, "", "no valid OpenPGP key of eve@other.test is known",
         SEAL_OPENPGP, 0},
        {"alice@client.test", letter, "alice.pem", "the firm's archive has no OpenPGP key", SEAL_OPENPGP, 0},
    };
    assert_true(lab_run("openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out old.pem -days 90 -subj /CN=x "
                        "-addext subjectAltName=email:old@client.test"));
    g_autoptr(CertStore) all = certs_load(lab_folder(), NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        Sample made;
        g_autoptr(GPtrArray) recipients = list(bad[i].recipients), files = list(""), archive = NULL;
        g_autoptr(GString) out = g_string_new("before");
        g_auto(Protection) protection = {0};
        g_autofree char *why = NULL;
        bool asks_gpg = g_str_has_suffix(bad[i].archive, ".asc") || bad[i].seal == SEAL_OPENPGP;
        if (asks_gpg && !lab_has_gpg())
            continue;
        if (*bad[i].archive != '\0')
            g_ptr_array_add(files, g_build_filename(lab_folder(), bad[i].archive, NULL));
        archive = encrypt_load_archive(files, NULL);
        ProtectInput *input = sample(&made, bad[i].message, strlen(bad[i].message));
        input->archive = archive;
        input->certs = all;
        input->now = instant_from_seconds(input->now.us / 1000000 + bad[i].later);
        assert_false(protect_message(input, bad[i].seal, recipients, out, &protection, &why));
        assert_string_equal(out->str, "before");
        if (strstr(why, bad[i].says) == NULL)
            fail_msg("%s", why);
    }
}

static void a_clear_copy_is_the_message_as_it_goes_on(void **state) {
    Sample made;
    g_autoptr(GPtrArray) recipients = list("x@firm.test");
    g_autoptr(GString) out = g_string_new(NULL);
    g_auto(Protection) protection = {0};
    g_autofree char *why = NULL;
    assert_true(protect_message(sample(&made, letter, strlen(letter)), SEAL_NONE, recipients, out, &protection, &why));
    assert_string_equal(out->str, letter);
    assert_string_equal(out->str + protection.body_at, "Two million.\r\n");
}

/* What gpg(1) reads in the second part; caller owns. */
static char *opened_openpgp(const GString *message, const char *boundary, size_t *length) {
    g_autofree char *close = g_strdup_printf("\r\n\r\n--%s--\r\n", boundary);
    const char *armor = strstr(message->str, "-----BEGIN PGP MESSAGE-----\r\n\r\n");
    assert_non_null(armor);
    assert_true(g_str_has_suffix(message->str, close));
    g_autofree char *path = g_build_filename(lab_folder(), "sealed.asc", NULL);
    assert_true(g_file_set_contents(path, armor, (gssize)(strlen(armor) - strlen(close)), NULL));
    if (!lab_run("gpg --batch --yes --pinentry-mode loopback --passphrase '' -o opened --decrypt sealed.asc"))
        fail_msg("gpg cannot open:\n%s", message->str);
    return (char *)lab_read("opened", length);
}

/* RFC 3156, section 4: nothing but the boundary is a choice of ours. */
static void pgp_mime_has_its_two_parts_and_the_letter_in_the_second(void **state) {
    if (!lab_has_gpg())
        skip();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Sample made;
        g_autoptr(GPtrArray) recipients = list("alice@client.test bob@client.test");
        g_autoptr(GString) out = g_string_new("before");
        g_auto(Protection) protection = {0};
        g_autofree char *why = NULL;
        size_t length;
        if (!protect_message(sample(&made, cases[i].message, strlen(cases[i].message)), SEAL_OPENPGP, recipients, out,
                             &protection, &why))
            fail_msg("%s: %s", cases[i].what, why);
        g_string_erase(out, 0, strlen("before"));
        const char *found = strstr(out->str, "boundary=\"=_");
        assert_non_null(found);
        g_autofree char *boundary = g_strndup(found + 10, strcspn(found + 10, "\""));
        g_autofree char *head =
            g_strdup_printf("%sContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
                            "boundary=\"%s\"\r\n\r\n",
                            cases[i].outside, boundary);
        g_autofree char *parts = g_strdup_printf(
            "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n--%s\r\nContent-Type: "
            "application/pgp-encrypted\r\nContent-Description: PGP/MIME version identification\r\n\r\nVersion: "
            "1\r\n\r\n--%s\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\nContent-Description: "
            "OpenPGP encrypted message\r\nContent-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n-----BEGIN",
            boundary, boundary);
        if (!g_str_has_prefix(out->str, head) || !g_str_has_prefix(out->str + strlen(head), parts))
            fail_msg("%s: outside stands\n%s", cases[i].what, out->str);
        assert_int_equal(protection.body_at, strlen(head));
        g_autofree char *inside = opened_openpgp(out, boundary, &length);
        if (length != strlen(cases[i].inside) || memcmp(inside, cases[i].inside, length) != 0)
            fail_msg("%s: inside stands\n%.*s", cases[i].what, (int)length, inside);
        g_autoptr(Facts) facts =
            read_outgoing(out->str, out->len, store, "alice@client.test bob@client.test eve@other.test");
        assert_int_equal(g_array_index(facts->proofs, Proof, 0), PROOF_OPENPGP);
        assert_int_equal(g_array_index(facts->proofs, Proof, 1), PROOF_OPENPGP);
        assert_int_equal(g_array_index(facts->proofs, Proof, 2), PROOF_UNKNOWN); /* no key of hers is known */
        assert_false(facts_has_anomaly(facts, "openpgp-legacy-format"));
    }
}

/* As the folder keeps what a verified signature said: GCM where all of them read it, OAEP for each who does. */
static void better_ciphers_are_for_who_has_said_that_they_read_them(void **state) {
    static const struct {
        const char *alice, *eve, *recipients;
        bool gcm, oaep;
    } rows[] = {
        {"aes256-gcm oaep", "aes256-cbc", "alice@client.test", true, true},
        {"aes256-gcm", "aes256-cbc", "alice@client.test", true, false},
        {"aes256-gcm oaep", "aes256-cbc", "alice@client.test eve@other.test", false, true},
        {"aes256-gcm oaep", "aes256-gcm oaep", "alice@client.test eve@other.test", true, true},
        {"aes128-gcm", "", "alice@client.test", false, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_true(
            lab_run("rm -rf told && mkdir told && { printf 'Signed-At: 2026-01-01T00:00:00Z\\nReads: %s\\n'; cat "
                    "alice.pem; } > told/a.pem && { printf 'Signed-At: 2026-01-01T00:00:00Z\\nReads: %s\\n'; cat "
                    "eve.pem; } > told/e.pem",
                    rows[i].alice, rows[i].eve));
        g_autofree char *folder = g_build_filename(lab_folder(), "told", NULL), *why = NULL;
        g_autoptr(CertStore) told = certs_load(folder, NULL);
        g_autoptr(GPtrArray) recipients = list(rows[i].recipients);
        g_autoptr(GString) out = g_string_new(NULL);
        g_auto(Protection) protection = {0};
        Sample made;
        ProtectInput *input = sample(&made, OUTER "\r\nTwo million.\r\n", strlen(OUTER "\r\nTwo million.\r\n"));
        input->certs = told;
        assert_true(protect_message(input, SEAL_SMIME, recipients, out, &protection, &why));
        size_t length, der_length;
        g_autofree char *inside = opened(out, &length);
        assert_non_null(g_strstr_len(inside, (gssize)length, "Two million."));
        assert_int_equal(strstr(out->str, "smime-type=authEnveloped-data") != NULL, rows[i].gcm);
        assert_true(lab_run("openssl cms -cmsout -in sealed.eml -outform DER -out sealed.der"));
        g_autofree unsigned char *der = lab_read("sealed.der", &der_length);
        assert_int_equal(memmem(der, der_length, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07", 9) != NULL, rows[i].oaep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(better_ciphers_are_for_who_has_said_that_they_read_them),
        cmocka_unit_test(the_letter_stands_inside_and_the_address_outside),
        cmocka_unit_test(pgp_mime_has_its_two_parts_and_the_letter_in_the_second),
        cmocka_unit_test(everybody_and_the_archive_get_a_key_once),
        cmocka_unit_test(what_cannot_be_encrypted_to_everybody_is_not_made_at_all),
        cmocka_unit_test(a_clear_copy_is_the_message_as_it_goes_on),
    };
    return cmocka_run_group_tests(tests, enclab_setup, enclab_teardown);
}
