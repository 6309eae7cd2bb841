/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates: whose (RFC 8550: subjectAltName, SmtpUTF8Mailbox of RFC 8398, the old emailAddress), from when
 * until when, and whether their usages allow encryption of mail. */
#include "base/seal.h"
#include "base/text.h"
#include "crypto/certs_private.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

static void add_address(Cert *cert, const ASN1_STRING *string) {
    unsigned char *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, string);
    if (length > 0 && memchr(utf8, 0, (size_t)length) == NULL)
        cert_add_address(cert, (const char *)utf8);
    OPENSSL_free(utf8);
}

/* NULL when it is no mailbox. */
static const ASN1_STRING *mailbox_of(const GENERAL_NAME *name) {
    if (name->type == GEN_EMAIL)
        return name->d.rfc822Name;
    if (name->type == GEN_OTHERNAME && OBJ_obj2nid(name->d.otherName->type_id) == NID_id_on_SmtpUTF8Mailbox &&
        name->d.otherName->value->type == V_ASN1_UTF8STRING)
        return name->d.otherName->value->value.utf8string;
    return NULL;
}

/* How many mailboxes there are, plausible or not. */
static unsigned add_alternative_names(Cert *cert, X509 *x509) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    unsigned mailboxes = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const ASN1_STRING *mailbox = mailbox_of(sk_GENERAL_NAME_value(names, i));
        if (mailbox != NULL && ++mailboxes <= CERT_ADDRESSES_MAX)
            add_address(cert, mailbox);
    }
    GENERAL_NAMES_free(names);
    return mailboxes;
}

static unsigned add_subject_addresses(Cert *cert, X509 *x509) {
    const X509_NAME *subject = X509_get_subject_name(x509);
    unsigned mailboxes = 0;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, at)) >= 0;)
        if (++mailboxes <= CERT_ADDRESSES_MAX)
            add_address(cert, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    return mailboxes;
}

/* Authorities check the mailboxes; what the name of the subject says beside them may be anything (RFC 8550 section 3).
 */
static void add_addresses(CertReads *reads, Cert *cert, X509 *x509) {
    unsigned mailboxes = add_alternative_names(cert, x509);
    if (mailboxes == 0)
        mailboxes = add_subject_addresses(cert, x509);
    if (mailboxes > CERT_ADDRESSES_MAX)
        certread_problem(reads, "a certificate names %u addresses; the first %u count", mailboxes, CERT_ADDRESSES_MAX);
}

/* X509_PURPOSE_SMIME_ENCRYPT refuses EC certificates that allow keyAgreement only, so usages are looked at here. NULL
 * when they allow encryption, else why not. */
static const char *usage_problem(X509 *x509) {
    const EVP_PKEY *key = X509_get0_pubkey(x509);
    int type = key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
    uint32_t needed = type == EVP_PKEY_RSA ? KU_KEY_ENCIPHERMENT : type == EVP_PKEY_EC ? KU_KEY_AGREEMENT : 0;
    if (type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448 || type == EVP_PKEY_DSA || type == EVP_PKEY_RSA_PSS)
        return "its key can only sign";
    if (needed == 0)
        return "its key is neither RSA nor EC";
    if (!(X509_get_key_usage(x509) & needed))
        return "its key usage does not allow encryption";
    if (!(X509_get_extended_key_usage(x509) & (XKU_SMIME | XKU_ANYEKU)))
        return "its extended key usage does not allow e-mail";
    return NULL;
}

bool instant_from_asn1(const ASN1_TIME *time, Instant *instant) {
    int days, seconds;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool read = time != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    if (read)
        *instant = instant_from_seconds((int64_t)days * 86400 + seconds);
    return read;
}

static void take_bytes(GBytes **bytes, unsigned char *der, int length) {
    g_bytes_unref(*bytes);
    *bytes = g_bytes_new(der, (gsize)MAX(length, 0));
    OPENSSL_free(der);
}

static void take_names(Cert *cert, X509 *x509) {
    unsigned char *der = NULL;
    int length = i2d_X509_NAME(X509_get_issuer_name(x509), &der);
    take_bytes(&cert->issuer, der, length);
    der = NULL;
    length = i2d_ASN1_INTEGER(X509_get0_serialNumber(x509), &der);
    take_bytes(&cert->serial, der, length);
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x509);
    if (id != NULL) {
        g_bytes_unref(cert->key_id);
        cert->key_id = g_bytes_new(ASN1_STRING_get0_data(id), (gsize)ASN1_STRING_length(id));
    }
}

/* The common name, else the whole name. */
static char *name_words(const X509_NAME *name) {
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    int length = at < 0 ? -1 : ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    char *words = length > 0 ? text_printable((char *)utf8, (size_t)length, 200) : NULL;
    OPENSSL_free(utf8);
    if (words != NULL)
        return words;
    char line[256] = "";
    X509_NAME_oneline(name, line, sizeof line);
    return text_printable(line, strlen(line), 200);
}

static char *algorithm_of(X509 *x509) {
    const EVP_PKEY *key = X509_get0_pubkey(x509);
    char curve[64];
    if (key == NULL)
        return g_strdup("unknown");
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) == 1) {
        int nid = OBJ_txt2nid(curve);
        const char *nist = nid == NID_undef ? NULL : EC_curve_nid2nist(nid);
        return g_strdup_printf("EC %s", nist != NULL ? nist : curve);
    }
    const char *name = OBJ_nid2sn(EVP_PKEY_get_base_id(key));
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? g_strdup_printf("RSA %d", EVP_PKEY_get_bits(key))
                                                     : g_strdup(name != NULL ? name : "unknown");
}

static void replace_text(char **text, char *by) {
    g_free(*text);
    *text = by;
}

/* False when there is nothing to know it by. */
static bool describe(Cert *cert, X509 *x509) {
    unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
    unsigned length = 0;
    if (!instant_from_asn1(X509_get0_notBefore(x509), &cert->not_before) ||
        !instant_from_asn1(X509_get0_notAfter(x509), &cert->not_after) ||
        X509_digest(x509, EVP_sha256(), digest, &length) != 1)
        return false;
    int size = i2d_X509(x509, &der);
    take_bytes(&cert->data, der, size);
    take_names(cert, x509);
    replace_text(&cert->fingerprint, hex_encode(digest, length));
    replace_text(&cert->subject, name_words(X509_get_subject_name(x509)));
    replace_text(&cert->issuer_name, name_words(X509_get_issuer_name(x509)));
    replace_text(&cert->algorithm, algorithm_of(x509));
    return size > 0;
}

static void add_issuer(CertReads *reads, X509 *x509) {
    unsigned char *der = NULL;
    int length = i2d_X509(x509, &der);
    g_ptr_array_add(reads->issuers, g_bytes_new(der, (gsize)MAX(length, 0)));
    OPENSSL_free(der);
}

void certread_add_x509(CertReads *reads, X509 *x509) {
    X509_check_purpose(x509, -1, 0); /* makes OpenSSL read the extensions */
    g_autoptr(Cert) cert = cert_new(CERT_SMIME);
    bool authority = X509_check_ca(x509) > 0;
    if (authority)
        add_issuer(reads, x509);
    add_addresses(reads, cert, x509);
    if (cert->addresses->len == 0) {
        if (!authority)
            certread_problem(reads, "a certificate was passed over: it names no e-mail address");
        return;
    }
    if (!describe(cert, x509)) {
        certread_problem(reads, "a certificate was passed over: its dates cannot be read");
        return;
    }
    const char *unusable = usage_problem(x509);
    if (unusable != NULL) {
        certread_problem(reads, "the certificate of %s cannot be encrypted to: %s",
                         (char *)g_ptr_array_index(cert->addresses, 0), unusable);
        replace_text(&cert->unusable, g_strdup(unusable));
    }
    g_ptr_array_add(reads->certs, g_steal_pointer(&cert));
}

int pem_no_password(char *buffer, int size, int writing, void *state) {
    return -1;
}

void certread_x509(CertReads *reads, const char *data, size_t length) {
    const unsigned char *der = (const unsigned char *)data;
    X509 *x509;
    if (length > 0 && der[0] == 0x30) {
        x509 = d2i_X509(NULL, &der, (long)length);
        if (x509 != NULL)
            certread_add_x509(reads, x509);
        X509_free(x509);
    } else {
        BIO *bio = BIO_new_mem_buf(data, (int)length);
        while ((x509 = PEM_read_bio_X509(bio, NULL, pem_no_password, NULL)) != NULL) {
            certread_add_x509(reads, x509);
            X509_free(x509);
        }
        BIO_free(bio);
    }
    ERR_clear_error();
}

char *issuer_as_text(GBytes *der) {
    size_t length;
    const unsigned char *at = g_bytes_get_data(der, &length);
    X509 *x509 = d2i_X509(NULL, &at, (long)length);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (x509 != NULL)
        PEM_write_bio_X509(bio, x509);
    long size = BIO_get_mem_data(bio, &text);
    char *copy = g_strndup(text != NULL ? text : "", (gsize)MAX(size, 0));
    BIO_free(bio);
    X509_free(x509);
    return copy;
}
