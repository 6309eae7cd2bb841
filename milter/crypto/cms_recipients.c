/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL says whom an info names; our own reader says whether a key comes with it, which OpenSSL does not tell. */
#include "crypto/beside.h"
#include "crypto/cms_private.h"
#include <openssl/x509.h>

enum { INFOS_MAX = 10000 };
/* An RSA key of 1,024 bits encrypts to 128 bytes; the shortest key that AES wraps takes 24. */
enum { TRANSPORTED_LEAST = 128, WRAPPED_LEAST = 24 };
enum { ALGORITHM_STRONG, ALGORITHM_WEAK };

static const OidRow transports[] = {
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), ALGORITHM_STRONG, "RSA"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"), ALGORITHM_STRONG, "RSA-OAEP"},
};

/* Of key agreements the last arc is the digest: all of SHA-1 (as most programs still write it) and SHA-2. */
static const OidRow agreements[] = {
    {OID("\x2b\x81\x05\x10\x86\x48\x3f\x00\x02"), ALGORITHM_STRONG, "stdDH, SHA-1"},
    {OID("\x2b\x81\x05\x10\x86\x48\x3f\x00\x03"), ALGORITHM_STRONG, "cofactorDH, SHA-1"},
    {OID("\x2b\x81\x04\x01\x0b\x00"), ALGORITHM_STRONG, "stdDH, SHA-224"},
    {OID("\x2b\x81\x04\x01\x0b\x01"), ALGORITHM_STRONG, "stdDH, SHA-256"},
    {OID("\x2b\x81\x04\x01\x0b\x02"), ALGORITHM_STRONG, "stdDH, SHA-384"},
    {OID("\x2b\x81\x04\x01\x0b\x03"), ALGORITHM_STRONG, "stdDH, SHA-512"},
    {OID("\x2b\x81\x04\x01\x0e\x00"), ALGORITHM_STRONG, "cofactorDH, SHA-224"},
    {OID("\x2b\x81\x04\x01\x0e\x01"), ALGORITHM_STRONG, "cofactorDH, SHA-256"},
    {OID("\x2b\x81\x04\x01\x0e\x02"), ALGORITHM_STRONG, "cofactorDH, SHA-384"},
    {OID("\x2b\x81\x04\x01\x0e\x03"), ALGORITHM_STRONG, "cofactorDH, SHA-512"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x05"), ALGORITHM_STRONG, "ephemeral-static DH"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x13"), ALGORITHM_STRONG, "stdDH, HKDF with SHA-256"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x14"), ALGORITHM_STRONG, "stdDH, HKDF with SHA-384"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x15"), ALGORITHM_STRONG, "stdDH, HKDF with SHA-512"},
};

static const OidRow wraps[] = {
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x05"), ALGORITHM_STRONG, "AES-128 wrap"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x19"), ALGORITHM_STRONG, "AES-192 wrap"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2d"), ALGORITHM_STRONG, "AES-256 wrap"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x06"), ALGORITHM_WEAK, "triple DES wrap"},
};

const OidRow *oid_find(const OidRow *rows, size_t count, const BerItem *oid) {
    size_t length = (size_t)(oid->content.end - oid->content.at);
    for (size_t i = 0; i < count; i++)
        if (rows[i].length == length && memcmp(rows[i].oid, oid->content.at, length) == 0)
            return &rows[i];
    return NULL;
}

static GBytes *octets(const ASN1_OCTET_STRING *string) {
    return g_bytes_new(ASN1_STRING_get0_data(string), (gsize)ASN1_STRING_length(string));
}

static void add_named(ContentProof *proof, const X509_NAME *issuer, const ASN1_INTEGER *serial,
                      const ASN1_OCTET_STRING *key_id, size_t transported) {
    NamedRecipient *named = g_new0(NamedRecipient, 1);
    named->transported = transported;
    unsigned char *der = NULL;
    int length;
    if (key_id != NULL)
        named->key_id = octets(key_id);
    else if (issuer != NULL && serial != NULL && (length = i2d_ASN1_INTEGER(serial, &der)) > 0) {
        named->issuer = X509_NAME_dup(issuer);
        named->serial = g_bytes_new(der, (gsize)length);
    }
    OPENSSL_free(der);
    g_ptr_array_add(proof->recipients, named);
}

/* How long the key of an info is that has room for one: version, whose, how, key; else 0. */
static size_t transported_key(BerCursor info) {
    BerItem item, algorithm, oid, key;
    bool sound = ber_take(&info, BER_INTEGER, &item) && ber_next(&info, &item) &&
                 ber_take(&info, BER_SEQUENCE, &algorithm) && ber_take(&algorithm.content, BER_OID, &oid) &&
                 oid_find(transports, G_N_ELEMENTS(transports), &oid) != NULL && ber_take(&info, BER_OCTETS, &key);
    size_t length = sound ? ber_string_length(&key) : 0;
    return length >= TRANSPORTED_LEAST ? length : 0;
}

static void add_key_transport(ContentProof *proof, CMS_RecipientInfo *info, const BerItem *ours) {
    ASN1_OCTET_STRING *key_id = NULL;
    X509_NAME *issuer = NULL;
    ASN1_INTEGER *serial = NULL;
    size_t length = ours->identifier == BER_SEQUENCE ? transported_key(ours->content) : 0;
    if (length > 0 && CMS_RecipientInfo_ktri_get0_signer_id(info, &key_id, &issuer, &serial) == 1)
        add_named(proof, issuer, serial, key_id, length);
}

/* To the keys of an info for key agreement: version, [0] originator, [1] of the sender's choice, how, keys. NULL: no
 * known way. */
static const OidRow *agreement_keys(BerCursor info, BerCursor *keys) {
    BerItem item, algorithm, oid, wrap;
    if (!ber_take(&info, BER_INTEGER, &item) || !ber_take(&info, BER_CONTEXT(0), &item))
        return NULL;
    ber_take(&info, BER_CONTEXT(1), &item);
    if (!ber_take(&info, BER_SEQUENCE, &algorithm) || !ber_take(&algorithm.content, BER_OID, &oid) ||
        oid_find(agreements, G_N_ELEMENTS(agreements), &oid) == NULL ||
        !ber_take(&algorithm.content, BER_SEQUENCE, &wrap) || !ber_take(&wrap.content, BER_OID, &oid) ||
        !ber_take(&info, BER_SEQUENCE, &item))
        return NULL;
    *keys = item.content;
    return oid_find(wraps, G_N_ELEMENTS(wraps), &oid);
}

static void add_key_agreement(ContentProof *proof, CMS_RecipientInfo *info, const BerItem *ours) {
    STACK_OF(CMS_RecipientEncryptedKey) *theirs = CMS_RecipientInfo_kari_get0_reks(info);
    BerCursor keys;
    BerItem key, item, wrapped;
    const OidRow *wrap = ours->identifier == BER_CONTEXT(1) ? agreement_keys(ours->content, &keys) : NULL;
    for (int i = 0; wrap != NULL && i < sk_CMS_RecipientEncryptedKey_num(theirs) && ber_next(&keys, &key); i++) {
        ASN1_OCTET_STRING *key_id = NULL;
        X509_NAME *issuer = NULL;
        ASN1_INTEGER *serial = NULL;
        if (!ber_next(&key.content, &item) || !ber_take(&key.content, BER_OCTETS, &wrapped) ||
            ber_string_length(&wrapped) < WRAPPED_LEAST || proof->recipients->len == INFOS_MAX)
            continue;
        CMS_RecipientEncryptedKey *named = sk_CMS_RecipientEncryptedKey_value(theirs, i);
        if (CMS_RecipientEncryptedKey_get0_id(named, &key_id, NULL, NULL, &issuer, &serial) == 1)
            add_named(proof, issuer, serial, key_id, 0);
        proof->weak = proof->weak || wrap->value == ALGORITHM_WEAK;
    }
}

bool cms_read_recipients(ContentProof *proof, const CMS_ContentInfo *cms, BerCursor infos) {
    STACK_OF(CMS_RecipientInfo) *theirs = CMS_get0_RecipientInfos((CMS_ContentInfo *)cms);
    int count = sk_CMS_RecipientInfo_num(theirs);
    if (count > INFOS_MAX)
        return false;
    for (int i = 0; i < count; i++) {
        CMS_RecipientInfo *info = sk_CMS_RecipientInfo_value(theirs, i);
        BerItem ours;
        if (!ber_next(&infos, &ours) || !beside_is_recipient(&ours))
            return false;
        if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_TRANS)
            add_key_transport(proof, info, &ours);
        else if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE)
            add_key_agreement(proof, info, &ours);
    }
    return infos.at == infos.end;
}
