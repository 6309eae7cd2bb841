/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF may say that it is encrypted and leave a page or an attached file in clear. Ciphertext is noise, and does not
 * unpack as a packed stream does. */
#include "crypto/container.h"
#include "crypto/noise.h"
#include <string.h>
#include <zlib.h>

enum { DICTIONARY_MAX = 4096, UNPACKED_ENOUGH = 16384 };

/* A whole zlib stream, or a good part of one. */
static bool unpacks(Octets body) {
    z_stream stream = {.next_in = (unsigned char *)body.at, .avail_in = (uInt)MIN(body.length, G_MAXINT32)};
    unsigned char out[UNPACKED_ENOUGH];
    if (inflateInit(&stream) != Z_OK)
        return false;
    stream.next_out = out;
    stream.avail_out = sizeof out;
    int status = inflate(&stream, Z_NO_FLUSH);
    inflateEnd(&stream);
    return status == Z_STREAM_END || stream.avail_out == 0;
}

/* Does the dictionary before `keyword` belong to a cross-reference stream, which is never encrypted? */
static bool is_cross_reference(Octets file, const unsigned char *keyword) {
    size_t before = MIN((size_t)(keyword - file.at), DICTIONARY_MAX);
    const unsigned char *at = keyword, *from = keyword - before;
    while (at > from && (at - from < 4 || memcmp(at - 4, " obj", 4) != 0))
        at--;
    return memmem(at, (size_t)(keyword - at), "/XRef", 5) != NULL;
}

static bool is_readable(Octets body) {
    Noise noise = {.filled = 0};
    noise_add(&noise, body.at, body.length);
    return noise_is_readable(&noise) || unpacks(body);
}

bool pdf_has_clear_stream(Octets file) {
    const unsigned char *end = file.at + file.length, *at = file.at;
    while ((at = memmem(at, (size_t)(end - at), "stream", 6)) != NULL) {
        const unsigned char *keyword = at, *body = at + 6;
        at = body;
        body += body < end && *body == '\r';
        if (body >= end || *body != '\n')
            continue;
        const unsigned char *stop = memmem(body, (size_t)(end - body), "endstream", 9);
        if (stop == NULL)
            return true;
        if (!is_cross_reference(file, keyword) && is_readable((Octets){body + 1, (size_t)(stop - body - 1)}))
            return true;
        at = stop + 9;
    }
    return false;
}
