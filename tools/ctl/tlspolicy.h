/* SPDX-License-Identifier: Apache-2.0 */
/* What Postfix must insist on, so that mail which passed by the way verified-tls leaves by verified TLS or not at all. */
#pragma once
#include "policy/policy.h"
#include "registry/registry.h"

typedef struct {
    char *domain;
    char *client; /* the id that the next member comes from */
    char *level;  /* for smtp_tls_policy_maps: "secure match=…", "dane-only"; NULL: by MTA-STS, which Postfix asks a resolver for */
} TlsDemand;

/* Whether a rule in force (or observed) counts verified TLS as a way. */
bool tlspolicy_is_used(const Policy *policy);

/* TlsDemand for each domain of a client whose column tls says something, in the order of domains; NULL with error when two
 * clients demand different things of one domain, or the registry cannot be read. */
GPtrArray *tlspolicy_demands(const Registry *registry, GError **error);

/* Is this answer of smtp_tls_policy_maps one by which nothing leaves without verified TLS? */
bool tlspolicy_is_strict(const char *answer);
