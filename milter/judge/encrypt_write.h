/* SPDX-License-Identifier: Apache-2.0 */
/* The encryption that a decision asks of the gateway: done here, read again as a stranger's would be, or the decision
 * becomes a refusal. */
#pragma once
#include "engine/resolve.h"
#include "judge/judge.h"

/* Where somebody's way is the gateway's encryption: puts the message, as it goes on, into an encrypted one for all, or
 * fills the copies that were planned. Changes headers, body_edits, body_bytes, sealed, sealed_to and copies; or makes a
 * refusal of the decision, with why. */
void encrypt_write(const JudgeContext *context, const JudgeMessage *message, const EngineInput *in, Decision *decision);

/* The second proof: is this whole message, by the same proof that a sender's encryption must pass, encrypted to each of
 * these (char *) the way the seal says? False with why (caller owns). */
bool encrypt_prove(const CertStore *certs, Seal seal, const GPtrArray *recipients, Instant now, Bytes message,
                   char **why);
