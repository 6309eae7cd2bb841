/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates that S/MIME may encrypt to: whose (RFC 8550: subjectAltName, SmtpUTF8Mailbox of RFC 8398, the old
 * emailAddress), from when until when, and whether their usages allow it. */
#include "crypto/certs_private.h"
#include "base/seal.h"
#include "base/text.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

static void add_address(GPtrArray *addresses, const ASN1_STRING *string) {
    unsigned char *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, string);
    if (length > 0 && memchr(utf8, 0, (size_t)length) == NULL) {
        char *address = address_normalise((const char *)utf8);
        if (address_is_plausible(address) && !g_ptr_array_find_with_equal_func(addresses, address, g_str_equal, NULL))
            g_ptr_array_add(addresses, address);
        else
            g_free(address);
    }
    OPENSSL_free(utf8);
}

static void add_alternative_names(GPtrArray *addresses, X509 *x509) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_EMAIL)
            add_address(addresses, name->d.rfc822Name);
        else if (name->type == GEN_OTHERNAME && OBJ_obj2nid(name->d.otherName->type_id) == NID_id_on_SmtpUTF8Mailbox &&
                 name->d.otherName->value->type == V_ASN1_UTF8STRING)
            add_address(addresses, name->d.otherName->value->value.utf8string);
    }
    GENERAL_NAMES_free(names);
}

static void add_subject_addresses(GPtrArray *addresses, X509 *x509) {
    const X509_NAME *subject = X509_get_subject_name(x509);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, at)) >= 0;)
        add_address(addresses, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

/* X509_PURPOSE_SMIME_ENCRYPT refuses EC certificates that allow keyAgreement only, so usages are looked at here. NULL
 * when they allow encryption, else why not. */
static const char *usage_problem(X509 *x509) {
    const EVP_PKEY *key = X509_get0_pubkey(x509);
    int type = key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
    uint32_t needed = type == EVP_PKEY_RSA ? KU_KEY_ENCIPHERMENT : type == EVP_PKEY_EC ? KU_KEY_AGREEMENT : 0;
    if (needed == 0)
        return "its key is neither RSA nor EC";
    if (!(X509_get_key_usage(x509) & needed))
        return "its key usage does not allow encryption";
    if (!(X509_get_extended_key_usage(x509) & (XKU_SMIME | XKU_ANYEKU)))
        return "its extended key usage does not allow e-mail";
    return NULL;
}

static bool instant_of(const ASN1_TIME *time, Instant *instant) {
    int days, seconds;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool read = ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    if (read)
        *instant = instant_from_seconds((int64_t)days * 86400 + seconds);
    return read;
}

static CertName *name_of(X509 *x509) {
    CertName name = {.issuer = NULL};
    if (!instant_of(X509_get0_notBefore(x509), &name.not_before) ||
        !instant_of(X509_get0_notAfter(x509), &name.not_after))
        return NULL;
    unsigned char *der = NULL;
    int length = i2d_X509_NAME(X509_get_issuer_name(x509), &der);
    name.issuer = g_bytes_new(der, (gsize)MAX(length, 0));
    OPENSSL_free(der);
    der = NULL;
    length = i2d_ASN1_INTEGER(X509_get0_serialNumber(x509), &der);
    name.serial = g_bytes_new(der, (gsize)MAX(length, 0));
    OPENSSL_free(der);
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x509);
    name.key_id =
        id == NULL ? g_bytes_new(NULL, 0) : g_bytes_new(ASN1_STRING_get0_data(id), (gsize)ASN1_STRING_length(id));
    return g_memdup2(&name, sizeof name);
}

static void add_certificate(X509 *x509, GPtrArray *reads, GPtrArray *problems) {
    X509_check_purpose(x509, -1, 0); /* makes OpenSSL read the extensions */
    CertRead *read = cert_read_new("S/MIME certificate");
    const char *problem = usage_problem(x509);
    add_alternative_names(read->addresses, x509);
    add_subject_addresses(read->addresses, x509);
    if (problem == NULL && read->addresses->len == 0)
        problem = "it names no e-mail address";
    if (problem == NULL && (read->cert = name_of(x509)) == NULL)
        problem = "its dates cannot be read";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (problem == NULL && X509_digest(x509, EVP_sha256(), digest, &length) == 1) {
        read->fingerprint = hex_encode(digest, length);
        read->not_after = read->cert->not_after;
        g_ptr_array_add(reads, read);
        return;
    }
    g_ptr_array_add(problems,
                    g_strdup_printf("a certificate was passed over: %s", problem ? problem : "it has no digest"));
    cert_read_free(read);
}

/* OpenSSL would ask the terminal for the password of an encrypted file. */
static int no_password(char *buffer, int size, int writing, void *state) {
    return -1;
}

void certs_read_x509(const char *data, size_t length, GPtrArray *reads, GPtrArray *problems) {
    guint before = reads->len + problems->len;
    const unsigned char *der = (const unsigned char *)data;
    X509 *x509;
    if (length > 0 && der[0] == 0x30) {
        x509 = d2i_X509(NULL, &der, (long)length);
        if (x509 != NULL)
            add_certificate(x509, reads, problems);
        X509_free(x509);
    } else {
        BIO *bio = BIO_new_mem_buf(data, (int)length);
        while ((x509 = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
            add_certificate(x509, reads, problems);
            X509_free(x509);
        }
        BIO_free(bio);
    }
    ERR_clear_error();
    if (before == reads->len + problems->len)
        g_ptr_array_add(problems, g_strdup("there is no X.509 certificate in it"));
}
