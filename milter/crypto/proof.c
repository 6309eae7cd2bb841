/* SPDX-License-Identifier: Apache-2.0 */
/* Whom does an envelope name? The answer for one address, from the recipients that proof_cms.c or proof_openpgp.c
 * found. */
#include "crypto/proof_private.h"
#include <openssl/x509.h>
#include <string.h>

static void named_recipient_free(void *data) {
    NamedRecipient *named = data;
    g_clear_pointer(&named->issuer, g_bytes_unref);
    g_clear_pointer(&named->serial, g_bytes_unref);
    g_clear_pointer(&named->key_id, g_bytes_unref);
    g_free(named);
}

ContentProof *content_proof_new(bool openpgp) {
    ContentProof *proof = g_new0(ContentProof, 1);
    proof->openpgp = openpgp;
    proof->recipients = g_ptr_array_new_with_free_func(named_recipient_free);
    proof->key_ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    return proof;
}

void content_proof_free(ContentProof *proof) {
    if (proof == NULL)
        return;
    g_free(proof->why);
    g_ptr_array_unref(proof->recipients);
    g_array_unref(proof->key_ids);
    g_clear_pointer(&proof->inner, g_bytes_unref);
    g_free(proof);
}

ContentProof *content_proof_say(ContentProof *proof, ContentVerdict verdict, const char *format, ...) {
    va_list values;
    va_start(values, format);
    g_free(proof->why);
    proof->why = g_strdup_vprintf(format, values);
    va_end(values);
    proof->verdict = verdict;
    if (verdict == CONTENT_ENCRYPTED)
        proof->kind = KIND_ENCRYPTED;
    return proof;
}

ContentVerdict content_proof_verdict(const ContentProof *proof) {
    return proof->verdict;
}

ContentKind content_proof_kind(const ContentProof *proof) {
    return proof->kind;
}

const char *content_proof_why(const ContentProof *proof) {
    return proof->why;
}

const unsigned char *content_proof_inner(const ContentProof *proof, size_t *length) {
    return proof->inner == NULL ? NULL : g_bytes_get_data(proof->inner, length);
}

bool looks_like_text(const unsigned char *data, size_t length) {
    size_t printable = 0;
    for (size_t i = 0; i < length; i++)
        printable += (data[i] >= 0x20 && data[i] < 0x7f) || data[i] == '\r' || data[i] == '\n' || data[i] == '\t';
    return length >= 128 && printable * 4 > length * 3;
}

static bool bytes_same(GBytes *a, GBytes *b) {
    return a != NULL && b != NULL && g_bytes_get_size(a) > 0 && g_bytes_equal(a, b);
}

static X509_NAME *name_from(GBytes *der) {
    size_t length;
    const unsigned char *at = g_bytes_get_data(der, &length);
    return d2i_X509_NAME(NULL, &at, (long)length);
}

/* Some programs write an issuer with other string types than its certificate: compare as X.509 does then. */
static bool issuer_same(GBytes *a, GBytes *b) {
    if (a == NULL || b == NULL)
        return false;
    if (g_bytes_equal(a, b))
        return true;
    X509_NAME *left = name_from(a), *right = name_from(b);
    bool same = left != NULL && right != NULL && X509_NAME_cmp(left, right) == 0;
    X509_NAME_free(left);
    X509_NAME_free(right);
    return same;
}

static bool names_certificate(const NamedRecipient *named, const CertName *cert) {
    if (named->key_id != NULL)
        return bytes_same(named->key_id, cert->key_id);
    return bytes_same(named->serial, cert->serial) && issuer_same(named->issuer, cert->issuer);
}

static bool cert_is_valid(const CertName *cert, Instant now) {
    return instant_compare(cert->not_before, now) <= 0 && instant_compare(now, cert->not_after) <= 0;
}

static ForRecipient cms_for(const ContentProof *proof, const GPtrArray *certs, const char *address, Instant now,
                            char **why) {
    unsigned valid = 0;
    for (guint i = 0; certs != NULL && i < certs->len; i++) {
        const CertName *cert = g_ptr_array_index(certs, i);
        if (!cert_is_valid(cert, now))
            continue;
        valid++;
        for (guint j = 0; j < proof->recipients->len; j++)
            if (names_certificate(g_ptr_array_index(proof->recipients, j), cert)) {
                *why = g_strdup_printf("the envelope names a certificate of %s", address);
                return FOR_YES;
            }
    }
    if (valid > 0) {
        *why = g_strdup_printf("the envelope names no certificate of %s", address);
        return FOR_NO;
    }
    *why = certs == NULL ? g_strdup_printf("no certificate of %s is known", address)
                         : g_strdup_printf("no certificate of %s is valid now", address);
    return FOR_UNKNOWN;
}

static ForRecipient openpgp_for(const ContentProof *proof, const CertStore *certs, const char *address, Instant now,
                                char **why) {
    const GArray *keys = certs_keys_of(certs, address);
    unsigned valid = 0;
    for (guint i = 0; keys != NULL && i < keys->len; i++) {
        uint64_t id = g_array_index(keys, uint64_t, i);
        if (!certs_key_is_valid(certs, address, id, now))
            continue;
        valid++;
        for (guint j = 0; j < proof->key_ids->len; j++)
            if (g_array_index(proof->key_ids, uint64_t, j) == id) {
                *why = g_strdup_printf("encrypted to OpenPGP key %016" G_GINT64_MODIFIER "X of %s", id, address);
                return FOR_YES;
            }
    }
    if (valid == 0 || proof->anonymous) {
        *why = proof->anonymous ? g_strdup("a recipient of the OpenPGP message is anonymous")
                                : g_strdup_printf("no valid OpenPGP key of %s is known", address);
        return FOR_UNKNOWN;
    }
    *why = g_strdup_printf("not encrypted to an OpenPGP key of %s", address);
    return FOR_NO;
}

ForRecipient content_proof_for(const ContentProof *proof, const CertStore *certs, const char *address, Instant now,
                               char **why) {
    char *said = NULL;
    ForRecipient answer;
    if (proof->verdict != CONTENT_ENCRYPTED) {
        said = g_strdup(proof->why);
        answer = FOR_NO;
    } else if (certs == NULL) {
        said = g_strdup("no certificates or keys are loaded");
        answer = FOR_UNKNOWN;
    } else if (proof->openpgp) {
        answer = openpgp_for(proof, certs, address, now, &said);
    } else {
        answer = cms_for(proof, certs_of(certs, address), address, now, &said);
    }
    if (why != NULL)
        *why = g_steal_pointer(&said);
    g_free(said);
    return answer;
}
