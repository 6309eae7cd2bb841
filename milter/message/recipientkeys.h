/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the recipients' certificates and keys, whether the message is encrypted or not. */
#pragma once
#include "crypto/certs.h"
#include "facts/facts.h"

/* Fills facts->key_states, key_whys and keys; leaves them empty without `certs`. */
void recipient_keys_read(Facts *facts, const CertStore *certs);
