/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the folder of certificates: one file for each certificate or key, named after address and fingerprint,
 * replaced as a whole. What daemons use follows at their next reload. */
#pragma once
#include "crypto/certread.h"
#include "crypto/certs.h"

/* Writes `cert` into the folder, or into its folder `sub` (NULL: itself); an older file of the same certificate there
 * is replaced. The path (caller owns), or NULL with error. */
char *certfiles_keep(const char *folder, const char *sub, const Cert *cert, GError **error);

/* The certificate of an authority, into the folder issuers. The same. */
char *certfiles_keep_issuer(const char *folder, GBytes *der, GError **error);

/* Takes a certificate out of every file that holds it, in the folder and (NULL: all) the folder `sub` in it; what else
 * is in such a file stays, authorities alone in the folder issuers: those paths (char *) are added to `moved`, which
 * may be NULL. Gives the paths (char *, caller owns), none when there was none; NULL with error. */
GPtrArray *certfiles_remove(const char *folder, const char *sub, const char *fingerprint, GPtrArray *moved,
                            GError **error);

/* One file, judged as it would be if nobody trusted it by hand: with `places`' roots, authorities and lists, and the
 * authorities in the file. NULL with error. */
CertReads *certfiles_inspect(const CertPlaces *places, const char *path, const char *passphrase, Instant now,
                             GError **error);
