/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer encodings as mail programs read them that forgive: what decode.c calls unclean, and names of encodings that
 * are none. */
#pragma once
#include "message/decode.h"

/* A set of encodings: bit 1 << Encoding. */
typedef unsigned EncodingSet;

/* What some program makes of the value of a Content-Transfer-Encoding ("x-base64", "\"base64\"", "base64 x"); never
 * empty, without ENCODING_UNKNOWN. */
EncodingSet encodings_like(Slice value);

enum { LENIENT_READINGS = 2 };

/* Reading number `which`, below LENIENT_READINGS, of data that did not decode cleanly, into a new buffer (caller owns)
 * of *length bytes. */
char *lenient_decode(Encoding encoding, Slice raw, unsigned which, size_t *length);
