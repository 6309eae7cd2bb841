/* SPDX-License-Identifier: Apache-2.0 */
/* Card numbers, in the groups they are printed in or in any row of groups alike. */
#include "message/detect_kinds.h"
#include "message/numbers.h"
#include <string.h>

enum { CARD_MAX = 19 /* digits */ };

static bool check_card(Scan *scan, const char *digits, size_t length) {
    return number_is_card(digits, length) && (scan->options->test_cards || !number_is_test_card(digits, length));
}

/* Groups of digits with any gap between them, all alike: one sign, or white space. */
typedef struct {
    size_t count, ends[CARD_MAX];
    char lengths[CARD_MAX + 1]; /* ended by 0 */
    char digits[CARD_MAX + 1];
    bool cut; /* there is no room for the next group */
} Row;

static char gap_kind(char c) {
    return c == '\t' || c == '\r' || c == '\n' ? ' ' : c;
}

static bool add_group(const Scan *scan, size_t start, size_t *total, Row *row) {
    size_t end = start;
    while (end - start <= CARD_MAX - *total && g_ascii_isdigit(scan_at(scan, end)))
        end++;
    if (end - start > CARD_MAX - *total || scan_is_word(scan_at(scan, end)))
        return false;
    memcpy(row->digits + *total, scan->text + start, end - start);
    *total += end - start;
    row->ends[row->count] = end;
    row->lengths[row->count++] = (char)(end - start);
    return true;
}

static void read_row(const Scan *scan, size_t start, Row *row) {
    size_t total = 0;
    *row = (Row){0};
    for (size_t i = start, gap; (row->cut = !add_group(scan, i, &total, row)) == false; i += gap) {
        i = row->ends[row->count - 1];
        gap = scan_gap_at(scan, i);
        if (gap == 0 || !g_ascii_isdigit(scan_at(scan, i + gap)) ||
            (row->count > 1 && gap_kind(scan_at(scan, i)) != gap_kind(scan_at(scan, row->ends[0]))))
            return;
    }
}

/* Is there before it, after the same gap, another group of that length? */
static bool goes_on_before(const Scan *scan, size_t start, size_t length) {
    char kind = gap_kind(scan_before(scan, start));
    size_t i = start, least = start > GAP_MAX ? start - GAP_MAX : 0, digits = 0;
    while (i > least && gap_kind(scan->text[i - 1]) == kind)
        i--;
    while (digits <= length && i > digits && g_ascii_isdigit(scan->text[i - digits - 1]))
        digits++;
    return i < start && digits == length;
}

/* How many groups of the row are those of a card, and nothing but: the columns of a table are rows of four digits too.
 */
static size_t groups_of_card(const Row *row) {
    static const char *const shapes[] = {"\4\4\4\4", "\4\6\5", "\4\6\4"};
    size_t singles = strspn(row->lengths, "\1");
    if (singles >= 13)
        return singles < row->count || !row->cut ? singles : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        size_t length = strlen(shapes[i]);
        if (strncmp(row->lengths, shapes[i], length) == 0)
            return row->lengths[length] != 4 && !(row->cut && row->count == length) ? length : 0;
    }
    return 0;
}

/* Most numbers are told from the row of a card by their second group. */
static bool may_be_row(const Scan *scan, size_t start, size_t length) {
    if (length != 1 && length != 4)
        return false;
    char c = scan_at(scan, start + length);
    if (c > '/' || c == ',' || c == ')')
        return false;
    size_t next = start + length + scan_gap_at(scan, start + length);
    return next > start + length && g_ascii_isdigit(scan_at(scan, next)) &&
           g_ascii_isdigit(scan_at(scan, next + length - 1)) &&
           (length > 1 || !g_ascii_isdigit(scan_at(scan, next + 1)));
}

static bool find_card_row(Scan *scan, size_t start) {
    Row row;
    read_row(scan, start, &row);
    size_t count = groups_of_card(&row), total = 0;
    if (count == 0 || goes_on_before(scan, start, (size_t)row.lengths[0]))
        return false;
    for (size_t i = 0; i < count; i++)
        total += (size_t)row.lengths[i];
    row.digits[total] = '\0';
    size_t end = row.ends[count - 1];
    if (!scan_ends_here(scan, end) || !check_card(scan, row.digits, total) || scan_is_in_link(scan, start))
        return false;
    scan_report(scan, DETECT_CARD, row.digits, end);
    return true;
}

bool detect_card(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char shapes[][6] = {{4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4},
                                              {4, 4, 4, 2},    {4, 4, 4, 1},    {4, 4, 5},    {8, 8}};
    const unsigned char whole[] = {(unsigned char)MIN(groups->lengths[0], 255), 0};
    char first = scan->text[start];
    if (first < '2' || first == '7' || first == '9') /* as number_is_card knows */
        return false;
    if (scan_before(scan, start) == '+') /* a telephone number */
        return false;
    if (groups->lengths[0] >= 12 && groups->lengths[0] <= 19)
        return groups_take(scan, DETECT_CARD, start, groups, whole, check_card, NULL);
    for (size_t i = 0; groups->count > 1 && groups->lengths[0] % 4 == 0 && i < G_N_ELEMENTS(shapes); i++)
        if (groups_take(scan, DETECT_CARD, start, groups, shapes[i], check_card, NULL))
            return true;
    return may_be_row(scan, start, groups->lengths[0]) && find_card_row(scan, start);
}
