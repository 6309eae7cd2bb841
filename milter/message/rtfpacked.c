/* SPDX-License-Identifier: Apache-2.0 */
/* References of 12 bits into a ring of 4,096 bytes that begins with words common in RTF. */
#include "message/rtfpacked.h"

enum { HEADER = 16, RING = 4096, COMPRESSED = 0x75465a4c, PLAIN = 0x414c454d };

static const char dictionary[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
    "Sans "
    "SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u"
    "\\tab\\tx";

static guint32 number_at(const char *at) {
    const unsigned char *bytes = (const unsigned char *)at;
    return bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16 | (guint32)bytes[3] << 24;
}

typedef struct {
    char ring[RING];
    unsigned at;
    GString *out;
    size_t max;
} Ring;

static bool ring_add(Ring *ring, char byte) {
    if (ring->out->len >= ring->max)
        return false;
    g_string_append_c(ring->out, byte);
    ring->ring[ring->at] = byte;
    ring->at = (ring->at + 1) % RING;
    return true;
}

/* False when it is cut off or too long. A reference to where writing goes on is the end. */
static bool inflate(Ring *ring, const unsigned char *at, const unsigned char *end) {
    while (at < end) {
        unsigned control = *at++;
        for (unsigned bit = 0; bit < 8; bit++, control >>= 1) {
            if (end - at < (control & 1 ? 2 : 1))
                return false;
            if (!(control & 1)) {
                if (!ring_add(ring, (char)*at++))
                    return false;
                continue;
            }
            unsigned from = (unsigned)at[0] << 4 | at[1] >> 4, count = (at[1] & 15U) + 2;
            at += 2;
            if (from == ring->at)
                return true;
            for (unsigned i = 0; i < count; i++)
                if (!ring_add(ring, ring->ring[(from + i) % RING]))
                    return false;
        }
    }
    return false;
}

char *rtf_decompress(Slice data, size_t max, size_t *length) {
    if (data.length < HEADER)
        return NULL;
    guint32 form = number_at(data.at + 8);
    size_t wanted = number_at(data.at + 4);
    Slice body = {data.at + HEADER, data.length - HEADER};
    if (form == PLAIN && wanted <= body.length && wanted <= max) {
        *length = wanted;
        return g_memdup2(body.at, wanted);
    }
    if (form != COMPRESSED)
        return NULL;
    Ring ring = {.at = sizeof dictionary - 1, .out = g_string_new(NULL), .max = max};
    memset(ring.ring, ' ', RING);
    memcpy(ring.ring, dictionary, sizeof dictionary - 1);
    bool whole = inflate(&ring, (const unsigned char *)body.at, (const unsigned char *)body.at + body.length);
    *length = ring.out->len;
    char *rtf = g_string_free(ring.out, FALSE);
    if (!whole)
        g_clear_pointer(&rtf, g_free);
    return rtf;
}
