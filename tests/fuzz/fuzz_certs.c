/* SPDX-License-Identifier: Apache-2.0 */
/* A file of certificates or keys, as `lexgate cert import` takes it, and what was found on its way through the
 * snapshot. */
#include "crypto/certread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(CertReads) reads = certreads_new();
    certread_bytes(reads, (const char *)data, size, "x");
    for (guint i = 0; i < reads->certs->len; i++) {
        const Cert *cert = g_ptr_array_index(reads->certs, i);
        g_autoptr(GByteArray) packed = cert_pack(cert);
        g_autoptr(Cert) again = cert_unpack(packed->data, packed->len);
        g_assert_nonnull(again);
        g_autofree char *words = cert_state_words(again, instant_from_seconds(1800000000));
        g_autofree char *text = cert_as_text(again);
    }
    /* A packed record that was tampered with. */
    cert_free(cert_unpack(data, size));
    return 0;
}
