/* SPDX-License-Identifier: Apache-2.0 */
/* The text is walked by words (runs of letters and digits). At each beginning of one a candidate of bounded length is
 * taken from there, so the whole stays linear; checksums come before the search for a label. */
#include "message/detect_kinds.h"

enum { BREAK_NEAR = 64 };

static size_t word_start(const Scan *scan, size_t i, size_t least) {
    while (i > least && g_ascii_isalnum(scan->text[i - 1]))
        i--;
    return i;
}

static void scan_all(Scan *scan);

/* Behind a hyphen that ends the line at `end` and what quotes the next line; 0 when there is none. */
static size_t behind_break(const Scan *scan, size_t end) {
    unsigned lines = 0;
    size_t i = end + 1, most = end + 12;
    if (scan_at(scan, end) != '-')
        return 0;
    for (char c; i < most && (g_ascii_isspace(c = scan_at(scan, i)) || (lines > 0 && c == '>')); i++)
        lines += c == '\n';
    return lines == 1 && g_ascii_isalnum(scan_at(scan, i)) ? i : 0;
}

/* A word that a hyphen breaks at the end of a line: its neighbourhood once more, with such words whole. */
static void look_at_break(Scan *scan, size_t end) {
    char joined[2 * BREAK_NEAR + 1];
    size_t places[2 * BREAK_NEAR + 1]; /* of its characters */
    size_t length = 0, i = end > BREAK_NEAR ? end - BREAK_NEAR : 0, next;
    while (i > 0 && i < end && g_ascii_isalnum(scan->text[i - 1]))
        i++;
    for (size_t most = MIN(end + BREAK_NEAR, scan->length); i < most && length < sizeof joined - 1;)
        if ((next = behind_break(scan, i)) != 0)
            i = next;
        else
            places[length] = i, joined[length++] = scan->text[i++];
    while (i < scan->length && length > 0 && g_ascii_isalnum(scan->text[i]) && g_ascii_isalnum(joined[length - 1]))
        length--;
    joined[length] = '\0';
    Scan whole = {.text = joined,
                  .length = length,
                  .options = scan->options,
                  .found = scan->found,
                  .state = scan->state,
                  .joined = true};
    scan_all(&whole);
    if (whole.taken > 0)
        scan->taken = places[whole.taken - 1] + 1;
}

/* A word with a digit in it, [start, end). */
static void look_at_whole(Scan *scan, size_t start, size_t end) {
    if (!g_ascii_isdigit(scan->text[start])) {
        if (!detect_from_letters(scan, start) && end - start > 4 && detect_glued_label(scan, start + 4))
            detect_from_letters(scan, start + 4);
        return;
    }
    char c = scan_before(scan, start);
    bool letters = (c == ' ' || c == '-') && start >= scan->taken + 3; /* "DE 89…" */
    bool single = end - start == 1 && detect_from_single_letters(scan, start);
    if (!single && !(letters && detect_from_letters(scan, start - 3)) && digits_end(scan, start) == end)
        detect_from_digit(scan, start, end);
}

/* Gives the end of the word around `i`. `least`: where the last one ended. */
static size_t look_at_word(Scan *scan, size_t i, size_t least) {
    size_t start = word_start(scan, i, least), end = i + 1;
    while (end < scan->length && g_ascii_isalnum(scan->text[end]))
        end++;
    if (start >= scan->taken)
        look_at_whole(scan, start, end);
    if (end > scan->taken && !scan->joined && behind_break(scan, end) != 0)
        look_at_break(scan, end);
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
