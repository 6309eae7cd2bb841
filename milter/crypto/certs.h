/* SPDX-License-Identifier: Apache-2.0 */
/* Whose certificate or key is it? The firm's folder of certificates, by address, read whole before a judge is confined.
 *
 * Immutable after loading; any thread. Lying in the folder is trust by hand; only dates and usage are checked. */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct CertStore CertStore;

/* Reads every *.pem, *.crt, *.cer, *.der, *.asc, *.gpg, *.pgp of `folder` (NULL or absent: an empty store). A file that
 * cannot be used is passed over with a line in `problems` (char *; may be NULL). */
CertStore *certs_load(const char *folder, GPtrArray *problems);
void certs_free(CertStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CertStore, certs_free)

/* An X.509 certificate as envelopes name it, DER of issuer and serial, and the subject key id (may be empty). */
typedef struct {
    GBytes *issuer, *serial, *key_id;
    Instant not_before, not_after;
} CertName;

/* Certificates (CertName, borrowed array, NULL when none) and OpenPGP key ids (uint64_t, those that can encrypt:
 * subkeys, or the primary key) for an
 * address; the local part also case-folded. */
const GPtrArray *certs_of(const CertStore *store, const char *address);
const GArray *certs_keys_of(const CertStore *store, const char *address);

/* Is this key of certs_keys_of() valid at `now`? */
bool certs_key_is_valid(const CertStore *store, const char *address, uint64_t key_id, Instant now);

/* Checks one file for `lexgate cert import`: what it is ("S/MIME certificate", "OpenPGP key"), for which addresses,
 * until when. */
typedef struct {
    char *kind, *fingerprint;
    GPtrArray *addresses;
    Instant not_after;
} CertInfo;
CertInfo *cert_inspect(const char *path, GError **error);
void cert_info_free(CertInfo *info);
