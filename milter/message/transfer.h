/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer encodings (RFC 2045) written: bytes that are to stand in a part. */
#pragma once
#include "message/slice.h"

/* In lines of 76 characters at most. No quoted line begins with '-', '.' or "From ", which could pass for a boundary,
 * an end or a mailbox's line. CRLF stays the end of a line; any other CR or LF is a byte. */
void transfer_quoted(GString *out, Slice bytes);
void transfer_base64(GString *out, Slice bytes);

/* Where in a quoted-printable text its decoded byte `offset` begins. `quoted` decodes cleanly. */
size_t transfer_quoted_offset(Slice quoted, size_t offset);
