/* SPDX-License-Identifier: Apache-2.0 */
/* States and their words. What can never be repaired by waiting or by a list comes before what can. */
#include "crypto/cert.h"
#include "base/text.h"
#include <openssl/x509.h>
#include <string.h>

Cert *cert_new(CertKind kind) {
    Cert *cert = g_new0(Cert, 1);
    *cert = (Cert){
        .kind = kind,
        .fingerprint = g_strdup(""),
        .file = g_strdup(""),
        .addresses = g_ptr_array_new_with_free_func(g_free),
        .subject = g_strdup(""),
        .issuer_name = g_strdup(""),
        .algorithm = g_strdup(""),
        .unusable = g_strdup(""),
        .chain = g_strdup(""),
        .not_before = {INT64_MIN},
        .not_after = INSTANT_NEVER,
        .revoked = INSTANT_NEVER,
        .checked_until = INSTANT_NEVER,
        .data = g_bytes_new(NULL, 0),
        .issuer = g_bytes_new(NULL, 0),
        .serial = g_bytes_new(NULL, 0),
        .key_id = g_bytes_new(NULL, 0),
        .keys = g_array_new(FALSE, FALSE, sizeof(CertKey)),
        .gone = g_array_new(FALSE, FALSE, sizeof(uint64_t)),
    };
    return cert;
}

void cert_free(Cert *cert) {
    if (cert == NULL)
        return;
    char *texts[] = {cert->fingerprint, cert->file,     cert->subject, cert->issuer_name,
                     cert->algorithm,   cert->unusable, cert->chain};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_ptr_array_unref(cert->addresses);
    g_bytes_unref(cert->data);
    g_bytes_unref(cert->issuer);
    g_bytes_unref(cert->serial);
    g_bytes_unref(cert->key_id);
    g_array_unref(cert->keys);
    g_array_unref(cert->gone);
    g_free(cert);
}

static bool is_never(Instant t) {
    return t.us == INSTANT_NEVER.us;
}

CertState cert_state(const Cert *cert, Instant now) {
    if (!is_never(cert->revoked))
        return CERT_REVOKED;
    if (*cert->unusable)
        return CERT_WRONG_USAGE;
    if (instant_compare(now, cert->not_after) > 0)
        return CERT_EXPIRED;
    if (instant_compare(now, cert->not_before) < 0)
        return CERT_NOT_YET;
    if (cert->trust == TRUST_WAITING)
        return CERT_WAITS;
    if (cert->trust == TRUST_NONE)
        return CERT_UNTRUSTED;
    return instant_compare(now, cert->checked_until) > 0 ? CERT_STALE : CERT_USABLE;
}

bool cert_state_encrypts(CertState state) {
    return state == CERT_USABLE || state == CERT_STALE;
}

const char *cert_state_name(CertState state) {
    static const char *const names[] = {
        [CERT_USABLE] = "usable",           [CERT_STALE] = "stale",     [CERT_NOT_YET] = "not-yet",
        [CERT_EXPIRED] = "expired",         [CERT_WAITS] = "waits",     [CERT_UNTRUSTED] = "untrusted",
        [CERT_WRONG_USAGE] = "wrong-usage", [CERT_REVOKED] = "revoked", [CERT_NONE] = "none",
    };
    return names[state];
}

const char *cert_kind_name(CertKind kind) {
    return kind == CERT_SMIME ? "S/MIME certificate" : "OpenPGP key";
}

const char *cert_source_name(CertSource source) {
    static const char *const names[] = {"imported", "harvested", "ldap", "autocrypt"};
    return names[source];
}

const char *cert_trust_name(CertTrust trust) {
    static const char *const names[] = {"by hand", "by chain", "waiting", "none"};
    return names[trust];
}

/* "2026-03-01": people ask for another certificate by the day. */
static char *day_of(Instant t) {
    char text[INSTANT_TEXT];
    instant_format(t, text);
    return g_strndup(text, strlen("2026-03-01"));
}

char *cert_state_words(const Cert *cert, Instant now) {
    CertState state = cert_state(cert, now);
    g_autofree char *day = day_of(state == CERT_EXPIRED   ? cert->not_after
                                  : state == CERT_REVOKED ? cert->revoked
                                  : state == CERT_NOT_YET ? cert->not_before
                                                          : cert->checked_until);
    switch (state) {
    case CERT_EXPIRED:
        return g_strdup_printf("expired on %s", day);
    case CERT_REVOKED:
        return instant_seconds(cert->revoked) > 0 ? g_strdup_printf("was revoked on %s", day) : g_strdup("was revoked");
    case CERT_NOT_YET:
        return g_strdup_printf("is valid from %s only", day);
    case CERT_WRONG_USAGE:
        return g_strdup_printf("cannot be encrypted to: %s", cert->unusable);
    case CERT_WAITS:
        return g_strdup("waits for somebody's approval (lexgate cert trust)");
    case CERT_UNTRUSTED:
        return g_strdup_printf("is not trusted: %s", *cert->chain ? cert->chain : "nobody has approved it");
    case CERT_STALE:
        return instant_seconds(cert->checked_until) > 0
                   ? g_strdup_printf("may have been revoked: the list of revocations is out of date since %s", day)
                   : g_strdup("may have been revoked: there is no list of revocations of its issuer");
    case CERT_USABLE:
    case CERT_NONE:
        break;
    }
    return g_strdup("is usable");
}

/* Some hosts tell Ann@ from ann@ (RFC 5321 section 2.4). */
static bool has_exactly(const Cert *cert, const char *address) {
    const char *at = strrchr(address, '@');
    size_t local = at ? (size_t)(at - address) + 1 : strlen(address);
    for (guint i = 0; i < cert->addresses->len; i++)
        if (strncmp(g_ptr_array_index(cert->addresses, i), address, local) == 0)
            return true;
    return false;
}

/* Somebody of the firm knew whose it is; of one that was harvested a root alone says so. */
static bool is_trusted_use(const Cert *cert, Instant now) {
    return cert->trust == TRUST_BY_HAND && cert_state_encrypts(cert_state(cert, now));
}

/* A list of revocations that is missing is no reason to pass over what was put in by hand. */
static int rank(const Cert *cert, Instant now) {
    return is_trusted_use(cert, now) ? CERT_USABLE : (int)cert_state(cert, now);
}

int cert_compare(const Cert *a, const Cert *b, const char *address, Instant now) {
    const int steps[] = {rank(a, now) - rank(b, now), has_exactly(b, address) - has_exactly(a, address),
                         is_trusted_use(b, now) - is_trusted_use(a, now),
                         (int)cert_state(a, now) - (int)cert_state(b, now),
                         instant_compare(b->not_before, a->not_before)};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        if (steps[i] != 0)
            return steps[i];
    return strcmp(a->fingerprint, b->fingerprint);
}

size_t cert_rsa_length(const Cert *cert) {
    size_t length;
    const unsigned char *at = g_bytes_get_data(cert->data, &length);
    X509 *x509 = d2i_X509(NULL, &at, (long)length);
    EVP_PKEY *key = x509 == NULL ? NULL : X509_get0_pubkey(x509);
    int size = key != NULL && EVP_PKEY_is_a(key, "RSA") ? EVP_PKEY_get_size(key) : 0;
    X509_free(x509);
    return (size_t)MAX(size, 0);
}
