/* SPDX-License-Identifier: Apache-2.0 */
/* Message, facts, decision: nothing here knows of processes, so that `lexgate explain` runs the same. */
#include "judge/judge.h"
#include "base/fold.h"
#include "engine/decide.h"
#include "facts/owntext.h"
#include "helper/helper.h"
#include "judge/detections.h"
#include "judge/harvest.h"
#include "judge/encrypt_write.h"
#include "judge/remarks_write.h"
#include "message/language.h"
#include "message/message.h"
#include "policy/detectors.h"
#include <string.h>

/* What lies behind the cut may be anything, so nothing that was found before it proves the whole. */
static void distrust_cut_message(Facts *facts) {
    facts_add_anomaly(facts, "limit:size");
    facts->unreadable = true;
    facts->asks = ASKS_UNKNOWN;
    facts->encryption = ENC_UNKNOWN;
    g_free(facts->encryption_why);
    facts->encryption_why = g_strdup("the message is too large to be read whole");
    for (guint i = 0; i < facts->proofs->len; i++) {
        g_array_index(facts->proofs, Proof, i) = PROOF_UNKNOWN;
        char **why = (char **)&g_ptr_array_index(facts->proof_whys, i);
        g_free(*why);
        *why = g_strdup(facts->encryption_why);
    }
    signature_fact_say(&facts->signature, "unknown", "", facts->encryption_why);
}

/* The helper first: it is a copy of what this process is now. */
void judge_prepare(void) {
    static bool prepared;
    if (prepared)
        return;
    prepared = true;
    message_use_helper(helper_start());
    json_prepare();
    fold_prepare();
    message_prepare();
    fold_prepare();
}

CertPlaces judge_cert_places(const Policy *policy) {
    const Settings *settings = policy_settings(policy);
    return (CertPlaces){settings->registry_certificates, settings->trust_roots, settings->trust_crls};
}

/* Of the writer's own words: what he quotes or passes on may be in any language. */
static void find_language(const Policy *policy, Facts *facts) {
    if (!policy_asks_language(policy) || !facts->judged || !*facts->text)
        return;
    language_prepare();
    OwnText how = {.footers = policy_footers(policy)};
    g_autofree char *own = owntext_of(facts->text, strlen(facts->text), &how);
    facts->language = language_of_text(own, strlen(own), &facts->language_confidence);
}

/* Owned by the caller. */
static void find_hindrances(const JudgeContext *context, const JudgeMessage *message, Instant now, char **hindrances) {
    for (int seal = SEAL_SMIME; seal < SEALS; seal++)
        hindrances[seal] = message->fixed_body ? g_strdup("the mail server lets no filter change it")
                                               : sealer_hindrance(context->sealer, (Seal)seal, now);
}

Decision *judge_message(const JudgeContext *context, const JudgeMessage *message, Envelope *envelope, Facts **facts) {
    g_autoptr(Tree) tree = NULL;
    const Settings *settings = policy_settings(context->policy);
    EncryptionTerms terms = {.triple_des = settings->encryption_triple_des,
                             .harmless_text = settings->encryption_harmless_text,
                             .harmless_subject = settings->encryption_harmless_subject,
                             .footers = policy_footers(context->policy)};
    MessageInput input = {
        .data = message->data,
        .length = message->length,
        .headers_only = message->headers_only,
        .certs = context->certs,
        .terms = &terms,
        .own_mark = settings->smtp_from,
        .tree = policy_writes_bodies(context->policy) ? &tree : NULL,
    };
    *facts = message_read(&input, envelope);
    if (message->too_large)
        distrust_cut_message(*facts);
    g_autoptr(Views) views = views_new(context->policy, *facts);
    detections_find(context->policy, *facts, views);
    find_language(context->policy, *facts);
    EngineInput in = {
        .policy = context->policy,
        .registry = context->registry,
        .facts = *facts,
        .hints = message->hints,
        .now = (*facts)->envelope->received,
        .views = views,
        .brief = context->brief,
    };
    char *hindrances[SEALS] = {NULL};
    find_hindrances(context, message, in.now, hindrances);
    for (int seal = SEAL_SMIME; seal < SEALS; seal++)
        in.no_seal[seal] = hindrances[seal];
    Decision *decision = decide(&in);
    harvest_choose(context, decision, *facts);
    remarks_write(message, *facts, tree, decision);
    encrypt_write(context, message, &in, decision);
    for (int seal = SEAL_SMIME; seal < SEALS; seal++)
        g_free(hindrances[seal]);
    return decision;
}
