/* SPDX-License-Identifier: Apache-2.0 */
/* Whole lines go from where they lie into the text; only what is left over is copied. */
#include "crypto/base64lines.h"
#include <openssl/evp.h>
#include <string.h>

/* OpenSSL ends what it writes with a NUL, for which a GString has room. */
static void write_line(GString *out, const unsigned char *data, size_t length) {
    size_t at = out->len;
    g_string_set_size(out, at + (length + 2) / 3 * 4 + 2);
    int written = EVP_EncodeBlock((unsigned char *)out->str + at, data, (int)length);
    memcpy(out->str + at + written, "\r\n", 2);
}

void base64lines_add(Base64Lines *lines, const void *data, size_t length) {
    const unsigned char *at = data, *end = at + length;
    if (lines->held > 0) {
        size_t take = MIN(length, BASE64_LINE_BYTES - lines->held);
        memcpy(lines->bytes + lines->held, at, take);
        lines->held += take;
        at += take;
        if (lines->held < BASE64_LINE_BYTES)
            return;
        write_line(lines->out, lines->bytes, BASE64_LINE_BYTES);
    }
    for (; end - at >= BASE64_LINE_BYTES; at += BASE64_LINE_BYTES)
        write_line(lines->out, at, BASE64_LINE_BYTES);
    lines->held = (size_t)(end - at);
    memcpy(lines->bytes, at, lines->held);
}

void base64lines_end(Base64Lines *lines) {
    if (lines->held > 0)
        write_line(lines->out, lines->bytes, lines->held);
    lines->held = 0;
}

size_t base64lines_length(size_t length) {
    size_t whole = length / BASE64_LINE_BYTES, rest = length % BASE64_LINE_BYTES;
    return whole * (BASE64_LINE_BYTES / 3 * 4 + 2) + (rest > 0 ? (rest + 2) / 3 * 4 + 2 : 0);
}
