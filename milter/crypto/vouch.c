/* SPDX-License-Identifier: Apache-2.0 */
/* Chains are built by OpenSSL. Lists of revocations were taken apart when the snapshot was made: a look-up for each
 * certificate of a chain, and until when its issuer's lists hold. */
#include "crypto/vouch.h"
#include "base/seal.h"
#include "crypto/certs_private.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define NO_ROOTS "no roots are configured (trust.roots)"

#define KEY_ROOT "r:"    /* number in hexadecimal → DER */
#define KEY_ISSUER "i:"  /* the same, of authorities */
#define KEY_REVOKED "v:" /* digest of issuer and serial → seconds, int64_t */
#define KEY_LIST "l:"    /* digest of the issuer → until when its lists hold, seconds, int64_t */

enum { ENTRY_BYTES = 160, DIGEST_BYTES = 16, NAME_MAX_BYTES = 2 * DIGEST_BYTES + 1 };

static void name_of(const X509_NAME *issuer, const ASN1_INTEGER *serial, char name[NAME_MAX_BYTES]) {
    unsigned char *whose = NULL, *which = NULL, digest[SHA256_SIZE];
    int whose_length = i2d_X509_NAME(issuer, &whose);
    int which_length = serial == NULL ? 0 : i2d_ASN1_INTEGER(serial, &which);
    const Bytes pieces[] = {{whose, (size_t)MAX(whose_length, 0)}, {which, (size_t)MAX(which_length, 0)}};
    sha256_of(pieces, G_N_ELEMENTS(pieces), digest);
    OPENSSL_free(whose);
    OPENSSL_free(which);
    for (int i = 0; i < DIGEST_BYTES; i++)
        snprintf(name + 2 * i, 3, "%02x", digest[i]);
}

/* ---- Writing ---- */

size_t vouch_bytes(const Trust *trust) {
    size_t bytes = (size_t)(sk_X509_num(trust->roots) + sk_X509_num(trust->issuers)) * 2048;
    for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++)
        bytes += ENTRY_BYTES *
                 (1 + (size_t)MAX(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(sk_X509_CRL_value(trust->crls, i))), 0));
    return bytes;
}

static void put_all(Snapshot *snapshot, const char *prefix, STACK_OF(X509) * all) {
    for (int i = 0; i < sk_X509_num(all); i++) {
        char name[16];
        unsigned char *der = NULL;
        int length = i2d_X509(sk_X509_value(all, i), &der);
        snprintf(name, sizeof name, "%08x", (unsigned)i);
        snapshot_put(snapshot, prefix, name, der, (size_t)MAX(length, 0));
        OPENSSL_free(der);
    }
}

/* What says that the list holds only a part of what its issuer revoked (RFC 5280 section 5.2.5), or not of it alone. */
static bool is_partial(const X509_CRL *crl) {
    return X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) >= 0 ||
           X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0;
}

/* Until when the whole lists of an issuer hold: the newest one's. */
static void note_list(GHashTable *until, const X509_CRL *crl) {
    char name[NAME_MAX_BYTES];
    Instant next;
    name_of(X509_CRL_get_issuer(crl), NULL, name);
    int64_t seconds = instant_from_asn1(X509_CRL_get0_nextUpdate(crl), &next) ? instant_seconds(next)
                                                                              : instant_seconds(INSTANT_NEVER);
    int64_t *known = g_hash_table_lookup(until, name);
    if (known == NULL || *known < seconds)
        g_hash_table_replace(until, g_strdup(name), g_memdup2(&seconds, sizeof seconds));
}

static void put_list(Snapshot *snapshot, X509_CRL *crl) {
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        const X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
        char name[NAME_MAX_BYTES];
        Instant when = {0};
        /* An entry that names another issuer is of an indirect list, which nobody here believes. */
        if (X509_REVOKED_get_ext_by_NID(entry, NID_certificate_issuer, -1) >= 0)
            return;
        instant_from_asn1(X509_REVOKED_get0_revocationDate(entry), &when);
        int64_t seconds = instant_seconds(when);
        name_of(X509_CRL_get_issuer(crl), X509_REVOKED_get0_serialNumber(entry), name);
        snapshot_put(snapshot, KEY_REVOKED, name, &seconds, sizeof seconds);
    }
}

void vouch_write(Snapshot *snapshot, const Trust *trust) {
    g_autoptr(GHashTable) until = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    put_all(snapshot, KEY_ROOT, trust->roots);
    put_all(snapshot, KEY_ISSUER, trust->issuers);
    for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++) {
        X509_CRL *crl = sk_X509_CRL_value(trust->crls, i);
        if (!trust_knows_issuer(trust, crl))
            continue;
        put_list(snapshot, crl);
        if (!is_partial(crl))
            note_list(until, crl);
    }
    GHashTableIter each;
    gpointer name, seconds;
    g_hash_table_iter_init(&each, until);
    while (g_hash_table_iter_next(&each, &name, &seconds))
        snapshot_put(snapshot, KEY_LIST, name, seconds, sizeof(int64_t));
    ERR_clear_error();
}

/* ---- Reading ---- */

static void load_all(const CertStore *store, const char *prefix, Trust *trust, bool roots) {
    for (unsigned i = 0;; i++) {
        char name[16];
        snprintf(name, sizeof name, "%08x", i);
        g_autoptr(GBytes) der = certs_value(store, prefix, name);
        X509 *x509 = der == NULL ? NULL : x509_from_bytes(der);
        if (x509 == NULL)
            return;
        if (roots)
            X509_STORE_add_cert(trust->store, x509);
        sk_X509_push(roots ? trust->roots : trust->issuers, x509);
    }
}

Trust *vouch_load(const CertStore *store) {
    Trust *trust = trust_load(NULL, NULL, NULL);
    load_all(store, KEY_ROOT, trust, true);
    load_all(store, KEY_ISSUER, trust, false);
    ERR_clear_error();
    return trust;
}

static bool number_at(const CertStore *store, const char *prefix, const char *name, int64_t *number) {
    g_autoptr(GBytes) value = certs_value(store, prefix, name);
    if (value == NULL || g_bytes_get_size(value) != sizeof *number)
        return false;
    memcpy(number, g_bytes_get_data(value, NULL), sizeof *number);
    return true;
}

static char *day_of(int64_t seconds) {
    char text[INSTANT_TEXT];
    return g_strndup(instant_format(instant_from_seconds(seconds), text), strlen("2026-03-01"));
}

/* One certificate of a chain. False when it was revoked; *why then says so, else perhaps what is not known. */
static bool ask_lists(const CertStore *store, const X509 *x509, Instant now, char **why) {
    char revoked[NAME_MAX_BYTES], list[NAME_MAX_BYTES];
    int64_t seconds;
    name_of(X509_get_issuer_name(x509), X509_get0_serialNumber(x509), revoked);
    name_of(X509_get_issuer_name(x509), NULL, list);
    if (number_at(store, KEY_REVOKED, revoked, &seconds)) {
        g_autofree char *day = day_of(seconds);
        g_free(*why);
        *why = seconds > 0 ? g_strdup_printf("was revoked on %s", day) : g_strdup("was revoked");
        return false;
    }
    bool publishes = X509_get_ext_by_NID(x509, NID_crl_distribution_points, -1) >= 0;
    bool known = number_at(store, KEY_LIST, list, &seconds);
    if (*why == NULL && publishes && !known)
        *why = g_strdup("whether it was revoked is not known: there is no list of its issuer");
    else if (*why == NULL && known && seconds < instant_seconds(now))
        *why = g_strdup("whether it was revoked is not known: the list of its issuer is out of date");
    return true;
}

static Vouch ask_chain(const CertStore *store, STACK_OF(X509) * chain, Instant now, char **why) {
    for (int i = 0; i < sk_X509_num(chain); i++) {
        X509 *x509 = sk_X509_value(chain, i);
        bool root = i > 0 && i == sk_X509_num(chain) - 1;
        if (!root && !ask_lists(store, x509, now, why))
            return VOUCH_REVOKED;
    }
    return VOUCH_YES;
}

static Vouch say_failed(X509_STORE_CTX *context, const Trust *trust, char **why) {
    int error = X509_STORE_CTX_get_error(context);
    bool time = error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
    if (sk_X509_num(trust->roots) == 0)
        *why = g_strdup(NO_ROOTS);
    else if (error == X509_V_ERR_INVALID_PURPOSE)
        *why = g_strdup("it, or an authority in its chain, is not for signing e-mail");
    else
        *why = g_strdup(X509_verify_cert_error_string(error));
    return time ? VOUCH_EXPIRED : VOUCH_NO;
}

Vouch vouch_for(const CertStore *store, X509 *signer, STACK_OF(X509) * carried, Instant now, char **why) {
    *why = NULL;
    if (store == NULL) {
        *why = g_strdup(NO_ROOTS);
        return VOUCH_NO;
    }
    const Trust *trust = certs_trust(store);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *between = sk_X509_dup(trust->issuers);
    Vouch vouch = VOUCH_NO;
    for (int i = 0; i < sk_X509_num(carried); i++)
        sk_X509_push(between, sk_X509_value(carried, i));
    if (context != NULL && X509_STORE_CTX_init(context, trust->store, signer, between) == 1) {
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(rules, (time_t)instant_seconds(now));
        X509_VERIFY_PARAM_set_auth_level(rules, TRUST_STRENGTH);
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SMIME_SIGN);
        vouch = X509_verify_cert(context) == 1 ? ask_chain(store, X509_STORE_CTX_get0_chain(context), now, why)
                                               : say_failed(context, trust, why);
    }
    X509_STORE_CTX_free(context);
    sk_X509_free(between);
    ERR_clear_error();
    return vouch;
}
