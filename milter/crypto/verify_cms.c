/* SPDX-License-Identifier: Apache-2.0 */
/* S/MIME signatures. OpenSSL compares digests and keys; our own reader has counted first how much work that may be, and
 * keys of unusual size or kind never get as far. What an attribute says counts only once its signature was found good.
 */
#include "base/text.h"
#include "crypto/certs_private.h"
#include "crypto/cms_private.h"
#include "crypto/verify.h"
#include "crypto/vouch.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>

enum {
    SIGNERS_MAX = 8,
    DIGESTS_MAX = 4,
    CERTS_MAX = 40,
    RSA_BITS_MAX = 8192,
    SECURE_BITS = 112,
    CAPABILITIES_MAX = 200,
    ISSUERS_MAX = 8
};

/* A clock may be some minutes wrong. */
enum { FUTURE_SECONDS = 3600 };

static unsigned count_items(BerCursor at) {
    unsigned count = 0;
    BerItem item;
    while (ber_next(&at, &item))
        count++;
    return count;
}

/* SignedData: version, digests, content, [0] certificates, [1] lists, signers. False when it is none, or too much of
 * it. */
static bool is_modest(const unsigned char *data, size_t length) {
    BerItem info, item, body, sequence, digests, content, more;
    if (!ber_is_sound(data, length))
        return false;
    BerCursor at = {data, data + length};
    if (!ber_take(&at, BER_SEQUENCE, &info) || !ber_take(&info.content, BER_OID, &item) ||
        !ber_take(&info.content, BER_CONTEXT(0), &body) || !ber_take(&body.content, BER_SEQUENCE, &sequence) ||
        !ber_take(&sequence.content, BER_INTEGER, &item) || !ber_take(&sequence.content, BER_SET, &digests) ||
        !ber_take(&sequence.content, BER_SEQUENCE, &content))
        return false;
    size_t beside = length - (size_t)(content.content.end - content.content.at);
    if (beside > SIGNATURE_MAX || count_items(digests.content) > DIGESTS_MAX)
        return false;
    if (ber_take(&sequence.content, BER_CONTEXT(0), &more) && count_items(more.content) > CERTS_MAX)
        return false;
    ber_take(&sequence.content, BER_CONTEXT(1), &more);
    return ber_take(&sequence.content, BER_SET, &more) && count_items(more.content) <= SIGNERS_MAX;
}

/* Of a kind and size that costs no more than a few milliseconds. */
static bool is_usual_key(X509 *x509) {
    EVP_PKEY *key = X509_get0_pubkey(x509);
    int type = key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
    char curve[64];
    if (type == EVP_PKEY_RSA)
        return EVP_PKEY_get_bits(key) <= RSA_BITS_MAX;
    if (type == EVP_PKEY_EC)
        return EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) == 1;
    return false; /* of Ed25519 and keys for PSS alone OpenSSL 3.0 checks no CMS */
}

/* Caller frees all. */
static STACK_OF(X509) * usual_certs(CMS_ContentInfo *cms) {
    STACK_OF(X509) *all = CMS_get1_certs(cms);
    STACK_OF(X509) *usual = sk_X509_new_null();
    for (int i = 0; i < sk_X509_num(all); i++) {
        X509 *x509 = sk_X509_value(all, i);
        if (is_usual_key(x509) && X509_up_ref(x509) == 1)
            sk_X509_push(usual, x509);
    }
    sk_X509_pop_free(all, X509_free);
    return usual;
}

/* ---- One signer ---- */

/* The certificate, which may lie here without having come along. Caller frees. */
static X509 *find_signer(CMS_SignerInfo *info, STACK_OF(X509) * carried, const VerifyInput *input) {
    for (int i = 0; i < sk_X509_num(carried); i++)
        if (CMS_SignerInfo_cert_cmp(info, sk_X509_value(carried, i)) == 0) {
            X509_up_ref(sk_X509_value(carried, i));
            return sk_X509_value(carried, i);
        }
    g_autoptr(GPtrArray) known =
        input->from == NULL ? g_ptr_array_new() : certs_find(input->certs, input->from, input->now);
    for (guint i = 0; i < known->len; i++) {
        const Cert *cert = g_ptr_array_index(known, i);
        X509 *x509 = cert->kind == CERT_SMIME ? x509_from_bytes(cert->data) : NULL;
        if (x509 != NULL && CMS_SignerInfo_cert_cmp(info, x509) == 0)
            return x509;
        X509_free(x509);
    }
    return NULL;
}

/* Reads all of the content through the digests. NULL: it cannot be. */
static BIO *digest_content(CMS_ContentInfo *cms, const VerifyInput *input) {
    BIO *content = input->content == NULL ? NULL : BIO_new_mem_buf(input->content, (int)input->content_length);
    BIO *chain = CMS_dataInit(cms, content);
    static const size_t piece = 65536;
    g_autofree unsigned char *buffer = g_malloc(piece);
    if (chain == NULL) {
        BIO_free(content);
        return NULL;
    }
    while (BIO_read(chain, buffer, (int)piece) > 0)
        continue;
    return chain;
}

/* A digest that is good enough; *name is what to call it. */
static SignatureState judge_digest(CMS_SignerInfo *info, const char **name) {
    static const int strong[] = {NID_sha256,   NID_sha384,   NID_sha512,  NID_sha512_256,
                                 NID_sha3_256, NID_sha3_384, NID_sha3_512};
    static const int weak[] = {NID_md5, NID_sha1, NID_md4, NID_md2, NID_ripemd160, NID_sha224, NID_sha3_224};
    X509_ALGOR *digest = NULL;
    CMS_SignerInfo_get0_algs(info, NULL, NULL, &digest, NULL);
    int nid = digest == NULL ? NID_undef : OBJ_obj2nid(digest->algorithm);
    *name = nid == NID_undef ? "an unknown digest" : OBJ_nid2sn(nid);
    for (size_t i = 0; i < G_N_ELEMENTS(strong); i++)
        if (nid == strong[i])
            return SIGNATURE_VALID;
    for (size_t i = 0; i < G_N_ELEMENTS(weak); i++)
        if (nid == weak[i])
            return SIGNATURE_WEAK;
    return SIGNATURE_UNKNOWN;
}

static void read_time(CMS_SignerInfo *info, Verified *verified) {
    int at = CMS_signed_get_attr_by_NID(info, NID_pkcs9_signingTime, -1);
    ASN1_TYPE *time = at < 0 ? NULL : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(info, at), 0);
    if (time != NULL && (time->type == V_ASN1_UTCTIME || time->type == V_ASN1_GENERALIZEDTIME))
        instant_from_asn1(time->value.utctime, &verified->signed_at);
}

static void read_capabilities(CMS_SignerInfo *info, Verified *verified) {
    static const struct {
        int nid;
        CertReadsWhat what;
    } rows[] = {{NID_aes_128_gcm, CERT_READS_AES128_GCM},
                {NID_aes_256_gcm, CERT_READS_AES256_GCM},
                {NID_aes_128_cbc, CERT_READS_AES128_CBC},
                {NID_aes_256_cbc, CERT_READS_AES256_CBC},
                {NID_rsaesOaep, CERT_READS_OAEP}};
    int at = CMS_signed_get_attr_by_NID(info, NID_SMIMECapabilities, -1);
    ASN1_TYPE *list = at < 0 ? NULL : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(info, at), 0);
    if (list == NULL || list->type != V_ASN1_SEQUENCE)
        return;
    const unsigned char *der = list->value.sequence->data;
    X509_ALGORS *all = d2i_X509_ALGORS(NULL, &der, list->value.sequence->length);
    for (int i = 0; i < MIN(sk_X509_ALGOR_num(all), CAPABILITIES_MAX); i++)
        for (size_t r = 0; r < G_N_ELEMENTS(rows); r++)
            if (OBJ_obj2nid(sk_X509_ALGOR_value(all, i)->algorithm) == rows[r].nid)
                verified->reads |= rows[r].what;
    sk_X509_ALGOR_pop_free(all, X509_ALGOR_free);
}

/* Where there are attributes, the signature is over them, and they name kind and digest of the content. */
static bool is_of_mail(CMS_SignerInfo *info) {
    const ASN1_OBJECT *type = CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT);
    return type != NULL && OBJ_obj2nid(type) == NID_pkcs7_data;
}

/* Are these the bytes that were signed? */
static bool is_genuine(CMS_SignerInfo *info, BIO *content) {
    bool attributes = CMS_signed_get_attr_count(info) >= 0;
    return (!attributes || (CMS_SignerInfo_verify(info) == 1 && is_of_mail(info))) &&
           (content == NULL ? attributes : CMS_SignerInfo_verify_content(info, content) == 1);
}

static void take_signer(Verified *verified, X509 *x509, const char *from) {
    g_autoptr(CertReads) reads = certreads_new();
    certread_add_x509(reads, x509);
    if (reads->certs->len == 0)
        return;
    cert_free(verified->signer);
    verified->signer = g_ptr_array_steal_index(reads->certs, 0);
    const GPtrArray *addresses = verified->signer->addresses;
    const char *by = g_ptr_array_index(addresses, 0);
    for (guint i = 0; i < addresses->len; i++) {
        g_autofree char *address = address_normalise(g_ptr_array_index(addresses, i));
        if (text_equal(address, from))
            by = from;
    }
    g_free(verified->by);
    verified->by = g_strdup(by);
}

/* What lies here and was put here by hand needs no root. */
static bool is_by_hand(const VerifyInput *input, const Cert *signer, CertState *state) {
    g_autoptr(GPtrArray) known = certs_by_fingerprint(input->certs, signer->fingerprint);
    const Cert *cert = known->len > 0 ? g_ptr_array_index(known, 0) : NULL;
    if (cert == NULL || cert->trust != TRUST_BY_HAND)
        return false;
    *state = cert_state(cert, input->now);
    return true;
}

static Verified *judge_dates(Verified *verified, const VerifyInput *input, const char *beside) {
    const Cert *signer = verified->signer;
    Instant at = instant_seconds(verified->signed_at) > 0 ? verified->signed_at : input->now;
    if (instant_compare(input->now, signer->not_after) > 0 || instant_compare(at, signer->not_before) < 0 ||
        instant_compare(at, signer->not_after) > 0)
        return verified_say(verified, SIGNATURE_EXPIRED,
                            "the certificate of %s was not valid when it was signed, or is "
                            "not any more",
                            verified->by);
    if (instant_compare(at, instant_add(input->now, duration_seconds(FUTURE_SECONDS))) > 0)
        return verified_say(verified, SIGNATURE_UNKNOWN, "it says that it was signed in the future");
    if (input->from != NULL && !text_equal(verified->by, input->from))
        return verified_say(verified, SIGNATURE_WRONG_ADDRESS,
                            "it is signed with the certificate of %s, and the message says it comes from %s",
                            verified->by, *input->from ? input->from : "nobody");
    return verified_say(verified, SIGNATURE_VALID, "it is signed by %s, certificate of %s%s%s", verified->by,
                        signer->issuer_name, *beside ? "; " : "", beside);
}

static Verified *judge_person(Verified *verified, X509 *x509, STACK_OF(X509) * carried, const VerifyInput *input) {
    g_autofree char *why = NULL;
    CertState by_hand = CERT_NONE;
    take_signer(verified, x509, input->from);
    if (verified->signer == NULL)
        return verified_say(verified, SIGNATURE_UNKNOWN_SIGNER,
                            "the certificate of its signer names no e-mail address");
    if (EVP_PKEY_get_security_bits(X509_get0_pubkey(x509)) < SECURE_BITS)
        return verified_say(verified, SIGNATURE_WEAK, "the key of %s (%s) is too short", verified->by,
                            verified->signer->algorithm);
    Vouch vouch = vouch_for(input->certs, x509, carried, input->now, &why);
    bool hand = is_by_hand(input, verified->signer, &by_hand);
    if (vouch == VOUCH_REVOKED || (hand && by_hand == CERT_REVOKED))
        return verified_say(verified, SIGNATURE_REVOKED, "the certificate of %s %s", verified->by,
                            why != NULL ? why : "was revoked");
    if (vouch == VOUCH_EXPIRED)
        return verified_say(verified, SIGNATURE_EXPIRED,
                            "the certificate of %s, or of an authority above it, is expired or not valid yet",
                            verified->by);
    if (vouch == VOUCH_NO && !hand)
        return verified_say(verified, SIGNATURE_UNKNOWN_SIGNER, "nobody vouches for the certificate of %s: %s",
                            verified->by, why);
    return judge_dates(verified, input, vouch == VOUCH_YES ? (why != NULL ? why : "") : "trusted by hand");
}

static Verified *judge_signer(CMS_SignerInfo *info, STACK_OF(X509) * carried, BIO *content, const VerifyInput *input) {
    Verified *verified = verified_new();
    const char *digest;
    SignatureState strength = judge_digest(info, &digest);
    X509 *x509 = find_signer(info, carried, input);
    if (x509 == NULL || !is_usual_key(x509)) {
        verified_say(verified, SIGNATURE_UNKNOWN,
                     "the certificate of its signer did not come with it and is not known here, or its key is of a "
                     "kind that cannot be checked");
    } else if (strength == SIGNATURE_UNKNOWN) {
        verified_say(verified, SIGNATURE_UNKNOWN, "it is made with %s, which cannot be checked", digest);
    } else {
        CMS_SignerInfo_set1_signer_cert(info, x509);
        if (!is_genuine(info, content)) {
            verified_say(verified, SIGNATURE_INVALID,
                         "the message was altered after it was signed, or the signature is none");
        } else {
            read_time(info, verified);
            read_capabilities(info, verified);
            judge_person(verified, x509, carried, input);
            if (strength == SIGNATURE_WEAK)
                verified_say(verified, SIGNATURE_WEAK, "it is made with %s, which can be forged", digest);
        }
    }
    X509_free(x509);
    ERR_clear_error();
    return verified;
}

/* ---- The whole ---- */

static GBytes *keep_signature(CMS_ContentInfo *cms) {
    unsigned char *der = NULL;
    CMS_set_detached(cms, 1);
    int length = i2d_CMS_ContentInfo(cms, &der);
    GBytes *kept = length > 0 && length <= SIGNATURE_KEPT_MAX ? g_bytes_new(der, (gsize)length) : NULL;
    OPENSSL_free(der);
    return kept;
}

static bool counts(const Verified *one, const VerifyInput *input) {
    return input->signer == NULL || one->state == SIGNATURE_INVALID ||
           (one->signer != NULL && strcmp(one->signer->fingerprint, input->signer) == 0);
}

/* One that is broken spoils all; else the best counts. */
static Verified *judge_signers(CMS_ContentInfo *cms, BIO *content, const VerifyInput *input) {
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    STACK_OF(X509) *carried = usual_certs(cms);
    Verified *best = NULL;
    for (int i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
        Verified *one = judge_signer(sk_CMS_SignerInfo_value(signers, i), carried, content, input);
        bool better = counts(one, input) && (best == NULL || one->state == SIGNATURE_INVALID ||
                                             (best->state != SIGNATURE_INVALID && one->state < best->state));
        verified_free(better ? best : one);
        best = better ? one : best;
    }
    sk_X509_pop_free(carried, X509_free);
    return best != NULL ? best : verified_say(verified_new(), SIGNATURE_UNKNOWN, "nobody has signed it");
}

static Verified *judge_parsed(CMS_ContentInfo *cms, const VerifyInput *input) {
    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
        return verified_say(verified_new(), SIGNATURE_UNKNOWN, "what stands in the place of the signature is none");
    if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
        return verified_say(verified_new(), SIGNATURE_UNKNOWN, "what is signed is no mail");
    ASN1_OCTET_STRING **carried = CMS_get0_content(cms);
    bool carries = carried != NULL && *carried != NULL;
    if (!input->attributes_only && carries != (input->content == NULL))
        return verified_say(verified_new(), SIGNATURE_UNKNOWN, "the signature belongs to another content");
    BIO *content = input->attributes_only ? NULL : digest_content(cms, input);
    if (content == NULL && !input->attributes_only)
        return verified_say(verified_new(), SIGNATURE_UNKNOWN, "it is made with a digest that cannot be checked");
    Verified *verified = judge_signers(cms, content, input);
    BIO_free_all(content);
    if (verified->state == SIGNATURE_VALID)
        verified->kept = keep_signature(cms);
    return verified;
}

static CMS_ContentInfo *parse(const unsigned char *data, size_t length) {
    const unsigned char *end = data;
    CMS_ContentInfo *cms = is_modest(data, length) ? d2i_CMS_ContentInfo(NULL, &end, (long)length) : NULL;
    if (cms != NULL && end != data + length)
        g_clear_pointer(&cms, CMS_ContentInfo_free);
    return cms;
}

Verified *verify_cms(const VerifyInput *input) {
    CMS_ContentInfo *cms = parse(input->signature, input->length);
    Verified *verified =
        cms == NULL ? verified_say(verified_new(), SIGNATURE_UNKNOWN, "the signature is malformed, or larger than any")
                    : judge_parsed(cms, input);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return verified;
}

/* The one among `all` that has issued `x509`, by name and signature; NULL: none. */
static X509 *issuer_among(STACK_OF(X509) * all, X509 *x509) {
    for (int i = 0; i < sk_X509_num(all); i++) {
        X509 *other = sk_X509_value(all, i);
        if (X509_check_issued(other, x509) == X509_V_OK && X509_check_ca(other) > 0 &&
            X509_verify(x509, X509_get0_pubkey(other)) == 1)
            return other;
    }
    return NULL;
}

static bool is_own_issuer(const X509 *x509) {
    return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
}

GPtrArray *verify_cms_issuers(GBytes *bytes, const Cert *signer) {
    GPtrArray *issuers = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    CMS_ContentInfo *cms = parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    STACK_OF(X509) *all = cms == NULL ? NULL : usual_certs(cms);
    X509 *lowest = x509_from_bytes(signer->data);
    for (X509 *at = lowest == NULL ? NULL : issuer_among(all, lowest);
         at != NULL && !is_own_issuer(at) && issuers->len < ISSUERS_MAX; at = issuer_among(all, at)) {
        unsigned char *der = NULL;
        int length = i2d_X509(at, &der);
        g_ptr_array_add(issuers, g_bytes_new(der, (gsize)MAX(length, 0)));
        OPENSSL_free(der);
    }
    X509_free(lowest);
    sk_X509_pop_free(all, X509_free);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return issuers;
}
