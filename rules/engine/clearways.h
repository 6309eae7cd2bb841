/* SPDX-License-Identifier: Apache-2.0 */
/* The ways by which a message reaches somebody in clear and yet as a rule allows it: verified TLS, which the mail
 * server keeps for all mail to the domain, and the client's recorded consent. Both stand in the register alone. */
#pragma once
#include "engine/resolve.h"

/* Is the domain one of the table by which Postfix keeps it (registry/tls.h)? */
Match clearway_tls(const EngineInput *in, const Person *person);

/* A client can consent for its own matters alone, and where several may be meant, to each. The days of the consent are
 * the firm's. */
Match clearway_consent(const EngineInput *in, const Person *person);

/* Names in the decision by whose consent it reaches somebody in clear, each client once. */
void clearways_note_consents(Decision *decision);
