/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates in a PKCS#12 (RFC 7292). Bags of keys are passed over unopened; the pass phrase only opens the bag
 * of certificates, and never for longer than a moment: the file says how many rounds that takes, so they are limited.
 */
#include "crypto/certs_private.h"
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <string.h>

enum { ROUNDS_MAX = 2000000, BAGS_MAX = 1000 };

static long rounds_of_pbes2(const ASN1_TYPE *parameter) {
    PBE2PARAM *pbe2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameter);
    PBKDF2PARAM *kdf = pbe2 == NULL || pbe2->keyfunc == NULL || OBJ_obj2nid(pbe2->keyfunc->algorithm) != NID_id_pbkdf2
                           ? NULL
                           : ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbe2->keyfunc->parameter);
    long rounds = kdf == NULL ? -1 : ASN1_INTEGER_get(kdf->iter);
    PBKDF2PARAM_free(kdf);
    PBE2PARAM_free(pbe2);
    return rounds;
}

/* -1 when it cannot be read. */
static long rounds_of(const X509_ALGOR *algorithm) {
    long rounds;
    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
        rounds = rounds_of_pbes2(algorithm->parameter);
    } else {
        PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
        rounds = pbe == NULL ? -1 : pbe->iter == NULL ? 1 : ASN1_INTEGER_get(pbe->iter);
        PBEPARAM_free(pbe);
    }
    return rounds;
}

/* False with a problem that says what to do instead. */
static bool is_quick(CertReads *reads, const X509_ALGOR *algorithm) {
    long rounds = rounds_of(algorithm);
    if (rounds > ROUNDS_MAX)
        certread_problem(reads,
                         "the PKCS#12 wants %ld rounds for its pass phrase, and at most %d are done: ask for the "
                         "certificate alone (PEM), or for a PKCS#12 with fewer",
                         rounds, ROUNDS_MAX);
    else if (rounds <= 0)
        certread_problem(reads, "the PKCS#12 is encrypted in a way that cannot be read: ask for the certificate alone "
                                "(PEM)");
    return rounds > 0 && rounds <= ROUNDS_MAX;
}

static void take_bags(CertReads *reads, const STACK_OF(PKCS12_SAFEBAG) * bags, unsigned *left) {
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags) && *left > 0; i++, (*left)--) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        if (PKCS12_SAFEBAG_get_nid(bag) != NID_certBag)
            continue;
        X509 *x509 = PKCS12_SAFEBAG_get1_cert(bag);
        if (x509 != NULL)
            certread_add_x509(reads, x509);
        X509_free(x509);
    }
}

/* False when it is encrypted and does not open. */
static bool take_safe(CertReads *reads, PKCS7 *safe, const char *passphrase, unsigned *left) {
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    int kind = OBJ_obj2nid(safe->type);
    if (kind == NID_pkcs7_data) {
        bags = PKCS12_unpack_p7data(safe);
    } else if (kind == NID_pkcs7_encrypted) {
        if (safe->d.encrypted == NULL || safe->d.encrypted->enc_data == NULL ||
            !is_quick(reads, safe->d.encrypted->enc_data->algorithm))
            return true;
        bags = PKCS12_unpack_p7encdata(safe, passphrase != NULL ? passphrase : "",
                                       passphrase != NULL ? (int)strlen(passphrase) : 0);
        if (bags == NULL)
            return false;
    }
    take_bags(reads, bags, left);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return true;
}

static bool take_safes(CertReads *reads, const PKCS12 *file, const char *passphrase) {
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(file);
    unsigned left = BAGS_MAX;
    bool opened = true;
    for (int i = 0; i < sk_PKCS7_num(safes) && left > 0 && opened; i++)
        opened = take_safe(reads, sk_PKCS7_value(safes, i), passphrase, &left);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return opened;
}

/* Older programs protect certificates with RC2 of 40 bits, which OpenSSL 3 keeps in a provider of its own. */
static bool try_with_old_ciphers(CertReads *reads, const PKCS12 *file, const char *passphrase) {
    OSSL_PROVIDER *old = OSSL_PROVIDER_try_load(NULL, "legacy", 1);
    bool opened = old != NULL && take_safes(reads, file, passphrase);
    if (old != NULL)
        OSSL_PROVIDER_unload(old);
    return opened;
}

static PKCS12 *parse(const char *data, size_t length) {
    const unsigned char *at = (const unsigned char *)data;
    PKCS12 *file = d2i_PKCS12(NULL, &at, (long)length);
    ERR_clear_error();
    return file;
}

bool is_pkcs12(const char *data, size_t length) {
    PKCS12 *file = parse(data, length);
    bool is_one = file != NULL;
    PKCS12_free(file);
    return is_one;
}

bool certread_pkcs12(CertReads *reads, const char *data, size_t length, const char *passphrase) {
    PKCS12 *file = parse(data, length);
    if (file == NULL)
        return false;
    reads->pkcs12 = true;
    if (!take_safes(reads, file, passphrase) && !try_with_old_ciphers(reads, file, passphrase)) {
        reads->passphrase = true;
        certread_problem(reads, passphrase != NULL ? "the pass phrase does not open this PKCS#12"
                                                   : "this PKCS#12 needs its pass phrase: --passphrase-file FILE");
    }
    PKCS12_free(file);
    ERR_clear_error();
    return true;
}
