/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of encryption share; for this folder alone. */
#pragma once
#include "crypto/encrypt.h"
#include "crypto/pgpkeys.h"
#include <openssl/bio.h>

struct Encrypter {
    GHashTable *parsed; /* fingerprint → X509 */
    BIO_METHOD *sink;
    PgpKeys *pgpkeys; /* NULL: librnp cannot start */
};
