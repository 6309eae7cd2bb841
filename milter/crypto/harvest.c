/* SPDX-License-Identifier: Apache-2.0 */
/* A new key of somebody whose key is known is either a renewal or somebody else: nobody but a person can tell. */
#include "crypto/harvest.h"
#include "base/text.h"
#include "crypto/certfiles.h"
#include "crypto/verify.h"
#include <string.h>

const char *harvest_result_name(HarvestResult result) {
    static const char *const names[] = {
        [HARVEST_NEW] = "new",     [HARVEST_WAITS] = "waits",     [HARVEST_NEWER] = "newer",
        [HARVEST_KNOWN] = "known", [HARVEST_REFUSED] = "refused", [HARVEST_FAILED] = "failed",
    };
    return names[result];
}

void harvested_free(Harvested *harvested) {
    if (harvested == NULL)
        return;
    g_free(harvested->address);
    g_free(harvested->fingerprint);
    g_free(harvested->path);
    g_free(harvested->why);
    g_free(harvested);
}

static Harvested *say(const Cert *cert, HarvestResult result, const char *why) {
    Harvested *harvested = g_new0(Harvested, 1);
    harvested->result = result;
    harvested->address = g_strdup(cert != NULL ? g_ptr_array_index(cert->addresses, 0) : "");
    harvested->fingerprint = g_strdup(cert != NULL ? cert->fingerprint : "");
    harvested->path = g_strdup("");
    harvested->why = g_strdup(why);
    return harvested;
}

static bool keep_issuers(const Harvesting *harvesting, GBytes *signature, const Cert *cert, GError **error) {
    g_autoptr(GPtrArray) issuers = verify_cms_issuers(signature, cert);
    for (guint i = 0; i < issuers->len; i++) {
        g_autofree char *kept = certfiles_keep_issuer(harvesting->places->folder, g_ptr_array_index(issuers, i), error);
        if (kept == NULL)
            return false;
    }
    return true;
}

static Harvested *keep(const Harvesting *harvesting, GBytes *signature, const Cert *cert, HarvestResult result,
                       const char *why) {
    g_autoptr(GError) error = NULL;
    const char *sub = result == HARVEST_WAITS ? CERTS_WAITING : CERTS_HARVESTED;
    char *path = keep_issuers(harvesting, signature, cert, &error)
                     ? certfiles_keep(harvesting->places->folder, sub, cert, &error)
                     : NULL;
    Harvested *harvested = say(cert, path != NULL ? result : HARVEST_FAILED, path != NULL ? why : error->message);
    if (path != NULL) {
        g_free(harvested->path);
        harvested->path = path;
    }
    return harvested;
}

/* One that is known already: a newer signature may say that its owner reads more, or less. */
static Harvested *refresh(const Harvesting *harvesting, GBytes *signature, Cert *cert, const Cert *known) {
    if (known->revoked.us != INSTANT_NEVER.us)
        return say(cert, HARVEST_REFUSED, "it was revoked");
    if (instant_compare(cert->signed_at, known->signed_at) <= 0)
        return say(cert, HARVEST_KNOWN, "it is known, from a signature that is as new");
    cert->first_seen = known->first_seen;
    Harvested *harvested = keep(
        harvesting, signature, cert, known->trust == TRUST_WAITING ? HARVEST_WAITS : HARVEST_NEWER,
        known->trust == TRUST_WAITING ? "it waits for approval already" : "what its owner's program reads is known");
    return harvested;
}

/* Somebody put it there: it counts whatever its kind, and when it is over too. Else what is in use, or waits. */
static bool is_rival(const Harvesting *harvesting, const Cert *other) {
    CertState state = cert_state(other, harvesting->now);
    return other->trust == TRUST_BY_HAND ||
           (other->kind == CERT_SMIME && (cert_state_encrypts(state) || state == CERT_WAITS));
}

/* Is another one known for one of its addresses? *newest: when the newest signature with such a one was made. */
static bool has_rival(const Harvesting *harvesting, const Cert *cert, Instant *newest) {
    bool found = false;
    for (guint i = 0; i < cert->addresses->len; i++) {
        g_autoptr(GPtrArray) others =
            certs_find(harvesting->store, g_ptr_array_index(cert->addresses, i), harvesting->now);
        for (guint o = 0; o < others->len; o++) {
            const Cert *other = g_ptr_array_index(others, o);
            if (!is_rival(harvesting, other))
                continue;
            found = true;
            if (instant_compare(other->signed_at, *newest) > 0)
                *newest = other->signed_at;
        }
    }
    return found;
}

/* Of none of its addresses was another one taken by this run, and the addresses are noted. */
static bool is_first(const Harvesting *harvesting, const Cert *cert) {
    bool first = true;
    for (guint i = 0; i < cert->addresses->len; i++)
        first &= g_hash_table_add(harvesting->taken, address_normalise(g_ptr_array_index(cert->addresses, i)));
    return first;
}

static bool is_guarded(const Harvesting *harvesting, const Cert *cert) {
    for (guint i = 0; i < cert->addresses->len; i++) {
        g_autofree char *address = address_normalise(g_ptr_array_index(cert->addresses, i));
        if (harvesting->is_guarded(address, harvesting->state))
            return true;
    }
    return false;
}

static Harvested *take_new(const Harvesting *harvesting, GBytes *signature, Cert *cert) {
    Instant newest = {0};
    bool rival = has_rival(harvesting, cert, &newest);
    bool first = is_first(harvesting, cert);
    cert->first_seen = harvesting->now;
    if (rival && instant_compare(cert->signed_at, newest) < 0)
        return say(cert, HARVEST_KNOWN, "a newer signature with another certificate is known");
    if (rival || !first)
        return keep(
            harvesting, signature, cert, HARVEST_WAITS,
            "another certificate or key is known for the address: compare the fingerprint with its owner by telephone, "
            "then approve it (lexgate cert trust) or remove it (lexgate cert remove)");
    if (is_guarded(harvesting, cert))
        return keep(harvesting, signature, cert, HARVEST_WAITS,
                    "privileged matters are this person's: compare the fingerprint with its owner by telephone, then "
                    "approve it (lexgate cert trust) or remove it (lexgate cert remove)");
    return keep(harvesting, signature, cert, HARVEST_NEW, "nothing else was known for the address");
}

Harvested *harvest_take(const Harvesting *harvesting, GBytes *signature, const char *signer) {
    VerifyInput input = {.signature = g_bytes_get_data(signature, NULL),
                         .length = g_bytes_get_size(signature),
                         .attributes_only = true,
                         .certs = harvesting->store,
                         .signer = signer,
                         .now = harvesting->now};
    g_autoptr(Verified) verified = verify_cms(&input);
    Cert *cert = verified->signer;
    if (verified->state != SIGNATURE_VALID)
        return say(cert, HARVEST_REFUSED, verified->why);
    if (*cert->unusable)
        return say(cert, HARVEST_REFUSED, cert->unusable);
    if (instant_seconds(verified->signed_at) <= 0 || instant_compare(verified->signed_at, harvesting->now) > 0)
        return say(cert, HARVEST_REFUSED, "the signature says no time, or one in the future");
    cert->signed_at = verified->signed_at;
    cert->reads = verified->reads;
    g_autoptr(GPtrArray) known = certs_by_fingerprint(harvesting->store, cert->fingerprint);
    return known->len > 0 ? refresh(harvesting, signature, cert, g_ptr_array_index(known, 0))
                          : take_new(harvesting, signature, cert);
}

static bool names_address(const Cert *cert, const char *address) {
    for (guint i = 0; i < cert->addresses->len; i++) {
        g_autofree char *known = address_normalise(g_ptr_array_index(cert->addresses, i));
        if (text_equal(known, address))
            return true;
    }
    return false;
}

static bool has_openpgp(const Harvesting *harvesting, const char *address) {
    g_autoptr(GPtrArray) known = certs_find(harvesting->store, address, harvesting->now);
    for (guint i = 0; i < known->len; i++)
        if (((const Cert *)g_ptr_array_index(known, i))->kind == CERT_OPENPGP)
            return true;
    return false;
}

Harvested *harvest_take_key(const Harvesting *harvesting, GBytes *offer) {
    size_t length;
    const char *data = g_bytes_get_data(offer, &length), *end = length > 0 ? memchr(data, '\n', length) : NULL;
    g_autoptr(CertReads) reads = certreads_new();
    g_autoptr(GError) error = NULL;
    if (end == NULL)
        return say(NULL, HARVEST_REFUSED, "it is no key");
    g_autofree char *address = g_strndup(data, (gsize)(end - data));
    certread_bytes(reads, end + 1, length - (size_t)(end + 1 - data), NULL);
    Cert *cert = reads->certs->len == 1 ? g_ptr_array_index(reads->certs, 0) : NULL;
    if (cert == NULL || cert->kind != CERT_OPENPGP || *cert->unusable || reads->private_key ||
        !names_address(cert, address))
        return say(NULL, HARVEST_REFUSED, "it is no OpenPGP key of its sender that can be encrypted to");
    if (has_openpgp(harvesting, address))
        return say(cert, HARVEST_KNOWN, "an OpenPGP key is known for the address");
    cert->first_seen = harvesting->now;
    char *path = certfiles_keep(harvesting->places->folder, CERTS_AUTOCRYPT, cert, &error);
    if (path == NULL)
        return say(cert, HARVEST_FAILED, error->message);
    Harvested *harvested = say(cert, HARVEST_WAITS,
                               "anybody could have written it into a mail: compare the fingerprint "
                               "with its owner by telephone, then approve it (lexgate cert trust)");
    g_free(harvested->path);
    harvested->path = path;
    return harvested;
}
