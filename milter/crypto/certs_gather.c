/* SPDX-License-Identifier: Apache-2.0 */
/* From files to judged certificates. A file that cannot be used never stops the others. Of two copies of one key the
 * one that is trusted more counts, then the one that holds longer; a revocation counts from any. */
#include "base/io.h"
#include "base/text.h"
#include "crypto/certread.h"
#include "crypto/certs_snapshot.h"
#include "crypto/trust.h"
#include <errno.h>
#include <string.h>

static void file_free(void *data) {
    CertFile *file = data;
    g_free(file->path);
    g_free(file->relative);
    g_free(file);
}

static bool is_ours(const char *name) {
    static const char *const suffixes[] = {".pem", ".crt", ".cer", ".der", ".asc", ".gpg", ".pgp"};
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
        if (g_str_has_suffix(lower, suffixes[i]))
            return *name != '.';
    return false;
}

static int compare_paths(gconstpointer a, gconstpointer b) {
    return strcmp((*(const CertFile *const *)a)->path, (*(const CertFile *const *)b)->path);
}

static void list_folder(const char *folder, const CertFile *like, GPtrArray *files, GPtrArray *strays,
                        GPtrArray *problems) {
    g_autofree char *path = g_build_filename(folder, like->relative, NULL);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    if (dir == NULL && errno != ENOENT && problems != NULL)
        g_ptr_array_add(problems,
                        g_strdup_printf("%s: the folder of certificates cannot be read: %s", path, g_strerror(errno)));
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (!is_ours(name)) {
            if (strays != NULL)
                g_ptr_array_add(strays, g_build_filename(path, name, NULL));
            continue;
        }
        CertFile *file = g_memdup2(like, sizeof *like);
        file->path = g_build_filename(path, name, NULL);
        file->relative = *like->relative ? g_build_filename(like->relative, name, NULL) : g_strdup(name);
        g_ptr_array_add(found, file);
    }
    g_ptr_array_sort(found, compare_paths);
    g_ptr_array_extend(files, found, NULL, NULL);
}

static GPtrArray *list_files(const char *folder, GPtrArray *strays, GPtrArray *problems) {
    static const CertFile folders[] = {
        {NULL, "", CERT_IMPORTED, TRUST_BY_HAND, false},
        {NULL, CERTS_ISSUERS, CERT_IMPORTED, TRUST_NONE, true},
        {NULL, CERTS_LDAP, CERT_LDAP, TRUST_NONE, false},
        {NULL, CERTS_HARVESTED, CERT_HARVESTED, TRUST_NONE, false},
        {NULL, CERTS_WAITING, CERT_HARVESTED, TRUST_WAITING, false},
        {NULL, CERTS_AUTOCRYPT, CERT_AUTOCRYPT, TRUST_NONE, false},
    };
    GPtrArray *files = g_ptr_array_new_with_free_func(file_free);
    for (size_t i = 0; folder != NULL && i < G_N_ELEMENTS(folders); i++)
        list_folder(folder, &folders[i], files, strays, problems);
    return files;
}

GPtrArray *certs_list_files(const char *folder, GPtrArray *problems) {
    return list_files(folder, NULL, problems);
}

typedef struct {
    GHashTable *known; /* fingerprint → Cert, borrowed from `certs` */
    GPtrArray *certs;
    Trust *trust;
    GPtrArray *problems;
} Gathering;

static bool is_revoked(const Cert *cert) {
    return cert->revoked.us != INSTANT_NEVER.us;
}

/* Parts that another copy says are revoked. One of which none is left was revoked itself. */
static void drop_gone_parts(Cert *cert) {
    guint before = cert->keys->len;
    for (guint i = 0; i < cert->gone->len; i++)
        for (guint k = cert->keys->len; k-- > 0;)
            if (g_array_index(cert->keys, CertKey, k).id == g_array_index(cert->gone, uint64_t, i))
                g_array_remove_index(cert->keys, k);
    if (before > 0 && cert->keys->len == 0 && !is_revoked(cert))
        cert->revoked = (Instant){0};
}

/* Takes `cert` over. What a copy says of addresses and dates counts no further than its own trust goes; that the key
 * was revoked its owner has signed, wherever it is found. */
static void add_cert(Gathering *gathering, Cert *cert) {
    Cert *old = g_hash_table_lookup(gathering->known, cert->fingerprint);
    if (old == NULL) {
        g_ptr_array_add(gathering->certs, cert);
        g_hash_table_insert(gathering->known, cert->fingerprint, cert);
        return;
    }
    Instant first = instant_compare(cert->first_seen, old->first_seen) < 0 ? cert->first_seen : old->first_seen;
    Instant last = instant_compare(cert->last_seen, old->last_seen) > 0 ? cert->last_seen : old->last_seen;
    Instant revoked = is_revoked(old) ? old->revoked : cert->revoked;
    const Cert *newer = instant_compare(cert->signed_at, old->signed_at) > 0 ? cert : old;
    Instant signed_at = newer->signed_at;
    unsigned reads = newer->reads;
    if (cert->trust == old->trust && cert->source == old->source &&
        instant_compare(cert->not_after, old->not_after) > 0) {
        Cert swap = *old;
        *old = *cert;
        *cert = swap;
        g_hash_table_replace(gathering->known, old->fingerprint, old);
    }
    old->first_seen = first;
    old->last_seen = last;
    old->revoked = revoked;
    old->signed_at = signed_at;
    old->reads = reads;
    g_array_append_vals(old->gone, cert->gone->data, cert->gone->len);
    drop_gone_parts(old);
    cert_free(cert);
}

static void note_private_key(CertReads *reads) {
    if (reads->pkcs12)
        g_ptr_array_add(reads->problems, g_strdup("it is a PKCS#12, which as a rule holds a private key: take its "
                                                  "certificate (lexgate cert import) and delete the file"));
    else if (reads->private_key)
        g_ptr_array_add(reads->problems, g_strdup("a private key lies in it and has no place here: keep the "
                                                  "certificate alone and delete the key"));
}

/* What is no certificate by its name is not used; a private key under another name is told of all the same. */
static void look_at_stray(const char *path, GPtrArray *problems) {
    size_t length = 0;
    g_autofree char *data = io_read_regular(path, CERT_FILE_MAX, &length, NULL);
    g_autoptr(CertReads) reads = certreads_new();
    if (data == NULL)
        return;
    certread_look_for_private_key(reads, data, length);
    note_private_key(reads);
    if (reads->problems->len > 0)
        g_ptr_array_add(problems, g_strdup_printf("%s: %s", path, (char *)g_ptr_array_index(reads->problems, 0)));
}

static void take_file(Gathering *gathering, const CertFile *file) {
    g_autoptr(CertReads) reads = certreads_new();
    g_autoptr(GError) error = NULL;
    if (!certread_file(reads, file->path, &error)) {
        if (gathering->problems != NULL)
            g_ptr_array_add(gathering->problems, g_strdup(error->message));
        return;
    }
    note_private_key(reads);
    for (guint i = 0; i < reads->issuers->len; i++)
        trust_add_issuer(gathering->trust, g_ptr_array_index(reads->issuers, i));
    for (guint i = 0; i < reads->certs->len && !file->issuers; i++) {
        Cert *cert = g_ptr_array_index(reads->certs, i);
        cert->source = file->source;
        cert->trust = file->trust;
        g_free(cert->file);
        cert->file = g_strdup(file->relative);
        reads->certs->pdata[i] = cert_new(cert->kind);
        add_cert(gathering, cert);
    }
    if (!file->issuers && reads->certs->len + reads->problems->len == 0)
        g_ptr_array_add(
            reads->problems,
            g_strdup("it names no e-mail address; that of an authority belongs into the folder " CERTS_ISSUERS));
    for (guint i = 0; i < reads->problems->len && gathering->problems != NULL; i++)
        g_ptr_array_add(gathering->problems,
                        g_strdup_printf("%s: %s", file->path, (const char *)g_ptr_array_index(reads->problems, i)));
}

Trust *certs_load_trust(const CertPlaces *places) {
    g_autoptr(GPtrArray) files = certs_list_files(places->folder, NULL);
    Trust *trust = trust_load(places->roots, places->crls, NULL);
    for (guint i = 0; i < files->len; i++) {
        const CertFile *file = g_ptr_array_index(files, i);
        g_autoptr(CertReads) reads = certreads_new();
        if (file->issuers && certread_file(reads, file->path, NULL))
            for (guint j = 0; j < reads->issuers->len; j++)
                trust_add_issuer(trust, g_ptr_array_index(reads->issuers, j));
    }
    return trust;
}

static void free_cert(void *cert) {
    cert_free(cert);
}

GPtrArray *certs_gather(const CertPlaces *places, Instant now, Trust **used, GPtrArray *problems) {
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    Trust *trust = *used = trust_load(places->roots, places->crls, problems);
    g_autoptr(GPtrArray) strays = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) files = list_files(places->folder, strays, problems);
    Gathering gathering = {known, g_ptr_array_new_with_free_func(free_cert), trust, problems};
    for (guint i = 0; i < files->len; i++)
        take_file(&gathering, g_ptr_array_index(files, i));
    for (guint i = 0; i < strays->len && problems != NULL; i++)
        look_at_stray(g_ptr_array_index(strays, i), problems);
    for (guint i = 0; i < gathering.certs->len; i++) {
        Cert *cert = g_ptr_array_index(gathering.certs, i);
        if (cert->kind == CERT_SMIME)
            trust_judge(trust, cert, now);
    }
    return gathering.certs;
}
