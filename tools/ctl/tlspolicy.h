/* SPDX-License-Identifier: Apache-2.0 */
/* What Postfix must insist on, so that mail which passed by the way verified-tls leaves by verified TLS or not at all.
 */
#pragma once
#include "policy/policy.h"
#include "registry/tls.h"

/* Whether a rule in force (or observed) counts verified TLS as a way. */
bool tlspolicy_is_used(const Policy *policy);

/* For smtp_tls_policy_maps: "secure match=…" or "dane-only". MTA-STS Postfix does not know by itself: what it can
 * insist on is a certificate that names the domain or a host in it, and a resolver that is asked before may let in the
 * hosts that the domain's policy names. Caller owns. */
char *tlspolicy_level(const TlsDemand *demand);

/* The table has one more entry, whose value is a digest of all the others, so that one that was made from an earlier
 * register shows. No mail goes to a domain of that name (RFC 6761). */
#define TLSPOLICY_DIGEST_KEY "lexgate-digest.invalid"
char *tlspolicy_digest(const GPtrArray *demands); /* of TlsDemand; caller owns */

/* Is this answer of smtp_tls_policy_maps one by which nothing leaves without verified TLS? */
bool tlspolicy_is_strict(const char *answer);
