/* SPDX-License-Identifier: Apache-2.0 */
/* A correspondent signs every mail; one in a month is enough. */
#include "judge/harvest.h"
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

void harvest_choose(const JudgeContext *context, const Decision *decision, Facts *facts) {
    if (!is_wanted(context, decision, facts))
        g_clear_pointer(&facts->signature.kept, g_bytes_unref);
}
