/* SPDX-License-Identifier: Apache-2.0 */
/* Is a CMS object (RFC 5652, 5083, 8551) an envelope that only its recipients open?
 *
 * Two readers must agree: our own, which sees cipher and content, and OpenSSL's, which must consume every byte and
 * names the recipients: what one takes for an envelope and the other does not is none. OpenSSL only decodes. The faults
 * that its CMS code had lay in what comes behind (CVE-2025-15467: where a cipher is set up with parameters that nobody
 * has measured), it is called confined, and what ber_is_sound() refuses never reaches it. `smime-type` and file names
 * were never looked at. */
#include "crypto/beside.h"
#include "crypto/cms_private.h"
#include "crypto/noise.h"
#include <openssl/err.h>

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

static const OidRow content_types[] = {
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), CMS_KIND_DATA, "plain data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), CMS_KIND_SIGNED, "signed data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"), CMS_KIND_ENVELOPED, "enveloped data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x05"), CMS_KIND_DIGESTED, "digested data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"), CMS_KIND_ENCRYPTED_DATA, "encrypted to no recipient"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"), CMS_KIND_COMPRESSED, "compressed data"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"), CMS_KIND_AUTH_ENVELOPED, "authenticated enveloped data"},
};

/* The value is the block length of the content, 0 for AEAD, which belongs in AuthEnvelopedData only. AES-ECB is left
 * out: it shows which blocks are alike. */
enum { CIPHER_AEAD = 0, CIPHER_STREAM = 1, CIPHER_WEAK = 8, CIPHER_CBC = 16 };
static const OidRow ciphers[] = {
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x02"), CIPHER_CBC, "AES-128-CBC"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x16"), CIPHER_CBC, "AES-192-CBC"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2a"), CIPHER_CBC, "AES-256-CBC"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x03"), CIPHER_STREAM, "AES-128-OFB"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x17"), CIPHER_STREAM, "AES-192-OFB"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2b"), CIPHER_STREAM, "AES-256-OFB"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x04"), CIPHER_STREAM, "AES-128-CFB"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x18"), CIPHER_STREAM, "AES-192-CFB"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2c"), CIPHER_STREAM, "AES-256-CFB"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x06"), CIPHER_AEAD, "AES-128-GCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x1a"), CIPHER_AEAD, "AES-192-GCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2e"), CIPHER_AEAD, "AES-256-GCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x07"), CIPHER_AEAD, "AES-128-CCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x1b"), CIPHER_AEAD, "AES-192-CCM"},
    {OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2f"), CIPHER_AEAD, "AES-256-CCM"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x12"), CIPHER_AEAD, "ChaCha20-Poly1305"},
    {OID("\x2a\x86\x48\x86\xf7\x0d\x03\x07"), CIPHER_WEAK, "triple DES"},
};

/* What our own reader saw of an envelope. */
typedef struct {
    BerCursor recipients;
    const OidRow *cipher;
    size_t content;                    /* octets */
    size_t iv;                         /* octets of the cipher's first parameter */
    Noise noise;                       /* of the content */
    unsigned char head[UNPACK_ENOUGH]; /* its beginning */
    bool mac;
    bool letter; /* beside the content there is room for one */
} Envelope;

static void see_content(const unsigned char *data, size_t length, void *envelope) {
    Envelope *seen = envelope;
    if (seen->content < sizeof seen->head)
        memcpy(seen->head + seen->content, data, MIN(length, sizeof seen->head - seen->content));
    seen->content += length;
    noise_add(&seen->noise, data, length);
}

static bool read_encrypted_content(BerCursor *at, Envelope *seen) {
    BerItem info, item, algorithm, oid, iv;
    if (!ber_take(at, BER_SEQUENCE, &info) || !ber_take(&info.content, BER_OID, &item) ||
        !ber_take(&info.content, BER_SEQUENCE, &algorithm) || !ber_take(&algorithm.content, BER_OID, &oid))
        return false;
    seen->cipher = oid_find(ciphers, G_N_ELEMENTS(ciphers), &oid);
    seen->letter = seen->letter || !beside_is_sane(algorithm.content);
    if (ber_take(&algorithm.content, BER_SEQUENCE, &item)) /* of GCM and CCM: nonce and length of the code */
        algorithm.content = item.content;
    if (ber_take(&algorithm.content, BER_OCTETS, &iv))
        seen->iv = ber_string_length(&iv);
    if ((ber_take(&info.content, 0x80, &item) || ber_take(&info.content, BER_CONTEXT(0), &item)) &&
        !ber_string_each(&item, see_content, seen))
        return false;
    return info.content.at == info.content.end;
}

/* Programs write none, or the type of the content. */
static void take_attributes(BerCursor *at, unsigned char identifier, Envelope *seen) {
    enum { ATTRIBUTES_MAX = 256 };
    BerItem item;
    if (ber_take(at, identifier, &item))
        seen->letter =
            seen->letter || item.content.end - item.content.at > ATTRIBUTES_MAX || !beside_is_sane(item.content);
}

/* EnvelopedData and AuthEnvelopedData: version, [0] originator, SET of recipients, encrypted content, … */
static bool read_envelope(BerCursor at, Envelope *seen) {
    BerItem envelope, item, recipients;
    if (!ber_take(&at, BER_SEQUENCE, &envelope) || !ber_take(&envelope.content, BER_INTEGER, &item))
        return false;
    if (ber_take(&envelope.content, BER_CONTEXT(0), &item))
        seen->letter = !beside_is_originator(item.content);
    if (!ber_take(&envelope.content, BER_SET, &recipients))
        return false;
    seen->recipients = recipients.content;
    if (!read_encrypted_content(&envelope.content, seen))
        return false;
    take_attributes(&envelope.content, BER_CONTEXT(1), seen);
    seen->mac = ber_take(&envelope.content, BER_OCTETS, &item) && ber_string_length(&item) >= 12;
    take_attributes(&envelope.content, BER_CONTEXT(2), seen);
    return envelope.content.at == envelope.content.end;
}

static ContentProof *judge_content(ContentProof *proof, Envelope *seen, bool authenticated) {
    if (seen->cipher == NULL)
        return content_proof_say(
            proof, CONTENT_BROKEN,
            "the S/MIME message uses a cipher, or a way of using one, that does not count as safe");
    bool aead = seen->cipher->value == CIPHER_AEAD;
    size_t block = (size_t)seen->cipher->value, iv = block == CIPHER_WEAK ? 8 : 16;
    proof->weak = proof->weak || block == CIPHER_WEAK;
    if (aead != authenticated)
        return content_proof_say(proof, CONTENT_BROKEN, "%s does not belong in this kind of S/MIME message",
                                 seen->cipher->name);
    if (seen->content == 0)
        return content_proof_say(proof, CONTENT_BROKEN, "the S/MIME message has nothing encrypted in it");
    if (noise_is_readable(&seen->noise) || beside_unpacks(seen->head, MIN(seen->content, sizeof seen->head)))
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "what stands in the S/MIME message as encrypted content is readable");
    if (aead ? seen->iv < 7 || seen->iv > 16 : seen->content % block != 0 || seen->iv != iv)
        return content_proof_say(proof, CONTENT_BROKEN, "the content of the S/MIME message is not %s",
                                 seen->cipher->name);
    if (aead && !seen->mac)
        return content_proof_say(proof, CONTENT_BROKEN, "the S/MIME message lacks its authentication code");
    return content_proof_say(proof, CONTENT_ENCRYPTED, "S/MIME, %s", seen->cipher->name);
}

static ContentProof *judge_envelope(ContentProof *proof, const CMS_ContentInfo *cms, Envelope *seen,
                                    bool authenticated) {
    if (seen->recipients.at == seen->recipients.end)
        return content_proof_say(proof, CONTENT_BROKEN, "the S/MIME message has no recipients");
    if (!cms_read_recipients(proof, cms, seen->recipients))
        return content_proof_say(proof, CONTENT_BROKEN, "the recipients of the S/MIME message cannot be read");
    if (proof->recipients->len == 0)
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "the S/MIME message brings no key for anybody's certificate: it is locked with a "
                                 "password or a shared key, or with nothing");
    if (seen->letter)
        return content_proof_say(proof, CONTENT_BROKEN,
                                 "the S/MIME message holds something readable beside what is encrypted");
    return judge_content(proof, seen, authenticated);
}

static ContentProof *judge_signed(ContentProof *proof, CMS_ContentInfo *cms) {
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);
    if (content == NULL || *content == NULL) {
        proof->kind = KIND_SIGNATURE;
        return content_proof_say(proof, CONTENT_CLEAR, "an S/MIME signature encrypts nothing");
    }
    proof->kind = KIND_SIGNED;
    proof->inner = g_bytes_new(ASN1_STRING_get0_data(*content), (gsize)ASN1_STRING_length(*content));
    return content_proof_say(proof, CONTENT_CLEAR, "the S/MIME message is signed, not encrypted");
}

static ContentProof *judge_parsed(ContentProof *proof, CMS_ContentInfo *cms, const OidRow *type, BerCursor body) {
    Envelope seen = {.content = 0};
    switch ((CmsKind)type->value) {
    case CMS_KIND_ENVELOPED:
    case CMS_KIND_AUTH_ENVELOPED:
        if (!read_envelope(body, &seen))
            return content_proof_say(proof, CONTENT_BROKEN, "the S/MIME message is malformed");
        return judge_envelope(proof, cms, &seen, type->value == CMS_KIND_AUTH_ENVELOPED);
    case CMS_KIND_SIGNED:
        return judge_signed(proof, cms);
    case CMS_KIND_ENCRYPTED_DATA:
        return content_proof_say(proof, CONTENT_BROKEN, "the S/MIME message is %s", type->name);
    case CMS_KIND_COMPRESSED:
        proof->kind = KIND_COMPRESSED;
        proof->inner = cms_decompress(body);
        return content_proof_say(proof, CONTENT_CLEAR, "the S/MIME message is compressed, not encrypted%s",
                                 proof->inner == NULL ? ", and what is in it cannot be read" : "");
    default:
        return content_proof_say(proof, CONTENT_CLEAR, "the S/MIME message is %s, not encrypted", type->name);
    }
}

ContentProof *proof_cms(const unsigned char *data, size_t length) {
    ContentProof *proof = content_proof_new(false);
    if (!ber_is_sound(data, length))
        return content_proof_say(proof, CONTENT_BROKEN, "it says S/MIME and is not one whole S/MIME message");
    BerCursor at = {data, data + length};
    BerItem info, oid, body;
    if (!ber_take(&at, BER_SEQUENCE, &info) || !ber_take(&info.content, BER_OID, &oid))
        return content_proof_say(proof, CONTENT_BROKEN, "it says S/MIME and is not one whole S/MIME message");
    const OidRow *type = oid_find(content_types, G_N_ELEMENTS(content_types), &oid);
    if (type == NULL || !ber_take(&info.content, BER_CONTEXT(0), &body))
        return content_proof_say(proof, CONTENT_BROKEN, "it says S/MIME and is of no known kind");
    const unsigned char *end = data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &end, (long)length);
    if (cms == NULL || end != data + length)
        content_proof_say(proof, CONTENT_BROKEN, "the S/MIME message is malformed");
    else
        judge_parsed(proof, cms, type, body.content);
    CMS_ContentInfo_free(cms);
    ERR_clear_error(); /* or the queue grows with every bad message */
    return proof;
}
