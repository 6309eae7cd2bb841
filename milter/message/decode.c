/* SPDX-License-Identifier: Apache-2.0 */
/* The base64 loop carries the weight of every large message: four table look-ups give three bytes, line ends leave it.
 */
#include "message/decode.h"

enum { INVALID = 0xff, SPACE = 0xfe, PADDING = 0xfd };

static unsigned char sextet[256];
static guint32 place[4][256]; /* the sextet where it belongs in a quantum; the top bit says that it is none */
static bool tables_ready;

/* Called by one thread, as all of this module. */
static void make_tables(void) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(sextet, INVALID, sizeof sextet);
    for (unsigned i = 0; i < 64; i++)
        sextet[(unsigned char)alphabet[i]] = (unsigned char)i;
    sextet[' '] = sextet['\t'] = sextet['\r'] = sextet['\n'] = SPACE;
    sextet['='] = PADDING;
    for (unsigned i = 0; i < 256; i++)
        for (unsigned p = 0; p < 4; p++)
            place[p][i] = sextet[i] < 64 ? (guint32)sextet[i] << (18 - 6 * p) : G_GUINT64_CONSTANT(0x80000000);
    tables_ready = true;
}

Encoding encoding_of(Slice value) {
    value = slice_strip(value);
    if (value.length == 0 || slice_is(value, "7bit") || slice_is(value, "8bit") || slice_is(value, "binary"))
        return ENCODING_IDENTITY;
    if (slice_is(value, "base64"))
        return ENCODING_BASE64;
    return slice_is(value, "quoted-printable") ? ENCODING_QUOTED : ENCODING_UNKNOWN;
}

typedef struct {
    unsigned bits, count, padding;
    bool clean;
} Quantum;

/* One character outside of the fast loop. */
static unsigned char *quantum_add(Quantum *quantum, unsigned char value, unsigned char *out) {
    if (value == SPACE)
        return out;
    if (value == PADDING) {
        if (quantum->count < 2 || ++quantum->padding + quantum->count > 4)
            quantum->clean = false;
        return out;
    }
    /* Anything behind padding is read by some programs and dropped by others. */
    if (value == INVALID || quantum->padding > 0) {
        quantum->clean = false;
        if (value == INVALID)
            return out;
        if (quantum->count > 1)
            *out++ = (unsigned char)(quantum->bits >> (quantum->count == 2 ? 4 : 10));
        if (quantum->count > 2)
            *out++ = (unsigned char)(quantum->bits >> 2);
        quantum->bits = quantum->count = quantum->padding = 0;
    }
    quantum->bits = quantum->bits << 6 | value;
    if (++quantum->count == 4) {
        *out++ = (unsigned char)(quantum->bits >> 16);
        *out++ = (unsigned char)(quantum->bits >> 8);
        *out++ = (unsigned char)quantum->bits;
        quantum->bits = quantum->count = 0;
    }
    return out;
}

static unsigned char *quantum_end(Quantum *quantum, unsigned char *out) {
    if (quantum->count == 1 || (quantum->count > 0 && quantum->count + quantum->padding != 4))
        quantum->clean = false;
    if (quantum->count > 1)
        *out++ = (unsigned char)(quantum->bits >> (quantum->count == 2 ? 4 : 10));
    if (quantum->count > 2)
        *out++ = (unsigned char)(quantum->bits >> 2);
    return out;
}

char *decode_base64(Slice raw, size_t *length, bool *clean) {
    if (!tables_ready)
        make_tables();
    const unsigned char *at = (const unsigned char *)raw.at, *end = at + raw.length;
    unsigned char *start = g_malloc(raw.length / 4 * 3 + 8), *out = start;
    Quantum quantum = {.clean = true};
    while (at < end) {
        if (quantum.count == 0 && quantum.padding == 0) {
            while (end - at >= 4) {
                guint32 bits = place[0][at[0]] | place[1][at[1]] | place[2][at[2]] | place[3][at[3]];
                if (bits & 0x80000000)
                    break;
                /* Four bytes are written, three count: the buffer has room and the next quantum overwrites the fourth.
                 */
                guint32 written = GUINT32_TO_BE(bits << 8);
                memcpy(out, &written, 4);
                out += 3;
                at += 4;
            }
            if (at == end)
                break;
        }
        /* A line's end in its usual place needs no ceremony. */
        if (quantum.count == 0 && end - at >= 2 && at[0] == '\r' && at[1] == '\n')
            at += 2;
        else
            out = quantum_add(&quantum, sextet[*at++], out);
    }
    out = quantum_end(&quantum, out);
    *length = (size_t)(out - start);
    *clean = quantum.clean;
    return (char *)start;
}

/* What stands behind '=': two hexadecimal digits, or white space up to the line's end (a soft break; trailing white
 * space was added on the way, RFC 2045, section 6.7). Gives how many bytes it took, 0 when it is neither. */
static size_t quoted_escape(const char *at, const char *end, char *byte, bool *has_byte) {
    *has_byte = false;
    if (end - at >= 2 && g_ascii_isxdigit(at[0]) && g_ascii_isxdigit(at[1])) {
        *byte = (char)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
        *has_byte = true;
        return 2;
    }
    const char *stop = at;
    while (stop < end && (*stop == ' ' || *stop == '\t'))
        stop++;
    if (stop < end && *stop == '\r')
        stop++;
    if (stop < end && *stop == '\n')
        stop++;
    else if (stop < end)
        return 0;
    return (size_t)(stop - at);
}

char *decode_quoted(Slice raw, size_t *length, bool *clean) {
    const char *at = raw.at, *end = at + raw.length;
    char *start = g_malloc(raw.length + 1), *out = start;
    *clean = true;
    while (at < end) {
        const char *equals = memchr(at, '=', (size_t)(end - at));
        const char *stop = equals == NULL ? end : equals;
        memcpy(out, at, (size_t)(stop - at));
        out += stop - at;
        at = stop;
        if (equals == NULL)
            break;
        char byte;
        bool has_byte;
        size_t took = quoted_escape(at + 1, end, &byte, &has_byte);
        if (took == 0 && at + 1 < end) {
            *clean = false;
            *out++ = '=';
        } else if (has_byte) {
            *out++ = byte;
        }
        at += 1 + took;
    }
    *length = (size_t)(out - start);
    return start;
}
