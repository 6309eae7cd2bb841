/* SPDX-License-Identifier: Apache-2.0 */
/* How are the firm's certificates? Numbers for the doctor and for Prometheus. */
#pragma once
#include "crypto/certs.h"

enum { EXPIRING_DAYS = 30 };

typedef struct {
    unsigned of[CERT_NONE]; /* by state */
    unsigned all;
    unsigned expiring;   /* usable ones that expire within 30 days while nothing newer is known for the address */
    Instant lists_until; /* when the first list of revocations that usable ones rest on is out of date */
} CertCensus;

void cert_census(const CertStore *store, Instant now, CertCensus *census);

/* Writes lexgate-certs.prom into the folder `state`; without complaint where that cannot be. */
void cert_census_write(const CertCensus *census, Instant now, const char *state);
