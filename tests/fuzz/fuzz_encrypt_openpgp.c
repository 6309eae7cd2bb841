/* SPDX-License-Identifier: Apache-2.0 */
/* A stranger's OpenPGP key, encrypted to: whatever is made passes the proof, for each key that could be used. */
#include "crypto/certread.h"
#include "crypto/encrypt.h"
#include "crypto/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One encrypter for all, as in a judge. */
static Encrypter *encrypter;

static void encrypt_to(Cert *cert) {
    static const char plain[] = "Content-Type: text/plain\r\n\r\nx\r\n";
    Bytes piece = {plain, sizeof plain - 1};
    g_autoptr(GPtrArray) certs = g_ptr_array_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *why = NULL;
    g_ptr_array_add(certs, cert);
    EncryptInput input = {.pieces = &piece, .count = 1, .certs = certs, .now = instant_from_seconds(1800000000)};
    bool made = encrypt_openpgp(encrypter, &input, out, &why);
    g_assert_true(made ? why == NULL : why != NULL && out->len == 0);
    if (!made)
        return;
    g_autoptr(ContentProof) proof = proof_openpgp((const unsigned char *)out->str, out->len);
    g_assert_true(content_proof_verdict(proof) == CONTENT_ENCRYPTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(CertReads) reads = certreads_new();
    if (encrypter == NULL)
        encrypter = encrypter_new();
    certread_bytes(reads, (const char *)data, size, NULL);
    for (guint i = 0; i < reads->certs->len; i++) {
        Cert *cert = g_ptr_array_index(reads->certs, i);
        if (cert->kind == CERT_OPENPGP)
            encrypt_to(cert);
    }
    return 0;
}
