/* SPDX-License-Identifier: Apache-2.0 */
/* The text is walked by words (runs of letters and digits). At each beginning of one a candidate of bounded length is
 * taken from there, so the whole stays linear. */
#include "message/detect.h"
#include "message/detect_kinds.h"
#include "message/detect_plain.h"
#include <string.h>

static size_t digits_end(const Scan *scan, size_t i) {
    while (i < scan->length && g_ascii_isdigit(scan->text[i]))
        i++;
    return i;
}

static size_t word_start(const Scan *scan, size_t i, size_t least) {
    while (i > least && g_ascii_isalnum(scan->text[i - 1]))
        i--;
    return i;
}

/* A word with a digit in it; gives its end. `least`: where the last one ended. */
static size_t look_at_word(Scan *scan, size_t i, size_t least) {
    size_t start = word_start(scan, i, least), end = i + 1;
    while (end < scan->length && g_ascii_isalnum(scan->text[end]))
        end++;
    if (start < scan->taken)
        return end;
    if (!g_ascii_isdigit(scan->text[start])) {
        if (!detect_from_letters(scan, start) && end - start > 4 && detect_glued_label(scan, start + 4))
            detect_from_letters(scan, start + 4);
        return end;
    }
    char c = scan_before(scan, start);
    bool letters = (c == ' ' || c == '-') && start >= scan->taken + 3; /* "DE 89…" */
    bool single = end - start == 1 && detect_from_single_letters(scan, start);
    if (!single && !(letters && detect_from_letters(scan, start - 3)) && digits_end(scan, start) == end)
        detect_from_digit(scan, start, end);
    return end;
}

/* The first line of a passport's two has no digits; its first '<' is near its beginning. */
static void look_at_bracket(Scan *scan, size_t i) {
    size_t start = word_start(scan, i, i > MRZ_LINE ? i - MRZ_LINE : 0);
    if (scan_wants(scan, DETECT_MRZ) && start >= scan->taken && start < i && scan->text[start] == 'P')
        detect_passport(scan, start);
}

/* Eight bytes at a time: the high bit, free in ASCII, tells which are between '0' and '<'. Prose has few. */
static size_t next_sign(const Scan *scan, size_t i) {
    const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101), high = 0x80 * ones;
    for (; i + 8 <= scan->length; i += 8) {
        guint64 eight;
        memcpy(&eight, scan->text + i, sizeof eight);
        eight = GUINT64_FROM_LE(eight);
        guint64 signs = (eight + (0x80 - '0') * ones) & ~(eight + (0x80 - '<' - 1) * ones) & high;
        if (signs != 0)
            return i + (size_t)__builtin_ctzll(signs) / 8;
    }
    while (i < scan->length && (scan->text[i] < '0' || scan->text[i] > '<'))
        i++;
    return i;
}

static void scan_all(Scan *scan) {
    size_t last = 0;
    for (size_t i = next_sign(scan, 0); i < scan->length; i = next_sign(scan, i)) {
        if (g_ascii_isdigit(scan->text[i])) {
            last = i = look_at_word(scan, i, last);
            continue;
        }
        if (scan->text[i] == '<')
            look_at_bracket(scan, i);
        i++;
    }
}

void detect_numbers(const char *text, size_t length, const DetectOptions *options, DetectFound found, void *state) {
    g_autofree char *plain = detect_plain(text, &length);
    Scan scan = {
        .text = plain != NULL ? plain : text, .length = length, .options = options, .found = found, .state = state};
    if (options->wanted != 0)
        scan_all(&scan);
}
