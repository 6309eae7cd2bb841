/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that adds somebody does not say how the message gets there: whoever is added needs a way like any recipient.
 * What the sender encrypted nobody else reads, and a sealed copy is proved later. */
#include "engine/added.h"
#include "base/text.h"
#include "registry/tls.h"

static bool is_sealed_for(const Decision *decision, const char *address) {
    for (guint i = 0; i < decision->copies->len; i++) {
        const MailCopy *copy = g_ptr_array_index(decision->copies, i);
        if (copy->seal != SEAL_NONE && g_ptr_array_find_with_equal_func(copy->recipients, address, g_str_equal, NULL))
            return true;
    }
    return false;
}

static bool accepts_tls(const Rule *rule) {
    for (guint i = 0; i < rule->accept->len; i++)
        if (g_array_index(rule->accept, Way, i) == WAY_VERIFIED_TLS)
            return true;
    return false;
}

static bool has_tls(const EngineInput *in, const char *address) {
    g_autoptr(TlsDemand) demand = NULL;
    return registry_tls(in->registry, address, &demand) == LOOKUP_FOUND;
}

static bool is_protected_for(const EngineInput *in, const Decision *decision, const char *address) {
    if (policy_is_ours(in->policy, address) || is_sealed_for(decision, address))
        return true;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        bool wants = result->applies && !result->observed && result->rule->encrypts;
        if (wants && !(accepts_tls(result->rule) && has_tls(in, address)))
            return false;
    }
    return true;
}

char *added_hindrance(const EngineInput *in, const Decision *decision) {
    if (in->facts->encryption == ENC_SMIME || in->facts->encryption == ENC_OPENPGP)
        return NULL;
    for (guint i = 0; i < decision->add_recipients->len; i++) {
        const char *address = g_ptr_array_index(decision->add_recipients, i);
        if (!is_protected_for(in, decision, address))
            return g_strdup_printf("a rule sends it to %s as well, and nothing protects it on the way there", address);
    }
    return NULL;
}
