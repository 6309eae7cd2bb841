/* SPDX-License-Identifier: Apache-2.0 */
/* What stands beside ciphertext in an encrypted object, and what stands in its place: has it room for a letter?
 *
 * Pure; time linear in what is given. */
#pragma once
#include "crypto/ber.h"

/* The most printable characters in a row that noise and short fields may hold: noise has so many once in 10^10 bytes.
 */
enum { BESIDE_RUN_MAX = 23 };

/* Printable characters that stand in rows of more than BESIDE_RUN_MAX. */
size_t beside_text(const unsigned char *data, size_t length);

/* One field: neither a sentence in it, nor anything else long that is no noise. */
bool beside_is_noise(const unsigned char *data, size_t length);

/* No sentence in any primitive element below `at`, at whatever depth, and nothing long that is no noise. */
bool beside_is_sane(BerCursor at);

/* OriginatorInfo: certificates and lists of revocations, with no more words than a chain of them has. */
bool beside_is_originator(BerCursor info);

/* One RecipientInfo: names of ordinary length, all the rest without words; of passwords and shared keys no more than
 * these take; no other kinds. */
bool beside_is_recipient(const BerItem *info);

/* Does it begin like a file that is packed or a picture, or unpack as zlib, gzip or bare deflate? For the beginning of
 * long content too. `data` may be all there is, or UNPACK_ENOUGH bytes of it. */
enum { UNPACK_ENOUGH = 16384 };
bool beside_unpacks(const unsigned char *data, size_t length);
