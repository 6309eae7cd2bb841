/* SPDX-License-Identifier: Apache-2.0 */
/* What encrypting a message costs, beside a bare loop of CMS_encrypt() that makes canonical line ends and base64 too
 * and has its certificates parsed. */
#include "message/protect.h"
#include "../crypto/lab.h"
#include "../cputime.h"
#include "message/message.h"
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <string.h>

enum { PEOPLE = 5, LARGE = 1 << 20, SMALL = 5 * 1024 };

static CertStore *store;
static Encrypter *encrypter;
static GPtrArray *recipients;

static int setup(void **state) {
    if (lab_group_setup(state) != 0)
        return -1;
    recipients = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < PEOPLE; i++) {
        g_ptr_array_add(recipients, g_strdup_printf("p%d@client.test", i));
        if (!lab_run(
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout p.key -out p%d.pem -days 30 -subj /CN=p%d -addext "
                "subjectAltName=email:p%d@client.test",
                i, i, i))
            return -1;
    }
    store = certs_load(lab_folder(), NULL);
    encrypter = encrypter_new();
    return 0;
}

static int teardown(void **state) {
    g_ptr_array_unref(recipients);
    encrypter_free(encrypter);
    certs_free(store);
    return lab_group_teardown(state);
}

static Instant now(void) {
    return instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC);
}

static GString *letter_of(size_t length) {
    GString *letter = g_string_new(NULL);
    for (unsigned i = 0; letter->len < length; i++)
        g_string_append_printf(letter, "Line %u of a letter that goes on and on, about nothing in particular.\r\n", i);
    return letter;
}

static GString *ours(const GString *letter, const GPtrArray *to) {
    static const char head[] = "From: a@firm.test\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\n";
    Bytes body = {letter->str, letter->len};
    ProtectInput input = {
        .head = {head, strlen(head)}, .body = &body, .pieces = 1, .certs = store, .encrypter = encrypter, .now = now()};
    GString *out = g_string_new(NULL);
    g_auto(Protection) protection = {0};
    g_autofree char *why = NULL;
    assert_true(protect_message(&input, SEAL_SMIME, to, out, &protection, &why));
    return out;
}

/* The second proof. */
static void read_again(const GString *message, const GPtrArray *to) {
    Envelope *envelope = envelope_new();
    envelope->received = now();
    for (guint i = 0; i < to->len; i++)
        g_ptr_array_add(envelope->recipients, g_strdup(g_ptr_array_index(to, i)));
    MessageInput input = {.data = message->str, .length = message->len, .certs = store};
    g_autoptr(Facts) facts = message_read(&input, envelope);
    assert_int_equal(g_array_index(facts->proofs, Proof, to->len - 1), PROOF_SMIME);
}

static void bare(const GString *letter, STACK_OF(X509) * certs) {
    BIO *in = BIO_new_mem_buf(letter->str, (int)letter->len), *out = BIO_new(BIO_s_mem());
    BIO *base64 = BIO_push(BIO_new(BIO_f_base64()), out);
    CMS_ContentInfo *cms = CMS_encrypt(certs, in, EVP_aes_256_cbc(), 0);
    assert_non_null(cms);
    assert_int_equal(i2d_CMS_bio(base64, cms), 1);
    assert_int_equal(BIO_flush(base64), 1);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free_all(base64);
}

static void compare(size_t length, guint people, int times, double most, const char *what) {
    g_autoptr(GString) letter = letter_of(length);
    g_autoptr(GPtrArray) to = g_ptr_array_new();
    STACK_OF(X509) *certs = sk_X509_new_null();
    for (guint i = 0; i < people; i++) {
        g_ptr_array_add(to, g_ptr_array_index(recipients, i));
        g_autoptr(Cert) cert = encrypt_find(store, g_ptr_array_index(recipients, i), CERT_SMIME, now());
        const unsigned char *der = g_bytes_get_data(cert->data, NULL);
        sk_X509_push(certs, d2i_X509(NULL, &der, (long)g_bytes_get_size(cert->data)));
    }
    CpuRatio ratio = {.most = most, .what = what};
    while (cpu_ratio(&ratio))
        for (int i = 0; i < times; i++) {
            if (ratio.larger)
                g_string_free(ours(letter, to), TRUE);
            else
                bare(letter, certs);
        }
    print_message("%s: %.0f µs, bare %.0f µs\n", what, ratio.best[1] / times * 1e6, ratio.best[0] / times * 1e6);
    sk_X509_pop_free(certs, X509_free);
}

static void a_large_letter_to_five_costs_no_more_than_the_bare_call(void **state) {
    compare(LARGE, PEOPLE, 20, 1 / 0.9, "1 MB to five");
}

static void a_short_letter_to_one_costs_at_most_three_times_the_bare_call(void **state) {
    compare(SMALL, 1, 300, 3, "5 kB to one");
}

/* OpenSSL's part of both is built without sanitizers, whatever ours is. */
#ifdef LEXGATE_SANITIZED
enum { READ_AGAIN = 16 };
#else
enum { READ_AGAIN = 8 };
#endif

static void reading_it_again_costs_no_more_than_eight_times_as_much(void **state) {
    static const size_t lengths[] = {SMALL, LARGE};
    message_prepare();
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autoptr(GString) letter = letter_of(lengths[i]);
        GString *made = ours(letter, recipients);
        CpuRatio ratio = {.most = READ_AGAIN, .what = "the second proof"};
        while (cpu_ratio(&ratio))
            for (int n = 0; n < (lengths[i] == SMALL ? 300 : 20); n++) {
                if (ratio.larger)
                    read_again(made, recipients);
                else
                    g_string_free(ours(letter, recipients), TRUE);
            }
        print_message("%zu bytes: encrypted in %.0f µs, read again in %.0f µs\n", lengths[i],
                      ratio.best[0] / (lengths[i] == SMALL ? 300 : 20) * 1e6,
                      ratio.best[1] / (lengths[i] == SMALL ? 300 : 20) * 1e6);
        g_string_free(made, TRUE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_letter_to_five_costs_no_more_than_the_bare_call),
        cmocka_unit_test(reading_it_again_costs_no_more_than_eight_times_as_much),
        cmocka_unit_test(a_short_letter_to_one_costs_at_most_three_times_the_bare_call),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
