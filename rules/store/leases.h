/* SPDX-License-Identifier: Apache-2.0 */
/* Leases that nobody uses, since Redis was silent: of claims that it may have carried out unheard, and of jobs that
 * could not be given back. They are given back as soon as it answers, or their steps would wait for the lease's end.
 * What somebody else has by then, or what Redis lost, is left alone. */
#pragma once
#include "store/link.h"

typedef struct Leases Leases;

Leases *leases_new(void);
void leases_free(Leases *leases);

/* Nobody heard of the claim under this token, for leases that end then. */
void leases_unheard(Leases *leases, const char *token, Instant end);

bool leases_release(Link *link, const StoreJob *job, Instant at, GError **error);
/* That failed: again later. */
void leases_unreturned(Leases *leases, const StoreJob *job, Instant at);

/* False with error: Redis is away, and they are kept. */
bool leases_return(Leases *leases, Link *link, Instant now, GError **error);
