/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds that begin with a letter: IBAN, National Insurance, passports. */
#include "base/iban.h"
#include "message/detect_kinds.h"
#include "message/numbers.h"

enum { IBAN_MAX = 34 };

/* `want` letters and digits from `start` on, in upper case, with at most one gap between two. Gives the place
 * behind, or 0. */
static size_t collect(const Scan *scan, size_t start, size_t want, char *out) {
    size_t length = 0, i = start;
    char kind;
    while (length < want) {
        char c = scan_at(scan, i);
        size_t gap = g_ascii_isalnum(c) ? 1 : scan_gap_at(scan, i, &kind);
        if (gap == 0)
            return 0;
        if (g_ascii_isalnum(c))
            out[length++] = g_ascii_toupper(c);
        i += gap;
    }
    out[length] = '\0';
    return i;
}

/* "_DE89…_" stands out as a whole. */
static bool closes(const Scan *scan, size_t start, size_t end) {
    char c = scan_at(scan, end);
    return scan_before(scan, start) == '_' ? scan_ends_here(scan, start, end) : !scan_is_word(c) && c != '@';
}

/* Its checksum is strong enough for places that are full of numbers, such as URLs. */
static bool find_iban(Scan *scan, size_t start) {
    char text[IBAN_MAX + 1];
    size_t second = g_ascii_isalpha(scan_at(scan, start + 1)) ? start + 1 : start + 2;
    char country[2] = {g_ascii_toupper(scan_at(scan, start)), g_ascii_toupper(scan_at(scan, second))};
    size_t length = iban_length(country);
    if (length == 0 || length > IBAN_MAX)
        return false;
    size_t end = collect(scan, start, length, text);
    if (end == 0 || !closes(scan, start, end) || !iban_is_valid(text))
        return false;
    scan_report(scan, DETECT_IBAN, text, end);
    return true;
}

static bool find_nino(Scan *scan, size_t start) {
    static const char *const labels[] = {"NATIONAL INSURANCE", "NI", "NINO", "NI NUMBER", "NI NO", "N.I",
                                         "INSURANCE NUMBER",   NULL};
    char text[10];
    size_t end = collect(scan, start, 9, text);
    if (end == 0 || !scan_ends_here(scan, start, end) || !number_is_nino(text) || scan_is_in_link(scan, start) ||
        !scan_has_label(scan, start, end, labels))
        return false;
    scan_report(scan, DETECT_NINO, text, end);
    return true;
}

static bool is_mrz_line(const Scan *scan, size_t start) {
    if (scan->length < start + MRZ_LINE)
        return false;
    for (size_t i = start; i < start + MRZ_LINE; i++)
        if (!g_ascii_isupper(scan->text[i]) && !g_ascii_isdigit(scan->text[i]) && scan->text[i] != '<')
            return false;
    return true;
}

/* The line below, behind what mail programs put before quoted lines. */
static size_t next_line(const Scan *scan, size_t end) {
    size_t i = end, most = end + 16;
    while (i < most && (scan_at(scan, i) == ' ' || scan_at(scan, i) == '\r'))
        i++;
    if (scan_at(scan, i) != '\n')
        return 0;
    while (i < most && strchr(" >\r\n", scan_at(scan, i)) != NULL && i < scan->length)
        i++;
    return i;
}

bool detect_passport(Scan *scan, size_t start) {
    char second[MRZ_LINE + 1];
    if (!is_mrz_line(scan, start))
        return false;
    size_t line = next_line(scan, start + MRZ_LINE);
    if (line == 0 || !is_mrz_line(scan, line) || scan_is_word(scan_at(scan, line + MRZ_LINE)))
        return false;
    memcpy(second, scan->text + line, MRZ_LINE);
    second[MRZ_LINE] = '\0';
    if (!number_is_passport(scan->text + start, second))
        return false;
    scan_report(scan, DETECT_MRZ, second, line + MRZ_LINE);
    return true;
}

/* "IBANDE89…" */
bool detect_glued_label(const Scan *scan, size_t start) {
    return start >= 4 && (scan_before(scan, start) | 0x20) == 'n' &&
           g_ascii_strncasecmp(scan->text + start - 4, "IBAN", 4) == 0 && !scan_is_word(scan_before(scan, start - 4));
}

/* What begins with two letters and then has digits. */
bool detect_from_letters(Scan *scan, size_t start) {
    char third = scan_at(scan, start + 2);
    bool digits =
        g_ascii_isdigit(third) || ((third == ' ' || third == '-') && g_ascii_isdigit(scan_at(scan, start + 3)));
    if (!digits || !g_ascii_isalpha(scan->text[start]) || !g_ascii_isalpha(scan->text[start + 1]))
        return false;
    bool glued = scan_is_word(scan_before(scan, start)) && !scan_begins_here(scan, start);
    if (glued && !detect_glued_label(scan, start))
        return false;
    return (scan_wants(scan, DETECT_IBAN) && find_iban(scan, start)) ||
           (!glued && scan_wants(scan, DETECT_NINO) && find_nino(scan, start));
}

/* "D E 8 9 …": one by one, of which `start` is the first digit. */
bool detect_from_single_letters(Scan *scan, size_t start) {
    if (start < scan->taken + 4 || !scan_wants(scan, DETECT_IBAN))
        return false;
    const char *text = scan->text + start - 4;
    char kind;
    return g_ascii_isalpha(text[0]) && g_ascii_isalpha(text[2]) && text[1] == text[3] &&
           scan_gap_at(scan, start - 1, &kind) == 1 && !scan_is_word(scan_before(scan, start - 4)) &&
           find_iban(scan, start - 4);
}
