/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of CMS objects share; for this folder alone. */
#pragma once
#include "crypto/ber.h"
#include "crypto/proof_private.h"
#include <openssl/cms.h>

/* A row of a table of object identifiers, as they are encoded. */
typedef struct {
    const char *oid; /* bytes */
    unsigned char length;
    int value;
    const char *name;
} OidRow;

#define OID(bytes) bytes, sizeof(bytes) - 1

const OidRow *oid_find(const OidRow *rows, size_t count, const BerItem *oid); /* NULL: in no row */

/* Recipient infos of an envelope: `infos` as our own reader has them, `cms` as OpenSSL has. Adds those to `proof` that
 * name a certificate and bring it a key by a public-key algorithm; password and shared-key infos do not count. False:
 * the readers disagree about what there is, there are too many, or one has room for a letter. */
bool cms_read_recipients(ContentProof *proof, const CMS_ContentInfo *cms, BerCursor infos);

/* What CompressedData holds, of `body`, its [0]; NULL: it is no zlib stream or grows too large. */
GBytes *cms_decompress(BerCursor body);
