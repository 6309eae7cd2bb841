/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP keys, read by librnp: addresses from valid user ids, what of a key can encrypt, dates and revocations from
 * verified self-signatures. */
#include "base/text.h"
#include "crypto/certs_private.h"
#include "crypto/keyparts.h"
#include <fcntl.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <string.h>
#include <unistd.h>

enum { PARTS_MAX = 1000 }; /* of which a revocation is passed on to other copies */

/* "Alice Client <alice@client.test>", "<alice@client.test>" or the bare address. */
static void add_user_ids(Cert *cert, rnp_key_handle_t key) {
    size_t count = 0;
    rnp_key_get_uid_count(key, &count);
    for (size_t i = 0; i < MIN(count, CERT_ADDRESSES_MAX); i++) {
        rnp_uid_handle_t handle = NULL;
        bool valid = false;
        char *user_id = NULL;
        if (rnp_key_get_uid_handle_at(key, i, &handle) == RNP_SUCCESS &&
            rnp_uid_is_valid(handle, &valid) == RNP_SUCCESS && valid &&
            rnp_key_get_uid_at(key, i, &user_id) == RNP_SUCCESS && g_utf8_validate(user_id, -1, NULL)) {
            const char *open = strrchr(user_id, '<');
            cert_add_address(cert, open == NULL ? user_id : open);
            if (*cert->subject == '\0') {
                g_free(cert->subject);
                cert->subject = text_printable(user_id, strlen(user_id), 200);
            }
        }
        rnp_buffer_destroy(user_id);
        rnp_uid_handle_destroy(handle);
    }
}

static bool is_revoked(rnp_key_handle_t key, Instant *when) {
    bool revoked = false;
    rnp_signature_handle_t signature = NULL;
    uint32_t created = 0;
    if (rnp_key_is_revoked(key, &revoked) != RNP_SUCCESS || !revoked)
        return false;
    if (rnp_key_get_revocation_signature(key, &signature) == RNP_SUCCESS && signature != NULL)
        rnp_signature_get_creation(signature, &created);
    rnp_signature_handle_destroy(signature);
    *when = instant_from_seconds(created);
    return true;
}

/* What one key of the family is worth. librnp counts missing self-signatures and the primary key's own dates. */
typedef struct {
    bool encrypts, revoked; /* of any of its parts */
    Instant when;           /* the last revocation */
} Worth;

static void add_key(Cert *cert, rnp_key_handle_t key, Worth *worth) {
    bool encrypts = false;
    uint32_t created = 0;
    uint64_t until = 0;
    char *id = NULL;
    if (rnp_key_allows_usage(key, "encrypt", &encrypts) != RNP_SUCCESS || !encrypts)
        return;
    worth->encrypts = true;
    if (rnp_key_get_keyid(key, &id) != RNP_SUCCESS)
        return;
    uint64_t number = g_ascii_strtoull(id, NULL, 16);
    rnp_buffer_destroy(id);
    if (is_revoked(key, &worth->when)) {
        worth->revoked = true;
        if (cert->gone->len < PARTS_MAX)
            g_array_append_val(cert->gone, number);
        return;
    }
    if (rnp_key_get_creation(key, &created) != RNP_SUCCESS || rnp_key_valid_till64(key, &until) != RNP_SUCCESS ||
        until == 0)
        return;
    CertKey part = {
        .id = number,
        .not_before = instant_from_seconds(created),
        .not_after =
            until == UINT64_MAX ? INSTANT_NEVER : instant_from_seconds((int64_t)MIN(until, (uint64_t)UINT32_MAX * 2)),
    };
    g_array_append_val(cert->keys, part);
}

static void add_parts(Cert *cert, rnp_key_handle_t primary, Worth *worth) {
    size_t subkeys = 0;
    add_key(cert, primary, worth);
    rnp_key_get_subkey_count(primary, &subkeys);
    for (size_t i = 0; i < subkeys; i++) {
        rnp_key_handle_t subkey = NULL;
        if (rnp_key_get_subkey_at(primary, i, &subkey) == RNP_SUCCESS)
            add_key(cert, subkey, worth);
        rnp_key_handle_destroy(subkey);
    }
}

/* The key as a whole holds as long as its longest part, and is as old as its newest. */
static void set_dates(Cert *cert) {
    for (guint i = 0; i < cert->keys->len; i++) {
        const CertKey *part = &g_array_index(cert->keys, CertKey, i);
        if (i == 0 || instant_compare(part->not_after, cert->not_after) > 0)
            cert->not_after = part->not_after;
        if (instant_compare(part->not_before, cert->not_before) > 0)
            cert->not_before = part->not_before;
    }
}

static void take_text(char **text, char *rnp_text) {
    if (rnp_text != NULL) {
        g_free(*text);
        *text = g_ascii_strdown(rnp_text, -1);
    }
    rnp_buffer_destroy(rnp_text);
}

static void describe(Cert *cert, rnp_key_handle_t key) {
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t length = 0;
    rnp_output_t output = NULL;
    if (rnp_key_get_fprint(key, &text) == RNP_SUCCESS)
        take_text(&cert->fingerprint, text);
    text = NULL;
    if (rnp_key_get_alg(key, &text) == RNP_SUCCESS)
        take_text(&cert->algorithm, text);
    /* Signatures of others vouch for nothing here. */
    if (rnp_key_remove_signatures(key, RNP_KEY_SIGNATURE_NON_SELF_SIG, NULL, NULL) == RNP_SUCCESS &&
        rnp_output_to_memory(&output, CERT_FILE_MAX) == RNP_SUCCESS &&
        rnp_key_export(key, output, RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_SUBKEYS) == RNP_SUCCESS &&
        rnp_output_memory_get_buf(output, &bytes, &length, false) == RNP_SUCCESS) {
        g_bytes_unref(cert->data);
        cert->data = g_bytes_new(bytes, length);
    }
    rnp_output_destroy(output);
}

/* Whoever encrypts to it checks them all again. */
static bool is_heavy(const Cert *cert) {
    size_t length;
    const unsigned char *data = g_bytes_get_data(cert->data, &length);
    return keyparts_weigh(data, length).work > KEY_WORK_KEPT;
}

static void add_primary(CertReads *reads, rnp_key_handle_t key) {
    g_autoptr(Cert) cert = cert_new(CERT_OPENPGP);
    Worth worth = {.encrypts = false};
    describe(cert, key);
    add_user_ids(cert, key);
    add_parts(cert, key, &worth);
    set_dates(cert);
    const char *problem = NULL;
    if (is_revoked(key, &cert->revoked)) {
        problem = "it was revoked";
    } else if (cert->keys->len == 0 && worth.revoked) {
        cert->revoked = worth.when;
        problem = "the part that encrypts was revoked";
    } else if (cert->keys->len == 0) {
        problem = worth.encrypts ? "no part of it is validly signed" : "it is for signing only";
        g_free(cert->unusable);
        cert->unusable = g_strdup(problem);
    }
    if (problem == NULL && is_heavy(cert)) {
        problem = "it has too many signatures of its own";
        g_free(cert->unusable);
        cert->unusable = g_strdup(problem);
    }
    if (problem != NULL)
        certread_problem(reads, "OpenPGP key %s cannot be encrypted to: %s", cert->fingerprint, problem);
    if (cert->addresses->len > 0)
        g_ptr_array_add(reads->certs, g_steal_pointer(&cert));
    else
        certread_problem(reads, "OpenPGP key %s was passed over: no valid user id names an e-mail address",
                         cert->fingerprint);
}

static void add_all(rnp_ffi_t ffi, CertReads *reads) {
    rnp_identifier_iterator_t all = NULL;
    const char *fingerprint = NULL;
    if (rnp_identifier_iterator_create(ffi, &all, "fingerprint") != RNP_SUCCESS)
        return;
    while (rnp_identifier_iterator_next(all, &fingerprint) == RNP_SUCCESS && fingerprint != NULL) {
        rnp_key_handle_t key = NULL;
        bool primary = false;
        if (rnp_locate_key(ffi, "fingerprint", fingerprint, &key) == RNP_SUCCESS && key != NULL &&
            rnp_key_is_primary(key, &primary) == RNP_SUCCESS && primary)
            add_primary(reads, key);
        rnp_key_handle_destroy(key);
    }
    rnp_identifier_iterator_destroy(all);
}

GBytes *openpgp_binary(const void *data, size_t length) {
    rnp_input_t input = NULL;
    rnp_output_t output = NULL;
    uint8_t *binary = NULL;
    size_t size = 0;
    GBytes *copy = NULL;
    if (length > 0 && *(const unsigned char *)data & 0x80)
        return g_bytes_new(data, length);
    if (rnp_input_from_memory(&input, data, length, false) == RNP_SUCCESS &&
        rnp_output_to_memory(&output, CERT_FILE_MAX) == RNP_SUCCESS && rnp_dearmor(input, output) == RNP_SUCCESS &&
        rnp_output_memory_get_buf(output, &binary, &size, false) == RNP_SUCCESS)
        copy = g_bytes_new(binary, size);
    rnp_output_destroy(output);
    rnp_input_destroy(input);
    return copy;
}

static void import_binary(rnp_ffi_t ffi, CertReads *reads, const uint8_t *data, size_t length) {
    rnp_input_t input = NULL;
    KeyWeight weight = keyparts_weigh(data, length);
    if (weight.refused != NULL) {
        certread_problem(reads, "an OpenPGP key was passed over: %s", weight.refused);
        return;
    }
    /* Of a secret key only the public half is taken. */
    if (rnp_input_from_memory(&input, data, weight.sound, false) == RNP_SUCCESS)
        rnp_import_keys(ffi, input, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_PERMISSIVE, NULL);
    rnp_input_destroy(input);
}

static void import_block(rnp_ffi_t ffi, CertReads *reads, const char *data, size_t length) {
    g_autoptr(GBytes) binary = openpgp_binary(data, length);
    if (binary != NULL)
        import_binary(ffi, reads, g_bytes_get_data(binary, NULL), g_bytes_get_size(binary));
}

/* Each armored block by itself: librnp would stop at the words between them. */
static void import_armored(rnp_ffi_t ffi, CertReads *reads, const char *data, size_t length) {
    static const char begin[] = "-----BEGIN PGP ", end[] = "-----END PGP ";
    const char *stop = data + length;
    for (const char *at = data; (at = memmem(at, (size_t)(stop - at), begin, strlen(begin))) != NULL;) {
        const char *last = memmem(at, (size_t)(stop - at), end, strlen(end));
        const char *line = last == NULL ? NULL : memchr(last, '\n', (size_t)(stop - last));
        const char *next = line == NULL ? stop : line + 1;
        import_block(ffi, reads, at, (size_t)(next - at));
        at = next;
    }
}

int openpgp_silence_errors(int silence) {
    int saved = silence >= 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
    if (saved >= 0)
        dup2(silence, STDERR_FILENO);
    return saved;
}

void openpgp_restore_errors(int saved) {
    if (saved < 0)
        return;
    dup2(saved, STDERR_FILENO);
    close(saved);
}

void certread_openpgp(CertReads *reads, const char *data, size_t length) {
    rnp_ffi_t ffi = NULL;
    /* librnp writes its complaints to standard error; ours go to `problems`. It closes the descriptor. */
    int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int saved = openpgp_silence_errors(silence);
    if (rnp_ffi_create(&ffi, "GPG", "GPG") == RNP_SUCCESS && rnp_ffi_set_log_fd(ffi, silence) == RNP_SUCCESS) {
        if (length > 0 && (unsigned char)data[0] & 0x80)
            import_binary(ffi, reads, (const uint8_t *)data, length);
        else
            import_armored(ffi, reads, data, length);
        add_all(ffi, reads);
    }
    rnp_ffi_destroy(ffi);
    openpgp_restore_errors(saved);
}

char *openpgp_armored(GBytes *key) {
    size_t length;
    const uint8_t *data = g_bytes_get_data(key, &length);
    rnp_input_t input = NULL;
    rnp_output_t output = NULL;
    uint8_t *text = NULL;
    size_t size = 0;
    char *copy = NULL;
    if (rnp_input_from_memory(&input, data, length, false) == RNP_SUCCESS &&
        rnp_output_to_memory(&output, 0) == RNP_SUCCESS && rnp_enarmor(input, output, "public key") == RNP_SUCCESS &&
        rnp_output_memory_get_buf(output, &text, &size, false) == RNP_SUCCESS)
        copy = g_strndup((const char *)text, size);
    rnp_output_destroy(output);
    rnp_input_destroy(input);
    return copy != NULL ? copy : g_strdup("");
}
