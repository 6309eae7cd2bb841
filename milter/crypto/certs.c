/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of certificates in memory: a hash of addresses. A file that cannot be used never stops the others. */
#include "crypto/certs_private.h"
#include "base/io.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>

enum { MAX_FILE = 16 << 20 };

typedef struct {
    GPtrArray *certs; /* CertName */
    GArray *keys;     /* uint64_t */
    GArray *dates;    /* KeyDates, the same order */
} Holder;

struct CertStore {
    GHashTable *holders; /* char * address → Holder */
    GPtrArray *names;    /* owns the CertNames; an address may share one with another */
};

void cert_name_free(void *data) {
    CertName *name = data;
    g_bytes_unref(name->issuer);
    g_bytes_unref(name->serial);
    g_bytes_unref(name->key_id);
    g_free(name);
}

CertRead *cert_read_new(const char *kind) {
    CertRead *read = g_new0(CertRead, 1);
    read->kind = kind;
    read->addresses = g_ptr_array_new_with_free_func(g_free);
    return read;
}

void cert_read_free(void *data) {
    CertRead *read = data;
    g_free(read->fingerprint);
    g_ptr_array_unref(read->addresses);
    g_clear_pointer(&read->keys, g_array_unref);
    g_clear_pointer(&read->cert, cert_name_free);
    g_free(read);
}

static void holder_free(void *data) {
    Holder *holder = data;
    g_ptr_array_unref(holder->certs);
    g_array_unref(holder->keys);
    g_array_unref(holder->dates);
    g_free(holder);
}

static Holder *holder_of(CertStore *store, const char *address) {
    Holder *holder = g_hash_table_lookup(store->holders, address);
    if (holder != NULL)
        return holder;
    holder = g_new0(Holder, 1);
    holder->certs = g_ptr_array_new();
    holder->keys = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    holder->dates = g_array_new(FALSE, FALSE, sizeof(KeyDates));
    g_hash_table_insert(store->holders, g_strdup(address), holder);
    return holder;
}

static void store_add(CertStore *store, CertRead *read) {
    for (guint i = 0; i < read->addresses->len; i++) {
        Holder *holder = holder_of(store, g_ptr_array_index(read->addresses, i));
        if (read->cert != NULL)
            g_ptr_array_add(holder->certs, read->cert);
        for (guint j = 0; read->keys != NULL && j < read->keys->len; j++) {
            KeyDates dates = g_array_index(read->keys, KeyDates, j);
            g_array_append_val(holder->keys, dates.id);
            g_array_append_val(holder->dates, dates);
        }
    }
    if (read->cert != NULL)
        g_ptr_array_add(store->names, g_steal_pointer(&read->cert));
}

bool certs_read_file(const char *path, GPtrArray *reads, GPtrArray *problems, GError **error) {
    size_t length = 0;
    g_autofree char *data = io_read_file(path, MAX_FILE, &length, error);
    if (data == NULL)
        return false;
    bool openpgp = length > 0 && ((unsigned char)data[0] & 0x80);
    if (openpgp || g_strstr_len(data, (gssize)length, "-----BEGIN PGP ") != NULL)
        certs_read_openpgp(data, length, reads, problems);
    else
        certs_read_x509(data, length, reads, problems);
    return true;
}

static bool is_ours(const char *name) {
    static const char *const suffixes[] = {".pem", ".crt", ".cer", ".der", ".asc", ".gpg", ".pgp"};
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
        if (g_str_has_suffix(lower, suffixes[i]))
            return true;
    return false;
}

static void load_file(CertStore *store, const char *path, GPtrArray *problems) {
    g_autoptr(GPtrArray) reads = g_ptr_array_new_with_free_func(cert_read_free);
    g_autoptr(GPtrArray) passed_over = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    if (!certs_read_file(path, reads, passed_over, &error))
        g_ptr_array_add(passed_over, g_strdup(error->message));
    for (guint i = 0; i < reads->len; i++)
        store_add(store, g_ptr_array_index(reads, i));
    for (guint i = 0; problems != NULL && i < passed_over->len; i++)
        g_ptr_array_add(problems, g_strdup_printf("%s: %s", path, (const char *)g_ptr_array_index(passed_over, i)));
}

static int compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

CertStore *certs_load(const char *folder, GPtrArray *problems) {
    CertStore *store = g_new0(CertStore, 1);
    store->holders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, holder_free);
    store->names = g_ptr_array_new_with_free_func(cert_name_free);
    GDir *dir = folder == NULL ? NULL : g_dir_open(folder, 0, NULL);
    if (dir == NULL) {
        if (folder != NULL && errno != ENOENT && problems != NULL)
            g_ptr_array_add(problems, g_strdup_printf("%s: the folder of certificates cannot be read: %s", folder,
                                                      g_strerror(errno)));
        return store;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        if (is_ours(name))
            g_ptr_array_add(names, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
        load_file(store, path, problems);
    }
    return store;
}

void certs_free(CertStore *store) {
    if (store == NULL)
        return;
    g_hash_table_unref(store->holders);
    g_ptr_array_unref(store->names);
    g_free(store);
}

static const Holder *find(const CertStore *store, const char *address) {
    if (store == NULL || address == NULL)
        return NULL;
    g_autofree char *key = address_normalise(address);
    return g_hash_table_lookup(store->holders, key);
}

const GPtrArray *certs_of(const CertStore *store, const char *address) {
    const Holder *holder = find(store, address);
    return holder == NULL || holder->certs->len == 0 ? NULL : holder->certs;
}

const GArray *certs_keys_of(const CertStore *store, const char *address) {
    const Holder *holder = find(store, address);
    return holder == NULL || holder->keys->len == 0 ? NULL : holder->keys;
}

bool certs_key_is_valid(const CertStore *store, const char *address, uint64_t key_id, Instant now) {
    const Holder *holder = find(store, address);
    for (guint i = 0; holder != NULL && i < holder->dates->len; i++) {
        const KeyDates *dates = &g_array_index(holder->dates, KeyDates, i);
        if (dates->id == key_id && instant_compare(dates->not_before, now) <= 0 &&
            instant_compare(now, dates->not_after) <= 0)
            return true;
    }
    return false;
}

CertInfo *cert_inspect(const char *path, GError **error) {
    g_autoptr(GPtrArray) reads = g_ptr_array_new_with_free_func(cert_read_free);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    if (!certs_read_file(path, reads, problems, error))
        return NULL;
    if (reads->len == 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s; nothing in it can be encrypted to", path,
                    problems->len > 0 ? (const char *)g_ptr_array_index(problems, 0) : "it is empty");
        return NULL;
    }
    CertRead *read = g_ptr_array_index(reads, 0);
    CertInfo *info = g_new0(CertInfo, 1);
    info->kind = g_strdup(read->kind);
    info->fingerprint = g_steal_pointer(&read->fingerprint);
    info->addresses = g_ptr_array_ref(read->addresses);
    info->not_after = read->not_after;
    return info;
}

void cert_info_free(CertInfo *info) {
    if (info == NULL)
        return;
    g_free(info->kind);
    g_free(info->fingerprint);
    g_ptr_array_unref(info->addresses);
    g_free(info);
}
