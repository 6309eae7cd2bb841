/* SPDX-License-Identifier: Apache-2.0 */
/* What is packed looks like noise and is none. zlib and gzip carry checksums, so that ciphertext never passes for one;
 * bare deflate has none, and must account for all bytes but the last few. */
#include "crypto/beside.h"
#include <glib.h>
#include <string.h>
#include <zlib.h>

enum { BARE_LEAST = 128, BARE_REST = 32, PROGRESS_ENOUGH = 4096 };

static bool has_magic(const unsigned char *data, size_t length) {
    static const struct {
        const char *bytes;
        size_t length;
    } magics[] = {
        {"BZh91AY&SY", 10},
        {"\xfd"
         "7zXZ\0",
         6},
        {"7z\xbc\xaf\x27\x1c", 6},
        {"Rar!\x1a\x07", 6},
        {"PK\x03\x04", 4},
        {"\x28\xb5\x2f\xfd", 4},
        {"\x04\x22\x4d\x18", 4},
        {"\x89PNG\r\n\x1a\n", 8},
        {"%PDF-", 5},
        {"\xff\xd8\xff\xe0", 4},
        {"\xff\xd8\xff\xe1", 4},
        {"OggS", 4},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
        if (length >= magics[i].length && memcmp(data, magics[i].bytes, magics[i].length) == 0)
            return true;
    /* bzip2 in smaller blocks */
    return length >= 10 && memcmp(data, "BZh", 3) == 0 && memcmp(data + 4, "1AY&SY", 6) == 0;
}

/* `window`: what zlib is to expect, see inflateInit2(). */
static bool inflates(const unsigned char *data, size_t length, int window) {
    z_stream stream = {.next_in = (unsigned char *)data, .avail_in = (uInt)MIN(length, G_MAXINT32)};
    unsigned char out[UNPACK_ENOUGH];
    if (inflateInit2(&stream, window) != Z_OK)
        return false;
    stream.next_out = out;
    stream.avail_out = sizeof out;
    int status = inflate(&stream, Z_NO_FLUSH);
    inflateEnd(&stream);
    bool bare = window < 0;
    if (status == Z_STREAM_END)
        return !bare || (length >= BARE_LEAST && stream.avail_in <= BARE_REST);
    return stream.avail_out == 0 ||
           (status != Z_DATA_ERROR && stream.avail_in == 0 && sizeof out - stream.avail_out >= PROGRESS_ENOUGH);
}

/* The two bytes that zlib and gzip look at first. */
static bool has_head(const unsigned char *data, size_t length) {
    return length >= 2 && ((data[0] == 0x1f && data[1] == 0x8b) ||
                           ((data[0] & 0x0f) == 8 && ((unsigned)data[0] << 8 | data[1]) % 31 == 0));
}

bool beside_unpacks(const unsigned char *data, size_t length) {
    enum { BARE = -15, ZLIB_OR_GZIP = 15 + 32 };
    return has_magic(data, length) || (has_head(data, length) && inflates(data, length, ZLIB_OR_GZIP)) ||
           (length >= BARE_LEAST && inflates(data, length, BARE));
}
