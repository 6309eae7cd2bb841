/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a file of certificates or keys? PEM, DER, PKCS#7, PKCS#12, vCard and OpenPGP, told apart by their bytes.
 *
 * The bytes may be a stranger's. Nothing private is kept: of a PKCS#12 only the certificates are looked at. */
#pragma once
#include "crypto/cert.h"

enum { CERT_FILE_MAX = 16 << 20 };

typedef struct {
    GPtrArray *certs;    /* Cert, also those that cannot be encrypted to, as long as they name an address */
    GPtrArray *issuers;  /* GBytes: DER of certificates of authorities */
    GPtrArray *problems; /* char *: a sentence for each that was passed over or cannot be used */
    bool private_key;    /* a private key lies among them */
    bool pkcs12;         /* it is a PKCS#12, which may hold one */
    bool in_vcard;       /* while one is read */
    bool passphrase;     /* the pass phrase is missing or wrong */
} CertReads;

CertReads *certreads_new(void);
void certreads_free(CertReads *reads);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CertReads, certreads_free)

/* `passphrase` may be NULL. Where nothing was found, a problem says so. */
void certread_bytes(CertReads *reads, const char *data, size_t length, const char *passphrase);

/* Sets `private_key` or `pkcs12` without reading any further. */
void certread_look_for_private_key(CertReads *reads, const char *data, size_t length);

/* A file; false with *error when it cannot be read. First and last seen are its time and the line "First-Seen:" that
 * the import writes. */
bool certread_file(CertReads *reads, const char *path, GError **error);

/* As it is kept in the folder: PEM or armored, with a line on top that says when it was first seen. Caller owns. */
char *cert_as_text(const Cert *cert);
char *issuer_as_text(GBytes *der);
