/* SPDX-License-Identifier: Apache-2.0 */
/* One character of input is at most one of output, so nothing grows. */
#include "message/detect_plain.h"
#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Scripts that do not part words by spaces: a number stands right beside them. */
enum { FIRST_UNSPACED = 0x0E00, OTHER = '\1' };

/* Greek and Cyrillic. From CYRILLIC_FIRST on there are letters alone. */
enum { LIKE_FIRST = 0x391, CYRILLIC_FIRST = 0x400, LIKE_LAST = 0x458 };

/* The letter for which a reader takes one of Greek or Cyrillic, or 'x'. */
static char latin_of(gunichar c) {
    static const char latin[LIKE_LAST - LIKE_FIRST + 1] = {
        [0x391 - LIKE_FIRST] = 'A', [0x392 - LIKE_FIRST] = 'B', [0x395 - LIKE_FIRST] = 'E', [0x396 - LIKE_FIRST] = 'Z',
        [0x397 - LIKE_FIRST] = 'H', [0x399 - LIKE_FIRST] = 'I', [0x39A - LIKE_FIRST] = 'K', [0x39C - LIKE_FIRST] = 'M',
        [0x39D - LIKE_FIRST] = 'N', [0x39F - LIKE_FIRST] = 'O', [0x3A1 - LIKE_FIRST] = 'P', [0x3A4 - LIKE_FIRST] = 'T',
        [0x3A5 - LIKE_FIRST] = 'Y', [0x3A7 - LIKE_FIRST] = 'X', [0x3BD - LIKE_FIRST] = 'v', [0x3BF - LIKE_FIRST] = 'o',
        [0x405 - LIKE_FIRST] = 'S', [0x406 - LIKE_FIRST] = 'I', [0x408 - LIKE_FIRST] = 'J', [0x410 - LIKE_FIRST] = 'A',
        [0x412 - LIKE_FIRST] = 'B', [0x415 - LIKE_FIRST] = 'E', [0x41A - LIKE_FIRST] = 'K', [0x41C - LIKE_FIRST] = 'M',
        [0x41D - LIKE_FIRST] = 'H', [0x41E - LIKE_FIRST] = 'O', [0x420 - LIKE_FIRST] = 'P', [0x421 - LIKE_FIRST] = 'C',
        [0x422 - LIKE_FIRST] = 'T', [0x423 - LIKE_FIRST] = 'Y', [0x425 - LIKE_FIRST] = 'X', [0x430 - LIKE_FIRST] = 'a',
        [0x435 - LIKE_FIRST] = 'e', [0x43E - LIKE_FIRST] = 'o', [0x440 - LIKE_FIRST] = 'p', [0x441 - LIKE_FIRST] = 'c',
        [0x443 - LIKE_FIRST] = 'y', [0x445 - LIKE_FIRST] = 'x', [0x455 - LIKE_FIRST] = 's', [0x456 - LIKE_FIRST] = 'i',
        [0x458 - LIKE_FIRST] = 'j'};
    char like = c >= LIKE_FIRST && c <= LIKE_LAST ? latin[c - LIKE_FIRST] : '\0';
    return like != '\0' ? like : 'x';
}

/* Digits that stand raised, lowered or in a circle: 0 to 9, otherwise -1. */
static int styled_digit(gunichar c) {
    static const struct {
        gunichar first, last;
        int value;
    } runs[] = {{0xB2, 0xB3, 2},     {0xB9, 0xB9, 1},     {0x2070, 0x2070, 0},   {0x2074, 0x2079, 4},
                {0x2080, 0x2089, 0}, {0x2460, 0x2468, 1}, {0x2474, 0x247C, 1},   {0x2488, 0x2490, 1},
                {0x24EA, 0x24EA, 0}, {0x24F5, 0x24FD, 1}, {0x24FF, 0x24FF, 0},   {0x2776, 0x277E, 1},
                {0x2780, 0x2788, 1}, {0x278A, 0x2792, 1}, {0x1F101, 0x1F10A, 0}, {0x1F10B, 0x1F10C, 0}};
    if (c < 0xB2 || (c > 0xB9 && c < 0x2070) || (c > 0x2792 && c < 0x1F101) || c > 0x1F10C)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(runs); i++)
        if (c >= runs[i].first && c <= runs[i].last)
            return runs[i].value + (c < 0x1F10B ? (int)(c - runs[i].first) : 0);
    return -1;
}

static bool is_middle_dot(gunichar c) {
    return c == 0xB7 || c == 0x2022 || c == 0x2027 || c == 0x2219 || c == 0x22C5 || c == 0x30FB;
}

/* 0: leave it out. */
static char plain_of(gunichar c) {
    if (c >= 0xFF01 && c <= 0xFF5E)
        return (char)(c - 0xFEE0);
    if (c >= CYRILLIC_FIRST && c <= LIKE_LAST)
        return latin_of(c);
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
        return c < FIRST_UNSPACED ? latin_of(c) : OTHER;
    default:
        if (is_middle_dot(c))
            return PLAIN_DOT;
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

/* A run of such digits is a number of its own; behind a digit it is a footnote's, and one alone before a number a
 * list's. What it took of the input. */
static size_t add_styled(const char *text, size_t length, char *plain, size_t *out) {
    size_t at = 0, first = *out;
    int digit;
    for (gunichar c; at < length; at += (size_t)g_unichar_to_utf8(c, NULL)) {
        c = g_utf8_get_char_validated(text + at, (gssize)(length - at));
        if (c >= 0x110000 || (digit = styled_digit(c)) < 0)
            break;
        plain[(*out)++] = (char)('0' + digit);
    }
    bool list = *out - first == 1 && at < length && g_ascii_isalnum(text[at]);
    if (list || (first > 0 && g_ascii_isdigit(plain[first - 1])))
        memset(plain + first, OTHER, *out - first);
    return at;
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
        if (valid && styled_digit(c) >= 0) {
            at += add_styled(text + at, *length - at, plain, &out);
            continue;
        }
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
