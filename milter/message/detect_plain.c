/* SPDX-License-Identifier: Apache-2.0 */
/* One character of input is at most one of output, so nothing grows. */
#include "message/detect_plain.h"
#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Scripts that do not part words by spaces: a number stands right beside them. */
enum { FIRST_UNSPACED = 0x0E00, OTHER = '\1' };

/* 0: leave it out. */
static char plain_of(gunichar c) {
    if (c >= 0xFF01 && c <= 0xFF5E)
        return (char)(c - 0xFEE0);
    if (c == 0xFFFC || c == 0xFFFD) /* of a control character, as text is read */
        return 0;
    switch (g_unichar_type(c)) {
    case G_UNICODE_DECIMAL_NUMBER:
        return (char)('0' + g_unichar_digit_value(c));
    case G_UNICODE_SPACE_SEPARATOR:
        return ' ';
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return '\n';
    case G_UNICODE_DASH_PUNCTUATION:
        return '-';
    case G_UNICODE_FORMAT:
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
        return 0;
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_OTHER_LETTER:
        return c < FIRST_UNSPACED ? 'x' : OTHER;
    default:
        return c == 0x2212 ? '-' : OTHER; /* the minus of mathematics */
    }
}

static size_t ascii_length(const char *text, size_t length) {
    size_t i = 0;
    uint64_t word;
    for (; i + sizeof word <= length; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < length && (unsigned char)text[i] < 0x80)
        i++;
    return i;
}

char *detect_plain(const char *text, size_t *length) {
    size_t at = ascii_length(text, *length), out = at;
    if (at == *length)
        return NULL;
    char *plain = g_malloc(*length + 1);
    memcpy(plain, text, at);
    while (at < *length) {
        gunichar c = g_utf8_get_char_validated(text + at, (gssize)(*length - at));
        bool valid = c < 0x110000;
        char one = !valid ? (char)OTHER : c < 0x80 ? (char)c : plain_of(c);
        if (one != 0 || c == 0)
            plain[out++] = one;
        at += valid ? (size_t)g_unichar_to_utf8(c, NULL) : 1;
        size_t run = ascii_length(text + at, *length - at);
        memcpy(plain + out, text + at, run);
        at += run;
        out += run;
    }
    plain[out] = '\0';
    *length = out;
    return plain;
}
