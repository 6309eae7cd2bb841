/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer encodings (RFC 2045), decoded strictly: what two readers could decode in two ways is not clean. */
#pragma once
#include "message/slice.h"

typedef enum { ENCODING_IDENTITY, ENCODING_BASE64, ENCODING_QUOTED, ENCODING_UNKNOWN } Encoding;

/* From the header's value; an empty one is the identity. */
Encoding encoding_of(Slice value);

/* Into a new buffer (caller owns) of *length bytes; best effort when *clean comes out false. */
char *decode_base64(Slice raw, size_t *length, bool *clean);
char *decode_quoted(Slice raw, size_t *length, bool *clean);
