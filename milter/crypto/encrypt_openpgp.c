/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP messages (RFC 4880, so that every program opens them): AES-256 with a modification detection code, one
 * session key for each recipient, who is named, and nothing compressed: lengths would tell of the content, and what
 * cannot be undone in bounded memory should not be made.
 *
 * librnp reads and writes in pieces, so that nothing of the size of the message is held but the message and the result.
 */
#include "crypto/encrypt_private.h"
#include <rnp/rnp_err.h>
#include <string.h>

/* What is encrypted, as librnp asks for it. */
typedef struct {
    const Bytes *piece, *end;
    size_t at; /* in the piece */
} Source;

static bool give(void *state, void *buffer, size_t length, size_t *given) {
    Source *source = state;
    for (*given = 0; *given < length && source->piece < source->end;) {
        size_t part = MIN(length - *given, source->piece->length - source->at);
        if (part > 0)
            memcpy((char *)buffer + *given, (const char *)source->piece->data + source->at, part);
        *given += part;
        source->at += part;
        if (source->at == source->piece->length) {
            source->piece++;
            source->at = 0;
        }
    }
    return true;
}

static bool take(void *out, const void *data, size_t length) {
    g_string_append_len(out, data, (gssize)length);
    return true;
}

static bool add_recipients(const Encrypter *encrypter, const EncryptInput *input, rnp_op_encrypt_t operation,
                           char **why) {
    for (guint i = 0; i < input->certs->len; i++) {
        const Cert *cert = g_ptr_array_index(input->certs, i);
        rnp_key_handle_t key = pgpkeys_find(encrypter->pgpkeys, cert, input->now);
        bool added = key != NULL && rnp_op_encrypt_add_recipient(operation, key) == RNP_SUCCESS;
        rnp_key_handle_destroy(key);
        if (added)
            continue;
        *why = g_strdup_printf("no part of the OpenPGP key %s of %s is valid for encryption now", cert->fingerprint,
                               (const char *)g_ptr_array_index(cert->addresses, 0));
        return false;
    }
    return true;
}

static rnp_result_t encrypt(const Encrypter *encrypter, const EncryptInput *input, rnp_input_t plain,
                            rnp_output_t cipher, char **why) {
    rnp_op_encrypt_t operation = NULL;
    rnp_result_t result = rnp_op_encrypt_create(&operation, pgpkeys_ffi(encrypter->pgpkeys), plain, cipher);
    if (result == RNP_SUCCESS && !add_recipients(encrypter, input, operation, why))
        result = RNP_ERROR_NO_SUITABLE_KEY;
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_armor(operation, true);
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_cipher(operation, RNP_ALGNAME_AES_256);
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_aead(operation, "None");
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_set_compression(operation, "Uncompressed", 0);
    if (result == RNP_SUCCESS)
        result = rnp_op_encrypt_execute(operation);
    rnp_op_encrypt_destroy(operation);
    return result;
}

bool encrypt_openpgp(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why) {
    Source source = {.piece = input->pieces, .end = input->pieces + input->count};
    rnp_input_t plain = NULL;
    rnp_output_t cipher = NULL;
    size_t before = out->len;
    *why = NULL;
    if (encrypter->pgpkeys == NULL) {
        *why = g_strdup("librnp, which encrypts OpenPGP, cannot start here");
        return false;
    }
    pgpkeys_load(encrypter->pgpkeys, input->certs, input->now);
    rnp_result_t result = rnp_input_from_callback(&plain, give, NULL, &source);
    if (result == RNP_SUCCESS)
        result = rnp_output_to_callback(&cipher, take, NULL, out);
    if (result == RNP_SUCCESS)
        result = encrypt(encrypter, input, plain, cipher, why);
    rnp_output_destroy(cipher);
    rnp_input_destroy(plain);
    if (result == RNP_SUCCESS)
        return true;
    g_string_truncate(out, before);
    if (*why == NULL)
        *why = g_strdup_printf("librnp cannot encrypt OpenPGP: %s", rnp_result_to_string(result));
    return false;
}
