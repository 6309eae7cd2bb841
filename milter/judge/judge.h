/* SPDX-License-Identifier: Apache-2.0 */
/* One message judged: bytes to facts to decision, in the judge process and in `lexgate explain` alike. */
#pragma once
#include "crypto/certs.h"
#include "engine/decision.h"
#include "facts/hints.h"
#include "judge/sealer.h"

/* What a judge holds for all messages; borrowed, read-only. */
typedef struct {
    const Policy *policy;
    const Registry *registry;
    const CertStore *certs;
    bool keep_signatures; /* harvest_choose() forgets none that is valid */
    const Sealer *sealer; /* NULL: it encrypts nothing */
    bool brief;           /* of rules that do not match no reasons are wanted */
} JudgeContext;

typedef struct {
    const char *data; /* RFC 5322, CRLF; borrowed */
    size_t length;
    bool headers_only;  /* see message/message.h */
    bool too_large;     /* the tail is missing: anomaly "limit:size", content unreadable */
    bool fixed_body;    /* the MTA lets nobody change it */
    const Hints *hints; /* borrowed */
} JudgeMessage;

/* Where the policy says that certificates, roots and lists of revocations are; borrowed from it. */
CertPlaces judge_cert_places(const Policy *policy);

/* Once per process, before the first message: what the parts need to have ready before a judge is confined. */
void judge_prepare(void);

/* Takes `envelope` over (its `received` is now). Gives the facts too; both belong to the caller. */
Decision *judge_message(const JudgeContext *context, const JudgeMessage *message, Envelope *envelope, Facts **facts);

/* main() of the role: started by the keeper only, see keeper/roles.h for its descriptors and arguments. */
int judge_main(int argc, char **argv);
