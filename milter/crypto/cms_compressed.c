/* SPDX-License-Identifier: Apache-2.0 */
/* CompressedData (RFC 3274): OpenSSL of many distributions is built without zlib, so it is inflated here. */
#include "crypto/cms_private.h"
#include <zlib.h>

/* 64 MB beside the message are what reading one may take, and envelopes nest. */
enum { INFLATED_MAX = 16 << 20, RATIO_MAX = 100, RATIO_FREE = 1 << 20 };

static const OidRow zlib_only[] = {{OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08"), 0, "zlib"}};

typedef struct {
    z_stream stream;
    GByteArray *out;
    size_t read;
    int status;
} Inflating;

static void inflate_piece(const unsigned char *data, size_t length, void *state) {
    Inflating *inflating = state;
    z_stream *stream = &inflating->stream;
    guint8 buffer[16384];
    stream->next_in = (unsigned char *)data;
    stream->avail_in = (uInt)length;
    inflating->read += length;
    while (inflating->status == Z_OK) {
        stream->next_out = buffer;
        stream->avail_out = sizeof buffer;
        inflating->status = inflate(stream, Z_NO_FLUSH);
        g_byte_array_append(inflating->out, buffer, (guint)(sizeof buffer - stream->avail_out));
        if (inflating->out->len > MIN(INFLATED_MAX, RATIO_FREE + RATIO_MAX * inflating->read))
            inflating->status = Z_MEM_ERROR;
        if (stream->avail_in == 0 && stream->avail_out > 0)
            break;
    }
    /* What stands behind the end is nothing that anybody shows, but it is readable. */
    if (inflating->status == Z_STREAM_END && stream->avail_in > 0)
        inflating->status = Z_DATA_ERROR;
}

GBytes *cms_decompress(BerCursor body) {
    BerItem data, item, algorithm, oid, content, string;
    if (!ber_take(&body, BER_SEQUENCE, &data) || !ber_take(&data.content, BER_INTEGER, &item) ||
        !ber_take(&data.content, BER_SEQUENCE, &algorithm) || !ber_take(&algorithm.content, BER_OID, &oid) ||
        oid_find(zlib_only, G_N_ELEMENTS(zlib_only), &oid) == NULL || !ber_take(&data.content, BER_SEQUENCE, &item) ||
        !ber_take(&item.content, BER_OID, &oid) || !ber_take(&item.content, BER_CONTEXT(0), &content) ||
        !ber_next(&content.content, &string))
        return NULL;
    Inflating inflating = {.out = g_byte_array_new()};
    inflating.status = inflateInit(&inflating.stream);
    bool whole = inflating.status == Z_OK && ber_string_each(&string, inflate_piece, &inflating) &&
                 inflating.status == Z_STREAM_END;
    inflateEnd(&inflating.stream);
    GBytes *out = g_byte_array_free_to_bytes(inflating.out);
    if (!whole)
        g_clear_pointer(&out, g_bytes_unref);
    return out;
}
