/* SPDX-License-Identifier: Apache-2.0 */
/* From a signature that was kept (verify.h) to a certificate in the firm's folder: everything is checked again, and
 * what changes somebody's key, stands beside one that was put in by hand, or is of somebody of privileged matters waits
 * for approval. */
#pragma once
#include "crypto/certs.h"

typedef enum {
    HARVEST_NEW,     /* into the folder harvested */
    HARVEST_WAITS,   /* into the folder waiting */
    HARVEST_NEWER,   /* known: what its owner reads was written down */
    HARVEST_KNOWN,   /* known, and nothing is new */
    HARVEST_REFUSED, /* none that may be used */
    HARVEST_FAILED,  /* a file could not be written */
} HarvestResult;

const char *harvest_result_name(HarvestResult result); /* "new", "waits", … static */

typedef struct {
    const CertPlaces *places;
    const CertStore *store;
    GHashTable *taken; /* char *, owned: addresses for which this run has taken one */
    bool (*is_guarded)(const char *address, void *state); /* are matters of this person privileged? */
    void *state;
    Instant now;
} Harvesting;

typedef struct {
    HarvestResult result;
    char *address;     /* the first of the certificate, "" */
    char *fingerprint; /* "" */
    char *path;        /* of the file; "" when none was written */
    char *why;         /* a sentence */
} Harvested;

/* `signer`: the fingerprint of the certificate that a judge found to be the sender's; of several who sign, nobody else's
 * is taken. */
Harvested *harvest_take(const Harvesting *harvesting, GBytes *signature, const char *signer);

/* The same of an address, LF, and an OpenPGP key that a header brought for it: into the folder autocrypt, where nobody
 * uses it before it is approved. */
Harvested *harvest_take_key(const Harvesting *harvesting, GBytes *offer);
void harvested_free(Harvested *harvested);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Harvested, harvested_free)
