/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge needs to encrypt: made once, before it is confined, from the policy's files. Belongs to one thread. */
#pragma once
#include "crypto/encrypt.h"
#include "facts/facts.h"
#include "policy/policy.h"

typedef struct {
    Encrypter *encrypter;
    GPtrArray *archive; /* Cert; NULL: they cannot be used */
    char *problem;      /* why, for people; NULL: they can */
} Sealer;

/* Never NULL. */
Sealer *sealer_open(const Policy *policy);
void sealer_free(Sealer *sealer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sealer, sealer_free)

/* Why nothing can be encrypted so at `now`; NULL: it can. `sealer` NULL: nothing can be at all. Caller owns. */
char *sealer_hindrance(const Sealer *sealer, Seal seal, Instant now);
