/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP keys, read by librnp: addresses from user ids, key ids of what can encrypt, dates from verified
 * self-signatures. */
#include "crypto/certs_private.h"
#include "base/text.h"
#include <fcntl.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <string.h>

/* "Alice Client <alice@client.test>", "<alice@client.test>" or the bare address. */
static void add_user_id(GPtrArray *addresses, const char *user_id) {
    const char *open = strrchr(user_id, '<');
    g_autofree char *address = address_normalise(open == NULL ? user_id : open);
    if (address_is_plausible(address) && !g_ptr_array_find_with_equal_func(addresses, address, g_str_equal, NULL))
        g_ptr_array_add(addresses, g_steal_pointer(&address));
}

static void add_user_ids(GPtrArray *addresses, rnp_key_handle_t key) {
    size_t count = 0;
    rnp_key_get_uid_count(key, &count);
    for (size_t i = 0; i < count; i++) {
        rnp_uid_handle_t handle = NULL;
        bool valid = false;
        char *user_id = NULL;
        if (rnp_key_get_uid_handle_at(key, i, &handle) == RNP_SUCCESS &&
            rnp_uid_is_valid(handle, &valid) == RNP_SUCCESS && valid &&
            rnp_key_get_uid_at(key, i, &user_id) == RNP_SUCCESS && g_utf8_validate(user_id, -1, NULL))
            add_user_id(addresses, user_id);
        rnp_buffer_destroy(user_id);
        rnp_uid_handle_destroy(handle);
    }
}

/* librnp counts revocation, expiry, missing self-signatures and the primary key's own dates. */
static void add_key(CertRead *read, rnp_key_handle_t key) {
    bool encrypts = false, revoked = false;
    uint32_t created = 0;
    uint64_t until = 0;
    char *id = NULL;
    if (rnp_key_allows_usage(key, "encrypt", &encrypts) != RNP_SUCCESS || !encrypts ||
        rnp_key_is_revoked(key, &revoked) != RNP_SUCCESS || revoked ||
        rnp_key_get_creation(key, &created) != RNP_SUCCESS || rnp_key_valid_till64(key, &until) != RNP_SUCCESS ||
        until == 0 || rnp_key_get_keyid(key, &id) != RNP_SUCCESS)
        return;
    KeyDates dates = {
        .id = g_ascii_strtoull(id, NULL, 16),
        .not_before = instant_from_seconds(created),
        .not_after =
            until == UINT64_MAX ? INSTANT_NEVER : instant_from_seconds((int64_t)MIN(until, (uint64_t)UINT32_MAX * 2)),
    };
    rnp_buffer_destroy(id);
    g_array_append_val(read->keys, dates);
    if (instant_compare(dates.not_after, read->not_after) > 0)
        read->not_after = dates.not_after;
}

static void add_primary(rnp_key_handle_t key, GPtrArray *reads, GPtrArray *problems) {
    CertRead *read = cert_read_new("OpenPGP key");
    char *fingerprint = NULL;
    size_t subkeys = 0;
    read->keys = g_array_new(FALSE, FALSE, sizeof(KeyDates));
    read->not_after = (Instant){INT64_MIN};
    add_user_ids(read->addresses, key);
    add_key(read, key);
    rnp_key_get_subkey_count(key, &subkeys);
    for (size_t i = 0; i < subkeys; i++) {
        rnp_key_handle_t subkey = NULL;
        if (rnp_key_get_subkey_at(key, i, &subkey) == RNP_SUCCESS)
            add_key(read, subkey);
        rnp_key_handle_destroy(subkey);
    }
    if (rnp_key_get_fprint(key, &fingerprint) == RNP_SUCCESS)
        read->fingerprint = g_ascii_strdown(fingerprint, -1);
    rnp_buffer_destroy(fingerprint);
    if (read->keys->len > 0 && read->addresses->len > 0) {
        g_ptr_array_add(reads, read);
        return;
    }
    g_ptr_array_add(problems,
                    g_strdup_printf("OpenPGP key %s was passed over: %s", read->fingerprint ? read->fingerprint : "?",
                                    read->keys->len == 0
                                        ? "nothing in it can be encrypted to (expired, revoked, or for signing)"
                                        : "no valid user id names an e-mail address"));
    cert_read_free(read);
}

static void add_all(rnp_ffi_t ffi, GPtrArray *reads, GPtrArray *problems) {
    rnp_identifier_iterator_t all = NULL;
    const char *fingerprint = NULL;
    if (rnp_identifier_iterator_create(ffi, &all, "fingerprint") != RNP_SUCCESS)
        return;
    while (rnp_identifier_iterator_next(all, &fingerprint) == RNP_SUCCESS && fingerprint != NULL) {
        rnp_key_handle_t key = NULL;
        bool primary = false;
        if (rnp_locate_key(ffi, "fingerprint", fingerprint, &key) == RNP_SUCCESS && key != NULL &&
            rnp_key_is_primary(key, &primary) == RNP_SUCCESS && primary)
            add_primary(key, reads, problems);
        rnp_key_handle_destroy(key);
    }
    rnp_identifier_iterator_destroy(all);
}

void certs_read_openpgp(const char *data, size_t length, GPtrArray *reads, GPtrArray *problems) {
    rnp_ffi_t ffi = NULL;
    rnp_input_t input = NULL;
    guint before = reads->len + problems->len;
    /* librnp writes its complaints to standard error; ours go to `problems`. */
    int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
    /* A secret key has no business in this folder; only its public half is taken. */
    if (rnp_ffi_create(&ffi, "GPG", "GPG") == RNP_SUCCESS && rnp_ffi_set_log_fd(ffi, silence) == RNP_SUCCESS &&
        rnp_input_from_memory(&input, (const uint8_t *)data, length, false) == RNP_SUCCESS &&
        rnp_import_keys(ffi, input, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_PERMISSIVE, NULL) == RNP_SUCCESS)
        add_all(ffi, reads, problems);
    rnp_input_destroy(input);
    rnp_ffi_destroy(ffi);
    if (before == reads->len + problems->len)
        g_ptr_array_add(problems, g_strdup("there is no OpenPGP key in it"));
}
