/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations as they come from the network: where from, and whether one is genuine. A stranger on the way can
 * keep a list back, and nothing worse. */
#include "base/seal.h"
#include "base/text.h"
#include "crypto/certs_private.h"
#include "crypto/trust_private.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { URLS_MAX = 200 };

bool trust_knows_issuer(const Trust *trust, const X509_CRL *crl) {
    STACK_OF(X509) *const places[] = {trust->roots, trust->issuers};
    for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
        for (int i = 0; i < sk_X509_num(places[p]); i++) {
            X509 *x509 = sk_X509_value(places[p], i);
            EVP_PKEY *key = X509_get0_pubkey(x509);
            if (X509_NAME_cmp(X509_get_subject_name(x509), X509_CRL_get_issuer(crl)) == 0 && key != NULL &&
                X509_get_key_usage(x509) & KU_CRL_SIGN && X509_CRL_verify((X509_CRL *)crl, key) == 1)
                return true;
        }
    return false;
}

static const char *judge_crl(const Trust *trust, const X509_CRL *crl, Instant now) {
    Instant from, until;
    if (crl == NULL)
        return "it is no list of revocations (CRL)";
    if (!trust_knows_issuer(trust, crl))
        return "no known root or authority has signed it";
    if (!instant_from_asn1(X509_CRL_get0_lastUpdate(crl), &from) || instant_compare(from, now) > 0)
        return "it is from the future";
    if (instant_from_asn1(X509_CRL_get0_nextUpdate(crl), &until) && instant_compare(until, now) < 0)
        return "it is out of date";
    return NULL;
}

/* One file for each issuer and scope, so that a newer list replaces the older one. */
static char *name_of(const X509_CRL *crl) {
    unsigned char *issuer = NULL, *scope = NULL, digest[SHA256_SIZE];
    int issuer_length = i2d_X509_NAME(X509_CRL_get_issuer(crl), &issuer);
    int at = X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1);
    int scope_length = at < 0 ? 0 : i2d_X509_EXTENSION(X509_CRL_get_ext(crl, at), &scope);
    const Bytes pieces[] = {{issuer, (size_t)MAX(issuer_length, 0)}, {scope, (size_t)MAX(scope_length, 0)}};
    sha256_of(pieces, G_N_ELEMENTS(pieces), digest);
    OPENSSL_free(issuer);
    OPENSSL_free(scope);
    g_autofree char *hex = hex_encode(digest, 8);
    return g_strdup_printf("%s.crl", hex);
}

static X509_CRL *crl_from(const void *data, size_t length) {
    const unsigned char *at = data;
    if (length > 0 && *at == 0x30)
        return d2i_X509_CRL(NULL, &at, (long)length);
    BIO *bio = BIO_new_mem_buf(data, (int)MIN(length, TRUST_FILE_MAX));
    X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, pem_no_password, NULL);
    BIO_free(bio);
    return crl;
}

bool trust_accepts_crl(const Trust *trust, const void *data, size_t length, Instant now, GBytes **der, char **name,
                       char **why) {
    X509_CRL *crl = crl_from(data, length);
    const char *problem = judge_crl(trust, crl, now);
    if (problem != NULL) {
        *why = g_strdup(problem);
    } else {
        unsigned char *bytes = NULL;
        int size = i2d_X509_CRL(crl, &bytes);
        *der = g_bytes_new(bytes, (gsize)MAX(size, 0));
        *name = name_of(crl);
        OPENSSL_free(bytes);
    }
    X509_CRL_free(crl);
    ERR_clear_error();
    return problem == NULL;
}

/* When it was issued, and its number (RFC 5280 section 5.2.3), NULL: it has none. */
typedef struct {
    Instant when;
    ASN1_INTEGER *number;
} Issue;

static bool issue_of(GBytes *der, Issue *issue) {
    X509_CRL *crl = crl_from(g_bytes_get_data(der, NULL), g_bytes_get_size(der));
    bool known = crl != NULL && instant_from_asn1(X509_CRL_get0_lastUpdate(crl), &issue->when);
    issue->number = crl == NULL ? NULL : X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    X509_CRL_free(crl);
    ERR_clear_error();
    return known;
}

bool trust_crl_is_older(GBytes *a, GBytes *b) {
    Issue left = {0}, right = {0};
    bool known = issue_of(a, &left) & issue_of(b, &right);
    bool older = known && instant_compare(left.when, right.when) < 0;
    if (known && left.number != NULL && right.number != NULL)
        older |= ASN1_INTEGER_cmp(left.number, right.number) < 0;
    ASN1_INTEGER_free(left.number);
    ASN1_INTEGER_free(right.number);
    return older;
}

static void add_url(GPtrArray *urls, const ASN1_STRING *string) {
    const char *text = (const char *)ASN1_STRING_get0_data(string);
    size_t length = (size_t)ASN1_STRING_length(string);
    g_autofree char *url = g_strndup(text, length);
    bool plain = strlen(url) == length && text_plain_length(url, length) == length && strchr(url, ' ') == NULL;
    if (plain && urls->len < URLS_MAX && (g_str_has_prefix(url, "http://") || g_str_has_prefix(url, "https://")) &&
        !g_ptr_array_find_with_equal_func(urls, url, g_str_equal, NULL))
        g_ptr_array_add(urls, g_steal_pointer(&url));
}

static void add_urls(GPtrArray *urls, X509 *x509) {
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);
    for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT_NAME *where = sk_DIST_POINT_value(points, i)->distpoint;
        if (where == NULL || where->type != 0)
            continue;
        for (int n = 0; n < sk_GENERAL_NAME_num(where->name.fullname); n++) {
            const GENERAL_NAME *name = sk_GENERAL_NAME_value(where->name.fullname, n);
            if (name->type == GEN_URI)
                add_url(urls, name->d.uniformResourceIdentifier);
        }
    }
    CRL_DIST_POINTS_free(points);
}

GPtrArray *trust_crl_urls(const Trust *trust, const GPtrArray *certs) {
    GPtrArray *urls = g_ptr_array_new_with_free_func(g_free);
    STACK_OF(X509) *const places[] = {trust->roots, trust->issuers};
    for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
        for (int i = 0; i < sk_X509_num(places[p]); i++)
            add_urls(urls, sk_X509_value(places[p], i));
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        X509 *x509 = cert->kind == CERT_SMIME ? x509_from_bytes(cert->data) : NULL;
        if (x509 != NULL)
            add_urls(urls, x509);
        X509_free(x509);
    }
    ERR_clear_error();
    return urls;
}
