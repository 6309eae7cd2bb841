/* SPDX-License-Identifier: Apache-2.0 */
/* The writers that decode.c reads again. */
#include "message/transfer.h"

enum { LINE = 76 };

static bool is_crlf(const char *at, const char *end) {
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

/* RFC 2049, section 3, and boundaries: may the character stand as it is, in this column of a line? */
static bool is_literal(const char *at, const char *end, size_t column) {
    unsigned char c = (unsigned char)*at;
    if (c == ' ' || c == '\t')
        return at + 1 < end && !is_crlf(at + 1, end); /* white space at a line's end gets lost */
    if (c < '!' || c > '~' || c == '=')
        return false;
    bool mailbox = c == 'F' && end - at >= 5 && memcmp(at, "From ", 5) == 0;
    return column > 0 || (c != '-' && c != '.' && !mailbox);
}

void transfer_quoted(GString *out, Slice bytes) {
    const char *end = bytes.at + bytes.length;
    size_t column = 0;
    for (const char *at = bytes.at; at < end; at++) {
        if (is_crlf(at, end)) {
            g_string_append(out, "\r\n");
            column = 0;
            at++;
            continue;
        }
        size_t width = is_literal(at, end, column) ? 1 : 3;
        bool last = at + 1 == end || is_crlf(at + 1, end);
        if (column + width > (size_t)LINE - !last) {
            g_string_append(out, "=\r\n");
            column = 0;
            width = is_literal(at, end, column) ? 1 : 3;
        }
        if (width == 1)
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "=%02X", (unsigned char)*at);
        column += width;
    }
}

void transfer_base64(GString *out, Slice bytes) {
    for (size_t at = 0; at < bytes.length; at += LINE / 4 * 3) {
        size_t take = MIN(bytes.length - at, LINE / 4 * 3);
        g_autofree char *line = g_base64_encode((const guchar *)bytes.at + at, take);
        g_string_append_printf(out, "%s%s", at > 0 ? "\r\n" : "", line);
    }
}

size_t transfer_quoted_offset(Slice quoted, size_t offset) {
    const char *at = quoted.at, *end = at + quoted.length;
    while (offset > 0 && at < end) {
        if (*at != '=') {
            at++;
            offset--;
        } else if (end - at > 2 && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
            at += 3;
            offset--;
        } else { /* a soft break, with white space before its end */
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            at = newline == NULL ? end : newline + 1;
        }
    }
    return (size_t)(at - quoted.at);
}
