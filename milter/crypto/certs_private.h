/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one file of certificates or keys, the same for the store and for `lexgate cert import`; for this folder
 * alone. */
#pragma once
#include "crypto/certs.h"

/* One certificate or key that can be encrypted to. */
typedef struct {
    const char *kind; /* literal */
    char *fingerprint;
    GPtrArray *addresses; /* char *, normalised; at least one */
    CertName *cert;       /* X.509, else NULL */
    GArray *keys;         /* KeyDates; OpenPGP, else NULL */
    Instant not_after;
} CertRead;

typedef struct {
    uint64_t id;
    Instant not_before, not_after;
} KeyDates;

CertRead *cert_read_new(const char *kind);
void cert_read_free(void *read);

/* These add CertReads for what is usable and sentences (char *) for what is not. */
void certs_read_x509(const char *data, size_t length, GPtrArray *reads, GPtrArray *problems);
void certs_read_openpgp(const char *data, size_t length, GPtrArray *reads, GPtrArray *problems);

/* Either, by the bytes; false with *error when the file cannot be read at all. */
bool certs_read_file(const char *path, GPtrArray *reads, GPtrArray *problems, GError **error);

void cert_name_free(void *name);
