/* SPDX-License-Identifier: Apache-2.0 */
/* Which mailbox does an address lead to? Several spellings reach the same person, and so must be the same person. */
#pragma once
#include "policy/policy.h"

/* As the registry would write it: no final dot, no quotes, and not through a relay: an MTA delivers
 * "jane%client.test@firm.test", "client.test!jane@firm.test" and "@firm.test:jane@client.test" to jane@client.test.
 * Caller owns. */
char *mailbox_of(const Policy *policy, const char *address);
