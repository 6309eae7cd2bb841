/* SPDX-License-Identifier: Apache-2.0 */
/* Detached OpenPGP signatures, checked by librnp with the keys that are known for the address alone: a signature names
 * its key by an id that anybody can make, so no other key is looked for. */
#include "crypto/certs_private.h"
#include "crypto/keyparts.h"
#include "crypto/verify.h"
#include <fcntl.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <string.h>
#include <unistd.h>

enum { KEYS_MAX = 8, SIGNATURES_MAX = 16 };

/* One ring for all signatures, emptied after each: what it sets up may ask the system, which a judge cannot later. */
static rnp_ffi_t ring;
static int silence = -1;

void verify_prepare(void) {
    if (ring != NULL)
        return;
    silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (rnp_ffi_create(&ring, "GPG", "GPG") == RNP_SUCCESS && silence >= 0)
        rnp_ffi_set_log_fd(ring, dup(silence));
}

static bool load_key(const Cert *cert) {
    size_t length;
    const uint8_t *data = g_bytes_get_data(cert->data, &length);
    rnp_input_t input = NULL;
    bool loaded =
        rnp_input_from_memory(&input, data, length, false) == RNP_SUCCESS &&
        rnp_import_keys(ring, input, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_PERMISSIVE, NULL) == RNP_SUCCESS;
    rnp_input_destroy(input);
    return loaded;
}

/* Those of the address, the best first; Cert, borrowed from `known`. */
static GPtrArray *load_keys(const GPtrArray *known) {
    GPtrArray *loaded = g_ptr_array_new();
    for (guint i = 0; i < known->len && loaded->len < KEYS_MAX; i++) {
        Cert *cert = g_ptr_array_index(known, i);
        if (cert->kind == CERT_OPENPGP && load_key(cert))
            g_ptr_array_add(loaded, cert);
    }
    return loaded;
}

static bool is_weak(rnp_op_verify_signature_t signature) {
    char *hash = NULL;
    bool weak = rnp_op_verify_signature_get_hash(signature, &hash) == RNP_SUCCESS &&
                (strcmp(hash, "MD5") == 0 || strcmp(hash, "SHA1") == 0 || strcmp(hash, "RIPEMD160") == 0);
    rnp_buffer_destroy(hash);
    return weak;
}

/* Whose key made it; NULL: of none that is loaded. */
static const Cert *owner_of(rnp_key_handle_t key, const GPtrArray *loaded) {
    char *fingerprint = NULL;
    const Cert *owner = NULL;
    bool primary = false;
    if (rnp_key_is_primary(key, &primary) != RNP_SUCCESS ||
        (primary ? rnp_key_get_fprint(key, &fingerprint) : rnp_key_get_primary_fprint(key, &fingerprint)) !=
            RNP_SUCCESS)
        return NULL;
    for (guint i = 0; i < loaded->len && owner == NULL; i++) {
        const Cert *cert = g_ptr_array_index(loaded, i);
        owner = g_ascii_strcasecmp(cert->fingerprint, fingerprint) == 0 ? cert : NULL;
    }
    rnp_buffer_destroy(fingerprint);
    return owner;
}

static Verified *judge_key(Verified *verified, rnp_key_handle_t key, const Cert *owner, const VerifyInput *input) {
    bool revoked = false;
    uint64_t until = 0;
    g_free(verified->by);
    verified->by = g_strdup(input->from);
    rnp_key_is_revoked(key, &revoked);
    if (revoked || owner->revoked.us != INSTANT_NEVER.us)
        return verified_say(verified, SIGNATURE_REVOKED, "the OpenPGP key of %s was revoked", verified->by);
    if (rnp_key_valid_till64(key, &until) != RNP_SUCCESS ||
        (until != UINT64_MAX && until < (uint64_t)MAX(instant_seconds(input->now), 0)))
        return verified_say(verified, SIGNATURE_EXPIRED, "the OpenPGP key of %s has expired", verified->by);
    if (owner->trust != TRUST_BY_HAND && owner->trust != TRUST_BY_CHAIN)
        return verified_say(verified, SIGNATURE_UNKNOWN_SIGNER, "nobody has approved the OpenPGP key of %s",
                            verified->by);
    return verified_say(verified, SIGNATURE_VALID, "it is signed by %s, OpenPGP key %s", verified->by,
                        owner->fingerprint);
}

static Verified *judge_signature(rnp_op_verify_signature_t signature, const GPtrArray *loaded,
                                 const VerifyInput *input) {
    Verified *verified = verified_new();
    uint32_t created = 0, expires = 0;
    rnp_key_handle_t key = NULL;
    rnp_result_t status = rnp_op_verify_signature_get_status(signature);
    if (rnp_op_verify_signature_get_times(signature, &created, &expires) == RNP_SUCCESS)
        verified->signed_at = instant_from_seconds(created);
    const Cert *owner =
        rnp_op_verify_signature_get_key(signature, &key) == RNP_SUCCESS && key != NULL ? owner_of(key, loaded) : NULL;
    if (owner == NULL || status == RNP_ERROR_KEY_NOT_FOUND)
        verified_say(verified, SIGNATURE_UNKNOWN, "it is signed with an OpenPGP key that is not known for %s",
                     *input->from ? input->from : "its sender");
    else if (is_weak(signature))
        verified_say(verified, SIGNATURE_WEAK, "it is made with a digest that can be forged");
    else if (status == RNP_ERROR_SIGNATURE_EXPIRED)
        verified_say(verified, SIGNATURE_EXPIRED, "the signature itself has expired");
    else if (status == RNP_ERROR_SIGNATURE_UNKNOWN)
        verified_say(verified, SIGNATURE_UNKNOWN, "it is signed in a way that cannot be checked");
    else if (status != RNP_SUCCESS)
        verified_say(verified, SIGNATURE_INVALID,
                     "the message was altered after it was signed, or the signature is none");
    else
        judge_key(verified, key, owner, input);
    rnp_key_handle_destroy(key);
    return verified;
}

/* Several people may sign; of the sender's own the best counts, unless one is broken. */
static Verified *judge_all(rnp_op_verify_t operation, const GPtrArray *loaded, const VerifyInput *input) {
    size_t count = 0;
    Verified *best = verified_say(verified_new(), SIGNATURE_UNKNOWN, "the OpenPGP signature is malformed");
    if (rnp_op_verify_get_signature_count(operation, &count) != RNP_SUCCESS)
        count = 0;
    for (size_t i = 0; i < MIN(count, SIGNATURES_MAX); i++) {
        rnp_op_verify_signature_t signature = NULL;
        if (rnp_op_verify_get_signature_at(operation, i, &signature) != RNP_SUCCESS)
            continue;
        Verified *one = judge_signature(signature, loaded, input);
        bool better =
            i == 0 || one->state == SIGNATURE_INVALID || (best->state != SIGNATURE_INVALID && one->state < best->state);
        verified_free(better ? best : one);
        best = better ? one : best;
    }
    return best;
}

static Verified *verify_with(const GPtrArray *loaded, const VerifyInput *input, GBytes *packets) {
    rnp_input_t content = NULL, signature = NULL;
    rnp_op_verify_t operation = NULL;
    Verified *verified = NULL;
    if (rnp_input_from_memory(&content, input->content, input->content_length, false) == RNP_SUCCESS &&
        rnp_input_from_memory(&signature, g_bytes_get_data(packets, NULL), g_bytes_get_size(packets), false) ==
            RNP_SUCCESS &&
        rnp_op_verify_detached_create(&operation, ring, content, signature) == RNP_SUCCESS) {
        rnp_op_verify_execute(operation); /* each signature has a status of its own */
        verified = judge_all(operation, loaded, input);
    }
    rnp_op_verify_destroy(operation);
    rnp_input_destroy(signature);
    rnp_input_destroy(content);
    return verified != NULL ? verified
                            : verified_say(verified_new(), SIGNATURE_UNKNOWN, "the OpenPGP signature is malformed");
}

Verified *verify_openpgp(const VerifyInput *input) {
    verify_prepare();
    if (ring == NULL || input->length == 0 || input->length > SIGNATURE_MAX || input->content == NULL ||
        input->content_length == 0)
        return verified_say(verified_new(), SIGNATURE_UNKNOWN,
                            "the OpenPGP signature is malformed, or larger than any");
    int saved = openpgp_silence_errors(silence);
    g_autoptr(GBytes) packets = openpgp_binary(input->signature, input->length);
    if (packets == NULL || !keyparts_are_signatures(g_bytes_get_data(packets, NULL), g_bytes_get_size(packets))) {
        openpgp_restore_errors(saved);
        return verified_say(verified_new(), SIGNATURE_UNKNOWN, "the OpenPGP signature is malformed");
    }
    g_autoptr(GPtrArray) known = certs_find(input->certs, input->from, input->now);
    g_autoptr(GPtrArray) loaded = load_keys(known);
    Verified *verified = verify_with(loaded, input, packets);
    rnp_unload_keys(ring, RNP_KEY_UNLOAD_PUBLIC);
    openpgp_restore_errors(saved);
    return verified;
}
