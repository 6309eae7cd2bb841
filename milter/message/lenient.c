/* SPDX-License-Identifier: Apache-2.0 */
/* One loop over sextets serves both readings of base64: what is dropped, and where a group of four begins anew. */
#include "message/lenient.h"
#include "base/text.h"

static bool has_word(Slice value, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= value.length; i++)
        if (g_ascii_strncasecmp(value.at + i, word, length) == 0)
            return true;
    return false;
}

EncodingSet encodings_like(Slice value) {
    Encoding known = encoding_of(value);
    if (known != ENCODING_UNKNOWN)
        return 1U << known;
    EncodingSet set = 1U << ENCODING_IDENTITY; /* RFC 2045, section 6.4, and most programs */
    if (value.length > 256)
        value.length = 256;
    if (has_word(value, "64"))
        set |= 1U << ENCODING_BASE64;
    if (has_word(value, "quoted") || has_word(value, "printable") || has_word(value, "qp"))
        set |= 1U << ENCODING_QUOTED;
    return set;
}

/* Both alphabets of RFC 4648; -1 for all else. */
static int sextet_of(char c) {
    return c == '-' ? 62 : c == '_' ? 63 : base64_value(c);
}

/* All sextets in a row, or each line for itself. */
static char *lenient_base64(Slice raw, bool by_line, size_t *length) {
    char *start = g_malloc(raw.length / 4 * 3 + 8), *out = start;
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < raw.length; i++) {
        int sextet = sextet_of(raw.at[i]);
        if (sextet < 0) {
            if (by_line && raw.at[i] == '\n')
                count = 0;
            continue;
        }
        bits = bits << 6 | (unsigned)sextet;
        /* A byte as soon as it is whole, so that nothing is left at an end. */
        if (count > 0)
            *out++ = (char)(bits >> (6 - 2 * count));
        count = (count + 1) % 4;
    }
    *length = (size_t)(out - start);
    return start;
}

/* An escape that is none is dropped: the sign alone, or with the two characters behind it. */
static char *lenient_quoted(Slice raw, size_t dropped, size_t *length) {
    char *start = g_malloc(raw.length + 1), *out = start;
    for (const char *at = raw.at, *end = at + raw.length; at < end; at++) {
        if (*at != '=') {
            *out++ = *at;
        } else if (end - at > 2 && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
            *out++ = (char)(g_ascii_xdigit_value(at[1]) << 4 | g_ascii_xdigit_value(at[2]));
            at += 2;
        } else if (end - at > 1 && (at[1] == '\r' || at[1] == '\n')) {
            at += end - at > 2 && at[1] == '\r' && at[2] == '\n' ? 2 : 1;
        } else {
            at += MIN((size_t)(end - at) - 1, dropped);
        }
    }
    *length = (size_t)(out - start);
    return start;
}

char *lenient_decode(Encoding encoding, Slice raw, unsigned which, size_t *length) {
    return encoding == ENCODING_QUOTED ? lenient_quoted(raw, 2 * which, length)
                                       : lenient_base64(raw, which == 1, length);
}
