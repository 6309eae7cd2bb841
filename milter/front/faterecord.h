/* SPDX-License-Identifier: Apache-2.0 */
/* The journal entry of what became of a message: rules/journal/payloads.md. Addresses and what other servers said are
 * sealed under the key of the message's client. */
#pragma once
#include "base/keyring.h"
#include "front/fates.h"

const char *faterecord_kind(FateReport what);

/* Payload for journal_append_members(), the caller's; NULL with error when it cannot be sealed. */
char *faterecord(Keyring *keyring, const FateMessage *message, FateReport what, GError **error);
