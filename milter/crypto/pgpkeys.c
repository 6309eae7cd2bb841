/* SPDX-License-Identifier: Apache-2.0 */
/* What a part is worth certread_openpgp found out, and the Cert says it; librnp judges once more when it loads the key,
 * and where it refuses, that holds. */
#include "crypto/pgpkeys.h"
#include <rnp/rnp_err.h>
#include <stdio.h>

/* Kept: in memory a key is some ten times as long as it is written. */
enum { KEYS_MAX = 64, BYTES_MAX = 300000 };

struct PgpKeys {
    rnp_ffi_t ffi;
    GHashTable *loaded; /* fingerprint → GBytes, the key that was loaded */
    size_t bytes;
};

static void bytes_destroy(void *bytes) {
    g_bytes_unref(bytes);
}

PgpKeys *pgpkeys_new(void) {
    rnp_ffi_t ffi;
    if (rnp_ffi_create(&ffi, "GPG", "GPG") != RNP_SUCCESS)
        return NULL;
    PgpKeys *keys = g_new0(PgpKeys, 1);
    keys->ffi = ffi;
    keys->loaded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, bytes_destroy);
    return keys;
}

void pgpkeys_free(PgpKeys *keys) {
    if (keys == NULL)
        return;
    rnp_ffi_destroy(keys->ffi);
    g_hash_table_unref(keys->loaded);
    g_free(keys);
}

rnp_ffi_t pgpkeys_ffi(const PgpKeys *keys) {
    return keys->ffi;
}

static bool is_loaded(const PgpKeys *keys, const Cert *cert) {
    GBytes *data = g_hash_table_lookup(keys->loaded, cert->fingerprint);
    return data != NULL && g_bytes_equal(data, cert->data);
}

/* librnp would merge two forms of one key. */
static bool is_in_the_way(const PgpKeys *keys, const Cert *cert) {
    return g_hash_table_contains(keys->loaded, cert->fingerprint) && !is_loaded(keys, cert);
}

static void make_room(PgpKeys *keys, const GPtrArray *certs) {
    size_t count = g_hash_table_size(keys->loaded), bytes = keys->bytes;
    bool in_the_way = false;
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        if (is_loaded(keys, cert))
            continue;
        count++;
        bytes += g_bytes_get_size(cert->data);
        in_the_way |= is_in_the_way(keys, cert);
    }
    if (!in_the_way && count <= KEYS_MAX && bytes <= BYTES_MAX)
        return;
    rnp_unload_keys(keys->ffi, RNP_KEY_UNLOAD_PUBLIC);
    g_hash_table_remove_all(keys->loaded);
    keys->bytes = 0;
}

static void load(PgpKeys *keys, const Cert *cert) {
    size_t length;
    const uint8_t *data = g_bytes_get_data(cert->data, &length);
    rnp_input_t input = NULL;
    if (rnp_input_from_memory(&input, data, length, false) == RNP_SUCCESS)
        rnp_load_keys(keys->ffi, "GPG", input, RNP_LOAD_SAVE_PUBLIC_KEYS);
    rnp_input_destroy(input);
    g_hash_table_insert(keys->loaded, g_strdup(cert->fingerprint), g_bytes_ref(cert->data));
    keys->bytes += length;
}

void pgpkeys_load(PgpKeys *keys, const GPtrArray *certs, Instant now) {
    make_room(keys, certs);
    rnp_set_timestamp(keys->ffi, (uint64_t)MAX(instant_seconds(now), 0));
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        if (!is_loaded(keys, cert))
            load(keys, cert);
    }
}

static const CertKey *newest_part(const Cert *cert, Instant now) {
    const CertKey *newest = NULL;
    for (guint i = 0; i < cert->keys->len; i++) {
        const CertKey *part = &g_array_index(cert->keys, CertKey, i);
        if (instant_compare(part->not_before, now) <= 0 && instant_compare(now, part->not_after) <= 0 &&
            (newest == NULL || instant_compare(part->not_before, newest->not_before) >= 0))
            newest = part;
    }
    return newest;
}

static bool is_part(rnp_key_handle_t key, const char *id) {
    char *own = NULL;
    bool same = rnp_key_get_keyid(key, &own) == RNP_SUCCESS && g_ascii_strcasecmp(own, id) == 0;
    rnp_buffer_destroy(own);
    return same;
}

static bool is_good(rnp_key_handle_t key) {
    bool valid = false, encrypts = false;
    return rnp_key_is_valid(key, &valid) == RNP_SUCCESS && valid &&
           rnp_key_allows_usage(key, "encrypt", &encrypts) == RNP_SUCCESS && encrypts;
}

/* By its place in its family, since key ids are short enough to be forged. */
static rnp_key_handle_t find_part(rnp_key_handle_t primary, const char *id) {
    size_t subkeys = 0;
    if (is_part(primary, id))
        return primary;
    rnp_key_get_subkey_count(primary, &subkeys);
    for (size_t i = 0; i < subkeys; i++) {
        rnp_key_handle_t subkey = NULL;
        if (rnp_key_get_subkey_at(primary, i, &subkey) == RNP_SUCCESS && is_part(subkey, id)) {
            rnp_key_handle_destroy(primary);
            return subkey;
        }
        rnp_key_handle_destroy(subkey);
    }
    rnp_key_handle_destroy(primary);
    return NULL;
}

rnp_key_handle_t pgpkeys_find(const PgpKeys *keys, const Cert *cert, Instant now) {
    char id[17];
    rnp_key_handle_t key = NULL;
    const CertKey *part = newest_part(cert, now);
    if (part == NULL || rnp_locate_key(keys->ffi, "fingerprint", cert->fingerprint, &key) != RNP_SUCCESS || key == NULL)
        return NULL;
    snprintf(id, sizeof id, "%016" G_GINT64_MODIFIER "x", part->id);
    key = find_part(key, id);
    if (key == NULL || is_good(key))
        return key;
    rnp_key_handle_destroy(key);
    return NULL;
}
