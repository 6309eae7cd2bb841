/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP keys made ready for librnp, which spends more on reading a key and checking its signatures than on encrypting
 * to it: those of the last messages are kept. Belongs to one thread. */
#pragma once
#include "crypto/cert.h"
#include <rnp/rnp.h>

typedef struct PgpKeys PgpKeys;

PgpKeys *pgpkeys_new(void); /* before the process is confined; NULL when librnp cannot start */
void pgpkeys_free(PgpKeys *keys);

/* What takes operations; borrowed. */
rnp_ffi_t pgpkeys_ffi(const PgpKeys *keys);

/* Makes these (Cert, OpenPGP) ready, as they are at `now`. */
void pgpkeys_load(PgpKeys *keys, const GPtrArray *certs, Instant now);

/* Of one that was made ready: the newest part that is valid at `now` and encrypts. NULL when librnp refuses it, or none
 * is. For rnp_key_handle_destroy() before the next pgpkeys_load(). */
rnp_key_handle_t pgpkeys_find(const PgpKeys *keys, const Cert *cert, Instant now);
