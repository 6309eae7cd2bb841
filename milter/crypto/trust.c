/* SPDX-License-Identifier: Apache-2.0 */
/* Chains are built and lists of revocations are searched by OpenSSL; what it finds wrong with a list is kept as a state
 * instead of failing, because a list that is out of date holds privileged mail alone. */
#include "crypto/trust.h"
#include "base/io.h"
#include "base/text.h"
#include "crypto/certs_private.h"
#include "crypto/trust_private.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { ISSUERS_MAX = 2000 };

typedef struct {
    X509_STORE_CTX_check_crl_fn usual; /* what OpenSSL does with a list */
    Instant until;                     /* of the lists that were consulted */
    Instant revoked;                   /* the first revocation in the chain */
    bool missing;                      /* a list that its issuer publishes is not there, or cannot be used */
} Lists;

static Lists *lists_of(X509_STORE_CTX *context) {
    return X509_STORE_CTX_get_app_data(context);
}

static int note_list(X509_STORE_CTX *context, X509_CRL *crl) {
    Lists *lists = lists_of(context);
    Instant until;
    if (instant_from_asn1(X509_CRL_get0_nextUpdate(crl), &until) && instant_compare(until, lists->until) < 0)
        lists->until = until;
    return lists->usual(context, crl);
}

/* ---- Loading ---- */

static void note(GPtrArray *problems, const char *path, const char *what) {
    if (problems != NULL)
        g_ptr_array_add(problems, g_strdup_printf("%s: %s", path, what));
}

/* Each certificate (or each list) of a file. Gives how many there were. */
static unsigned take_file(Trust *trust, const char *data, size_t length, bool lists) {
    BIO *bio = BIO_new_mem_buf(data, (int)length);
    bool der = length > 0 && data[0] == 0x30;
    unsigned taken = 0;
    for (bool more = true; more;) {
        X509 *root = lists ? NULL : der ? d2i_X509_bio(bio, NULL) : PEM_read_bio_X509(bio, NULL, pem_no_password, NULL);
        X509_CRL *crl = !lists ? NULL
                        : der  ? d2i_X509_CRL_bio(bio, NULL)
                               : PEM_read_bio_X509_CRL(bio, NULL, pem_no_password, NULL);
        if (root != NULL && X509_STORE_add_cert(trust->store, root) == 1) {
            sk_X509_push(trust->roots, root);
            X509_up_ref(root);
        }
        if (crl != NULL && X509_STORE_add_crl(trust->store, crl) == 1) {
            sk_X509_CRL_push(trust->crls, crl);
            X509_CRL_up_ref(crl);
        }
        more = root != NULL || crl != NULL;
        taken += more;
        X509_free(root);
        X509_CRL_free(crl);
    }
    BIO_free(bio);
    ERR_clear_error();
    return taken;
}

static void load_file(Trust *trust, const char *path, bool lists, GPtrArray *problems) {
    size_t length = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *data = io_read_regular(path, TRUST_FILE_MAX, &length, &error);
    if (data == NULL && problems != NULL)
        g_ptr_array_add(problems, g_strdup(error->message));
    else if (data != NULL && take_file(trust, data, length, lists) == 0)
        note(problems, path,
             lists ? "there is no list of revocations (CRL) in it" : "there is no root certificate in it");
}

static void load_place(Trust *trust, const char *path, bool lists, GPtrArray *problems) {
    if (path == NULL || *path == '\0')
        return;
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        /* Before the first refresh there are no lists, and that is said of every certificate. */
        if (!lists || g_file_test(path, G_FILE_TEST_EXISTS))
            load_file(trust, path, lists, problems);
        return;
    }
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        if (*name != '.' && !g_file_test(file, G_FILE_TEST_IS_DIR))
            load_file(trust, file, lists, problems);
    }
}

/* OpenSSL tells its own function from ours only before ours is set. */
static void watch_lists(Trust *trust) {
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context != NULL && X509_STORE_CTX_init(context, trust->store, NULL, NULL) == 1)
        trust->usual = X509_STORE_CTX_get_check_crl(context);
    X509_STORE_CTX_free(context);
    if (trust->usual != NULL)
        X509_STORE_set_check_crl(trust->store, note_list);
}

Trust *trust_load(const char *roots, const char *crls, GPtrArray *problems) {
    Trust *trust = g_new0(Trust, 1);
    trust->store = X509_STORE_new();
    trust->roots = sk_X509_new_null();
    trust->issuers = sk_X509_new_null();
    trust->crls = sk_X509_CRL_new_null();
    watch_lists(trust);
    trust->asks_lists = crls != NULL && *crls != '\0';
    load_place(trust, roots, false, problems);
    load_place(trust, crls, true, problems);
    return trust;
}

void trust_free(Trust *trust) {
    if (trust == NULL)
        return;
    sk_X509_pop_free(trust->roots, X509_free);
    sk_X509_pop_free(trust->issuers, X509_free);
    sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
    X509_STORE_free(trust->store);
    g_free(trust);
}

X509 *x509_from_bytes(GBytes *der) {
    size_t length;
    const unsigned char *at = g_bytes_get_data(der, &length);
    X509 *x509 = d2i_X509(NULL, &at, (long)length);
    ERR_clear_error();
    return x509;
}

void trust_add_issuer(Trust *trust, GBytes *der) {
    X509 *x509 = sk_X509_num(trust->issuers) < ISSUERS_MAX ? x509_from_bytes(der) : NULL;
    if (x509 != NULL)
        sk_X509_push(trust->issuers, x509);
}

/* ---- One certificate ---- */

static void note_revoked(X509_STORE_CTX *context) {
    Lists *lists = lists_of(context);
    X509_REVOKED *entry = NULL;
    X509_CRL *crl = X509_STORE_CTX_get0_current_crl(context);
    X509 *x509 = X509_STORE_CTX_get_current_cert(context);
    Instant when = {0};
    if (crl != NULL && x509 != NULL && X509_CRL_get0_by_cert(crl, &entry, x509) == 1)
        instant_from_asn1(X509_REVOKED_get0_revocationDate(entry), &when);
    if (instant_compare(when, lists->revoked) < 0)
        lists->revoked = when;
}

static bool names_list(const X509 *x509) {
    return x509 != NULL && X509_get_ext_by_NID(x509, NID_crl_distribution_points, -1) >= 0;
}

/* Dates are judged when a message comes, so they fail nothing here. */
static int on_problem(int good, X509_STORE_CTX *context) {
    if (good)
        return 1; /* the error is still that of an earlier call */
    switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_CERT_REVOKED:
        note_revoked(context);
        return 1;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        lists_of(context)->missing |= names_list(X509_STORE_CTX_get_current_cert(context));
        return 1;
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
        lists_of(context)->missing = true;
        return 1;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return 1;
    default:
        return 0;
    }
}

static bool set_up(const Trust *trust, X509_STORE_CTX *context, X509 *x509, Lists *lists, Instant now) {
    if (X509_STORE_CTX_init(context, trust->store, x509, trust->issuers) != 1)
        return false;
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(rules, (time_t)instant_seconds(now));
    X509_VERIFY_PARAM_set_auth_level(rules, TRUST_STRENGTH);
    if (trust->asks_lists)
        X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    lists->usual = trust->usual;
    X509_STORE_CTX_set_app_data(context, lists);
    X509_STORE_CTX_set_verify_cb(context, on_problem);
    return true;
}

/* An authority for web servers alone vouches for nobody's mail. NULL when all may. */
static const char *check_authorities(X509_STORE_CTX *context) {
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 1; i < sk_X509_num(chain); i++)
        if (X509_check_purpose(sk_X509_value(chain, i), X509_PURPOSE_SMIME_ENCRYPT, 1) < 1)
            return "an authority in its chain is not for e-mail";
    return NULL;
}

static void narrow_dates(Cert *cert, X509_STORE_CTX *context) {
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 1; i < sk_X509_num(chain); i++) {
        Instant from, until;
        const X509 *x509 = sk_X509_value(chain, i);
        if (instant_from_asn1(X509_get0_notBefore(x509), &from) && instant_compare(from, cert->not_before) > 0)
            cert->not_before = from;
        if (instant_from_asn1(X509_get0_notAfter(x509), &until) && instant_compare(until, cert->not_after) < 0)
            cert->not_after = until;
    }
}

/* Without a chain nobody can say whether a list is genuine; it may still take trust away from what is trusted by hand.
 */
static void search_unproved_lists(const Trust *trust, Cert *cert, X509 *x509) {
    for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++) {
        X509_CRL *crl = sk_X509_CRL_value(trust->crls, i);
        X509_REVOKED *entry = NULL;
        if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(x509)) != 0 ||
            X509_CRL_get0_by_cert(crl, &entry, x509) != 1)
            continue;
        cert->revoked = (Instant){0};
        instant_from_asn1(X509_REVOKED_get0_revocationDate(entry), &cert->revoked);
    }
}

static void take_verdict(const Trust *trust, Cert *cert, X509_STORE_CTX *context, const Lists *lists) {
    const char *problem = check_authorities(context);
    if (problem != NULL) {
        g_free(cert->chain);
        cert->chain = g_strdup(problem);
        return;
    }
    cert->revoked = lists->revoked;
    if (trust->asks_lists)
        cert->checked_until = lists->missing ? (Instant){0} : lists->until;
    if (cert->trust == TRUST_NONE) {
        cert->trust = TRUST_BY_CHAIN;
        narrow_dates(cert, context);
    }
}

void trust_judge(const Trust *trust, Cert *cert, Instant now) {
    X509 *x509 = x509_from_bytes(cert->data);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    Lists lists = {.until = INSTANT_NEVER, .revoked = INSTANT_NEVER};
    if (x509 != NULL && context != NULL && set_up(trust, context, x509, &lists, now)) {
        if (sk_X509_num(trust->roots) > 0 && X509_verify_cert(context) == 1) {
            take_verdict(trust, cert, context, &lists);
        } else {
            g_free(cert->chain);
            cert->chain = sk_X509_num(trust->roots) == 0
                              ? g_strdup("no roots are configured (trust.roots)")
                              : g_strdup(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
            search_unproved_lists(trust, cert, x509);
        }
    }
    X509_STORE_CTX_free(context);
    X509_free(x509);
    ERR_clear_error();
}
