/* SPDX-License-Identifier: Apache-2.0 */
/* Does a root vouch for this certificate, and has nobody revoked it? Roots and lists of revocations (RFC 5280) from
 * files.
 *
 * Loaded once, then read by one thread. Nothing is fetched here. */
#pragma once
#include "crypto/cert.h"

typedef struct Trust Trust;

/* `roots` and `crls`: a file or a folder of PEM or DER files each, NULL: none. What cannot be read is a line in
 * `problems` (char *; may be NULL). */
Trust *trust_load(const char *roots, const char *crls, GPtrArray *problems);
void trust_free(Trust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trust, trust_free)

/* The certificate of an authority, DER, that may stand between a root and somebody's. Trusted for nothing by itself. */
void trust_add_issuer(Trust *trust, GBytes *der);

/* Judges an S/MIME certificate at `now`. Sets `chain`, `revoked`, `checked_until`; and where a root vouches for one
 * that nobody trusts by hand: `trust`, and the dates, narrowed to those of the whole chain. */
void trust_judge(const Trust *trust, Cert *cert, Instant now);

/* Is it a list of revocations, and by whom? The certificate of its issuer must be among roots and authorities. False
 * with a sentence in *why (caller owns): not a list, an unknown issuer, a wrong signature, out of date. *name (caller
 * owns) is what to call the file. */
bool trust_accepts_crl(const Trust *trust, const void *data, size_t length, Instant now, GBytes **der, char **name,
                       char **why);

/* Was the list `a` issued before `b`, by its time or by its number? Both are whole DER; false when one is none. */
bool trust_crl_is_older(GBytes *a, GBytes *b);

/* The http addresses from which the lists of revocations of roots, authorities and `certs` (Cert) come: char *, no
 * repeats, caller owns. */
GPtrArray *trust_crl_urls(const Trust *trust, const GPtrArray *certs);
