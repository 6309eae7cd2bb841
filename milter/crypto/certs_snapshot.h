/* SPDX-License-Identifier: Apache-2.0 */
/* How the snapshot of certificates is laid out and made; for this folder alone. */
#pragma once
#include "base/snapshot.h"
#include "crypto/certs.h"

/* Raised when records change: an older snapshot is then made anew. */
#define CERTS_FORMAT "lexgate-certs-3"

#define CERTS_KEY_RECORD "c:"      /* number in hexadecimal → packed Cert */
#define CERTS_KEY_ADDRESS "a:"     /* normalised address → numbers, uint32_t */
#define CERTS_KEY_FINGERPRINT "f:" /* fingerprint → number, uint32_t */
#define CERTS_KEY_PROBLEM "p:"     /* number in hexadecimal → a line */
#define CERTS_KEY_META "!"         /* format, count */

CertStore *certs_open_snapshot(const char *path, GError **error);
CertStore *certs_empty(void);

/* What a snapshot is made of; `trust` and `problems` may be NULL. */
typedef struct {
    const GPtrArray *certs;    /* Cert */
    const Trust *trust;        /* who vouches for signers */
    const GPtrArray *problems; /* char *: what of the files cannot be used */
} CertsContent;

/* Writes it to `path`. False with error. */
bool certs_write(const CertsContent *content, const char *path, GError **error);

/* A copy of what lies under prefix and name, NULL: nothing. Caller owns. */
GBytes *certs_value(const CertStore *store, const char *prefix, const char *name);

/* Roots and authorities of the snapshot: read at the first call, then borrowed. */
const Trust *certs_trust(const CertStore *store);

/* The files of the folder and of the folders in it, in the order of their worth. */
typedef struct {
    char *path;     /* whole */
    char *relative; /* to the folder */
    CertSource source;
    CertTrust trust;
    bool issuers; /* certificates of authorities alone */
} CertFile;

GPtrArray *certs_list_files(const char *folder, GPtrArray *problems); /* CertFile */

/* Reads and judges them all: Cert, each once. *trust (caller owns) is what they were judged by. */
GPtrArray *certs_gather(const CertPlaces *places, Instant now, Trust **trust, GPtrArray *problems);
