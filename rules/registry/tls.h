/* SPDX-License-Identifier: Apache-2.0 */
/* Verified TLS, a property of a domain: to which domains does mail leave by it or not at all, since a client's column
 * tls says so?
 *
 * A client's column speaks of the client's whole domains ("@client.test"). Single addresses elsewhere are not covered;
 * only where a client has no whole domain it speaks of those of its addresses, but never of a provider's of personal
 * mail. No sub-domain is covered with its domain: each is written out. Two clients that say different things of one
 * domain are an error of the register. */
#pragma once
#include "registry/registry.h"

typedef struct {
    char *domain; /* in ASCII, small letters */
    char *client; /* the first of those who say it */
    char *tls;    /* "dane-only", "mta-sts" or names of hosts, sorted, in ASCII, with a space between */
} TlsDemand;

void tls_demand_free(TlsDemand *demand);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsDemand, tls_demand_free)

/* Of the domain of a normalised address. */
Lookup registry_tls(const Registry *registry, const char *address, TlsDemand **demand);

/* TlsDemand, all of them in the order of domains. */
Lookup registry_tls_all(const Registry *registry, GPtrArray **demands);
