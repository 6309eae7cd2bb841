/* SPDX-License-Identifier: Apache-2.0 */
/* Is a CMS object (RFC 5652, 5083, 8551) an envelope that only its recipients open?
 *
 * Two readers must agree: our own, which sees cipher and content, and OpenSSL's, which must consume every byte and
 * names the recipients. `smime-type` and file names were never looked at. */
#include "crypto/ber.h"
#include "crypto/proof_private.h"
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

typedef enum {
    CMS_KIND_DATA,
    CMS_KIND_SIGNED,
    CMS_KIND_ENVELOPED,
    CMS_KIND_AUTH_ENVELOPED,
    CMS_KIND_COMPRESSED,
    CMS_KIND_DIGESTED,
    CMS_KIND_ENCRYPTED_DATA,
    CMS_KIND_OTHER
} CmsKind;

typedef struct {
    const char *oid; /* bytes */
    unsigned char length;
    int value;
    const char *name;
} OidRow;

#define OID(bytes) bytes, sizeof(bytes) - 1

static const OidRow content_types[] = {
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), CMS_KIND_DATA, "plain data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), CMS_KIND_SIGNED, "signed data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"), CMS_KIND_ENVELOPED, "enveloped data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x05"), CMS_KIND_DIGESTED, "digested data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"), CMS_KIND_ENCRYPTED_DATA, "encrypted data without recipients"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"), CMS_KIND_COMPRESSED, "compressed data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"), CMS_KIND_AUTH_ENVELOPED, "authenticated enveloped data"},
};

/* The value is the block length of the content, 0 for AEAD, which belongs in AuthEnvelopedData only. */
enum { CIPHER_AEAD = 0, CIPHER_CBC = 16 };
static const OidRow ciphers[] = {
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x02"), CIPHER_CBC, "AES-128-CBC"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x16"), CIPHER_CBC, "AES-192-CBC"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2a"), CIPHER_CBC, "AES-256-CBC"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x06"), CIPHER_AEAD, "AES-128-GCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x1a"), CIPHER_AEAD, "AES-192-GCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2e"), CIPHER_AEAD, "AES-256-GCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x07"), CIPHER_AEAD, "AES-128-CCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x1b"), CIPHER_AEAD, "AES-192-CCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2f"), CIPHER_AEAD, "AES-256-CCM"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x12"), CIPHER_AEAD, "ChaCha20-Poly1305"},
};

static const OidRow *oid_find(const OidRow *rows, size_t count, const BerItem *oid) {
    size_t length = (size_t)(oid->content.end - oid->content.at);
    for (size_t i = 0; i < count; i++)
        if (rows[i].length == length && memcmp(rows[i].oid, oid->content.at, length) == 0)
            return &rows[i];
    return NULL;
}

/* What our own reader saw of an envelope. */
typedef struct {
    unsigned recipients;
    const OidRow *cipher;
    size_t content; /* octets */
    size_t iv;      /* octets of the cipher's parameter, when it is a plain octet string */
    bool readable;  /* the content is plain text */
    bool mac;
} Envelope;

static bool read_encrypted_content(BerCursor *at, Envelope *seen) {
    BerItem info, item, algorithm, oid, iv;
    if (!ber_take(at, BER_SEQUENCE, &info) || !ber_take(&info.content, BER_OID, &item) ||
        !ber_take(&info.content, BER_SEQUENCE, &algorithm) || !ber_take(&algorithm.content, BER_OID, &oid))
        return false;
    seen->cipher = oid_find(ciphers, G_N_ELEMENTS(ciphers), &oid);
    if (ber_take(&algorithm.content, BER_OCTETS, &iv))
        seen->iv = ber_string_length(&iv);
    if (ber_take(&info.content, 0x80, &item) || ber_take(&info.content, BER_CONTEXT(0), &item)) {
        unsigned char head[TEXT_SAMPLE];
        seen->content = ber_string_length(&item);
        seen->readable = looks_like_text(head, ber_string_head(&item, head, sizeof head));
    }
    return info.content.at == info.content.end;
}

/* EnvelopedData and AuthEnvelopedData: version, [0] originator, SET of recipients, encrypted content, … */
static bool read_envelope(BerCursor at, Envelope *seen) {
    BerItem envelope, item, recipients;
    if (!ber_take(&at, BER_SEQUENCE, &envelope) || !ber_take(&envelope.content, BER_INTEGER, &item))
        return false;
    ber_take(&envelope.content, BER_CONTEXT(0), &item);
    if (!ber_take(&envelope.content, BER_SET, &recipients))
        return false;
    while (ber_next(&recipients.content, &item))
        seen->recipients++;
    if (!read_encrypted_content(&envelope.content, seen))
        return false;
    ber_take(&envelope.content, BER_CONTEXT(1), &item);
    seen->mac = ber_take(&envelope.content, BER_OCTETS, &item) && ber_string_length(&item) >= 12;
    return true;
}

static GBytes *octets(const ASN1_OCTET_STRING *string) {
    return g_bytes_new(ASN1_STRING_get0_data(string), (gsize)ASN1_STRING_length(string));
}

static void add_named(ContentProof *proof, X509_NAME *issuer, ASN1_INTEGER *serial, ASN1_OCTET_STRING *key_id) {
    NamedRecipient *named = g_new0(NamedRecipient, 1);
    unsigned char *der = NULL;
    int length;
    if (key_id != NULL) {
        named->key_id = octets(key_id);
    } else {
        if (issuer != NULL && (length = i2d_X509_NAME(issuer, &der)) > 0)
            named->issuer = g_bytes_new(der, (gsize)length);
        OPENSSL_free(der);
        der = NULL;
        if (serial != NULL && (length = i2d_ASN1_INTEGER(serial, &der)) > 0)
            named->serial = g_bytes_new(der, (gsize)length);
        OPENSSL_free(der);
    }
    g_ptr_array_add(proof->recipients, named);
}

static void add_key_transport(ContentProof *proof, CMS_RecipientInfo *info) {
    ASN1_OCTET_STRING *key_id = NULL;
    X509_NAME *issuer = NULL;
    ASN1_INTEGER *serial = NULL;
    X509_ALGOR *algorithm = NULL;
    CMS_RecipientInfo_ktri_get0_algs(info, NULL, NULL, &algorithm);
    const ASN1_OBJECT *oid = NULL;
    if (algorithm != NULL)
        X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    int nid = OBJ_obj2nid(oid);
    /* A key "transported" by no known public-key algorithm reaches nobody, or everybody. */
    if (nid != NID_rsaEncryption && nid != NID_rsaesOaep)
        return;
    if (CMS_RecipientInfo_ktri_get0_signer_id(info, &key_id, &issuer, &serial) == 1)
        add_named(proof, issuer, serial, key_id);
}

static void add_key_agreement(ContentProof *proof, CMS_RecipientInfo *info) {
    STACK_OF(CMS_RecipientEncryptedKey) *keys = CMS_RecipientInfo_kari_get0_reks(info);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); i++) {
        ASN1_OCTET_STRING *key_id = NULL;
        X509_NAME *issuer = NULL;
        ASN1_INTEGER *serial = NULL;
        CMS_RecipientEncryptedKey *key = sk_CMS_RecipientEncryptedKey_value(keys, i);
        if (CMS_RecipientEncryptedKey_get0_id(key, &key_id, NULL, NULL, &issuer, &serial) == 1)
            add_named(proof, issuer, serial, key_id);
    }
}

/* Password and pre-shared-key infos do not count; gives how many infos of any kind there are. */
static unsigned add_recipients(ContentProof *proof, CMS_ContentInfo *cms) {
    STACK_OF(CMS_RecipientInfo) *infos = CMS_get0_RecipientInfos(cms);
    int count = sk_CMS_RecipientInfo_num(infos);
    for (int i = 0; i < count; i++) {
        CMS_RecipientInfo *info = sk_CMS_RecipientInfo_value(infos, i);
        if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_TRANS)
            add_key_transport(proof, info);
        else if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE)
            add_key_agreement(proof, info);
    }
    return count < 0 ? 0 : (unsigned)count;
}

static ContentProof *judge_envelope(ContentProof *proof, CMS_ContentInfo *cms, const Envelope *seen,
                                    bool authenticated) {
    unsigned infos = add_recipients(proof, cms);
    if (infos == 0 || infos != seen->recipients)
        return content_proof_say(proof, CONTENT_BROKEN, "the CMS envelope has no recipients");
    if (proof->recipients->len == 0)
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "the CMS envelope has a password or shared key and no recipient's certificate");
    if (seen->cipher == NULL)
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "the CMS envelope uses a cipher that is neither AES nor ChaCha20");
    bool aead = seen->cipher->value == CIPHER_AEAD;
    if (aead != authenticated)
        return content_proof_say(proof, CONTENT_BROKEN, "%s does not belong in this kind of CMS envelope",
                                 seen->cipher->name);
    if (seen->content == 0)
        return content_proof_say(proof, CONTENT_BROKEN, "the CMS envelope has no content");
    if (seen->readable)
        return content_proof_say(proof, CONTENT_BROKEN, "the content of the CMS envelope is readable text");
    if (!aead && (seen->content % CIPHER_CBC != 0 || seen->iv != CIPHER_CBC))
        return content_proof_say(proof, CONTENT_BROKEN, "the content of the CMS envelope is not %s",
                                 seen->cipher->name);
    if (aead && !seen->mac)
        return content_proof_say(proof, CONTENT_BROKEN, "the CMS envelope lacks its authentication code");
    return content_proof_say(proof, CONTENT_ENCRYPTED, "CMS envelope, %s", seen->cipher->name);
}

static ContentProof *judge_signed(ContentProof *proof, CMS_ContentInfo *cms) {
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);
    if (content == NULL || *content == NULL) {
        proof->kind = KIND_SIGNATURE;
        return content_proof_say(proof, CONTENT_CLEAR, "a CMS signature without content");
    }
    proof->kind = KIND_SIGNED;
    proof->inner = octets(*content);
    return content_proof_say(proof, CONTENT_CLEAR, "CMS signed data is signed, not encrypted");
}

static ContentProof *judge_parsed(ContentProof *proof, CMS_ContentInfo *cms, const OidRow *type, BerCursor body) {
    Envelope seen = {.recipients = 0};
    switch ((CmsKind)type->value) {
    case CMS_KIND_ENVELOPED:
    case CMS_KIND_AUTH_ENVELOPED:
        if (!read_envelope(body, &seen))
            return content_proof_say(proof, CONTENT_BROKEN, "the CMS envelope is malformed");
        return judge_envelope(proof, cms, &seen, type->value == CMS_KIND_AUTH_ENVELOPED);
    case CMS_KIND_SIGNED:
        return judge_signed(proof, cms);
    case CMS_KIND_ENCRYPTED_DATA:
        return content_proof_say(proof, CONTENT_BROKEN, "CMS %s", type->name);
    case CMS_KIND_COMPRESSED:
        proof->kind = KIND_COMPRESSED;
        return content_proof_say(proof, CONTENT_CLEAR, "CMS %s is not encrypted", type->name);
    default:
        return content_proof_say(proof, CONTENT_CLEAR, "CMS %s is not encrypted", type->name);
    }
}

ContentProof *proof_cms(const unsigned char *data, size_t length) {
    ContentProof *proof = content_proof_new(false);
    if (!ber_is_sound(data, length))
        return content_proof_say(proof, CONTENT_BROKEN, "not a whole CMS object");
    BerCursor at = {data, data + length};
    BerItem info, oid, body;
    if (!ber_take(&at, BER_SEQUENCE, &info) || !ber_take(&info.content, BER_OID, &oid))
        return content_proof_say(proof, CONTENT_BROKEN, "not a whole CMS object");
    const OidRow *type = oid_find(content_types, G_N_ELEMENTS(content_types), &oid);
    if (type == NULL || !ber_take(&info.content, BER_CONTEXT(0), &body))
        return content_proof_say(proof, CONTENT_BROKEN, "a CMS object of no known type");
    const unsigned char *end = data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &end, (long)length);
    if (cms == NULL || end != data + length)
        content_proof_say(proof, CONTENT_BROKEN, "the CMS object cannot be parsed");
    else
        judge_parsed(proof, cms, type, body.content);
    CMS_ContentInfo_free(cms);
    ERR_clear_error(); /* or the queue grows with every bad message */
    return proof;
}
