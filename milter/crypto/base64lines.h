/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 in lines of 76 characters that end in CRLF (RFC 2045), of bytes that come piece by piece. Pure. */
#pragma once
#include <glib.h>

enum { BASE64_LINE_BYTES = 57 };

typedef struct {
    GString *out;
    size_t held; /* bytes that wait for more to make a line */
    unsigned char bytes[BASE64_LINE_BYTES];
} Base64Lines;

void base64lines_add(Base64Lines *lines, const void *data, size_t length);
void base64lines_end(Base64Lines *lines);

/* How long `length` bytes become. */
size_t base64lines_length(size_t length);
