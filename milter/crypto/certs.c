/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a snapshot of certificates. What was found for the last address is kept, since a proof asks for it
 * several times. */
#include "crypto/certs.h"
#include "base/text.h"
#include "crypto/vouch.h"
#include <stdio.h>
#include <string.h>

/* What may be named in an envelope, of one address. */
typedef struct {
    char *address;
    GPtrArray *names; /* CertName */
    GArray *ids;      /* uint64_t */
    GArray *keys;     /* CertKey, the same order */
} Named;

struct CertStore {
    MDB_env *env;
    MDB_dbi dbi;
    unsigned count;
    Named last;
    Trust *trust; /* when somebody asked for it */
};

static void free_name(void *data) {
    CertName *name = data;
    g_bytes_unref(name->issuer);
    g_bytes_unref(name->serial);
    g_bytes_unref(name->key_id);
    g_free(name);
}

static void free_cert(void *cert) {
    cert_free(cert);
}

static void named_clear(Named *named) {
    g_clear_pointer(&named->address, g_free);
    g_clear_pointer(&named->names, g_ptr_array_unref);
    g_clear_pointer(&named->ids, g_array_unref);
    g_clear_pointer(&named->keys, g_array_unref);
}

/* Prefix and name in a row; false when no snapshot can hold it. */
static bool get(const CertStore *store, MDB_txn *txn, const char *prefix, const char *name, MDB_val *value) {
    char key[SNAPSHOT_KEY_MAX + 1];
    int length = snprintf(key, sizeof key, "%s%s", prefix, name);
    MDB_val wanted = {(size_t)length, key};
    return length > 0 && length <= SNAPSHOT_KEY_MAX && mdb_get(txn, store->dbi, &wanted, value) == 0;
}

static bool read_meta(CertStore *store) {
    MDB_txn *txn;
    MDB_val format, count;
    if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0)
        return false;
    bool good = get(store, txn, CERTS_KEY_META, "format", &format) && format.mv_size == strlen(CERTS_FORMAT) &&
                memcmp(format.mv_data, CERTS_FORMAT, format.mv_size) == 0 &&
                get(store, txn, CERTS_KEY_META, "count", &count) && count.mv_size == sizeof store->count;
    if (good)
        memcpy(&store->count, count.mv_data, sizeof store->count);
    mdb_txn_abort(txn);
    return good;
}

CertStore *certs_open_snapshot(const char *path, GError **error) {
    g_autoptr(CertStore) store = g_new0(CertStore, 1);
    if (!snapshot_read(path, &store->env, &store->dbi, error)) {
        g_prefix_error(error, "cannot open the certificates %s: ", path);
        return NULL;
    }
    if (read_meta(store))
        return g_steal_pointer(&store);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "cannot open the certificates %s: it is none of this version",
                path);
    return NULL;
}

CertStore *certs_empty(void) {
    return g_new0(CertStore, 1);
}

void certs_free(CertStore *store) {
    if (store == NULL)
        return;
    if (store->env != NULL)
        mdb_env_close(store->env);
    named_clear(&store->last);
    trust_free(store->trust);
    g_free(store);
}

unsigned certs_count(const CertStore *store) {
    return store->count;
}

static Cert *fetch(const CertStore *store, MDB_txn *txn, uint32_t number) {
    char name[16];
    MDB_val value;
    snprintf(name, sizeof name, "%08x", number);
    return get(store, txn, CERTS_KEY_RECORD, name, &value) ? cert_unpack(value.mv_data, value.mv_size) : NULL;
}

GBytes *certs_value(const CertStore *store, const char *prefix, const char *name) {
    MDB_txn *txn;
    MDB_val value;
    GBytes *copy = NULL;
    if (store->env == NULL || mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0)
        return NULL;
    if (get(store, txn, prefix, name, &value))
        copy = g_bytes_new(value.mv_data, value.mv_size);
    mdb_txn_abort(txn);
    return copy;
}

const Trust *certs_trust(const CertStore *store) {
    if (store->trust == NULL)
        ((CertStore *)store)->trust = vouch_load(store);
    return store->trust;
}

/* Cert, in the order of the snapshot. */
static GPtrArray *fetch_all(const CertStore *store, const char *address) {
    GPtrArray *certs = g_ptr_array_new_with_free_func(free_cert);
    MDB_txn *txn;
    MDB_val numbers;
    if (store == NULL || store->env == NULL || address == NULL || *address == '\0' ||
        mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0)
        return certs;
    if (get(store, txn, CERTS_KEY_ADDRESS, address, &numbers))
        for (size_t at = 0; at + sizeof(uint32_t) <= numbers.mv_size; at += sizeof(uint32_t)) {
            uint32_t number;
            memcpy(&number, (const char *)numbers.mv_data + at, sizeof number);
            Cert *cert = fetch(store, txn, number);
            if (cert != NULL)
                g_ptr_array_add(certs, cert);
        }
    mdb_txn_abort(txn);
    return certs;
}

typedef struct {
    const char *address;
    Instant now;
} Order;

static int compare(gconstpointer a, gconstpointer b, gpointer state) {
    const Order *order = state;
    return cert_compare(*(Cert *const *)a, *(Cert *const *)b, order->address, order->now);
}

GPtrArray *certs_find(const CertStore *store, const char *address, Instant now) {
    g_autofree char *key = address_normalise(address);
    GPtrArray *certs = fetch_all(store, key);
    Order order = {address, now};
    g_ptr_array_sort_with_data(certs, compare, &order);
    return certs;
}

CertState certs_state(const CertStore *store, const char *address, Instant now, char **words) {
    g_autoptr(GPtrArray) certs = certs_find(store, address, now);
    const Cert *best = certs->len > 0 ? g_ptr_array_index(certs, 0) : NULL;
    CertState state = best == NULL ? CERT_NONE : cert_state(best, now);
    if (words == NULL)
        return state;
    g_autofree char *what = best == NULL ? NULL : cert_state_words(best, now);
    if (best == NULL)
        *words = g_strdup_printf("no certificate or key of %s is known: ask them for a message signed with S/MIME, or "
                                 "for their certificate (.cer) or OpenPGP key (.asc)",
                                 address);
    else if (cert_state_encrypts(state) || state == CERT_WAITS || state == CERT_UNTRUSTED)
        *words = g_strdup_printf("the %s of %s %s", cert_kind_name(best->kind), address, what);
    else
        *words = g_strdup_printf("the %s of %s %s: ask them for %s", cert_kind_name(best->kind), address, what,
                                 state == CERT_WRONG_USAGE ? "one that allows encryption" : "the new one");
    return state;
}

/* ---- All of them ---- */

static void each(const CertStore *store, const char *prefix, const char *beginning, CertVisit visit, void *state) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    g_autofree char *start = g_strconcat(prefix, beginning, NULL);
    size_t length = strlen(start);
    if (store == NULL || store->env == NULL || length > SNAPSHOT_KEY_MAX ||
        mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0)
        return;
    if (mdb_cursor_open(txn, store->dbi, &cursor) == 0) {
        MDB_val key = {length, start}, value;
        int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        for (; rc == 0 && key.mv_size >= length && memcmp(key.mv_data, start, length) == 0;
             rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
            uint32_t number = 0;
            if (value.mv_size == sizeof number)
                memcpy(&number, value.mv_data, sizeof number);
            g_autoptr(Cert) cert = fetch(store, txn, number);
            if (cert != NULL && !visit(cert, state))
                break;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
}

void certs_each(const CertStore *store, CertVisit visit, void *state) {
    each(store, CERTS_KEY_FINGERPRINT, "", visit, state);
}

static bool keep(const Cert *cert, void *certs) {
    g_autoptr(GByteArray) copy = cert_pack(cert);
    g_ptr_array_add(certs, cert_unpack(copy->data, copy->len));
    return true;
}

GPtrArray *certs_by_fingerprint(const CertStore *store, const char *beginning) {
    GPtrArray *certs = g_ptr_array_new_with_free_func(free_cert);
    g_autofree char *lower = g_ascii_strdown(beginning, -1);
    each(store, CERTS_KEY_FINGERPRINT, lower, keep, certs);
    return certs;
}

/* ---- What an envelope may name ---- */

static void add_named(Named *named, const Cert *cert) {
    if (cert->kind == CERT_SMIME) {
        CertName name = {g_bytes_ref(cert->issuer), g_bytes_ref(cert->serial), g_bytes_ref(cert->key_id),
                         cert->not_before, cert->not_after};
        g_ptr_array_add(named->names, g_memdup2(&name, sizeof name));
    }
    for (guint i = 0; i < cert->keys->len; i++) {
        CertKey key = g_array_index(cert->keys, CertKey, i);
        g_array_append_val(named->ids, key.id);
        g_array_append_val(named->keys, key);
    }
}

static const Named *named_of(const CertStore *store, const char *address) {
    if (store == NULL || address == NULL)
        return NULL;
    Named *named = &((CertStore *)store)->last;
    if (named->address != NULL && strcmp(named->address, address) == 0)
        return named;
    named_clear(named);
    named->address = g_strdup(address);
    named->names = g_ptr_array_new_with_free_func(free_name);
    named->ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    named->keys = g_array_new(FALSE, FALSE, sizeof(CertKey));
    g_autofree char *key = address_normalise(address);
    g_autoptr(GPtrArray) certs = fetch_all(store, key);
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        bool trusted = cert->trust == TRUST_BY_HAND || cert->trust == TRUST_BY_CHAIN;
        if (trusted && *cert->unusable == '\0' && cert->revoked.us == INSTANT_NEVER.us)
            add_named(named, cert);
    }
    return named;
}

const GPtrArray *certs_of(const CertStore *store, const char *address) {
    const Named *named = named_of(store, address);
    return named == NULL || named->names->len == 0 ? NULL : named->names;
}

const GArray *certs_keys_of(const CertStore *store, const char *address) {
    const Named *named = named_of(store, address);
    return named == NULL || named->ids->len == 0 ? NULL : named->ids;
}

bool certs_key_is_valid(const CertStore *store, const char *address, uint64_t key_id, Instant now) {
    const Named *named = named_of(store, address);
    for (guint i = 0; named != NULL && i < named->keys->len; i++) {
        const CertKey *key = &g_array_index(named->keys, CertKey, i);
        if (key->id == key_id && instant_compare(key->not_before, now) <= 0 &&
            instant_compare(now, key->not_after) <= 0)
            return true;
    }
    return false;
}
