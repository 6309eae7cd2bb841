/* SPDX-License-Identifier: Apache-2.0 */
/* By which way is each address outside reached? What the record must say, for whoever was reached and nobody else. */
#pragma once
#include "engine/resolve.h"

/* Those whom nobody encrypts to: as the sender encrypted it, by verified TLS, by consent. After the copies are planned.
 */
void reached_note(const EngineInput *in, Decision *decision);

/* The gateway encrypted it to this one, with that certificate or key. */
void reached_note_sealed(Decision *decision, const char *address, Seal seal, const char *key);
