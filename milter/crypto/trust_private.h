/* SPDX-License-Identifier: Apache-2.0 */
/* Roots, authorities and lists of revocations as they were loaded; for this folder alone. */
#pragma once
#include "crypto/trust.h"
#include <openssl/x509_vfy.h>

enum { TRUST_FILE_MAX = 64 << 20, TRUST_STRENGTH = 2 /* OpenSSL's level: RSA 2048, SHA-256 */ };

struct Trust {
    X509_STORE *store; /* roots and lists */
    STACK_OF(X509) * roots, *issuers;
    STACK_OF(X509_CRL) * crls;
    X509_STORE_CTX_check_crl_fn usual;
    bool asks_lists; /* a place for lists is configured */
};

X509 *x509_from_bytes(GBytes *der); /* NULL when it is none */

/* Is the issuer of this list among roots and authorities, and has it signed it? */
bool trust_knows_issuer(const Trust *trust, const X509_CRL *crl);
