/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's algorithms are fetched once a process and their contexts kept for each thread: fetching costs more than
 * hashing a line of the journal. */
#include "base/seal.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONCE_SIZE 12
#define TAG_SIZE 16
#define PIECE_MAX (1 << 30) /* OpenSSL counts in int */

typedef struct {
    EVP_MD_CTX *digest;
    EVP_MAC_CTX *mac;
    EVP_CIPHER_CTX *cipher;
} Contexts;

static EVP_MD *sha256;
static EVP_MAC *hmac;
static EVP_CIPHER *aes_gcm;
static pthread_key_t contexts_key;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

/* For what fails only in a broken installation: going on without a hash or a cipher would be worse than ending. */
static void must(bool worked) {
    if (!worked)
        abort();
}

static void contexts_free(void *data) {
    Contexts *contexts = data;
    EVP_MD_CTX_free(contexts->digest);
    EVP_MAC_CTX_free(contexts->mac);
    EVP_CIPHER_CTX_free(contexts->cipher);
    free(contexts);
}

static void fetch(void) {
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    must(sha256 && hmac && aes_gcm && pthread_key_create(&contexts_key, contexts_free) == 0);
}

static Contexts *contexts_of_thread(void) {
    must(pthread_once(&fetched, fetch) == 0);
    Contexts *contexts = pthread_getspecific(contexts_key);
    if (contexts)
        return contexts;
    contexts = calloc(1, sizeof *contexts);
    must(contexts);
    contexts->digest = EVP_MD_CTX_new();
    contexts->mac = EVP_MAC_CTX_new(hmac);
    contexts->cipher = EVP_CIPHER_CTX_new();
    must(contexts->digest && contexts->mac && contexts->cipher && pthread_setspecific(contexts_key, contexts) == 0);
    /* Named once here: EVP_MAC_init() with parameters would look the digest up each time. */
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    must(EVP_MAC_CTX_set_params(contexts->mac, params));
    return contexts;
}

void sha256_of(const Bytes *pieces, size_t count, unsigned char out[SHA256_SIZE]) {
    EVP_MD_CTX *context = contexts_of_thread()->digest;
    must(EVP_DigestInit_ex2(context, sha256, NULL));
    for (size_t i = 0; i < count; i++)
        if (pieces[i].length)
            must(EVP_DigestUpdate(context, pieces[i].data, pieces[i].length));
    must(EVP_DigestFinal_ex(context, out, NULL));
}

void mac_of(const SealKey *key, const Bytes *pieces, size_t count, unsigned char out[SHA256_SIZE]) {
    EVP_MAC_CTX *context = contexts_of_thread()->mac;
    must(EVP_MAC_init(context, key->byte, sizeof key->byte, NULL));
    for (size_t i = 0; i < count; i++) {
        guint64 length = GUINT64_TO_BE(pieces[i].length);
        must(EVP_MAC_update(context, (unsigned char *)&length, sizeof length));
        if (pieces[i].length)
            must(EVP_MAC_update(context, pieces[i].data, pieces[i].length));
    }
    must(EVP_MAC_final(context, out, NULL, SHA256_SIZE));
}

bool mac_equal(const unsigned char *a, const unsigned char *b, size_t length) {
    return CRYPTO_memcmp(a, b, length) == 0;
}

GBytes *seal_close(const SealKey *key, Bytes plain, const char *context) {
    EVP_CIPHER_CTX *cipher = contexts_of_thread()->cipher;
    int n = 0;
    must(plain.length <= PIECE_MAX);
    unsigned char *out = g_malloc(NONCE_SIZE + plain.length + TAG_SIZE);
    seal_random(out, NONCE_SIZE);
    must(EVP_EncryptInit_ex2(cipher, aes_gcm, key->byte, out, NULL));
    must(EVP_EncryptUpdate(cipher, NULL, &n, (const unsigned char *)context, (int)strlen(context)));
    if (plain.length)
        must(EVP_EncryptUpdate(cipher, out + NONCE_SIZE, &n, plain.data, (int)plain.length));
    must(EVP_EncryptFinal_ex(cipher, out + NONCE_SIZE + plain.length, &n));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, out + NONCE_SIZE + plain.length));
    EVP_CIPHER_CTX_reset(cipher); /* the key leaves the thread's memory */
    return g_bytes_new_take(out, NONCE_SIZE + plain.length + TAG_SIZE);
}

GBytes *seal_open(const SealKey *key, Bytes sealed, const char *context) {
    EVP_CIPHER_CTX *cipher = contexts_of_thread()->cipher;
    const unsigned char *in = sealed.data;
    int n = 0;
    if (sealed.length < NONCE_SIZE + TAG_SIZE || sealed.length > PIECE_MAX)
        return NULL;
    size_t length = sealed.length - NONCE_SIZE - TAG_SIZE;
    unsigned char *out = g_try_malloc(length + 1);
    if (!out)
        return NULL;
    must(EVP_DecryptInit_ex2(cipher, aes_gcm, key->byte, in, NULL));
    must(EVP_DecryptUpdate(cipher, NULL, &n, (const unsigned char *)context, (int)strlen(context)));
    if (length)
        must(EVP_DecryptUpdate(cipher, out, &n, in + NONCE_SIZE, (int)length));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, (void *)(in + NONCE_SIZE + length)));
    bool genuine = EVP_DecryptFinal_ex(cipher, out + length, &n) == 1;
    EVP_CIPHER_CTX_reset(cipher);
    if (genuine)
        return g_bytes_new_take(out, length);
    seal_wipe(out, length);
    g_free(out);
    return NULL;
}

/* From the kernel itself: libcrypto's generator is made anew in each of the milter's short-lived threads. */
void seal_random(void *out, size_t length) {
    for (unsigned char *at = out; length;) {
        ssize_t n = getrandom(at, length, 0);
        must(n > 0 || errno == EINTR);
        if (n > 0)
            at += n, length -= (size_t)n;
    }
}

void seal_wipe(void *data, size_t length) {
    OPENSSL_cleanse(data, length);
}

char *hex_encode(const unsigned char *data, size_t length) {
    static const char digits[] = "0123456789abcdef";
    char *out = g_malloc(length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[length * 2] = 0;
    return out;
}

char *base32_encode(const unsigned char *data, size_t length) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    char *out = g_malloc((length * 8 + 4) / 5 + 1), *p = out;
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < length; i++) {
        held = held << 8 | data[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *p++ = letters[held >> (bits - 5) & 31];
    }
    if (bits)
        *p++ = letters[held << (5 - bits) & 31];
    *p = 0;
    return out;
}

char *id_random(void) {
    unsigned char bytes[13];
    seal_random(bytes, sizeof bytes);
    char *id = base32_encode(bytes, sizeof bytes);
    id[20] = 0;
    return id;
}

static bool key_error(GError **error, const char *path, const char *what, int number) {
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number), "%s: %s: %s", path, what, g_strerror(number));
    errno = number;
    return false;
}

/* False with errno ENOENT alone when there is no such file and *error is untouched. */
static bool read_key(const char *path, SealKey *key, GError **error) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return false;
    if (fd < 0)
        return key_error(error, path, "cannot open this key", errno);
    bool whole = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == SEAL_KEY_SIZE;
    bool closed = whole && !(st.st_mode & S_IRWXO);
    bool done = closed && io_read_all(fd, key->byte, sizeof key->byte);
    close(fd);
    if (!done)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    whole && !closed ? "%s: everybody may read this key; chmod it to 0600"
                                     : "%s: a key is a file of exactly 32 bytes; restore it from your backup",
                    path);
    errno = EINVAL;
    return done;
}

/* A file appears whole or not at all: written and synced under another name, then linked, which never replaces. */
static bool make_key(const char *path, GError **error) {
    SealKey key;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    if (!io_make_folder(folder, 0700, error))
        return false;
    int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return key_error(error, path, "cannot make this key", errno);
    seal_random(key.byte, sizeof key.byte);
    bool done = io_write_all(fd, key.byte, sizeof key.byte) && fsync(fd) == 0 &&
                (link(temporary, path) == 0 || errno == EEXIST) && io_sync_folder_of(path);
    int number = errno;
    seal_wipe(&key, sizeof key);
    close(fd);
    unlink(temporary);
    return done || key_error(error, path, "cannot make this key", number);
}

bool seal_key_file(const char *path, bool create, SealKey *key, GError **error) {
    if (read_key(path, key, error))
        return true;
    if (errno != ENOENT)
        return false;
    if (!create) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "%s: this key is missing; start the daemons once to make it, or restore it from your backup", path);
        return false;
    }
    if (!make_key(path, error))
        return false;
    if (read_key(path, key, error))
        return true; /* ours, or that of a process that was faster */
    return errno == ENOENT && key_error(error, path, "vanished while it was made", ENOENT);
}
