/* SPDX-License-Identifier: Apache-2.0 */
/* Office documents under a password ([MS-OFFCRYPTO]): a compound file of EncryptionInfo and EncryptedPackage, encrypted
 * with AES, and not with the password that Office tries by itself. Old binary formats, whatever they claim, are not
 * encrypted as far as we know. */
#include "crypto/compound.h"
#include "crypto/noise.h"
#include <openssl/evp.h>
#include <string.h>

enum { PACKAGE_HEAD = 8, PACKAGE_SEEN = 1 << 20, INFO_MAX = 16384, SPINS_MAX = 200000, STANDARD_SPINS = 50000 };

/* "VelvetSweatshop" in UTF-16: used for write protection, and tried by every program. */
static const unsigned char default_password[] = {'V', 0, 'e', 0, 'l', 0, 'v', 0, 'e', 0, 't', 0, 'S', 0, 'w', 0,
                                                 'e', 0, 'a', 0, 't', 0, 's', 0, 'h', 0, 'o', 0, 'p', 0};

typedef struct {
    const EVP_MD *hash;
    unsigned spins, key_size; /* octets */
    unsigned char salt[64];
    size_t salt_length;
    unsigned char input[64], value[128]; /* encrypted verifier and its hash */
    size_t input_length, value_length;
} Verifier;

/* H(a ‖ b), in place of `out` when it is one of them. */
static bool hash_two(const EVP_MD *kind, Octets a, Octets b, unsigned char *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context != NULL && EVP_DigestInit_ex(context, kind, NULL) == 1 &&
                EVP_DigestUpdate(context, a.at, a.length) == 1 && EVP_DigestUpdate(context, b.at, b.length) == 1 &&
                EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return made;
}

/* The password's hash after all rounds: H(i ‖ H(…)), one context for all of them. */
static bool spin(const Verifier *verifier, unsigned char hash[EVP_MAX_MD_SIZE]) {
    size_t length = (size_t)EVP_MD_get_size(verifier->hash);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context != NULL && hash_two(verifier->hash, (Octets){verifier->salt, verifier->salt_length},
                                            (Octets){default_password, sizeof default_password}, hash);
    for (unsigned i = 0; i < verifier->spins && made; i++) {
        unsigned char number[4] = {i & 0xff, i >> 8 & 0xff, i >> 16 & 0xff, i >> 24};
        made = EVP_DigestInit_ex(context, verifier->hash, NULL) == 1 && EVP_DigestUpdate(context, number, 4) == 1 &&
               EVP_DigestUpdate(context, hash, length) == 1 && EVP_DigestFinal_ex(context, hash, NULL) == 1;
    }
    EVP_MD_CTX_free(context);
    return made;
}

static const EVP_CIPHER *aes(unsigned key_size, bool cbc) {
    if (cbc)
        return key_size == 16   ? EVP_aes_128_cbc()
               : key_size == 24 ? EVP_aes_192_cbc()
               : key_size == 32 ? EVP_aes_256_cbc()
                                : NULL;
    return key_size == 16   ? EVP_aes_128_ecb()
           : key_size == 24 ? EVP_aes_192_ecb()
           : key_size == 32 ? EVP_aes_256_ecb()
                            : NULL;
}

static bool decrypt(const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *iv, Octets from,
                    unsigned char *out) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    bool made = context != NULL && cipher != NULL && from.length % 16 == 0 &&
                EVP_DecryptInit_ex(context, cipher, NULL, key, iv) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_DecryptUpdate(context, out, &written, from.at, (int)from.length) == 1;
    EVP_CIPHER_CTX_free(context);
    return made && written == (int)from.length;
}

/* Agile: the key for one purpose is H(hash ‖ purpose), filled up with 0x36. */
static bool agile_decrypt(const Verifier *verifier, const unsigned char *hash, const char *purpose, Octets from,
                          unsigned char *out) {
    unsigned char key[EVP_MAX_MD_SIZE], iv[16];
    size_t length = (size_t)EVP_MD_get_size(verifier->hash);
    memset(key, 0x36, sizeof key);
    memset(iv, 0x36, sizeof iv);
    memcpy(iv, verifier->salt, MIN(verifier->salt_length, sizeof iv));
    return hash_two(verifier->hash, (Octets){hash, length}, (Octets){(const unsigned char *)purpose, 8}, key) &&
           decrypt(aes(verifier->key_size, true), key, iv, from, out);
}

/* True also when we could not find out: then the document does not count as encrypted. */
static bool agile_opens(const Verifier *verifier) {
    unsigned char hash[EVP_MAX_MD_SIZE], input[64], value[128], expected[EVP_MAX_MD_SIZE];
    size_t length = (size_t)EVP_MD_get_size(verifier->hash);
    if (!spin(verifier, hash) ||
        !agile_decrypt(verifier, hash, "\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79",
                       (Octets){verifier->input, verifier->input_length}, input) ||
        !agile_decrypt(verifier, hash, "\xd7\xaa\x0f\x6d\x30\x61\x34\x4e",
                       (Octets){verifier->value, verifier->value_length}, value) ||
        !hash_two(verifier->hash, (Octets){input, verifier->salt_length}, (Octets){input, 0}, expected))
        return true;
    return memcmp(value, expected, MIN(length, verifier->value_length)) == 0;
}

/* Standard: the key is H(0x36… ^ H(hash ‖ 0)), as CryptoAPI derives it. */
static bool standard_opens(const Verifier *verifier) {
    unsigned char hash[EVP_MAX_MD_SIZE], pad[64], key[64], input[64], value[128], expected[EVP_MAX_MD_SIZE];
    static const unsigned char zero[4];
    if (!spin(verifier, hash) || !hash_two(verifier->hash, (Octets){hash, 20}, (Octets){zero, 4}, hash))
        return true;
    for (unsigned half = 0; half < 2; half++) {
        memset(pad, half == 0 ? 0x36 : 0x5c, sizeof pad);
        for (unsigned i = 0; i < 20; i++)
            pad[i] ^= hash[i];
        if (!hash_two(verifier->hash, (Octets){pad, sizeof pad}, (Octets){pad, 0}, key + 20 * half))
            return true;
    }
    const EVP_CIPHER *cipher = aes(verifier->key_size, false);
    if (!decrypt(cipher, key, NULL, (Octets){verifier->input, 16}, input) ||
        !decrypt(cipher, key, NULL, (Octets){verifier->value, 32}, value) ||
        !hash_two(verifier->hash, (Octets){input, 16}, (Octets){input, 0}, expected))
        return true;
    return memcmp(value, expected, 20) == 0;
}

/* name="value" in the element of the password; the XML is Office's own, so a search will do. */
static char *attribute(const char *element, const char *name) {
    g_autofree char *head = g_strdup_printf(" %s=\"", name);
    const char *found = strstr(element, head), *end = found == NULL ? NULL : strchr(found + strlen(head), '"');
    return end == NULL ? g_strdup("") : g_strndup(found + strlen(head), (gsize)(end - found - (gssize)strlen(head)));
}

static size_t attribute_bytes(const char *element, const char *name, unsigned char *out, size_t size) {
    g_autofree char *text = attribute(element, name);
    gsize length = 0;
    if (*text == '\0')
        return 0;
    g_base64_decode_inplace(text, &length);
    if (length > size)
        return 0;
    memcpy(out, text, length);
    return length;
}

static unsigned attribute_number(const char *element, const char *name) {
    g_autofree char *text = attribute(element, name);
    return (unsigned)MIN(g_ascii_strtoull(text, NULL, 10), G_MAXUINT32);
}

static const EVP_MD *hash_of(const char *name) {
    static const struct {
        const char *written, *ours;
    } names[] = {{"SHA1", "SHA1"}, {"SHA-1", "SHA1"}, {"SHA256", "SHA256"}, {"SHA384", "SHA384"}, {"SHA512", "SHA512"}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(name, names[i].written) == 0)
            return EVP_get_digestbyname(names[i].ours);
    return NULL;
}

static ContentVerdict judge_agile(const char *xml) {
    Verifier verifier = {.hash = NULL};
    const char *element = strstr(xml, "encryptedKey ");
    if (element == NULL || strstr(element + 1, "encryptedKey ") != NULL)
        return CONTENT_BROKEN; /* another key might open it too */
    g_autofree char *only = g_strndup(element, strcspn(element, ">"));
    g_autofree char *cipher = attribute(only, "cipherAlgorithm"), *hash = attribute(only, "hashAlgorithm");
    g_autofree char *content = attribute(xml, "cipherAlgorithm");
    verifier.hash = hash_of(hash);
    verifier.spins = attribute_number(only, "spinCount");
    verifier.key_size = attribute_number(only, "keyBits") / 8;
    verifier.salt_length = attribute_bytes(only, "saltValue", verifier.salt, sizeof verifier.salt);
    verifier.input_length = attribute_bytes(only, "encryptedVerifierHashInput", verifier.input, sizeof verifier.input);
    verifier.value_length = attribute_bytes(only, "encryptedVerifierHashValue", verifier.value, sizeof verifier.value);
    if (verifier.hash == NULL || strcmp(cipher, "AES") != 0 || strcmp(content, "AES") != 0 ||
        verifier.spins > SPINS_MAX || verifier.salt_length == 0 || verifier.salt_length > verifier.input_length ||
        verifier.value_length < 16)
        return CONTENT_BROKEN;
    return agile_opens(&verifier) ? CONTENT_BROKEN : CONTENT_ENCRYPTED;
}

/* Header: flags, 0, cipher, hash, key bits, …; then the verifier. */
static ContentVerdict judge_standard(Octets info) {
    if (info.length < 12 + 32)
        return CONTENT_BROKEN;
    uint32_t size = little32(info.at + 8);
    const unsigned char *header = info.at + 12;
    if (size < 32 || size > info.length - 12 || info.length - 12 - size < 4 + 16 + 16 + 4 + 32)
        return CONTENT_BROKEN;
    uint32_t cipher = little32(header + 8), hash = little32(header + 12), bits = little32(header + 16);
    const unsigned char *at = header + size;
    if (cipher < 0x660e || cipher > 0x6610 || (hash != 0x8004 && hash != 0) || little32(at) != 16)
        return CONTENT_BROKEN;
    Verifier verifier = {.hash = EVP_sha1(), .spins = STANDARD_SPINS, .key_size = bits / 8, .salt_length = 16};
    memcpy(verifier.salt, at + 4, 16);
    memcpy(verifier.input, at + 20, 16);
    memcpy(verifier.value, at + 40, 32);
    return standard_opens(&verifier) ? CONTENT_BROKEN : CONTENT_ENCRYPTED;
}

static ContentVerdict judge_info(GByteArray *info) {
    if (info == NULL || info->len < 8)
        return CONTENT_BROKEN;
    unsigned major = little16(info->data), minor = little16(info->data + 2);
    if (major == 4 && minor == 4) {
        g_byte_array_append(info, (const guint8 *)"", 1);
        return judge_agile((const char *)info->data + 8);
    }
    if ((major >= 2 && major <= 4) && minor == 2)
        return judge_standard((Octets){info->data, info->len});
    return CONTENT_BROKEN;
}

/* Its length in clear, then ciphertext. */
static bool is_ciphertext(const Compound *compound, const CompoundEntry *package) {
    Noise noise = {.filled = 0};
    g_autoptr(GByteArray) bytes = compound_read(compound, package, PACKAGE_SEEN);
    if (bytes == NULL || bytes->len < PACKAGE_HEAD + 16)
        return false;
    noise_add(&noise, bytes->data + PACKAGE_HEAD, bytes->len - PACKAGE_HEAD);
    return !noise_is_readable(&noise);
}

/* The names that encryption needs; anything else in the file would be readable. */
static bool is_expected(const char *name) {
    static const char *const names[] = {"Root Entry",
                                        "EncryptionInfo",
                                        "EncryptedPackage",
                                        "\x06"
                                        "DataSpaces",
                                        "Version",
                                        "DataSpaceMap",
                                        "DataSpaceInfo",
                                        "StrongEncryptionDataSpace",
                                        "TransformInfo",
                                        "StrongEncryptionTransform",
                                        "\x06"
                                        "Primary"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

ContentVerdict container_office(Octets file) {
    g_autoptr(Compound) compound = compound_open(file);
    CompoundEntry entry, info = {.size = 0}, package = {.size = 0};
    bool others = false;
    if (compound == NULL)
        return CONTENT_CLEAR;
    for (unsigned i = 0; compound_entry(compound, i, &entry); i++) {
        others = others || !is_expected(entry.name) || i >= 64;
        if (entry.stream && strcmp(entry.name, "EncryptionInfo") == 0)
            info = entry;
        else if (entry.stream && strcmp(entry.name, "EncryptedPackage") == 0)
            package = entry;
        if (i >= 64)
            break;
    }
    if (info.size == 0 && package.size == 0)
        return CONTENT_CLEAR;
    if (others || info.size > INFO_MAX || !is_ciphertext(compound, &package))
        return CONTENT_BROKEN;
    g_autoptr(GByteArray) bytes = compound_read(compound, &info, INFO_MAX);
    return judge_info(bytes);
}
