/* SPDX-License-Identifier: Apache-2.0 */
/* Whom does an envelope name? The answer for one address, from the recipients that proof_cms.c or proof_openpgp.c
 * found. */
#include "crypto/proof_private.h"

static void named_recipient_free(void *data) {
    NamedRecipient *named = data;
    X509_NAME_free(named->issuer);
    g_clear_pointer(&named->serial, g_bytes_unref);
    g_clear_pointer(&named->key_id, g_bytes_unref);
    g_free(named);
}

ContentProof *content_proof_new(bool openpgp) {
    ContentProof *proof = g_new0(ContentProof, 1);
    proof->openpgp = openpgp;
    proof->recipients = g_ptr_array_new_with_free_func(named_recipient_free);
    proof->session_keys = g_array_new(FALSE, FALSE, sizeof(SessionKey));
    return proof;
}

void content_proof_free(ContentProof *proof) {
    if (proof == NULL)
        return;
    g_free(proof->why);
    g_ptr_array_unref(proof->recipients);
    g_array_unref(proof->session_keys);
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

bool content_proof_is_weak(const ContentProof *proof) {
    return proof->weak;
}

bool content_proof_is_legacy(const ContentProof *proof) {
    return proof->legacy;
}

static bool bytes_same(GBytes *a, GBytes *b) {
    return a != NULL && b != NULL && g_bytes_get_size(a) > 0 && g_bytes_equal(a, b);
}

static X509_NAME *name_from(GBytes *der) {
    size_t length;
    const unsigned char *at = g_bytes_get_data(der, &length);
    return d2i_X509_NAME(NULL, &at, (long)length);
}

/* The recipient that names this certificate, or NULL. Some programs write an issuer with other string types than its
 * certificate has: names are compared as X.509 does. */
static const NamedRecipient *names_certificate(const ContentProof *proof, const CertName *cert) {
    X509_NAME *issuer = name_from(cert->issuer);
    const NamedRecipient *found = NULL;
    for (guint i = 0; i < proof->recipients->len && found == NULL; i++) {
        const NamedRecipient *named = g_ptr_array_index(proof->recipients, i);
        bool same = named->key_id != NULL
                        ? bytes_same(named->key_id, cert->key_id)
                        : issuer != NULL && named->issuer != NULL && bytes_same(named->serial, cert->serial) &&
                              X509_NAME_cmp(named->issuer, issuer) == 0;
        found = same ? named : NULL;
    }
    X509_NAME_free(issuer);
    return found;
}

static bool cert_is_valid(const CertName *cert, Instant now) {
    return instant_compare(cert->not_before, now) <= 0 && instant_compare(now, cert->not_after) <= 0;
}

/* Could the key that came have been encrypted to the key of this certificate, which RSA makes as long as its modulus?
 */
static bool key_fits(const NamedRecipient *named, const CertName *name, const CertStore *store, const char *address,
                     Instant now) {
    g_autoptr(GPtrArray) certs = certs_find(store, address, now);
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        if (cert->kind == CERT_SMIME && g_bytes_equal(cert->issuer, name->issuer) &&
            g_bytes_equal(cert->serial, name->serial))
            return named->transported == cert_rsa_length(cert);
    }
    return false;
}

static ForRecipient say(char **why, ForRecipient answer, const char *sentence) {
    *why = g_strdup(sentence);
    return answer;
}

/* Why nothing that is known of them can be looked for in an envelope. */
static const char *nothing_known(const CertStore *certs, const char *address, Instant now) {
    switch (certs_state(certs, address, now, NULL)) {
    case CERT_WAITS:
        return "their certificate or key is known here, but waits for somebody's approval";
    case CERT_UNTRUSTED:
        return "their certificate or key is known here, but nobody vouches for it";
    case CERT_WRONG_USAGE:
        return "their certificate or key is known here, but is not for encryption";
    case CERT_REVOKED:
        return "their certificate or key is known here, but is revoked";
    default:
        return "no certificate or key of theirs that fits is known here";
    }
}

static ForRecipient cms_for(const ContentProof *proof, const CertStore *store, const char *address, Instant now,
                            char **why) {
    const GPtrArray *certs = certs_of(store, address);
    unsigned valid = 0;
    bool named_invalid = false;
    for (guint i = 0; certs != NULL && i < certs->len; i++) {
        const CertName *cert = g_ptr_array_index(certs, i);
        const NamedRecipient *named = names_certificate(proof, cert);
        bool is_valid = cert_is_valid(cert, now);
        if (is_valid && named != NULL)
            return key_fits(named, cert, store, address, now)
                       ? say(why, FOR_YES, "it is encrypted to a certificate of theirs")
                       : say(why, FOR_NO, "it names a certificate of theirs, but the key in it is none for it");
        valid += is_valid;
        named_invalid |= named != NULL;
    }
    if (named_invalid)
        return say(why, valid > 0 ? FOR_NO : FOR_UNKNOWN,
                   "it is encrypted to a certificate of theirs that is expired or not valid yet");
    if (valid > 0)
        return say(why, FOR_NO, "it is encrypted, but to no certificate of theirs");
    return say(why, FOR_UNKNOWN,
               certs == NULL ? nothing_known(store, address, now)
                             : "the only certificate of theirs that is known is expired or not valid yet");
}

/* The session key for a part of a key, or NULL. */
static const SessionKey *names_part(const ContentProof *proof, uint64_t id) {
    for (guint i = 0; i < proof->session_keys->len; i++) {
        const SessionKey *key = &g_array_index(proof->session_keys, SessionKey, i);
        if (key->key_id == id)
            return key;
    }
    return NULL;
}

static bool has_part(const Cert *cert, uint64_t id) {
    for (guint i = 0; i < cert->keys->len; i++)
        if (g_array_index(cert->keys, CertKey, i).id == id)
            return true;
    return false;
}

/* Could it have been encrypted to this part, as far as the part can be read? */
static bool fits_part(const SessionKey *key, const CertStore *store, const char *address, Instant now) {
    g_autoptr(GPtrArray) certs = certs_find(store, address, now);
    KeyPart part;
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        if (has_part(cert, key->key_id) && keyparts_find(cert->data, key->key_id, &part))
            return session_key_fits(key, &part);
    }
    return true;
}

static ForRecipient openpgp_for(const ContentProof *proof, const CertStore *certs, const char *address, Instant now,
                                char **why) {
    const GArray *keys = certs_keys_of(certs, address);
    unsigned valid = 0;
    bool named_invalid = false;
    for (guint i = 0; keys != NULL && i < keys->len; i++) {
        uint64_t id = g_array_index(keys, uint64_t, i);
        const SessionKey *named = names_part(proof, id);
        bool is_valid = certs_key_is_valid(certs, address, id, now);
        if (is_valid && named != NULL && !fits_part(named, certs, address, now))
            return say(why, FOR_NO,
                       "it names an OpenPGP key of theirs, but what it brings for it is none of that length");
        if (is_valid && named != NULL) {
            *why = g_strdup_printf("it is encrypted to their OpenPGP key %016" G_GINT64_MODIFIER "X", id);
            return FOR_YES;
        }
        valid += is_valid;
        named_invalid |= named != NULL;
    }
    if (proof->anonymous)
        return say(why, FOR_UNKNOWN, "it does not say for whom it is encrypted");
    if (named_invalid)
        return say(why, valid > 0 ? FOR_NO : FOR_UNKNOWN,
                   "it is encrypted to an OpenPGP key of theirs that is expired");
    if (valid > 0)
        return say(why, FOR_NO, "it is encrypted, but to no OpenPGP key of theirs");
    return say(why, FOR_UNKNOWN,
               keys == NULL ? nothing_known(certs, address, now)
                            : "the only OpenPGP key of theirs that is known is expired");
}

ForRecipient content_proof_for(const ContentProof *proof, const CertStore *certs, const char *address, Instant now,
                               char **why) {
    char *said = NULL;
    ForRecipient answer;
    if (proof->verdict != CONTENT_ENCRYPTED) {
        said = g_strdup(proof->why);
        answer = FOR_NO;
    } else if (certs == NULL) {
        said = g_strdup("no certificates or keys are known here");
        answer = FOR_UNKNOWN;
    } else if (proof->openpgp) {
        answer = openpgp_for(proof, certs, address, now, &said);
    } else {
        answer = cms_for(proof, certs, address, now, &said);
    }
    if (why != NULL)
        *why = g_steal_pointer(&said);
    g_free(said);
    return answer;
}
