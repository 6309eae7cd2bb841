/* SPDX-License-Identifier: Apache-2.0 */
/* Does a root vouch for whoever signed? Roots, authorities and revoked certificates as they lie in the snapshot of
 * certificates, so that a judge opens no file, and a list of a million revocations costs it nothing.
 *
 * Private to crypto. A store belongs to one thread. */
#pragma once
#include "crypto/certs_snapshot.h"
#include "crypto/trust_private.h"

/* For the maker of a snapshot: what `trust` has been loaded with. Lists count that a root or an authority has signed.
 */
size_t vouch_bytes(const Trust *trust);
void vouch_write(Snapshot *snapshot, const Trust *trust);

/* The way back: roots and authorities, without lists. */
Trust *vouch_load(const CertStore *store);

typedef enum { VOUCH_YES, VOUCH_NO, VOUCH_EXPIRED, VOUCH_REVOKED } Vouch;

/* Judges the certificate of a signer of mail at `now`. Of `carried` (may be NULL), which came with the signature, any
 * may stand between a root and the signer. *why (caller owns) is the end of a sentence about the certificate, of a YES
 * what is not known of revocations, else NULL. */
Vouch vouch_for(const CertStore *store, X509 *signer, STACK_OF(X509) * carried, Instant now, char **why);
