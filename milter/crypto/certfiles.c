/* SPDX-License-Identifier: Apache-2.0 */
/* An address may hold slashes and dots; a file name of ours may not lead anywhere. */
#include "crypto/certfiles.h"
#include "base/io.h"
#include "base/seal.h"
#include "base/text.h"
#include "crypto/certs_snapshot.h"
#include "crypto/trust.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FINGERPRINT_DIGITS = 16 };

/* "claire@harbour.test-1a2b3c4d5e6f7081.pem" */
static char *file_name(const Cert *cert) {
    g_autofree char *address = address_normalise(g_ptr_array_index(cert->addresses, 0));
    g_strcanon(address, "abcdefghijklmnopqrstuvwxyz0123456789@._-+", '_');
    if (*address == '.')
        *address = '_';
    return g_strdup_printf("%.180s-%.*s%s", address, FINGERPRINT_DIGITS, cert->fingerprint,
                           cert->kind == CERT_OPENPGP ? ".asc" : ".pem");
}

static char *write_file(const char *folder, const char *sub, const char *name, const char *text, GError **error) {
    g_autofree char *place = g_build_filename(folder, sub, NULL);
    g_autofree char *path = g_build_filename(place, name, NULL);
    bool written = io_make_folder(place, 0755, error) && io_replace_file(path, text, strlen(text), 0644, error);
    return written ? g_steal_pointer(&path) : NULL;
}

char *certfiles_keep(const char *folder, const char *sub, const Cert *cert, GError **error) {
    g_autofree char *name = file_name(cert);
    g_autofree char *text = cert_as_text(cert);
    return write_file(folder, sub != NULL ? sub : "", name, text, error);
}

char *certfiles_keep_issuer(const char *folder, GBytes *der, GError **error) {
    unsigned char digest[SHA256_SIZE];
    sha256_of(&(Bytes){g_bytes_get_data(der, NULL), g_bytes_get_size(der)}, 1, digest);
    g_autofree char *hex = hex_encode(digest, FINGERPRINT_DIGITS / 2);
    g_autofree char *name = g_strdup_printf("%s.pem", hex);
    g_autofree char *text = issuer_as_text(der);
    return write_file(folder, CERTS_ISSUERS, name, text, error);
}

/* The certificates of authorities beside it: it may be one itself. */
static GPtrArray *other_issuers(const CertReads *reads, const char *fingerprint) {
    GPtrArray *others = g_ptr_array_new();
    for (guint i = 0; i < reads->issuers->len; i++) {
        GBytes *der = g_ptr_array_index(reads->issuers, i);
        g_autofree char *own = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, der);
        if (strcmp(own, fingerprint) != 0)
            g_ptr_array_add(others, der);
    }
    return others;
}

/* What is left of a file without that certificate; NULL when no other is. */
static char *rest_of(const CertReads *reads, const char *fingerprint, const GPtrArray *issuers) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < reads->certs->len; i++) {
        const Cert *cert = g_ptr_array_index(reads->certs, i);
        g_autofree char *one = strcmp(cert->fingerprint, fingerprint) == 0 ? NULL : cert_as_text(cert);
        g_string_append(text, one != NULL ? one : "");
    }
    if (text->len == 0)
        return NULL;
    for (guint i = 0; i < issuers->len; i++) {
        g_autofree char *one = issuer_as_text(g_ptr_array_index(issuers, i));
        g_string_append(text, one);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool holds(const CertReads *reads, const char *fingerprint) {
    for (guint i = 0; i < reads->certs->len; i++)
        if (strcmp(((const Cert *)g_ptr_array_index(reads->certs, i))->fingerprint, fingerprint) == 0)
            return true;
    return false;
}

/* The file goes; others may need the authorities in it. */
static bool remove_file(const char *folder, const char *path, const GPtrArray *issuers, GPtrArray *moved,
                        GError **error) {
    for (guint i = 0; i < issuers->len; i++) {
        g_autofree char *kept = certfiles_keep_issuer(folder, g_ptr_array_index(issuers, i), error);
        if (kept == NULL)
            return false;
        if (moved != NULL)
            g_ptr_array_add(moved, g_steal_pointer(&kept));
    }
    if (unlink(path) == 0)
        return true;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
    return false;
}

static bool take_out(const char *folder, const char *path, const char *fingerprint, GPtrArray *changed,
                     GPtrArray *moved, GError **error) {
    g_autoptr(CertReads) reads = certreads_new();
    if (!certread_file(reads, path, NULL) || !holds(reads, fingerprint))
        return true;
    g_autoptr(GPtrArray) issuers = other_issuers(reads, fingerprint);
    g_autofree char *rest = rest_of(reads, fingerprint, issuers);
    if (rest == NULL && !remove_file(folder, path, issuers, moved, error))
        return false;
    if (rest != NULL && !io_replace_file(path, rest, strlen(rest), 0644, error))
        return false;
    g_ptr_array_add(changed, g_strdup(path));
    return true;
}

GPtrArray *certfiles_remove(const char *folder, const char *sub, const char *fingerprint, GPtrArray *moved,
                            GError **error) {
    g_autoptr(GPtrArray) files = certs_list_files(folder, NULL);
    g_autoptr(GPtrArray) changed = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < files->len; i++) {
        const CertFile *file = g_ptr_array_index(files, i);
        g_autofree char *place = g_path_get_dirname(file->relative);
        if (file->issuers || (sub != NULL && strcmp(place, sub) != 0))
            continue;
        if (!take_out(folder, file->path, fingerprint, changed, moved, error))
            return NULL;
    }
    return g_steal_pointer(&changed);
}

CertReads *certfiles_inspect(const CertPlaces *places, const char *path, const char *passphrase, Instant now,
                             GError **error) {
    size_t length = 0;
    g_autofree char *data = io_read_regular(path, CERT_FILE_MAX, &length, error);
    if (data == NULL)
        return NULL;
    CertReads *reads = certreads_new();
    certread_bytes(reads, data, length, passphrase);
    g_autoptr(Trust) trust = certs_load_trust(places);
    for (guint i = 0; i < reads->issuers->len; i++)
        trust_add_issuer(trust, g_ptr_array_index(reads->issuers, i));
    for (guint i = 0; i < reads->certs->len; i++) {
        Cert *cert = g_ptr_array_index(reads->certs, i);
        cert->trust = TRUST_NONE;
        cert->first_seen = cert->last_seen = now;
        if (cert->kind == CERT_SMIME)
            trust_judge(trust, cert, now);
    }
    return reads;
}
