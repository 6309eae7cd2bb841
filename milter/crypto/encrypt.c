/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to encrypt to. What nobody vouches for, what is over and what may only sign never gets further than this. */
#include "crypto/encrypt.h"
#include "crypto/certread.h"

static void free_cert(void *cert) {
    cert_free(cert);
}

Cert *encrypt_find(const CertStore *certs, const char *address, CertKind kind, Instant now) {
    g_autoptr(GPtrArray) found = certs_find(certs, address, now);
    for (guint i = 0; i < found->len; i++) {
        const Cert *cert = g_ptr_array_index(found, i);
        if (cert->kind == kind && cert_state_encrypts(cert_state(cert, now)))
            return g_ptr_array_steal_index(found, i);
    }
    return NULL;
}

static bool fail(GError **error, const char *path, const char *why) {
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "encryption.archive: %s: %s: name the firm's own certificate (.pem) or OpenPGP key (.asc) there", path,
                why);
    return false;
}

/* It lies in the firm's own configuration: that is trust by hand. */
static bool take_file(GPtrArray *archive, const char *path, GError **error) {
    g_autoptr(CertReads) reads = certreads_new();
    if (!certread_file(reads, path, error)) {
        g_prefix_error(error, "encryption.archive: ");
        return false;
    }
    if (reads->certs->len == 0)
        return fail(error, path,
                    reads->issuers->len > 0 || reads->problems->len == 0
                        ? "it names no e-mail address, which an archive certificate must (openssl: -addext "
                          "subjectAltName=email:archive@YOUR.DOMAIN)"
                        : g_ptr_array_index(reads->problems, 0));
    for (guint i = 0; i < reads->certs->len; i++) {
        Cert *cert = g_ptr_array_index(reads->certs, i);
        cert->trust = TRUST_BY_HAND;
        if (*cert->unusable != '\0')
            return fail(error, path, cert->unusable);
    }
    g_ptr_array_extend_and_steal(archive, g_ptr_array_ref(reads->certs));
    return true;
}

GPtrArray *encrypt_load_archive(const GPtrArray *files, GError **error) {
    g_autoptr(GPtrArray) archive = g_ptr_array_new_with_free_func(free_cert);
    for (guint i = 0; i < files->len; i++)
        if (!take_file(archive, g_ptr_array_index(files, i), error))
            return NULL;
    return g_steal_pointer(&archive);
}
