/* SPDX-License-Identifier: Apache-2.0 */
/* A correspondent signs every mail; one in a month is enough. */
#include "judge/harvest.h"
#include "message/autocrypt.h"
#include <string.h>

#define HEARD_OF_SECONDS ((int64_t)30 * 86400)

static bool is_news(const CertStore *certs, const char *fingerprint, Instant now) {
    g_autoptr(GPtrArray) known = certs_by_fingerprint(certs, fingerprint);
    const Cert *cert = known->len > 0 ? g_ptr_array_index(known, 0) : NULL;
    return !cert || instant_since(now, cert->signed_at).us > duration_seconds(HEARD_OF_SECONDS).us;
}

static bool is_wanted(const JudgeContext *context, const Decision *decision, const Facts *facts) {
    const SignatureFact *signature = &facts->signature;
    if (!signature->kept || strcmp(signature->state, "valid") != 0)
        return false;
    if (context->keep_signatures)
        return true;
    return policy_settings(context->policy)->encryption_harvest && decision->direction == DIRECTION_INCOMING &&
           !policy_is_ours(context->policy, signature->by) &&
           is_news(context->certs, signature->kept_fingerprint, facts->envelope->received);
}

/* Whoever is known as somebody that the firm writes to, and has no OpenPGP key here. */
static bool wants_autocrypt(const JudgeContext *context, const Decision *decision, const Facts *facts) {
    PersonKind is = decision->sender->is;
    if (!policy_settings(context->policy)->encryption_autocrypt || decision->direction != DIRECTION_INCOMING ||
        facts->from->len != 1 || (is != PERSON_CLIENT && is != PERSON_PARTY) || facts->signature.kept)
        return false;
    g_autoptr(GPtrArray) known =
        certs_find(context->certs, g_ptr_array_index(facts->from, 0), facts->envelope->received);
    for (guint i = 0; i < known->len; i++)
        if (((const Cert *)g_ptr_array_index(known, i))->kind == CERT_OPENPGP)
            return false;
    return true;
}

static GBytes *offer_of(const Facts *facts, GBytes *key) {
    GByteArray *offer = g_byte_array_new();
    const char *from = g_ptr_array_index(facts->from, 0);
    g_byte_array_append(offer, (const guint8 *)from, (guint)strlen(from));
    g_byte_array_append(offer, (const guint8 *)"\n", 1);
    g_byte_array_append(offer, g_bytes_get_data(key, NULL), (guint)g_bytes_get_size(key));
    return g_byte_array_free_to_bytes(offer);
}

void harvest_choose(const JudgeContext *context, const Decision *decision, Facts *facts) {
    if (!is_wanted(context, decision, facts))
        g_clear_pointer(&facts->signature.kept, g_bytes_unref);
    g_autoptr(GBytes) key = wants_autocrypt(context, decision, facts) ? autocrypt_key(facts) : NULL;
    if (key)
        facts->signature.autocrypt = offer_of(facts, key);
}
