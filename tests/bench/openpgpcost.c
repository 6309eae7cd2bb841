/* SPDX-License-Identifier: Apache-2.0 */
/* What encrypting to OpenPGP keys costs beside librnp alone, whose keys are loaded: CPU seconds of this thread,
 * interleaved.
 *
 *     openpgpcost FOLDER ROUNDS BYTES ADDRESS…
 *
 * FOLDER is one of keys. One line of JSON: for each round the microseconds of librnp's operation, of encrypt_openpgp(),
 * and of the proof that follows; before them those of the first message, for which the keys had to be read. */
#include "crypto/encrypt.h"
#include "crypto/proof.h"
#include <rnp/rnp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUND_US = 60000 };

static Encrypter *encrypter;
static GPtrArray *certs;
static rnp_ffi_t ffi;
static GPtrArray *handles; /* of the parts that encrypt */
static Bytes plain;
static Instant now;
static GString *out;

static double cpu_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void need(bool done, const char *what) {
    if (done)
        return;
    fprintf(stderr, "openpgpcost: %s\n", what);
    exit(1);
}

static void load(const Cert *cert) {
    size_t length;
    const uint8_t *data = g_bytes_get_data(cert->data, &length);
    rnp_input_t input = NULL;
    rnp_key_handle_t key = NULL;
    char id[17];
    snprintf(id, sizeof id, "%016" G_GINT64_MODIFIER "X", g_array_index(cert->keys, CertKey, 0).id);
    need(rnp_input_from_memory(&input, data, length, false) == 0 &&
             rnp_load_keys(ffi, "GPG", input, RNP_LOAD_SAVE_PUBLIC_KEYS) == 0 &&
             rnp_locate_key(ffi, "keyid", id, &key) == 0 && key != NULL,
         "librnp cannot load a key");
    rnp_input_destroy(input);
    g_ptr_array_add(handles, key);
}

static bool take(void *state, const void *data, size_t length) {
    g_string_append_len(out, data, (gssize)length);
    return true;
}

static void bare(void) {
    rnp_input_t input = NULL;
    rnp_output_t output = NULL;
    rnp_op_encrypt_t operation = NULL;
    g_string_truncate(out, 0);
    need(rnp_input_from_memory(&input, plain.data, plain.length, false) == 0 &&
             rnp_output_to_callback(&output, take, NULL, NULL) == 0 &&
             rnp_op_encrypt_create(&operation, ffi, input, output) == 0,
         "librnp cannot begin");
    for (guint i = 0; i < handles->len; i++)
        rnp_op_encrypt_add_recipient(operation, g_ptr_array_index(handles, i));
    rnp_op_encrypt_set_armor(operation, true);
    rnp_op_encrypt_set_cipher(operation, RNP_ALGNAME_AES_256);
    need(rnp_op_encrypt_execute(operation) == 0, "librnp cannot encrypt");
    rnp_op_encrypt_destroy(operation);
    rnp_output_destroy(output);
    rnp_input_destroy(input);
}

static void ours(void) {
    char *why = NULL;
    EncryptInput input = {.pieces = &plain, .count = 1, .certs = certs, .now = now};
    g_string_truncate(out, 0);
    need(encrypt_openpgp(encrypter, &input, out, &why), "encrypt_openpgp() refuses");
}

static void prove(void) {
    g_autoptr(ContentProof) proof = proof_openpgp((const unsigned char *)out->str, out->len);
    need(content_proof_verdict(proof) == CONTENT_ENCRYPTED, "it is not proved");
}

static double once(void (*work)(void)) {
    double start = cpu_us();
    unsigned times = 0;
    do {
        work();
        times++;
    } while (cpu_us() - start < ROUND_US);
    return (cpu_us() - start) / times;
}

int main(int argc, char **argv) {
    need(argc > 4, "FOLDER ROUNDS BYTES ADDRESS…");
    CertStore *store = certs_load(argv[1], NULL);
    g_autofree char *letter = g_malloc(strtoul(argv[3], NULL, 10));
    plain = (Bytes){letter, strtoul(argv[3], NULL, 10)};
    for (size_t i = 0; i < plain.length; i++)
        letter[i] = (char)('a' + i * 2654435761U % 26);
    now = instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC);
    certs = g_ptr_array_new();
    handles = g_ptr_array_new();
    out = g_string_new(NULL);
    encrypter = encrypter_new();
    need(rnp_ffi_create(&ffi, "GPG", "GPG") == 0, "librnp cannot start");
    for (int i = 4; i < argc; i++) {
        Cert *cert = encrypt_find(store, argv[i], CERT_OPENPGP, now);
        need(cert != NULL, argv[i]);
        g_ptr_array_add(certs, cert);
        load(cert);
    }
    double start = cpu_us();
    ours();
    printf("{\"bytes\": %zu, \"recipients\": %u, \"first\": %.0f, \"rounds\": [", plain.length, certs->len,
           cpu_us() - start);
    for (int i = 0; i < atoi(argv[2]); i++) {
        double alone = once(bare), made = once(ours), proved = once(prove);
        printf("%s[%.1f, %.1f, %.1f]", i > 0 ? ", " : "", alone, made, proved);
    }
    printf("]}\n");
    return 0;
}
